/** CAST (rules-engine.md section 6.3): numbers go down to an Int, and String has the widest door. */
import { toBoolean, toFlooredInt, toNumber, toText } from '../convert.ts';
import { compare } from '../operators.ts';
import { Decimal, isNumber, type SqlVersion, type Value } from '../value.ts';

type Cast = (value: Value, version: SqlVersion) => Value;

interface CastType {
  readonly since: SqlVersion;
  readonly cast: Cast;
}

const toDecimal: Cast = (value) => (typeof value === 'boolean' ? new Decimal(value ? 1 : 0) : toNumber(value));
const toInt: Cast = (value) => (typeof value === 'boolean' ? Number(value) : toFlooredInt(value));
const toBool: Cast = (value) => (isNumber(value) ? compare(value, 0) !== 0 : toBoolean(value));

const text: CastType = { since: '2015-10-08', cast: toText };
const int: CastType = { since: '2015-10-08', cast: toInt };
const bool: CastType = { since: '2016-03-23', cast: toBool };

const types: Readonly<Record<string, CastType>> = {
  string: text,
  nvarchar: text,
  text,
  ntext: text,
  varchar: text,
  int,
  integer: int,
  double: { since: '2015-10-08', cast: toDecimal },
  decimal: { since: '2016-03-23', cast: toDecimal },
  bool,
  boolean: bool,
};

/** By the name of the type, any case; undefined when there is no such type. */
export function castType(name: string): CastType | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(types, key) ? types[key] : undefined;
}
