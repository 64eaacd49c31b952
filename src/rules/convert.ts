/**
 * The standard conversions of rules-engine.md section 4.1, applied when an operator or a function gets another type
 * than it wants. Undefined is the answer wherever there is no conversion.
 */
import { printJson } from './json.ts';
import {
  Decimal,
  decimalOf,
  intFromDecimal,
  isArray,
  isBytes,
  isNumber,
  isObject,
  type Num,
  numberFromText,
  numberText,
  type Rounding,
  type SqlVersion,
  type Value,
} from './value.ts';

/** Longer texts are not made: no message can carry them. */
export const textLimit = 1024 * 1024;

const numericText = /^-?\d+(\.\d+)?([eE]-?\d+)?$/;
const longestNumber = 1000;

export function toNumber(value: Value): Num | undefined {
  if (isNumber(value)) return value;
  if (typeof value !== 'string' || value.length > longestNumber || !numericText.test(value)) return undefined;
  return numberFromText(value);
}

/** The nearest Int below, as casts, counts and bit functions want it. */
export function toFlooredInt(value: Value): Num | undefined {
  return toWhole(value, Decimal.ROUND_FLOOR);
}

/** The nearest Int towards zero, as indexes want it. */
export function toTruncatedInt(value: Value): Num | undefined {
  return toWhole(value, Decimal.ROUND_DOWN);
}

function toWhole(value: Value, rounding: Rounding): Num | undefined {
  const number = toNumber(value);
  return number instanceof Decimal ? intFromDecimal(number.toDecimalPlaces(0, rounding)) : number;
}

/** The whole number `value` limited to `least` … `most`, which are safe integers. */
export function clamp(value: Num, least: number, most: number): number {
  if (typeof value === 'number') return Math.min(Math.max(value, least), most);
  return Decimal.min(Decimal.max(decimalOf(value), least), most).toNumber();
}

export function toDouble(value: Value): number | undefined {
  const number = toNumber(value);
  return number === undefined ? undefined : Number(number);
}

export function toBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || value.length > 5) return undefined;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

export function toText(value: Value, version: SqlVersion): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null || isBytes(value)) return undefined;
  if (isNumber(value)) return numberText(value, version);
  if (isArray(value) || isObject(value)) return printJson(value, version);
  return String(value);
}

/** Undefined for a text longer than anything a message could carry. */
export function bounded(text: string): string | undefined {
  return text.length <= textLimit ? text : undefined;
}
