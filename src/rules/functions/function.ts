/** The shape of a function of the SQL: one table of them per family, joined in `functions.ts`. */

import { toNumber, toText } from '../convert.ts';
import type { Frame } from '../frame.ts';
import { isNumber, type Num, type Value } from '../value.ts';

export type Call = (args: readonly Value[], frame: Frame) => Value;

export interface SqlFunction {
  /** The first SQL version that has it. */
  readonly since: '2015-10-08' | '2016-03-23';
  /** Fewest and most arguments; with another number the result is Undefined. */
  readonly arity: readonly [least: number, most: number];
  readonly call: Call;
  /**
   * Work to do once per rule: called with the values of the arguments that are literals. Throws a SyntaxError whose
   * message the rule's author should see.
   */
  readonly prepare?: (literals: readonly Value[]) => Call;
}

/** By name in lower case. */
export type FunctionTable = Readonly<Record<string, SqlFunction>>;

export const many = Number.POSITIVE_INFINITY;

export function since2015(least: number, most: number, call: Call): SqlFunction {
  return { since: '2015-10-08', arity: [least, most], call };
}

export function since2016(least: number, most: number, call: Call): SqlFunction {
  return { since: '2016-03-23', arity: [least, most], call };
}

/** A function of numbers: Undefined unless every argument is one or a numeric string. */
export function ofNumbers(count: number, compute: (...numbers: Num[]) => Value): SqlFunction {
  return since2015(count, count, (args) => {
    const numbers = args.map(toNumber);
    return numbers.every(isNumber) ? compute(...(numbers as Num[])) : undefined;
  });
}

/** The call with its arguments as texts: Undefined unless every argument has one. */
export function ofTexts(compute: (...texts: string[]) => Value): Call {
  return (args, frame) => {
    const texts: string[] = [];
    for (const arg of args) {
      const text = toText(arg, frame.version);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return compute(...texts);
  };
}
