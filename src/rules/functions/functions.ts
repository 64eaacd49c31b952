/** All functions of the SQL that need nothing but their arguments and the message; external ones are in `external.ts`. */
import { collectionFunctions } from './collection.ts';
import type { FunctionTable, SqlFunction } from './function.ts';
import { hashFunctions } from './hash.ts';
import { mathFunctions } from './math.ts';
import { messageFunctions } from './message.ts';
import { regexpFunctions } from './regexp.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';

const functions: FunctionTable = {
  ...mathFunctions,
  ...textFunctions,
  ...regexpFunctions,
  ...hashFunctions,
  ...collectionFunctions,
  ...timeFunctions,
  ...messageFunctions,
};

/** By name, any case. */
export function functionNamed(name: string): SqlFunction | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(functions, key) ? functions[key] : undefined;
}
