/**
 * Session tokens: what temporary credentials carry besides their key and secret. A token is the session itself, sealed
 * with the server's key for its access key id, so nothing of it is stored and any node verifies it. Anything may come
 * in as a token; what was not sealed here for that id is no token.
 */
import type { Random } from '../base/random.ts';
import { openBytes, sealBytes } from './sealed-bytes.ts';

export interface Session {
  readonly secretAccessKey: string;
  readonly roleName: string;
  /** `AROA…`: a role made anew under the name is another one. */
  readonly roleId: string;
  readonly sessionName: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** Condition keys of the session, normalised, such as `credentials-iot:thingname`. */
  readonly context: Readonly<Record<string, string>>;
  /** A policy document that limits the role's. */
  readonly policy?: string;
}

export interface SessionTokens {
  seal(accessKeyId: string, session: Session): string;
  /** The session of these credentials, expired or not; undefined when the token is not theirs. */
  open(accessKeyId: string, token: string): Session | undefined;
}

/** Session policies have at most 2,048 characters, all else is short. */
const LONGEST_TOKEN = 16_384;

/** `key`: 32 bytes. */
export function createSessionTokens(key: Buffer, random: Random): SessionTokens {
  return {
    seal: (accessKeyId, session) =>
      sealBytes(key, Buffer.from(JSON.stringify(session)), about(accessKeyId), random).toString('base64'),
    open: (accessKeyId, token) => {
      if (token.length > LONGEST_TOKEN || !/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return undefined;
      const plain = openBytes(key, Buffer.from(token, 'base64'), about(accessKeyId));
      // Whatever opens was sealed by `seal`, so its form need not be asked.
      return plain && (JSON.parse(plain.toString()) as Session);
    },
  };
}

function about(accessKeyId: string): string {
  return `session/${accessKeyId}`;
}
