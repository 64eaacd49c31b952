/**
 * Secrets at rest: what the store and the key files hold of secrets, as text. Without a key they are kept as they are
 * (the folder is its owner's alone); with one they are sealed, each for its own place. `server.ts` makes the box.
 *
 * Several keys may be given: the first seals, the others only open what was sealed before, and whoever finds something
 * that is not current stores it anew. So encryption is switched on, and its key changed, by a restart.
 */
import { hash } from 'node:crypto';
import type { Random } from '../base/random.ts';
import { openBytes, SEALING_KEY_BYTES, sealBytes } from './sealed-bytes.ts';

export interface SecretBox {
  /** `about` says what the secret is and whose, e.g. `access-key/AKIA…`; it must be the same to open it. */
  seal(secret: string, about: string): string;
  /** Takes plain text too. Throws SecretsKeyError when no key that is here opens it. */
  open(stored: string, about: string): string;
  /** Whether `seal` would keep it the same way now; if not, it is to be stored anew. */
  isCurrent(stored: string): boolean;
}

/** The keys are not what is needed; the message is for the operator. */
export class SecretsKeyError extends Error {
  override readonly name = 'SecretsKeyError';
}

interface NamedKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const MARK = 'sealed:';
const HOW_TO_GIVE =
  'give it with --secrets-key FILE, TSUNAGU_SECRETS_KEY or the systemd credential tsunagu-secrets-key';

/**
 * `keys`: one key a line, each 32 bytes in base64 or hexadecimal, the newest first; undefined for none. Throws
 * SecretsKeyError for anything else.
 */
export function createSecretBox(keys: string | undefined, random: Random): SecretBox {
  const known = keys === undefined ? [] : readKeys(keys);
  const [current] = known;
  return {
    seal: (secret, about) => {
      if (!current) return secret;
      return `${MARK}${current.id}:${sealBytes(current.bytes, Buffer.from(secret), about, random).toString('base64')}`;
    },
    open: (stored, about) => (stored.startsWith(MARK) ? openWith(known, stored, about) : stored),
    isCurrent: (stored) => (current ? stored.startsWith(`${MARK}${current.id}:`) : !stored.startsWith(MARK)),
  };
}

function openWith(known: readonly NamedKey[], stored: string, about: string): string {
  const [id, text = ''] = stored.slice(MARK.length).split(':');
  const key = known.find((one) => one.id === id);
  if (!key) {
    throw new SecretsKeyError(
      known.length === 0
        ? `${about} is encrypted and no key is there: ${HOW_TO_GIVE}`
        : `${about} is encrypted with the key ${id}, which is none of those given (${known.map((one) => one.id).join(', ')})`,
    );
  }
  const plain = openBytes(key.bytes, Buffer.from(text, 'base64'), about);
  if (!plain) throw new SecretsKeyError(`${about} cannot be decrypted: it was changed, or copied from another place`);
  return plain.toString();
}

function readKeys(text: string): NamedKey[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new SecretsKeyError(`the secrets key is empty: make one with openssl rand -base64 32`);
  return lines.map(readKey);
}

function readKey(line: string): NamedKey {
  const isHex = /^[0-9a-f]{64}$/i.test(line);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(line);
  const bytes = isHex ? Buffer.from(line, 'hex') : isBase64 ? Buffer.from(line, 'base64') : Buffer.alloc(0);
  if (bytes.length !== SEALING_KEY_BYTES) {
    throw new SecretsKeyError(
      'the secrets key must be 32 random bytes in base64 or hexadecimal: make one with openssl rand -base64 32',
    );
  }
  return { id: hash('sha256', Buffer.concat([Buffer.from('key id '), bytes])).slice(0, 8), bytes };
}
