/**
 * Conditions of a policy statement (policies.md section 6): `{operator: {key: values}}`, read once into tests of one
 * operator and key each, all of which must hold. The parser of documents calls `parseConditions`, the decision `holds`.
 *
 * Fails closed: where a value holds a variable that is not known, a positive operator does not match it, and a negated
 * operator of an Allow does not hold.
 */
import { BlockList, isIP } from 'node:net';
import {
  bindTemplate,
  bindText,
  matches,
  normalizeKey,
  parseTemplate,
  type Resolve,
  type Template,
  TemplateError,
} from './policy-match.ts';

/** The values of a context key (normalised with `normalizeKey`), or undefined when it is not known. */
export type ContextLookup = (key: string) => readonly string[] | undefined;

export interface Condition {
  /** As written, e.g. `ForAnyValue:StringEquals`. */
  readonly operator: string;
  /** The context key as written, and as `normalizeKey` makes it. */
  readonly name: string;
  readonly key: string;
  readonly values: readonly Template[];
  /** `all` and `any` are the set operators ForAllValues and ForAnyValue. */
  readonly quantifier: 'single' | 'all' | 'any';
  readonly isNegated: boolean;
  readonly ifExists: boolean;
  /** Undefined for `Null`, which asks only whether the key is there. */
  readonly compare: Compare | undefined;
}

/** Whether a value of the context equals (fits, precedes …) a value of the policy. */
type Compare = (actual: string, wanted: Template, resolve: Resolve) => boolean;

interface Operator {
  readonly isNegated: boolean;
  readonly wildcards: boolean;
  readonly compare: Compare;
  /** What a value without variables must look like; absent when any text will do. */
  readonly isValid?: (value: string) => boolean;
  readonly expected?: string;
}

/**
 * Reads the `Condition` element. `fault(path, message)` makes the error to throw; `path` is where it is, such as
 * `Condition.StringEquals.iot:ClientId`. `variables`: whether `${…}` is put in (Version 2012-10-17).
 */
export function parseConditions(
  element: unknown,
  variables: boolean,
  fault: (path: string, message: string) => Error,
): Condition[] {
  const conditions: Condition[] = [];
  for (const [operator, keys] of members(element, 'Condition', fault)) {
    const path = `Condition.${operator}`;
    const read = readOperator(operator);
    if (!read) throw fault(path, 'is not an operator that policies know');
    for (const [key, given] of members(keys, path, fault)) {
      const values = (Array.isArray(given) ? given : [given]).map((value: unknown) =>
        parseValue(value, read.operator, variables, (message) => fault(`${path}.${key}`, message)),
      );
      const { quantifier, ifExists } = read;
      const { isNegated, compare } = read.operator ?? { isNegated: false, compare: undefined };
      conditions.push({
        operator,
        name: key,
        key: normalizeKey(key),
        values,
        quantifier,
        ifExists,
        isNegated,
        compare,
      });
    }
  }
  return conditions;
}

/** Whether the condition holds in this context; `isAllow` tells the effect of its statement. */
export function holds(condition: Condition, lookup: ContextLookup, resolve: Resolve, isAllow: boolean): boolean {
  const actual = lookup(condition.key);
  const isMissing = actual === undefined || actual.length === 0;
  if (condition.compare === undefined) return isNullAsWanted(condition, isMissing, resolve);
  if (isMissing) {
    if (condition.quantifier !== 'single') return condition.quantifier === 'all' || condition.ifExists;
    return condition.isNegated || condition.ifExists;
  }
  const { isNegated, compare, values } = condition;
  if (isNegated && isAllow && values.some((value) => bindText(value, resolve) === undefined)) return false;
  const passes = (one: string): boolean => values.some((value) => compare(one, value, resolve)) !== isNegated;
  if (condition.quantifier === 'any') return actual.some(passes);
  if (condition.quantifier === 'all' || isNegated) return actual.every(passes);
  return actual.some(passes);
}

function isNullAsWanted({ values }: Condition, isMissing: boolean, resolve: Resolve): boolean {
  return values.some((value) => bindText(value, resolve)?.toLowerCase() === String(isMissing));
}

interface ReadOperator {
  /** Undefined for `Null`. */
  readonly operator: Operator | undefined;
  readonly quantifier: Condition['quantifier'];
  readonly ifExists: boolean;
}

/** `[ForAllValues:|ForAnyValue:]Name[IfExists]`; undefined for anything else. */
function readOperator(text: string): ReadOperator | undefined {
  if (text === 'Null') return { operator: undefined, quantifier: 'single', ifExists: false };
  const quantifier = text.startsWith('ForAllValues:') ? 'all' : text.startsWith('ForAnyValue:') ? 'any' : 'single';
  let name = quantifier === 'single' ? text : text.slice(text.indexOf(':') + 1);
  const ifExists = name.endsWith('IfExists');
  if (ifExists) name = name.slice(0, -'IfExists'.length);
  const operator = operators.get(name);
  return operator && { operator, quantifier, ifExists };
}

function parseValue(
  value: unknown,
  operator: Operator | undefined,
  variables: boolean,
  fault: (message: string) => Error,
): Template {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw fault('must be a string, a number, a boolean or a list of them');
  }
  const text = String(value);
  const template = parse(text, { variables, wildcards: operator?.wildcards ?? false }, fault);
  const isValid = operator ? operator.isValid : isBoolean;
  if (template.constant && isValid && !isValid(text))
    throw fault(`must hold ${operator?.expected ?? '"true" or "false"'}`);
  return template;
}

function parse(
  text: string,
  syntax: { variables: boolean; wildcards: boolean },
  fault: (message: string) => Error,
): Template {
  try {
    return parseTemplate(text, syntax);
  } catch (error) {
    if (error instanceof TemplateError) throw fault(error.message);
    throw error;
  }
}

function members(value: unknown, path: string, fault: (path: string, message: string) => Error): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault(path, 'must be an object');
  return Object.entries(value);
}

// The operators.

const operators: ReadonlyMap<string, Operator> = new Map([
  ...both('StringEquals', 'StringNotEquals', { compare: compareText((actual, wanted) => actual === wanted) }),
  ...both('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', {
    compare: compareText((actual, wanted) => actual.toLowerCase() === wanted.toLowerCase()),
  }),
  ...both('StringLike', 'StringNotLike', { compare: compareLike, wildcards: true }),
  ...both('ArnEquals', 'ArnNotEquals', { compare: compareArn, wildcards: true }),
  ...both('ArnLike', 'ArnNotLike', { compare: compareArn, wildcards: true }),
  ...both('IpAddress', 'NotIpAddress', {
    compare: compareText(isInNetwork),
    isValid: (value) => network(value) !== undefined,
    expected: 'IP addresses or networks such as 192.0.2.0/24',
  }),
  ...ordered('Numeric', numberOf, 'numbers'),
  ...ordered('Date', dateOf, 'dates such as 2026-01-15T12:00:00Z or seconds since 1970'),
  one('Bool', {
    compare: compareText((actual, wanted) => actual.toLowerCase() === wanted.toLowerCase()),
    isValid: isBoolean,
    expected: '"true" or "false"',
  }),
  one('BinaryEquals', {
    compare: compareText((actual, wanted) => Buffer.from(actual, 'base64').equals(Buffer.from(wanted, 'base64'))),
    isValid: (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value),
    expected: 'base64',
  }),
]);

type OperatorInit = Pick<Operator, 'compare' | 'isValid' | 'expected'> & { readonly wildcards?: boolean };

function one(name: string, init: OperatorInit, isNegated = false): [string, Operator] {
  return [name, { ...init, wildcards: init.wildcards ?? false, isNegated }];
}

function both(name: string, negated: string, init: OperatorInit): [string, Operator][] {
  return [one(name, init), one(negated, init, true)];
}

/** `…Equals`, `…LessThan` and the rest over values that have an order. */
function ordered(kind: string, read: (text: string) => number, expected: string): [string, Operator][] {
  const init = (test: (actual: number, wanted: number) => boolean): OperatorInit => ({
    compare: compareText((actual, wanted) => test(read(actual), read(wanted))),
    isValid: (value) => !Number.isNaN(read(value)),
    expected,
  });
  return [
    ...both(
      `${kind}Equals`,
      `${kind}NotEquals`,
      init((a, b) => a === b),
    ),
    one(
      `${kind}LessThan`,
      init((a, b) => a < b),
    ),
    one(
      `${kind}LessThanEquals`,
      init((a, b) => a <= b),
    ),
    one(
      `${kind}GreaterThan`,
      init((a, b) => a > b),
    ),
    one(
      `${kind}GreaterThanEquals`,
      init((a, b) => a >= b),
    ),
  ];
}

function compareText(test: (actual: string, wanted: string) => boolean): Compare {
  return (actual, wanted, resolve) => {
    const text = bindText(wanted, resolve);
    return text !== undefined && test(actual, text);
  };
}

function compareLike(actual: string, wanted: Template, resolve: Resolve): boolean {
  const pattern = bindTemplate(wanted, resolve);
  return pattern !== undefined && matches(pattern, actual);
}

/** Like a pattern, but no wildcard reaches over one of the first five colons; `*` alone is any text. */
function compareArn(actual: string, wanted: Template, resolve: Resolve): boolean {
  const patterns = arnParts(wanted.source);
  const texts = arnParts(actual);
  if (patterns.length !== texts.length) return wanted.source === '*';
  const syntax = { variables: wanted.variables.length > 0, wildcards: true };
  return patterns.every((part, i) => compareLike(texts[i], parseTemplate(part, syntax), resolve));
}

const ARN_PARTS = 6;

/** The six parts of an ARN; colons of `${…}` and of the last part do not count. */
function arnParts(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length && parts.length < ARN_PARTS - 1; i++) {
    if (text[i] === '$' && text[i + 1] === '{') i = Math.max(i, text.indexOf('}', i));
    else if (text[i] === ':') {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function isBoolean(text: string): boolean {
  return /^(true|false)$/i.test(text);
}

function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Milliseconds since the epoch of an ISO 8601 date, or of seconds since 1970. */
function dateOf(text: string): number {
  if (/^\d{5,}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  return /^\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?)?)?$/.test(text) ? Date.parse(text) : Number.NaN;
}

function isInNetwork(actual: string, wanted: string): boolean {
  const list = network(wanted);
  const version = isIP(actual);
  return list !== undefined && version !== 0 && list.check(actual, version === 4 ? 'ipv4' : 'ipv6');
}

/** The addresses of `192.0.2.0/24`, `2001:db8::/32` or a single address; undefined for any other text. */
function network(text: string): BlockList | undefined {
  const [address, bits, ...rest] = text.split('/');
  const version = isIP(address);
  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (version === 0 || rest.length > 0 || prefix < 0 || prefix > width) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return list;
}
