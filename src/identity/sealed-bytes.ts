/**
 * Authenticated encryption of a few bytes: AES-256-GCM under a random nonce, with a text (`about`) that says what the
 * bytes are and where they belong, so that nothing sealed can be used in the place of another. The secrets at rest and
 * the session tokens are made of it.
 *
 *     1 byte version │ 12 bytes nonce │ ciphertext │ 16 bytes tag
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../base/random.ts';

export const SEALING_KEY_BYTES = 32;

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `key`: 32 bytes. */
export function sealBytes(key: Buffer, plain: Buffer, about: string, random: Random): Buffer {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(about));
  const encrypted = [cipher.update(plain), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), nonce, ...encrypted, cipher.getAuthTag()]);
}

/** The plain bytes, or undefined for anything that was not sealed with this key for `about`. */
export function openBytes(key: Buffer, sealed: Buffer, about: string): Buffer | undefined {
  const start = 1 + NONCE_BYTES;
  if (sealed.length < start + TAG_BYTES || sealed[0] !== VERSION) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, start), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(start, end));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // The tag is wrong, which is the one thing `final` reports: changed bytes, another key or another place.
    return undefined;
  }
}
