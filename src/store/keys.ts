/**
 * What every SQL back end needs to know about keys: which can be kept, which span of the key order a `Range` asks for,
 * and the continuation tokens. Pure; knows no database.
 *
 * Every question becomes one half-open span [from, to) of the order by UTF-8 bytes, which is the order of code points.
 * So a back end needs one statement for each direction, whatever the prefix and wherever the page before ended.
 */
import { invalidRequest } from '../base/errors.ts';
import { type Range, StoreError } from './store.ts';

const LONGEST_KEY_BYTES = 1024;
/** UTF-8 needs at most so many bytes for one UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;
const DEFAULT_LIMIT = 250;
const LAST_CODE_POINT = 0x10ffff;

/** From `from` (included) to `to` (not included; absent: to the end). */
export interface Span<K> {
  readonly from: K;
  readonly to?: K;
}

/** A position in an index: entries order by index key, then by the document's key. */
export type EntryKey = readonly [indexKey: string, key: string];

/** Throws StoreError when `key` (called `what` in the message) cannot be kept: over 1,024 bytes, or not valid Unicode. */
export function checkKey(what: string, key: string): void {
  if (!key.isWellFormed()) throw new StoreError(`${what} contains half a surrogate pair, which cannot be stored`);
  if (key.length * MOST_BYTES_PER_UNIT <= LONGEST_KEY_BYTES) return;
  const size = Buffer.byteLength(key);
  if (size > LONGEST_KEY_BYTES) {
    throw new StoreError(`${what} has ${size} bytes in UTF-8, more than the ${LONGEST_KEY_BYTES} that can be stored`);
  }
}

/** How many documents a page may have. Throws RangeError for what is not a positive whole number. */
export function pageLimit(range: Pick<Range, 'limit'>): number {
  const limit = range.limit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a page limit of ${limit} makes no sense`);
  return limit;
}

/** The keys that `range` still asks for. Throws ServiceError `InvalidRequestException` for a malformed `after`. */
export function keySpan(range: Range): Span<string> {
  const prefix = range.prefix ?? '';
  checkKey('a prefix', prefix);
  const whole: Span<string> = { from: prefix, to: afterPrefix(prefix) };
  if (range.after === undefined) return whole;
  const [key] = fromToken(range.after, 1);
  if (!key.startsWith(prefix)) throw badToken();
  return range.descending ? { from: whole.from, to: key } : { from: nextKey(key), to: whole.to };
}

/** The same for the entries of an index whose index keys begin with `prefix`. */
export function entrySpan(prefix: string, range: Omit<Range, 'prefix'>): Span<EntryKey> {
  checkKey('a prefix', prefix);
  const end = afterPrefix(prefix);
  const whole: Span<EntryKey> = { from: [prefix, ''], to: end === undefined ? undefined : [end, ''] };
  if (range.after === undefined) return whole;
  const [indexKey, key] = fromToken(range.after, 2);
  if (!indexKey.startsWith(prefix)) throw badToken();
  return range.descending
    ? { from: whole.from, to: [indexKey, key] }
    : { from: [indexKey, nextKey(key)], to: whole.to };
}

/** The token that continues behind the item with these keys: [key], or [index key, key]. */
export function toToken(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The first string, in the order of code points, behind all that begin with `prefix`; absent when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // The surrogates D800–DFFF are no code points of their own: E000 comes right behind D7FF.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

/** The very next string in the order: nothing lies between a key and the key with a NUL behind it. */
function nextKey(key: string): string {
  return `${key}\0`;
}

function fromToken(token: string, count: number): string[] {
  const text = Buffer.from(token, 'base64url').toString();
  const parts = parsed(text);
  if (!Array.isArray(parts) || parts.length !== count) throw badToken();
  if (!parts.every((part) => typeof part === 'string' && part.isWellFormed())) throw badToken();
  if (toToken(parts) !== token) throw badToken();
  return parts;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badToken();
  }
}

function badToken() {
  return invalidRequest('Invalid nextToken');
}
