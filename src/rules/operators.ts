/**
 * The operators of rules-engine.md section 5. Whatever is not in its table is Undefined; both sides are always given.
 * Calculation is decimal and exact; numbers that are safe integers stay on the fast path.
 */
import { bounded, toBoolean, toNumber, toText } from './convert.ts';
import {
  bigOf,
  Decimal,
  decimalOf,
  finite,
  intFromBig,
  isArray,
  isBytes,
  isInt,
  isNumber,
  isObject,
  type Num,
  type ObjectValue,
  type SqlVersion,
  type Value,
} from './value.ts';

export function add(left: Value, right: Value, version: SqlVersion): Value {
  if (typeof left === 'string' || typeof right === 'string') return concatenate(left, right, version);
  if (!isNumber(left) || !isNumber(right)) return undefined;
  return calculate(left, right, addSmall, addBig, addDecimal);
}

export function subtract(left: Value, right: Value): Value {
  const a = toNumber(left);
  const b = toNumber(right);
  return a === undefined || b === undefined ? undefined : calculate(a, b, subtractSmall, subtractBig, subtractDecimal);
}

export function multiply(left: Value, right: Value): Value {
  const a = toNumber(left);
  const b = toNumber(right);
  return a === undefined || b === undefined ? undefined : calculate(a, b, multiplySmall, multiplyBig, multiplyDecimal);
}

/** Two Ints give an Int, cut towards zero (section 17: the documentation shows both). By zero: Undefined. */
export function divide(left: Value, right: Value, version: SqlVersion): Value {
  const a = toNumber(left);
  const b = toNumber(right);
  if (a === undefined || b === undefined || isZero(b)) return undefined;
  if (!isInt(a, version) || !isInt(b, version)) return finite(decimalOf(a).div(decimalOf(b)));
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return intFromBig(bigOf(a) / bigOf(b));
}

/** The sign is that of `left`. By zero: Undefined. */
export function modulo(left: Value, right: Value): Value {
  const a = toNumber(left);
  const b = toNumber(right);
  if (a === undefined || b === undefined || isZero(b)) return undefined;
  return calculate(a, b, moduloSmall, moduloBig, moduloDecimal);
}

export function negate(operand: Value): Value {
  return subtract(0, operand);
}

/** -1, 0 or 1; Undefined unless both sides are numbers or numeric strings. */
export function compare(left: Value, right: Value): number | undefined {
  const a = toNumber(left);
  const b = toNumber(right);
  return a === undefined || b === undefined ? undefined : compareNumbers(a, b);
}

/** Undefined only when a side is; other types are just not equal. */
export function equals(left: Value, right: Value): boolean | undefined {
  return left === undefined || right === undefined ? undefined : isSame(left, right);
}

export function and(left: Value, right: Value): Value {
  const a = toBoolean(left);
  const b = toBoolean(right);
  return a === undefined || b === undefined ? undefined : a && b;
}

export function or(left: Value, right: Value): Value {
  const a = toBoolean(left);
  const b = toBoolean(right);
  return a === undefined || b === undefined ? undefined : a || b;
}

export function not(operand: Value): Value {
  const value = toBoolean(operand);
  return value === undefined ? undefined : !value;
}

export function isIn(left: Value, right: Value): Value {
  if (left === undefined || !isArray(right)) return undefined;
  return right.some((item) => isSame(left, item));
}

function concatenate(left: Value, right: Value, version: SqlVersion): Value {
  const a = toText(left, version);
  const b = toText(right, version);
  return a === undefined || b === undefined ? undefined : bounded(a + b);
}

function calculate(
  a: Num,
  b: Num,
  small: (a: number, b: number) => number,
  big: (a: bigint, b: bigint) => bigint,
  decimal: (a: Decimal, b: Decimal) => Decimal,
): Num | undefined {
  if (a instanceof Decimal || b instanceof Decimal) return finite(decimal(decimalOf(a), decimalOf(b)));
  if (typeof a === 'number' && typeof b === 'number') {
    const result = small(a, b);
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return intFromBig(big(BigInt(a), BigInt(b)));
}

const addSmall = (a: number, b: number): number => a + b;
const addBig = (a: bigint, b: bigint): bigint => a + b;
const addDecimal = (a: Decimal, b: Decimal): Decimal => a.plus(b);
const subtractSmall = (a: number, b: number): number => a - b;
const subtractBig = (a: bigint, b: bigint): bigint => a - b;
const subtractDecimal = (a: Decimal, b: Decimal): Decimal => a.minus(b);
const multiplySmall = (a: number, b: number): number => a * b;
const multiplyBig = (a: bigint, b: bigint): bigint => a * b;
const multiplyDecimal = (a: Decimal, b: Decimal): Decimal => a.times(b);
const moduloSmall = (a: number, b: number): number => a % b;
const moduloBig = (a: bigint, b: bigint): bigint => a % b;
const moduloDecimal = (a: Decimal, b: Decimal): Decimal => a.mod(b);

function isZero(value: Num): boolean {
  return value instanceof Decimal ? value.isZero() : value === 0;
}

function compareNumbers(a: Num, b: Num): number {
  if (a instanceof Decimal || b instanceof Decimal) return decimalOf(a).cmp(decimalOf(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (isObject(a)) return isObject(b) && hasSameMembers(a, b);
  return isBytes(a) && isBytes(b) && a.equals(b);
}

function hasSameMembers(a: ObjectValue, b: ObjectValue): boolean {
  if (a.size !== b.size) return false;
  for (const [name, member] of a) if (!b.has(name) || !isSame(member, b.get(name))) return false;
  return true;
}
