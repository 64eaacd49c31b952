/**
 * One authorizer asked about one client: is its token signed, what does the function say (policies.md sections 9.2 to
 * 9.4). Called by `custom-auth.ts` for clients and by the operation TestInvokeAuthorizer. Without a valid signature,
 * where one is demanded, the function is not run.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { JsonValue } from '../api/json.ts';
import { messageOf } from '../base/errors.ts';
import { type AuthorizerAnswer, readAuthorizerAnswer } from './authorizer-answer.ts';
import type { AuthorizerRecord } from './authorizer-records.ts';
import { authorizerEvent, type CustomRequest } from './custom-request.ts';

/** How functions of users are run; the part of it that is needed here. Rejects when there is no result. */
export interface FunctionPort {
  /** Whether the text could name a function. */
  accepts(reference: string): boolean;
  invoke(reference: string, payload: JsonValue, options: { readonly timeoutMs: number }): Promise<JsonValue>;
}

/** What a client says of itself to an authorizer. */
export interface Credentials {
  /** What the token may be; of several, the signature tells which was meant. Empty without a token. */
  readonly tokens: readonly string[];
  /** Base64. */
  readonly signature?: string;
}

/** Why nobody is let in. `reason` is for the log, never for the client. */
export interface CheckFailure {
  readonly failure:
    | 'badSignature'
    /** The function says no. */
    | 'denied'
    /** The function failed, or its answer makes no sense. */
    | 'badResponse';
  readonly reason: string;
}

export type CheckResult = AuthorizerAnswer | CheckFailure;

const FUNCTION_TIMEOUT_MS = 5000;
const LONGEST_TOKEN = 6144;
const LONGEST_SIGNATURE = 2560;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The token as it was signed, or why it is refused. A token where no signature is needed is taken as it is. */
export function verifyToken(
  record: Pick<AuthorizerRecord, 'signingDisabled' | 'tokenSigningPublicKeys'>,
  { tokens, signature }: Credentials,
): { readonly token?: string } | CheckFailure {
  const [token] = tokens;
  if (token !== undefined && token.length > LONGEST_TOKEN)
    return badSignature(`the token is longer than ${LONGEST_TOKEN} characters`);
  if (signature !== undefined && signature.length > LONGEST_SIGNATURE)
    return badSignature(`the signature is longer than ${LONGEST_SIGNATURE} characters`);
  if (record.signingDisabled) return token === undefined ? {} : { token };
  if (token === undefined) return badSignature('there is no token');
  if (signature === undefined) return badSignature('there is no signature of the token');
  if (!BASE64.test(signature)) return badSignature('the signature is not base64');
  const bytes = Buffer.from(signature, 'base64');
  const keys = Object.values(record.tokenSigningPublicKeys).map((pem) => createPublicKey(pem));
  const signed = tokens.find((text) => isSigned(text, bytes, keys));
  return signed === undefined ? badSignature('no key of the authorizer made the signature') : { token: signed };
}

/** RSASSA-PKCS1-v1_5 with SHA-256. */
function isSigned(text: string, signature: Buffer, keys: readonly KeyObject[]): boolean {
  return keys.some((key) => verify('RSA-SHA256', Buffer.from(text), key, signature));
}

/** Asks an authorizer. `connectionId` is the same whenever it is asked about this connection. Never rejects. */
export async function checkWithAuthorizer(
  functions: FunctionPort,
  authorizer: { readonly name: string; readonly record: AuthorizerRecord },
  request: CustomRequest,
  credentials: Credentials,
  connectionId: string,
): Promise<CheckResult> {
  const { name, record } = authorizer;
  const verified = verifyToken(record, credentials);
  if ('failure' in verified) return verified;
  const event = authorizerEvent(request, { ...verified, signatureVerified: !record.signingDisabled, connectionId });
  let answer: JsonValue;
  try {
    answer = await functions.invoke(record.functionArn, event, { timeoutMs: FUNCTION_TIMEOUT_MS });
  } catch (error) {
    return { failure: 'badResponse', reason: messageOf(error) };
  }
  const read = readAuthorizerAnswer(answer, name, request.certificate?.principal.id);
  if ('problem' in read)
    return { failure: 'badResponse', reason: `the function's answer cannot be used: ${read.problem}` };
  return read.isAuthenticated ? read : { failure: 'denied', reason: 'the function did not authenticate the client' };
}

function badSignature(reason: string): CheckFailure {
  return { failure: 'badSignature', reason };
}
