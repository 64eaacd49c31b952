/**
 * Verifies Signature Version 4 (sigv4.md): of HTTP requests and of WebSocket upgrades, in headers or in the query. The
 * HTTP front and the gateway call it through the door. It answers who signed, or throws a ServiceError with the codes
 * and texts that SDKs know; secrets and expected signatures never leave it.
 *
 *     claim ─▶ scope (day, region, service) ─▶ time ─▶ key ─▶ payload hash ─▶ signature
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type { AccessKey } from './access-records.ts';
import type { RolePrincipal, UserPrincipal } from './principal.ts';
import {
  type CanonicalHeaders,
  type CanonicalParts,
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
  UNSIGNED_PAYLOAD,
} from './sigv4-canonical.ts';
import { type Claim, readClaim } from './sigv4-claim.ts';

export interface SignedRequest {
  readonly method: string;
  /** Undecoded, without the query. */
  readonly rawPath: string;
  /** Undecoded, without the question mark; empty when there is none. */
  readonly rawQuery: string;
  /** Names and values in the order they came. */
  readonly headers: HeaderPairs;
  readonly body: Buffer;
}

export interface SigV4Deps {
  /** `sessionToken`: undefined for a key that never expires. May throw ExpiredTokenException. */
  findAccessKey(accessKeyId: string, sessionToken: string | undefined): Promise<AccessKey | undefined>;
  readonly clock: Clock;
  readonly region: string;
  /** How far clocks may be apart, in ms; default 5 minutes. */
  readonly skewMs?: number;
}

/**
 * `allowedServices`: the names that the request's service may have in the scope, compared without case; the first is
 * the one errors recommend. Throws MissingAuthenticationToken-, IncompleteSignature-, UnrecognizedClient-, ExpiredToken-
 * or InvalidSignatureException.
 */
export type SigV4Verifier = (
  request: SignedRequest,
  allowedServices: readonly string[],
) => Promise<{ readonly principal: UserPrincipal | RolePrincipal; readonly service: string }>;

const FIVE_MINUTES_MS = 300_000;
const CACHED_KEYS = 1000;
/** Services that clients sign for one region wherever they are. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(['iam', 'sts']);
const GLOBAL_REGION = 'us-east-1';
const WEBSOCKET_SERVICE = 'iotdevicegateway';
/** Put on by a content delivery network in front of the server, behind the client's back. */
const UNSIGNED_BY_NATURE = 'x-amz-cf-id';

export function createSigV4Verifier(deps: SigV4Deps): SigV4Verifier {
  const keyFor = cachedSigningKeys();
  return async (request, allowedServices) => {
    const headers = canonicalHeaders(request.headers);
    const claim = readClaim(headers, request.rawQuery);
    checkScope(claim, deps.region, allowedServices);
    checkTime(claim, deps.clock.now(), deps.skewMs ?? FIVE_MINUTES_MS);
    checkSignedHeaders(claim, headers);
    const accessKey = await deps.findAccessKey(claim.accessKeyId, claim.sessionToken);
    if (accessKey?.status !== 'Active') {
      throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    const key = keyFor(accessKey, claim.scope);
    if (!candidates(request, headers, claim).some((candidate) => isSignatureOf(claim, key, candidate))) {
      throw invalid(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
          'Key and signing method. Consult the service documentation for details.',
      );
    }
    return { principal: accessKey.principal, service: claim.scope.service };
  };
}

function checkScope({ scope, timestamp }: Claim, region: string, allowedServices: readonly string[]): void {
  if (scope.date !== timestamp.slice(0, 8)) {
    throw invalid(`Date in Credential scope does not match the date of the request: ${timestamp.slice(0, 8)}.`);
  }
  const service = scope.service.toLowerCase();
  const isThere = scope.region === region || (GLOBAL_SERVICES.has(service) && scope.region === GLOBAL_REGION);
  if (!isThere) throw invalid('Credential should be scoped to a valid region.');
  if (!allowedServices.some((allowed) => allowed.toLowerCase() === service)) {
    throw invalid(`Credential should be scoped to correct service: '${allowedServices[0]}'.`);
  }
}

function checkTime({ timestamp, timestampMs, expiresMs }: Claim, nowMs: number, skewMs: number): void {
  const now = timestampOf(nowMs);
  const minutes = `${skewMs / 60_000} min.`;
  if (timestampMs > nowMs + skewMs) {
    const latest = timestampOf(nowMs + skewMs);
    throw invalid(`Signature not yet current: ${timestamp} is still later than ${latest} (${now} + ${minutes})`);
  }
  if (expiresMs !== undefined) {
    const until = timestampMs + expiresMs;
    if (nowMs > until) throw invalid(`Signature expired: ${timestampOf(until)} is now earlier than ${now}`);
  } else if (timestampMs < nowMs - skewMs) {
    const earliest = timestampOf(nowMs - skewMs);
    throw invalid(`Signature expired: ${timestamp} is now earlier than ${earliest} (${now} - ${minutes})`);
  }
}

/** What could change a request's meaning must be under the signature. */
function checkSignedHeaders({ signedHeaders }: Claim, headers: CanonicalHeaders): void {
  if (!signedHeaders.includes('host') || !headers.has('host')) {
    throw invalid(`'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && name !== UNSIGNED_BY_NATURE && !signedHeaders.includes(name)) {
      throw invalid(`There were headers present in the request which were not signed: ${name}`);
    }
  }
}

/** The forms of the request that clients are known to sign, the regular one first; at most four. */
function candidates(request: SignedRequest, headers: CanonicalHeaders, claim: Claim): CanonicalParts[] {
  const { method, rawPath, rawQuery } = request;
  const isPresigned = claim.expiresMs !== undefined;
  const regular: CanonicalParts = {
    method,
    path: encodedPath(normalizedPath(rawPath)),
    query: canonicalQuery(rawQuery, isPresigned ? ['X-Amz-Signature'] : []),
    headers,
    signedHeaders: claim.signedHeaders,
    payloadHash: payloadHash(request, headers),
  };
  if (isPresigned && claim.scope.service === WEBSOCKET_SERVICE) return webSocketForms(regular, rawQuery);
  const forms = [
    regular,
    // Empty levels of an MQTT topic that the client kept, and a path that was encoded only once.
    { ...regular, path: encodedPath(rawPath) },
    { ...regular, path: rawPath },
  ];
  return isPresigned ? [...forms, { ...regular, payloadHash: UNSIGNED_PAYLOAD }] : forms;
}

/** Clients of the WebSocket endpoint append the session token after signing, or do not; some leave out the port. */
function webSocketForms(regular: CanonicalParts, rawQuery: string): CanonicalParts[] {
  const withoutToken = canonicalQuery(rawQuery, ['X-Amz-Signature', 'X-Amz-Security-Token']);
  const withoutPort = new Map(regular.headers).set('host', regular.headers.get('host')!.replace(/:\d+$/, ''));
  return [regular.headers, withoutPort].flatMap((headers) => [
    { ...regular, headers, query: withoutToken },
    { ...regular, headers },
  ]);
}

/** The hash the client gave, if it is the body's or declares the body unsigned; else the body's. */
function payloadHash({ body }: SignedRequest, headers: CanonicalHeaders): string {
  const given = headers.get('x-amz-content-sha256');
  if (given === UNSIGNED_PAYLOAD) return given;
  const actual = sha256(body);
  if (given !== undefined && given !== actual) {
    throw invalid(`The provided 'x-amz-content-sha256' header does not match what was computed.`);
  }
  return actual;
}

function isSignatureOf({ signature, timestamp, scope }: Claim, key: Buffer, candidate: CanonicalParts): boolean {
  const expected = Buffer.from(signatureOf(key, stringToSign(timestamp, scope, canonicalRequest(candidate))));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Four HMACs saved for each request of a key in one day; the secret stays beside it in case the key is made anew. */
function cachedSigningKeys(): (accessKey: AccessKey, scope: Scope) => Buffer {
  const cache = new Lru<string, { readonly secret: string; readonly key: Buffer }>(CACHED_KEYS);
  return ({ accessKeyId, secretAccessKey }, scope) => {
    const name = `${accessKeyId}/${scopeText(scope)}`;
    const cached = cache.get(name);
    if (cached?.secret === secretAccessKey) return cached.key;
    const key = signingKey(secretAccessKey, scope);
    cache.set(name, { secret: secretAccessKey, key });
    return key;
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidSignatureException', message);
}
