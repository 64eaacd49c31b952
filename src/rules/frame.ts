/**
 * What an expression is evaluated in: the message, the values of SET and, inside a nested query, the element. Made by
 * `statement.ts`, read by everything that `evaluate.ts` compiles and by the functions.
 */
import type { Random } from '../base/random.ts';
import type { Answers } from './external.ts';
import type { Incoming } from './incoming.ts';
import type { SqlVersion, Value } from './value.ts';

/** What the engine knows besides the message. */
export interface Surroundings {
  /** The account the rule belongs to, 12 digits. */
  readonly account: string;
  readonly random: Random;
}

export interface Frame {
  readonly incoming: Incoming;
  readonly surroundings: Surroundings;
  readonly version: SqlVersion;
  /** In the order of SET. */
  readonly variables: Value[];
  /** The element a nested query is at; not read outside of one. */
  readonly row: Value;
  /** What external functions answered so far. */
  readonly answers: Answers;
  /** Elements that nested queries may still visit. */
  readonly rows: { left: number };
}

/** Elements that the nested queries of one evaluation visit at most. */
export const rowLimit = 100_000;

/** The rule ends for this message without any action (section 2): logged and counted as a failure. */
export class EvaluationFailure extends Error {
  override readonly name: string = 'EvaluationFailure';
}
