/** Mathematical functions (rules-engine.md section 6.1). Those that the documentation computes in doubles say so. */
import { clamp, toFlooredInt, toNumber } from '../convert.ts';
import { modulo } from '../operators.ts';
import {
  bigOf,
  Decimal,
  decimalFromDouble,
  decimalOf,
  intDigits,
  intFromBig,
  intFromDecimal,
  type Num,
  type Rounding,
  type Value,
} from '../value.ts';
import { type FunctionTable, ofNumbers, type SqlFunction, since2015 } from './function.ts';

export const mathFunctions: FunctionTable = {
  abs: ofNumbers(1, (n) => (n instanceof Decimal ? n.abs() : n < 0 ? intFromBig(-BigInt(n)) : n)),
  ceil: ofNumbers(1, (n) => rounded(n, Decimal.ROUND_CEIL)),
  floor: ofNumbers(1, (n) => rounded(n, Decimal.ROUND_FLOOR)),
  // Halves away from zero, as the examples show (section 17).
  round: ofNumbers(1, (n) => rounded(n, Decimal.ROUND_HALF_UP)),
  sign: ofNumbers(1, (n) => (n instanceof Decimal ? (n.isZero() ? 0 : n.s) : n < 0 ? -1 : n > 0 ? 1 : 0)),
  mod: ofNumbers(2, modulo),
  remainder: ofNumbers(2, modulo),
  trunc: since2015(2, 2, truncate),
  bitand: since2015(2, 2, ([a, b]) => bits(a, b, (x, y) => x & y)),
  bitor: since2015(2, 2, ([a, b]) => bits(a, b, (x, y) => x | y)),
  bitxor: since2015(2, 2, ([a, b]) => bits(a, b, (x, y) => x ^ y)),
  // Two's complement; the documentation's example bitnot(13) = 2 is not (section 17).
  bitnot: since2015(1, 1, ([a]) => bits(a, 0, (x) => ~x)),
  acos: inDoubles(Math.acos),
  asin: inDoubles(Math.asin),
  atan: inDoubles(Math.atan),
  atan2: ofNumbers(2, (y, x) => decimalFromDouble(Math.atan2(Number(y), Number(x)))),
  cos: inDoubles(Math.cos),
  cosh: inDoubles(Math.cosh),
  exp: inDoubles(Math.exp),
  ln: inDoubles(Math.log),
  log: inDoubles(Math.log10),
  power: ofNumbers(2, (base, exponent) => decimalFromDouble(Number(base) ** Number(exponent))),
  sin: inDoubles(Math.sin),
  sinh: inDoubles(Math.sinh),
  sqrt: inDoubles(Math.sqrt),
  tan: inDoubles(Math.tan),
  tanh: inDoubles(Math.tanh),
  rand: since2015(0, 0, (_, frame) => decimalFromDouble(fraction(frame.surroundings.random.bytes(7)))),
};

function inDoubles(compute: (x: number) => number): SqlFunction {
  return ofNumbers(1, (n) => decimalFromDouble(compute(Number(n))));
}

function rounded(value: Num, rounding: Rounding): Value {
  return value instanceof Decimal ? intFromDecimal(value.toDecimalPlaces(0, rounding)) : value;
}

/** The number of places must be a number: a numeric string is not in the documented table. */
function truncate([value, places]: readonly Value[]): Value {
  const number = toNumber(value);
  const count = typeof places === 'string' ? undefined : toFlooredInt(places);
  if (number === undefined || count === undefined) return undefined;
  const cut = decimalOf(number).toDecimalPlaces(clamp(count, 0, intDigits), Decimal.ROUND_DOWN);
  return cut.isInteger() ? intFromDecimal(cut) : cut;
}

function bits(left: Value, right: Value, compute: (a: bigint, b: bigint) => bigint): Value {
  const a = toFlooredInt(left);
  const b = toFlooredInt(right);
  return a === undefined || b === undefined ? undefined : intFromBig(compute(bigOf(a), bigOf(b)));
}

/** 53 random bits as a double in [0, 1). */
function fraction(bytes: Buffer): number {
  return (bytes.readUIntBE(0, 3) * 2 ** 29 + (bytes.readUInt32BE(3) >>> 3)) / 2 ** 53;
}
