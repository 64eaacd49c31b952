/**
 * The values of the rules engine's SQL (rules-engine.md section 4) as JavaScript values. Every part of `rules/` that
 * evaluates uses them; nothing here knows messages or rules.
 *
 * An Int is a `number` while it is a safe integer and a `bigint` above; everything else is a `Decimal` of 34 digits.
 * A `number` in a Value is therefore always a safe integer: never let a double in.
 */
import { Decimal as DecimalJs } from 'decimal.js';

/** Decimals of 34 significant digits, 1E-999 to 9.99E999, half-even; `%` takes the sign of the dividend. */
export const Decimal = DecimalJs.clone({
  precision: 34,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  modulo: DecimalJs.ROUND_DOWN,
  maxE: 999,
  minE: -999,
  toExpPos: 40,
  toExpNeg: -7,
});
export type Decimal = DecimalJs;
export type Rounding = DecimalJs.Rounding;

export type Int = number | bigint;
export type Num = Int | Decimal;
export type ArrayValue = readonly Value[];
/** A Map, so that the order of keys is kept whatever they look like and no key is special. */
export type ObjectValue = ReadonlyMap<string, Value>;

/** `undefined` is the language's Undefined; a Buffer is a payload that is not JSON, which only `*` gives. */
export type Value = undefined | null | boolean | string | Num | Buffer | ArrayValue | ObjectValue;

export type SqlVersion = '2015-10-08' | '2016-03-23' | 'beta';

export const sqlVersions: readonly string[] = ['2015-10-08', '2016-03-23', 'beta'] satisfies SqlVersion[];

/** Most digits of an Int. */
export const intDigits = 34;
const intLimit = 10n ** BigInt(intDigits);

export function isArray(value: Value): value is ArrayValue {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ObjectValue {
  return value instanceof Map;
}

export function isNumber(value: Value): value is Num {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal;
}

export function isBytes(value: Value): value is Buffer {
  return Buffer.isBuffer(value);
}

/** Whole Decimals are Ints since 2016-03-23 (section 4). */
export function isInt(value: Num, version: SqlVersion): boolean {
  return !(value instanceof Decimal) || (version !== '2015-10-08' && value.isInteger());
}

/** Digits of a number that are kept; one written with more is rounded, so that none is slow to calculate with. */
const digitLimit = 1000;
const wholeText = /^-?\d+$/;

/** The number written as `text` (JSON's or the SQL's syntax), exact; Undefined when out of the range of Decimals. */
export function numberFromText(text: string): Num | undefined {
  const isWhole = wholeText.test(text);
  if (isWhole && text.length <= 15) return Number(text) + 0;
  if (isWhole && text.length <= intDigits) return intFromBig(BigInt(text));
  const decimal = new Decimal(text);
  return finite(text.length <= digitLimit ? decimal : decimal.toSignificantDigits(intDigits));
}

/** An Int, or a Decimal rounded to 34 digits when it has more. */
export function intFromBig(value: bigint): Num | undefined {
  const small = Number(value);
  if (Number.isSafeInteger(small)) return small;
  if (value < intLimit && value > -intLimit) return value;
  return finite(new Decimal(value.toString()).toSignificantDigits(intDigits));
}

/** The Int of a Decimal without fraction; one of more than 34 digits stays a Decimal. */
export function intFromDecimal(value: Decimal): Num | undefined {
  if (!value.isFinite()) return undefined;
  if (value.e < 15) return value.toNumber() + 0;
  return value.e < intDigits ? intFromBig(BigInt(value.toFixed(0))) : value;
}

/** The result of a function that computes in double precision; NaN and the infinities are Undefined. */
export function decimalFromDouble(value: number): Decimal | undefined {
  return Number.isFinite(value) ? finite(new Decimal(value)) : undefined;
}

export function decimalOf(value: Num): Decimal {
  return value instanceof Decimal ? value : new Decimal(typeof value === 'number' ? value : value.toString());
}

/** Whole numbers only (Ints, or Decimals known to have no fraction). */
export function bigOf(value: Num): bigint {
  return value instanceof Decimal ? BigInt(value.toFixed(0)) : BigInt(value);
}

export function finite(value: Decimal): Decimal | undefined {
  return value.isFinite() ? value : undefined;
}

/** A whole Decimal is written `5` since 2016-03-23 and `5.0` before; large and small ones in scientific notation. */
export function numberText(value: Num, version: SqlVersion): string {
  if (!(value instanceof Decimal)) return String(value);
  const text = value.toString();
  if (text.includes('e')) return text.replace('e', 'E');
  return version === '2015-10-08' && value.isInteger() ? `${text}.0` : text;
}

/**
 * How much a value holds: its scalars, keys and characters, counted no further than `limit`. Guards against values
 * that grow by naming each other (`SET @b = [@a, @a], @c = [@b, @b] …`).
 */
export function isHeavierThan(value: Value, limit: number): boolean {
  return weigh(value, limit) > limit;
}

function weigh(value: Value, limit: number): number {
  if (typeof value === 'string' || isBytes(value)) return value.length;
  let weight = 1;
  if (isArray(value)) {
    for (const item of value) {
      weight += weigh(item, limit - weight);
      if (weight > limit) break;
    }
  } else if (isObject(value)) {
    for (const [key, member] of value) {
      weight += key.length + weigh(member, limit - weight);
      if (weight > limit) break;
    }
  }
  return weight;
}
