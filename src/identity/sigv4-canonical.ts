/**
 * The canonical form of a request that Signature Version 4 signs, and the signature itself (sigv4.md section 2). Shared
 * by the verifier and the signer, so that both cannot differ. Pure; decides nothing about who may do what.
 *
 * Paths, queries and header values are as node:http gives them: undecoded, one character for each byte.
 */
import { createHash, createHmac } from 'node:crypto';

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const TERMINATOR = 'aws4_request';

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Header values by lower-case name, as they are signed. */
export type CanonicalHeaders = ReadonlyMap<string, string>;

export interface CanonicalParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: CanonicalHeaders;
  /** Lower-case names in the order of the signature. */
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

/** What a signature is valid for. */
export interface Scope {
  /** `yyyymmdd`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export function canonicalRequest({ method, path, query, headers, signedHeaders, payloadHash }: CanonicalParts): string {
  const lines = signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}\n`).join('');
  return `${method}\n${path}\n${query}\n${lines}\n${signedHeaders.join(';')}\n${payloadHash}`;
}

/** The raw path without empty, `.` and `..` segments; a slash at its end stays. */
export function normalizedPath(rawPath: string): string {
  const segments: string[] = [];
  for (const segment of rawPath.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const end = segments.length > 0 && rawPath.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

/** Encodes every byte but the unreserved ones and the slash: what was encoded already is then encoded twice. */
export function encodedPath(rawPath: string): string {
  return rawPath.split('/').map(uriEncode).join('/');
}

/** The parameters decoded, encoded in the one way and sorted, without those named. A `+` is a plus, not a space. */
export function canonicalQuery(rawQuery: string, without: readonly string[] = []): string {
  const pairs = queryParameters(rawQuery)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const);
  return pairs
    .sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** The parameters of a raw query, decoded byte by byte. One without `=` has an empty value. */
export function queryParameters(rawQuery: string): [name: string, value: string][] {
  return rawQuery
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return [percentDecode(parameter), ''];
      return [percentDecode(parameter.slice(0, equals)), percentDecode(parameter.slice(equals + 1))];
    });
}

/** Values trimmed, runs of blanks made one, those of one name joined. The authority of HTTP/2 counts as the host. */
export function canonicalHeaders(headers: HeaderPairs): Map<string, string> {
  const canonical = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const text = value.trim().replace(/[ \t\r\n]+/g, ' ');
    const before = canonical.get(key);
    canonical.set(key, before === undefined ? text : `${before},${text}`);
  }
  const authority = canonical.get(':authority');
  if (authority !== undefined && !canonical.has('host')) canonical.set('host', authority);
  return canonical;
}

export function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/${TERMINATOR}`;
}

/** `timestamp` as `yyyymmddThhmmssZ`. */
export function stringToSign(timestamp: string, scope: Scope, canonical: string): string {
  return `${ALGORITHM}\n${timestamp}\n${scopeText(scope)}\n${sha256(canonical)}`;
}

/** The key of one day, region and service. */
export function signingKey(secretAccessKey: string, { date, region, service }: Scope): Buffer {
  return [date, region, service, TERMINATOR].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
}

/** 64 lower-case hexadecimal digits. */
export function signatureOf(key: Buffer, text: string): string {
  return hmac(key, text).toString('hex');
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** `yyyymmddThhmmssZ`. */
export function timestampOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

export function uriEncode(bytes: string): string {
  return bytes.replace(/[^A-Za-z0-9\-_.~]/gu, encodeCharacter);
}

function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const bytes = code <= 0xff ? Buffer.of(code) : Buffer.from(character);
  return [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** What is no valid `%xx` stays as it is. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
