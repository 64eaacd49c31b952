/**
 * CBOR (RFC 8949), as far as messages of devices need it: the data model of JSON, and bytes. For every service that speaks
 * it beside JSON. Strict: one item and nothing after it, maps with texts as keys and none twice, well-formed UTF-8, no
 * tags. Anything may come in: the outcome is a value or a CborError.
 */

export type CborValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };

export class CborError extends Error {
  override readonly name = 'CborError';
}

/** Items within one another. */
const DEEPEST = 32;
const BREAK = 0xff;
/** Additional information of an item: its length follows in 1, 2, 4 or 8 bytes, or comes piece by piece. */
const FOLLOWS = { one: 24, two: 25, four: 26, eight: 27, indefinite: 31 } as const;

/** The one item in `bytes`. Integers beyond 2^53 are bigints; byte strings are views. */
export function decodeCbor(bytes: Buffer): CborValue {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw new CborError(`${bytes.length - reader.at} bytes follow the item`);
  return value;
}

/** The shortest definite form. Members of objects that are undefined are left out, as in JSON. */
export function encodeCbor(value: CborValue): Buffer {
  const parts: Buffer[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  item(depth: number): CborValue {
    if (depth > DEEPEST) throw new CborError(`items are nested more than ${DEEPEST} levels deep`);
    const initial = this.#byte();
    const info = initial & 0x1f;
    switch (initial >> 5) {
      case 0:
        return this.#argument(info);
      case 1:
        return minusOneMinus(this.#argument(info));
      case 2:
        return this.#string(2, info);
      case 3:
        return this.#text(info);
      case 4:
        return this.#array(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        throw new CborError('tags are not supported');
      default:
        return this.#simple(info);
    }
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw truncated();
    return this.#bytes[this.at++];
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.at) throw truncated();
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #argument(info: number): number | bigint {
    if (info < FOLLOWS.one) return info;
    if (info === FOLLOWS.one) return this.#byte();
    if (info === FOLLOWS.two) return this.#take(2).readUInt16BE();
    if (info === FOLLOWS.four) return this.#take(4).readUInt32BE();
    if (info !== FOLLOWS.eight) throw new CborError(`the initial byte has the reserved value ${info}`);
    const wide = this.#take(8).readBigUInt64BE();
    return wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide;
  }

  /** A length that can be true: every byte and every item needs one byte at least. */
  #length(info: number): number {
    const length = this.#argument(info);
    if (length > this.#bytes.length - this.at) throw truncated();
    return Number(length);
  }

  /** True when the break of an item of indefinite length was next; then it is passed. */
  #isBreak(): boolean {
    if (this.at >= this.#bytes.length) throw truncated();
    if (this.#bytes[this.at] !== BREAK) return false;
    this.at++;
    return true;
  }

  #string(major: number, info: number): Buffer {
    if (info !== FOLLOWS.indefinite) return this.#take(this.#length(info));
    const chunks: Buffer[] = [];
    while (!this.#isBreak()) {
      const initial = this.#byte();
      const chunkInfo = initial & 0x1f;
      if (initial >> 5 !== major || chunkInfo === FOLLOWS.indefinite) {
        throw new CborError('a string in pieces has a piece of another kind');
      }
      chunks.push(this.#take(this.#length(chunkInfo)));
      // A text's pieces are texts themselves.
      if (major === 3) utf8(chunks[chunks.length - 1]);
    }
    return Buffer.concat(chunks);
  }

  #text(info: number): string {
    return utf8(this.#string(3, info));
  }

  #array(info: number, depth: number): CborValue[] {
    const items: CborValue[] = [];
    if (info === FOLLOWS.indefinite) while (!this.#isBreak()) items.push(this.item(depth + 1));
    else for (let left = this.#length(info); left > 0; left--) items.push(this.item(depth + 1));
    return items;
  }

  #map(info: number, depth: number): { [key: string]: CborValue } {
    const members = new Map<string, CborValue>();
    const member = (): void => {
      const key = this.item(depth + 1);
      if (typeof key !== 'string') throw new CborError('a map has a key that is not a text');
      if (members.has(key)) throw new CborError(`a map has the key '${key}' twice`);
      members.set(key, this.item(depth + 1));
    };
    if (info === FOLLOWS.indefinite) while (!this.#isBreak()) member();
    else for (let left = this.#length(info); left > 0; left--) member();
    return Object.fromEntries(members);
  }

  #simple(info: number): CborValue {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case FOLLOWS.two:
        return halfFloat(this.#take(2).readUInt16BE());
      case FOLLOWS.four:
        return this.#take(4).readFloatBE();
      case FOLLOWS.eight:
        return this.#take(8).readDoubleBE();
      default:
        throw new CborError(
          info === FOLLOWS.indefinite ? 'a break ends nothing' : `the simple value ${info} is unknown`,
        );
    }
  }
}

function truncated(): CborError {
  return new CborError('it ends before it is complete');
}

function minusOneMinus(argument: number | bigint): number | bigint {
  const value = -1n - BigInt(argument);
  return value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new CborError('a text is not UTF-8', { cause: error });
  }
}

/** RFC 8949, appendix D. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (mantissa + 1024) * 2 ** (exponent - 25);
}

function write(value: CborValue, parts: Buffer[]): void {
  if (value === null) parts.push(Buffer.of(0xf6));
  else if (value === undefined) parts.push(Buffer.of(0xf7));
  else if (typeof value === 'boolean') parts.push(Buffer.of(value ? 0xf5 : 0xf4));
  else if (typeof value === 'number')
    parts.push(Number.isSafeInteger(value) && !Object.is(value, -0) ? whole(value) : float(value));
  else if (typeof value === 'bigint') parts.push(whole(value));
  else if (typeof value === 'string') writeString(3, Buffer.from(value), parts);
  else if (Buffer.isBuffer(value)) writeString(2, value, parts);
  else if (isList(value)) {
    parts.push(head(4, value.length));
    for (const item of value) write(item, parts);
  } else {
    const members = Object.entries(value).filter(([, it]) => it !== undefined);
    parts.push(head(5, members.length));
    for (const [key, it] of members) {
      write(key, parts);
      write(it, parts);
    }
  }
}

function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function writeString(major: number, bytes: Buffer, parts: Buffer[]): void {
  parts.push(head(major, bytes.length), bytes);
}

function whole(value: number | bigint): Buffer {
  return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
}

function head(major: number, argument: number | bigint): Buffer {
  const top = major << 5;
  if (argument < FOLLOWS.one) return Buffer.of(top | Number(argument));
  if (argument <= 0xff) return Buffer.of(top | FOLLOWS.one, Number(argument));
  if (argument <= 0xffff) return follows(top | FOLLOWS.two, 2, (bytes) => bytes.writeUInt16BE(Number(argument), 1));
  if (argument <= 0xffffffff)
    return follows(top | FOLLOWS.four, 4, (bytes) => bytes.writeUInt32BE(Number(argument), 1));
  if (BigInt(argument) > 0xffffffffffffffffn) throw new CborError('an integer has more than 64 bits');
  return follows(top | FOLLOWS.eight, 8, (bytes) => bytes.writeBigUInt64BE(BigInt(argument), 1));
}

function float(value: number): Buffer {
  if (Object.is(Math.fround(value), value)) return follows(0xfa, 4, (bytes) => bytes.writeFloatBE(value, 1));
  return follows(0xfb, 8, (bytes) => bytes.writeDoubleBE(value, 1));
}

function follows(initial: number, size: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = initial;
  fill(bytes);
  return bytes;
}
