/**
 * What a signed request claims: which key signed it, when, for what, and which headers. Reads the Authorization header
 * or the presigned query (sigv4.md sections 2 and 3) for `sigv4.ts`; believes nothing and checks only the form.
 */
import { ServiceError } from '../base/errors.ts';
import { ALGORITHM, type CanonicalHeaders, queryParameters, type Scope, timestampOf } from './sigv4-canonical.ts';

export interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `yyyymmddThhmmssZ`. */
  readonly timestamp: string;
  readonly timestampMs: number;
  /** Set for a presigned query: how long it is valid. */
  readonly expiresMs: number | undefined;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
}

const LONGEST_EXPIRY_SECONDS = 604_800;
/** Clients of the WebSocket endpoint may leave out how long their query is valid. */
const WEBSOCKET_EXPIRY_SECONDS = 300;

const TOKEN_HEADER = 'x-amz-security-token';
const TOKEN_PARAMETER = 'X-Amz-Security-Token';

/** Throws MissingAuthenticationTokenException without a signature, IncompleteSignatureException for a malformed one. */
export function readClaim(headers: CanonicalHeaders, rawQuery: string): Claim {
  const authorization = headers.get('authorization');
  if (authorization?.startsWith(ALGORITHM)) return fromHeader(authorization, headers);
  const parameters = queryParameters(rawQuery);
  if (parameters.some(([name]) => name === 'X-Amz-Algorithm')) return fromQuery(parameters, headers);
  throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
}

/**
 * The key id that a request claims to be signed with, for the operator; undefined when there is none, or nothing that
 * looks like one: a client that mixes up its settings may send its secret in this place.
 */
export function claimedKeyId({
  headers,
  rawQuery,
}: {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly rawQuery: string;
}): string | undefined {
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? '';
  const inHeader = /\bCredential=([^/,\s]*)\//.exec(authorization)?.[1];
  const inQuery = /(?:^|&)X-Amz-Credential=([^&]*?)(?:%2F|\/)/i.exec(rawQuery)?.[1];
  return [inHeader, inQuery].find((id) => id !== undefined && /^[A-Z0-9]{16,32}$/.test(id));
}

function fromHeader(authorization: string, headers: CanonicalHeaders): Claim {
  const fields = new Map<string, string>();
  for (const field of authorization.slice(ALGORITHM.length).split(',')) {
    const equals = field.indexOf('=');
    const name = field.slice(0, Math.max(equals, 0)).trim();
    if (fields.has(name)) throw incomplete(`Authorization header has '${name}' more than once.`);
    fields.set(name, field.slice(equals + 1).trim());
  }
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter((name) => !fields.get(name));
  if (missing.length > 0) {
    throw incomplete(missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' '));
  }
  const time = headers.get('x-amz-date') ?? headers.get('date');
  if (time === undefined) {
    throw incomplete(`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`);
  }
  return {
    ...readCredential(fields.get('Credential')!),
    ...readTime(time),
    signedHeaders: fields.get('SignedHeaders')!.split(';'),
    signature: fields.get('Signature')!,
    expiresMs: undefined,
    sessionToken: headers.get(TOKEN_HEADER),
  };
}

function fromQuery(parameters: readonly (readonly [string, string])[], headers: CanonicalHeaders): Claim {
  const value = (name: string): string => {
    const values = parameters.filter(([given]) => given === name);
    if (values.length !== 1 || values[0][1] === '') throw incomplete(`The query requires one '${name}' parameter.`);
    return values[0][1];
  };
  if (value('X-Amz-Algorithm') !== ALGORITHM)
    throw incomplete(`The query requires 'X-Amz-Algorithm' to be ${ALGORITHM}.`);
  const credential = readCredential(value('X-Amz-Credential'));
  const mayLackExpiry =
    credential.scope.service === 'iotdevicegateway' && !parameters.some(([name]) => name === 'X-Amz-Expires');
  const expires = mayLackExpiry ? String(WEBSOCKET_EXPIRY_SECONDS) : value('X-Amz-Expires');
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  if (seconds < 1 || seconds > LONGEST_EXPIRY_SECONDS) {
    throw incomplete(`'X-Amz-Expires' must be a number of seconds from 1 to ${LONGEST_EXPIRY_SECONDS}.`);
  }
  return {
    ...credential,
    ...readTime(value('X-Amz-Date')),
    signedHeaders: value('X-Amz-SignedHeaders').split(';'),
    signature: value('X-Amz-Signature'),
    expiresMs: seconds * 1000,
    sessionToken: parameters.some(([name]) => name === TOKEN_PARAMETER)
      ? value(TOKEN_PARAMETER)
      : headers.get(TOKEN_HEADER),
  };
}

/** `<key id>/<yyyymmdd>/<region>/<service>/aws4_request`. */
function readCredential(credential: string): Pick<Claim, 'accessKeyId' | 'scope'> {
  const parts = credential.split('/');
  const [accessKeyId, date, region, service, terminator] = parts;
  if (parts.length !== 5 || !/^\w{1,128}$/.test(accessKeyId) || terminator !== 'aws4_request') {
    throw incomplete(`'Credential' must be a key id, a date, a region, a service and 'aws4_request', joined by '/'.`);
  }
  return { accessKeyId, scope: { date, region, service } };
}

/** From `yyyymmddThhmmssZ`, or the form that the Date header of HTTP has. */
function readTime(text: string): Pick<Claim, 'timestamp' | 'timestampMs'> {
  const iso = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const isHttpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text);
  const timestampMs = iso
    ? Date.parse(`${iso[1]}-${iso[2]}-${iso[3]}T${iso[4]}:${iso[5]}:${iso[6]}Z`)
    : isHttpDate
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isNaN(timestampMs)) throw incomplete(`Date must be in the form 'yyyymmddThhmmssZ'.`);
  return { timestamp: timestampOf(timestampMs), timestampMs };
}

function incomplete(message: string): ServiceError {
  return new ServiceError('IncompleteSignatureException', message);
}
