/**
 * Signs requests with Signature Version 4: for our own clients (the demo, tests), never for the server itself. What it
 * signs, `sigv4.ts` verifies.
 */
import {
  ALGORITHM,
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  encodedPath,
  type HeaderPairs,
  normalizedPath,
  type Scope,
  scopeText,
  sha256,
  signatureOf,
  signingKey,
  stringToSign,
  timestampOf,
  uriEncode,
} from './sigv4-canonical.ts';

export interface UnsignedRequest {
  readonly method: string;
  /** As it goes over the wire: percent-encoded, without the query. */
  readonly rawPath: string;
  /** Percent-encoded, without the question mark; empty for none. */
  readonly rawQuery: string;
  /** With `host`. All of them are signed. */
  readonly headers: HeaderPairs;
  readonly body: Buffer;
}

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SigningContext {
  readonly region: string;
  /** The name in the scope, e.g. `iot`, `iotdata`, `iotdevicegateway`. */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** The headers to send besides those of the request. */
export function signV4(
  request: UnsignedRequest,
  credentials: SigningCredentials,
  context: SigningContext,
): { 'x-amz-date': string; authorization: string } {
  const timestamp = timestampOf(context.nowMs);
  const scope = scopeOf(context);
  const headers: HeaderPairs = [...request.headers, ['x-amz-date', timestamp]];
  const query = canonicalQuery(request.rawQuery);
  const { signedHeaders, signature } = sign(request, headers, query, timestamp, scope, credentials);
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`;
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return { 'x-amz-date': timestamp, authorization };
}

/** The query of a presigned URL (without the question mark), for those who cannot set headers. */
export function presignV4(
  request: UnsignedRequest,
  credentials: SigningCredentials,
  context: SigningContext,
  expiresSeconds: number,
): string {
  const timestamp = timestampOf(context.nowMs);
  const scope = scopeOf(context);
  const parameters = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${scopeText(scope)}`],
    ['X-Amz-Date', timestamp],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', [...canonicalHeaders(request.headers).keys()].sort().join(';')],
  ].map(([name, value]) => `${name}=${uriEncode(value)}`);
  const query = canonicalQuery([request.rawQuery, ...parameters].join('&'));
  const { signature } = sign(request, request.headers, query, timestamp, scope, credentials);
  return `${query}&X-Amz-Signature=${signature}`;
}

function scopeOf({ region, service, nowMs }: SigningContext): Scope {
  return { date: timestampOf(nowMs).slice(0, 8), region, service };
}

function sign(
  { method, rawPath, body }: UnsignedRequest,
  headerPairs: HeaderPairs,
  query: string,
  timestamp: string,
  scope: Scope,
  { secretAccessKey }: SigningCredentials,
): { signedHeaders: string; signature: string } {
  const headers = canonicalHeaders(headerPairs);
  const signedHeaders = [...headers.keys()].sort();
  const path = encodedPath(normalizedPath(rawPath));
  const payloadHash = headers.get('x-amz-content-sha256') ?? sha256(body);
  const canonical = canonicalRequest({ method, path, query, headers, signedHeaders, payloadHash });
  const signature = signatureOf(signingKey(secretAccessKey, scope), stringToSign(timestamp, scope, canonical));
  return { signedHeaders: signedHeaders.join(';'), signature };
}
