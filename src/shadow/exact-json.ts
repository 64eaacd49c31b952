/**
 * JSON that keeps its numbers. A shadow gives back what a device wrote, also when a double cannot hold it: an id of
 * 20 digits, a decimal with 25 places. Such a number stays the text it was (a `RawNumber`), which `JSON.stringify`
 * writes as it is; every other number is an ordinary one (`1.0` becomes `1`, the same value).
 *
 * Used inside `shadow/` only. Values with raw numbers must be stored as text: a plain `JSON.parse` would round them.
 */

declare global {
  /** "JSON.parse source text access", in V8 since Node 21 and not yet in TypeScript's library. */
  interface JSON {
    parse(text: string, reviver: (key: string, value: Json, context: { readonly source?: string }) => Json): Json;
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/** A number no double equals; frozen, made by `JSON.rawJSON` alone. */
export interface RawNumber {
  readonly rawJSON: string;
}

export type Json = null | boolean | number | string | RawNumber | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Nothing this finds can be a number that a double rounds: those have 16 digits or more, or an exponent. */
const SUSPECT = /[0-9.]{16}|[0-9][eE][-+]?[0-9]/;

/**
 * Parses, keeping exact numbers, after `check` has passed the ordinarily parsed value. `check` must refuse deep
 * nesting by throwing: `JSON.parse` itself takes any depth, but the second, exact reading recurses.
 * Throws SyntaxError for text that is not JSON.
 */
export function parseExactly(text: string, check: (value: Json) => void): Json {
  const value = JSON.parse(text) as Json;
  check(value);
  return SUSPECT.test(text) ? JSON.parse(text, exactNumber) : value;
}

function exactNumber(_key: string, value: Json, context: { readonly source?: string }): Json {
  if (typeof value !== 'number' || context.source === undefined) return value;
  const isExact = Number.isFinite(value) && decimal(context.source) === decimal(String(value));
  return isExact ? value : JSON.rawJSON(context.source);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** Equal as JSON values: numbers by value, objects without regard to the order of keys, never across types. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  // A raw number equals no double, so only two raw ones can still be the same.
  if (JSON.isRawJSON(a) || JSON.isRawJSON(b)) {
    return JSON.isRawJSON(a) && JSON.isRawJSON(b) && decimal(a.rawJSON) === decimal(b.rawJSON);
  }
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

/** Beyond this an exponent is compared as text; no sensor measures it. */
const LARGEST_EXPONENT = 1e9;

/** One spelling for each decimal value: `-12.50e3` and `-12500` both give `-125e2`. */
function decimal(source: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(source);
  if (!parts) return source;
  const [, sign, whole, fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  if (Math.abs(Number(exponent)) > LARGEST_EXPONENT) return source;
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
