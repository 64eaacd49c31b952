/**
 * Evaluates the expressions of a template with the values of its parameters: Ref, Fn::Join, Fn::Select, Fn::FindInMap,
 * Fn::Split, Fn::Sub (identity-registry-provisioning.md section 5). Pure. What comes out is bounded, however functions
 * are put into one another.
 */
import type { JsonValue } from '../api/json.ts';
import { TemplateError } from './template-error.ts';
import type { Expression, Mappings } from './template-expression.ts';

export interface Values {
  readonly parameters: ReadonlyMap<string, string>;
  readonly mappings: Mappings;
}

/** Room for a certificate and its CA's. */
const LONGEST_TEXT = 131_072;
const LONGEST_LIST = 10_000;

/** The text an expression stands for; numbers and booleans are written out. Throws TemplateError. */
export function textOf(expression: Expression, values: Values): string {
  switch (expression.kind) {
    case 'literal':
      return String(expression.value);
    case 'ref':
      return parameterValue(expression.parameter, expression.path, values);
    case 'join':
      return joined(expression, values);
    case 'select':
      return selected(expression, values);
    case 'findInMap':
      return found(expression, values);
    case 'sub':
      return substituted(expression, values);
    default:
      throw new TemplateError(expression.path, 'must be a text');
  }
}

/** The list of texts an expression stands for. Throws TemplateError. */
export function listOf(expression: Expression, values: Values): readonly string[] {
  if (expression.kind === 'list') return expression.items.map((item) => textOf(item, values));
  if (expression.kind !== 'split') throw new TemplateError(expression.path, 'must be a list');
  const delimiter = textOf(expression.delimiter, values);
  if (delimiter === '') throw new TemplateError(expression.delimiter.path, 'must not be empty');
  const parts = textOf(expression.text, values).split(delimiter);
  if (parts.length > LONGEST_LIST) throw new TemplateError(expression.path, `has more than ${LONGEST_LIST} parts`);
  return parts;
}

/** The same as JSON, for documents written out in a template: objects, numbers and booleans stay what they are. */
export function jsonOf(expression: Expression, values: Values): JsonValue {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'list':
      return expression.items.map((item) => jsonOf(item, values));
    case 'split':
      return listOf(expression, values);
    case 'object':
      return Object.fromEntries([...expression.members].map(([name, value]) => [name, jsonOf(value, values)]));
    default:
      return textOf(expression, values);
  }
}

function parameterValue(parameter: string, path: string, { parameters }: Values): string {
  const value = parameters.get(parameter);
  if (value === undefined) throw new TemplateError(path, `needs a value for the parameter '${parameter}'`);
  return value;
}

function selected({ path, index, list }: Expression & { kind: 'select' }, values: Values): string {
  const text = textOf(index, values);
  if (!/^\d{1,9}$/.test(text)) throw new TemplateError(index.path, `must be an index, 0 or more, not '${text}'`);
  const items = listOf(list, values);
  const item = items[Number(text)];
  if (item === undefined) throw new TemplateError(path, `selects item ${text} of a list of ${items.length}`);
  return item;
}

function joined({ path, list, delimiter }: Expression & { kind: 'join' }, values: Values): string {
  const items = listOf(list, values);
  const between = textOf(delimiter, values);
  const length = items.reduce((sum, item) => sum + item.length + between.length, 0);
  // Asked before it is made: it could be longer than any string may be.
  if (length - between.length > LONGEST_TEXT) throw tooLong(path);
  return items.join(between);
}

function found({ path, keys }: Expression & { kind: 'findInMap' }, values: Values): string {
  const [map, first, second] = keys.map((key) => textOf(key, values));
  const value = values.mappings.get(map)?.get(first)?.get(second);
  if (value === undefined) throw new TemplateError(path, `finds nothing at '${map}', '${first}', '${second}'`);
  return value;
}

function substituted({ path, parts, variables }: Expression & { kind: 'sub' }, values: Values): string {
  const known = new Map<string, string>();
  let text = '';
  for (const part of parts) {
    if ('text' in part) text += part.text;
    else {
      const variable = variables.get(part.variable);
      const value =
        known.get(part.variable) ?? (variable ? textOf(variable, values) : parameterValue(part.variable, path, values));
      known.set(part.variable, value);
      text += value;
    }
    bounded(text, path);
  }
  return text;
}

function bounded(text: string, path: string): string {
  if (text.length > LONGEST_TEXT) throw tooLong(path);
  return text;
}

function tooLong(path: string): TemplateError {
  return new TemplateError(path, `becomes longer than ${LONGEST_TEXT} characters`);
}
