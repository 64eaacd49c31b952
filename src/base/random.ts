/**
 * Where ids, tokens and other randomness come from. Injected, so that a test can make a run reproducible.
 * Keys of certificates are not made here: WebCrypto has its own source.
 */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Random {
  /** `size` unpredictable bytes. */
  bytes(size: number): Buffer;
  /** A version 4 UUID. */
  uuid(): string;
}

export function systemRandom(): Random {
  return { bytes: (size) => randomBytes(size), uuid: randomUUID };
}

/** A reproducible source for tests (xorshift32): the same seed gives the same ids in the same order. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  const bytes = (size: number): Buffer => {
    const out = Buffer.alloc(size);
    for (let i = 0; i < size; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      out[i] = state & 0xff;
    }
    return out;
  };
  return { bytes, uuid: () => uuidFrom(bytes(16)) };
}

function uuidFrom(bytes: Buffer): string {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
