/** Ids as IAM makes them: a prefix that tells what it is (`AKIA…`, `AIDA…`, `AROA…`, `ASIA…`) and 80 random bits. */
import type { Random } from '../base/random.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const RANDOM_CHARACTERS = 16;
/** 30 random bytes are 40 characters of base64. */
const SECRET_BYTES = 30;

export function uniqueId(prefix: 'AKIA' | 'AIDA' | 'AROA' | 'ASIA', random: Random): string {
  const end = [...random.bytes(RANDOM_CHARACTERS)].map((byte) => BASE32[byte % BASE32.length]).join('');
  return prefix + end;
}

/** The secret of an access key: 40 characters. */
export function newSecret(random: Random): string {
  return random.bytes(SECRET_BYTES).toString('base64');
}
