/**
 * From an expression's tree to a function that evaluates it: done once per rule, so that a message only runs closures.
 * Called by `statement.ts` and `template.ts`. What is wrong with the SQL itself is refused here with
 * SqlParseException; evaluation gives a value or Undefined, and throws only what `frame.ts` and `external.ts` name.
 */
import type { BinaryOperator, Expression, Query } from './ast.ts';
import { ExternalFailure, type ExternalFunctions, externalFunctionNamed } from './external.ts';
import type { Frame } from './frame.ts';
import { castType } from './functions/cast.ts';
import type { Call } from './functions/function.ts';
import { functionNamed } from './functions/functions.ts';
import { sqlParseError } from './lexer.ts';
import { add, and, compare, divide, equals, isIn, modulo, multiply, negate, not, or, subtract } from './operators.ts';
import { compileQuery } from './select.ts';
import { isArray, isObject, type SqlVersion, type Value } from './value.ts';

export type Evaluator = (frame: Frame) => Value;

/** What the compiler knows where an expression stands. */
export interface Scope {
  /** The whole text, for error messages. */
  readonly text: string;
  readonly version: SqlVersion;
  /** The variables declared so far, by name, and their place in the frame. */
  readonly variables: ReadonlyMap<string, number>;
  /** Names are members of the element of a nested query, not of the payload. */
  readonly isNested: boolean;
  /** The name of the element itself. */
  readonly alias?: string;
  readonly external: ExternalFunctions;
  /** Filled while compiling: what the statement will need. */
  readonly needs: Needs;
}

export interface Needs {
  payload: boolean;
  external: boolean;
  dynamodbCalls: number;
}

export function noNeeds(): Needs {
  return { payload: false, external: false, dynamodbCalls: 0 };
}

type Node<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;

export function compileExpression(node: Expression, scope: Scope): Evaluator {
  switch (node.kind) {
    case 'literal':
      return () => node.value;
    case 'field':
      return compileField(node.name, scope);
    case 'variable':
      return compileVariable(node, scope);
    case 'star':
      return compileStar(scope);
    case 'member': {
      const of = compileExpression(node.of, scope);
      return (frame) => memberOf(of(frame), node.name);
    }
    case 'negate': {
      const operand = compileExpression(node.operand, scope);
      return (frame) => negate(operand(frame));
    }
    case 'not': {
      const operand = compileExpression(node.operand, scope);
      return (frame) => not(operand(frame));
    }
    case 'binary':
      return compileBinary(node, scope);
    case 'call':
      return compileCall(node, scope);
    case 'cast':
      return compileCast(node, scope);
    case 'case':
      return compileCase(node, scope);
    case 'array':
      return compileArray(node, scope);
    case 'object':
      return compileObject(node, scope);
    case 'query':
      return compileNested(node.query, node.at, scope);
    case 'exists':
      return compileExists(node, scope);
  }
}

function compileField(name: string, scope: Scope): Evaluator {
  if (scope.isNested) return name === scope.alias ? (frame) => frame.row : (frame) => memberOf(frame.row, name);
  scope.needs.payload = true;
  return (frame) => memberOf(frame.incoming.payload(), name);
}

function compileVariable({ name, at }: Node<'variable'>, scope: Scope): Evaluator {
  const index = scope.variables.get(name);
  if (index === undefined) throw sqlParseError(`The variable @${name} is not set before`, scope.text, at);
  return (frame) => frame.variables[index];
}

function compileStar(scope: Scope): Evaluator {
  if (scope.isNested) return (frame) => frame.row;
  scope.needs.payload = true;
  return (frame) => frame.incoming.payload();
}

function memberOf(value: Value, name: string): Value {
  return isObject(value) ? value.get(name) : undefined;
}

const operations: Readonly<Record<BinaryOperator, (left: Value, right: Value, version: SqlVersion) => Value>> = {
  OR: or,
  AND: and,
  IN: isIn,
  '=': equals,
  '<>': (left, right) => {
    const isEqual = equals(left, right);
    return isEqual === undefined ? undefined : !isEqual;
  },
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
};

function ordered(holds: (order: number) => boolean): (left: Value, right: Value) => Value {
  return (left, right) => {
    const order = compare(left, right);
    return order === undefined ? undefined : holds(order);
  };
}

function compileBinary(node: Node<'binary'>, scope: Scope): Evaluator {
  const left = compileExpression(node.left, scope);
  const right = compileExpression(node.right, scope);
  const operate = operations[node.operator];
  const { version } = scope;
  return (frame) => operate(left(frame), right(frame), version);
}

function compileCall(node: Node<'call'>, scope: Scope): Evaluator {
  const name = node.name.toLowerCase();
  if (name === 'get_or_default') return compileGetOrDefault(node, scope);
  const args = node.args.map((arg) => compileArgument(name, arg, scope));
  const external = externalFunctionNamed(name);
  const fn = external ?? functionNamed(name);
  if (!fn) throw sqlParseError(`There is no function ${node.name}`, scope.text, node.at);
  if (fn.since > scope.version) {
    throw sqlParseError(`The function ${node.name} needs SQL version ${fn.since}`, scope.text, node.at);
  }
  if (args.length < fn.arity[0] || args.length > fn.arity[1]) return () => undefined;
  const call = external ? externalCall(node, name, scope) : preparedCall(node, scope);
  return (frame) =>
    call(
      args.map((arg) => arg(frame)),
      frame,
    );
}

/** encode(*, …) takes the payload's bytes as they came, JSON or not. */
function compileArgument(name: string, arg: Expression, scope: Scope): Evaluator {
  if (name === 'encode' && arg.kind === 'star' && !scope.isNested) return (frame) => frame.incoming.bytes();
  return compileExpression(arg, scope);
}

function preparedCall(node: Node<'call'>, scope: Scope): Call {
  const fn = functionNamed(node.name)!;
  if (!fn.prepare) return fn.call;
  try {
    return fn.prepare(node.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined)));
  } catch (error) {
    if (error instanceof SyntaxError) throw sqlParseError(error.message, scope.text, node.at);
    throw error;
  }
}

function externalCall(node: Node<'call'>, name: string, scope: Scope): Call {
  const fn = externalFunctionNamed(name)!;
  if (!fn.isAvailable(scope.external)) {
    throw sqlParseError(`The function ${node.name} is not available here`, scope.text, node.at);
  }
  if (name === 'get_dynamodb' && ++scope.needs.dynamodbCalls > 1) {
    throw sqlParseError('A statement may call get_dynamodb once', scope.text, node.at);
  }
  scope.needs.external = true;
  return (args, frame) => frame.answers.of(name, fn, args, frame.version);
}

/** The only function that sees a failure of its argument. */
function compileGetOrDefault(node: Node<'call'>, scope: Scope): Evaluator {
  if (scope.version === '2015-10-08') {
    throw sqlParseError('The function get_or_default needs SQL version 2016-03-23', scope.text, node.at);
  }
  if (node.args.length < 1 || node.args.length > 2) return () => undefined;
  const value = compileExpression(node.args[0], scope);
  const externalBefore = scope.needs.external;
  scope.needs.external = false;
  const otherwise = node.args[1] ? compileExpression(node.args[1], scope) : () => undefined;
  if (scope.needs.external) {
    throw sqlParseError('The default of get_or_default must not call external functions', scope.text, node.at);
  }
  scope.needs.external = externalBefore;
  return (frame) => {
    let result: Value;
    try {
      result = value(frame);
    } catch (error) {
      if (!(error instanceof ExternalFailure)) throw error;
    }
    return result ?? otherwise(frame);
  };
}

function compileCast({ operand, type, at }: Node<'cast'>, scope: Scope): Evaluator {
  const target = castType(type);
  if (!target) throw sqlParseError(`There is no type ${type} to cast to`, scope.text, at);
  if (target.since > scope.version) {
    throw sqlParseError(`The type ${type} needs SQL version ${target.since}`, scope.text, at);
  }
  const value = compileExpression(operand, scope);
  return (frame) => target.cast(value(frame), frame.version);
}

/** An Undefined operand ends it before ELSE (section 3.3). */
function compileCase(node: Node<'case'>, scope: Scope): Evaluator {
  const operand = compileExpression(node.operand, scope);
  const branches = node.branches.map(({ when, result }) => ({
    when: compileExpression(when, scope),
    result: compileExpression(result, scope),
  }));
  const otherwise = node.otherwise ? compileExpression(node.otherwise, scope) : () => undefined;
  return (frame) => {
    const value = operand(frame);
    if (value === undefined) return undefined;
    const branch = branches.find(({ when }) => equals(value, when(frame)) === true);
    return branch ? branch.result(frame) : otherwise(frame);
  };
}

/** Undefined items become Null, so that the others keep their places. */
function compileArray(node: Node<'array'>, scope: Scope): Evaluator {
  requires2016('Array literals', node.at, scope);
  const items = node.items.map((item) => compileExpression(item, scope));
  return (frame) => items.map((item) => item(frame) ?? null);
}

function compileObject(node: Node<'object'>, scope: Scope): Evaluator {
  requires2016('Object literals', node.at, scope);
  const members = node.members.map(({ name, value }) => ({ name, value: compileExpression(value, scope) }));
  return (frame) => {
    const object = new Map<string, Value>();
    for (const { name, value } of members) {
      const member = value(frame);
      if (member !== undefined) object.set(name, member);
    }
    return object;
  };
}

function compileNested(query: Query, at: number, scope: Scope): Evaluator {
  requires2016('Nested queries', at, scope);
  return compileQuery(query, scope, compileExpression);
}

/** True when the query gives an element; the query of one object gives that or nothing. */
function compileExists(node: Node<'exists'>, scope: Scope): Evaluator {
  const query = compileNested(node.query, node.at, scope);
  return (frame) => {
    const result = query(frame);
    return isArray(result) ? result.length > 0 : result !== undefined;
  };
}

function requires2016(what: string, at: number, scope: Scope): void {
  if (scope.version === '2015-10-08') throw sqlParseError(`${what} need SQL version 2016-03-23`, scope.text, at);
}
