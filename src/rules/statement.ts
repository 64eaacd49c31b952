/**
 * A rule's SQL, compiled once: SET, WHERE and SELECT over one message after the other (rules-engine.md section 2).
 * Called by `rule.ts` to validate and by `runner.ts` for every message. Compiling throws SqlParseException only.
 */
import { compileExpression, type Evaluator, noNeeds, type Scope } from './evaluate.ts';
import type { Answers, ExternalFunctions } from './external.ts';
import { EvaluationFailure, type Frame, rowLimit, type Surroundings } from './frame.ts';
import type { Incoming } from './incoming.ts';
import { jsonLimit, printJson } from './json.ts';
import { sqlParseError } from './lexer.ts';
import { parseStatement } from './parser.ts';
import { compileItems } from './select.ts';
import { isArray, isBytes, isHeavierThan, type SqlVersion, type Value } from './value.ts';

export interface CompiledStatement {
  /** The topic filter of FROM; absent in rules for Basic Ingest only. */
  readonly filter: string | undefined;
  /** Whether it ever reads the payload as JSON. */
  readonly usesPayload: boolean;
  /** Whether it calls external functions: then `evaluate` may throw AnswerNeeded. */
  readonly usesExternal: boolean;
  /** Where substitution templates of the rule are compiled. */
  readonly scope: Scope;
  /**
   * What the statement makes of a message; undefined when WHERE is not true. Throws EvaluationFailure, and
   * AnswerNeeded with external functions.
   */
  evaluate(incoming: Incoming, surroundings: Surroundings, answers: Answers): Selected | undefined;
}

export interface Selected {
  /** The outgoing payload's value; Undefined goes out as nothing. */
  readonly value: Value;
  /** Compact JSON, the raw bytes of a lone `*`, or empty. */
  readonly payload: Buffer;
  /** For the templates, which see the incoming message. */
  readonly frame: Frame;
}

export function compileStatement(
  sql: string,
  version: SqlVersion,
  external: ExternalFunctions = {},
): CompiledStatement {
  const statement = parseStatement(sql);
  const needs = noNeeds();
  const variables = new Map<string, number>();
  const scope: Scope = { text: sql, version, variables, isNested: false, external, needs };
  const assignments = statement.assignments.map(({ name, expression, at }, index) => {
    if (version === '2015-10-08') throw sqlParseError('SET needs SQL version 2016-03-23', sql, at);
    const value = compileExpression(expression, scope);
    variables.set(name, index);
    return value;
  });
  const where = statement.where && compileExpression(statement.where, scope);
  const items = compileItems(statement, scope, compileExpression);
  const isScalar = statement.isValue && version === '2015-10-08';
  return {
    filter: statement.filter,
    usesPayload: needs.payload,
    usesExternal: needs.external,
    scope,
    evaluate: (incoming, surroundings, answers) => {
      const frame = newFrame(incoming, surroundings, version, answers);
      assign(assignments, frame);
      if (where && where(frame) !== true) return undefined;
      const value = items(frame);
      // 2015-10-08 selects one item that is not an array (section 3.1).
      const outgoing = isScalar && isArray(value) ? undefined : value;
      return { value: outgoing, payload: payloadOf(outgoing, version), frame };
    },
  };
}

function newFrame(incoming: Incoming, surroundings: Surroundings, version: SqlVersion, answers: Answers): Frame {
  return { incoming, surroundings, version, variables: [], row: undefined, answers, rows: { left: rowLimit } };
}

function assign(assignments: readonly Evaluator[], frame: Frame): void {
  for (const evaluate of assignments) {
    const value = evaluate(frame);
    if (isHeavierThan(value, jsonLimit)) throw new EvaluationFailure('A variable holds more than a message can');
    frame.variables.push(value);
  }
}

function payloadOf(value: Value, version: SqlVersion): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (isBytes(value)) return value;
  const text = printJson(value, version);
  const payload = text === undefined ? undefined : Buffer.from(text);
  if (!payload || payload.length > jsonLimit) {
    throw new EvaluationFailure(`The outgoing payload is larger than ${jsonLimit} bytes`);
  }
  return payload;
}
