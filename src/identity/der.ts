/**
 * DER, the encoding of certificates and certificate requests (ITU-T X.690): a writer of the few types X.509 needs and a
 * strict reader of one level at a time. Called by `x509.ts` and `csr.ts` only. Knows nothing of certificates, does no
 * cryptography, and never reads beyond the bytes it was given.
 */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export type DerTag = keyof typeof TAG;

/** The bytes are not what they should be. `message` says what was expected where. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** One value as read. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content: what signatures are made over. */
  readonly whole: Buffer;
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return encode(TAG.sequence, ...parts);
}

/** A set of one member; sets of more would have to be sorted. */
export function setOf(member: Buffer): Buffer {
  return encode(TAG.set, member);
}

/** An INTEGER ≥ 0 from big-endian bytes. */
export function integer(magnitude: Buffer): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const significant = magnitude.subarray(start);
  const isNegativeLooking = (significant[0] ?? 0) >= 0x80;
  return encode(
    TAG.integer,
    isNegativeLooking || significant.length === 0 ? Buffer.of(0) : Buffer.alloc(0),
    significant,
  );
}

export function boolean(value: boolean): Buffer {
  return encode(TAG.boolean, Buffer.of(value ? 0xff : 0));
}

/** `oid('2.5.4.3')`. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  return encode(TAG.oid, ...[first * 40 + second, ...rest].map(base128));
}

export function octetString(bytes: Buffer): Buffer {
  return encode(TAG.octetString, bytes);
}

export function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return encode(TAG.bitString, Buffer.of(unusedBits), bytes);
}

export function utf8String(text: string): Buffer {
  return encode(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** A moment to the second: UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5). */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  if (year >= 1950 && year < 2050) return encode(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'));
  return encode(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** `[n] EXPLICIT`: a constructed value that wraps whole values. */
export function explicit(n: number, ...parts: readonly Buffer[]): Buffer {
  return encode(0xa0 | n, ...parts);
}

/** `[n] IMPLICIT` of a primitive type: the content under another tag. */
export function implicit(n: number, content: Buffer): Buffer {
  return encode(0x80 | n, content);
}

/** Reads `bytes` as exactly one value, nothing after it. `what` names it in the error. */
export function readWhole(bytes: Buffer, what: string): DerValue {
  const value = readFirst(bytes, what);
  if (value.whole.length !== bytes.length) throw new DerError(`there are bytes after the ${what}`);
  return value;
}

/** The values inside a constructed value, in order. */
export function members(value: DerValue, what: string): readonly DerValue[] {
  const found: DerValue[] = [];
  for (let rest = value.content; rest.length > 0; ) {
    const next = readFirst(rest, what);
    found.push(next);
    rest = rest.subarray(next.whole.length);
  }
  return found;
}

/** `value` if it is there and has this tag. */
export function expect(value: DerValue | undefined, tag: DerTag, what: string): DerValue {
  if (value?.tag !== TAG[tag]) throw new DerError(`the ${what} is not a DER ${tag}`);
  return value;
}

/** The bytes of a BIT STRING that fills its last byte, as keys and signatures do. */
export function wholeBytes(value: DerValue | undefined, what: string): Buffer {
  const { content } = expect(value, 'bitString', what);
  if (content.length < 1 || content[0] !== 0) throw new DerError(`the ${what} does not end on a byte`);
  return content.subarray(1);
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function readOid(value: DerValue | undefined, what: string): string {
  const { content } = expect(value, 'oid', what);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER) throw new DerError(`the ${what} has a number too large`);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  if (arcs.length === 0 || content[content.length - 1] & 0x80) throw new DerError(`the ${what} is cut off`);
  const first = Math.min(2, Math.floor(arcs[0] / 40));
  return [first, arcs[0] - first * 40, ...arcs.slice(1)].join('.');
}

function readFirst(bytes: Buffer, what: string): DerValue {
  if (bytes.length < 2) throw new DerError(`the ${what} is cut off`);
  const tag = bytes[0];
  if ((tag & 0x1f) === 0x1f) throw new DerError(`the ${what} has an unknown tag`);
  const { length, headerSize } = readLength(bytes, what);
  if (bytes.length < headerSize + length) throw new DerError(`the ${what} is cut off`);
  const whole = bytes.subarray(0, headerSize + length);
  return { tag, content: whole.subarray(headerSize), whole };
}

/** DER has one way to write a length: the shortest. Four bytes of it are more than any certificate needs. */
function readLength(bytes: Buffer, what: string): { length: number; headerSize: number } {
  const first = bytes[1];
  if (first < 0x80) return { length: first, headerSize: 2 };
  const size = first & 0x7f;
  if (size === 0 || size > 4 || bytes.length < 2 + size) throw new DerError(`the ${what} has a malformed length`);
  const length = bytes.readUIntBE(2, size);
  if (length < 0x80 || length < 2 ** (8 * (size - 1))) throw new DerError(`the ${what} has a length not in DER`);
  return { length, headerSize: 2 + size };
}

function encode(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

function base128(arc: number): Buffer {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return Buffer.from(bytes);
}
