/**
 * The values of a template: text, lists, objects, and the functions that compute them (identity-registry-provisioning.md
 * section 5). `parseExpression` checks all that can be checked without parameters and leaves a tree, which
 * `template-functions.ts` evaluates. Pure; anything may come in here: the outcome is a tree or a TemplateError.
 */
import type { JsonValue } from '../api/json.ts';
import { element, member, TemplateError } from './template-error.ts';

/** A tree to evaluate. `path`: where it stands in the template, for errors. */
export type Expression = { readonly path: string } & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Expression> }
  | { readonly kind: 'ref'; readonly parameter: string }
  | { readonly kind: 'join'; readonly delimiter: Expression; readonly list: Expression }
  | { readonly kind: 'select'; readonly index: Expression; readonly list: Expression }
  | { readonly kind: 'split'; readonly delimiter: Expression; readonly text: Expression }
  | { readonly kind: 'findInMap'; readonly keys: readonly [Expression, Expression, Expression] }
  | { readonly kind: 'sub'; readonly parts: readonly SubPart[]; readonly variables: ReadonlyMap<string, Expression> }
);

/** A piece of text, or the name of what stands in its place. */
export type SubPart = { readonly text: string } | { readonly variable: string };

/** `Mappings`: map name → first key → second key → value. */
export type Mappings = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;

/** What expressions may refer to. */
export interface Scope {
  readonly parameters: { has(name: string): boolean };
  readonly mappings: Mappings;
}

type JsonObject = { readonly [key: string]: JsonValue };

/** Deeper values are refused, so that nobody's template exhausts the stack. */
const DEEPEST = 32;

export function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Throws TemplateError, which says where. */
export function parseExpression(json: JsonValue, path: string, scope: Scope, depth = 0): Expression {
  if (depth > DEEPEST) throw new TemplateError(path, `is nested more than ${DEEPEST} levels deep`);
  const inside = (value: JsonValue, at: string): Expression => parseExpression(value, at, scope, depth + 1);
  if (json === null) throw new TemplateError(path, 'must not be null');
  if (Array.isArray(json)) {
    return { path, kind: 'list', items: json.map((item: JsonValue, index) => inside(item, element(path, index))) };
  }
  if (!isObject(json)) return { path, kind: 'literal', value: json as string | number | boolean };
  const names = Object.keys(json);
  const [name] = names;
  const isFunction = names.some((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (!isFunction) {
    const members = names.map((key): [string, Expression] => [key, inside(json[key], member(path, key))]);
    return { path, kind: 'object', members: new Map(members) };
  }
  if (names.length > 1) throw new TemplateError(path, `must have nothing beside the function ${name}`);
  const parse = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!parse) {
    throw new TemplateError(path, `uses ${name}, which is not one of ${Object.keys(functions).join(', ')}`);
  }
  return parse({ path, at: member(path, name), argument: json[name], scope, inside });
}

interface Call {
  /** Of the object that is the call. */
  readonly path: string;
  /** Of its argument. */
  readonly at: string;
  readonly argument: JsonValue;
  readonly scope: Scope;
  readonly inside: (value: JsonValue, at: string) => Expression;
}

const functions: Readonly<Record<string, (call: Call) => Expression>> = {
  Ref({ path, at, argument, scope }) {
    if (typeof argument !== 'string') throw new TemplateError(at, 'must be the name of a parameter');
    requireParameter(argument, at, scope);
    return { path, kind: 'ref', parameter: argument };
  },
  'Fn::Join'(call) {
    const [delimiter, list] = parsed(call, ['a delimiter', 'a list'], [isText, isList]);
    return { path: call.path, kind: 'join', delimiter, list };
  },
  'Fn::Select'(call) {
    const [index, list] = parsed(call, ['an index', 'a list'], [isText, isList]);
    return { path: call.path, kind: 'select', index, list };
  },
  'Fn::Split'(call) {
    const [delimiter, text] = parsed(call, ['a delimiter', 'a text'], [isText, isText]);
    return { path: call.path, kind: 'split', delimiter, text };
  },
  'Fn::FindInMap'(call) {
    const [map, first, second] = parsed(call, ['a map', 'a key', 'a second key'], [isText, isText, isText]);
    if (map.kind === 'literal' && !call.scope.mappings.has(String(map.value))) {
      throw new TemplateError(map.path, `names the map '${map.value}', which is not in Mappings`);
    }
    return { path: call.path, kind: 'findInMap', keys: [map, first, second] };
  },
  'Fn::Sub'({ path, at, argument, scope, inside }) {
    const isAlone = typeof argument === 'string';
    if (!isAlone && !(Array.isArray(argument) && argument.length === 2)) {
      throw new TemplateError(at, 'must be a text, or a list of a text and an object of variables');
    }
    const [text, given] = isAlone ? [argument, {}] : (argument as JsonValue[]);
    if (typeof text !== 'string') throw new TemplateError(element(at, 0), 'must be a text');
    if (!isObject(given)) throw new TemplateError(element(at, 1), 'must be an object of variables');
    const entries = Object.entries(given).map(([name, value]): [string, Expression] => {
      const expression = inside(value, member(element(at, 1), name));
      if (!isText(expression)) throw new TemplateError(expression.path, 'must be a text');
      return [name, expression];
    });
    const variables = new Map(entries);
    const textAt = isAlone ? at : element(at, 0);
    const parts = subParts(text);
    for (const part of parts) {
      if ('text' in part || variables.has(part.variable)) continue;
      if (scope.parameters.has(part.variable)) continue;
      throw new TemplateError(
        textAt,
        `uses \${${part.variable}}, which is neither a variable nor a parameter; write \${!${part.variable}} to keep it as it is`,
      );
    }
    return { path, kind: 'sub', parts, variables };
  },
};

/** The arguments of a function that takes a list of so many; `fits` says which expressions may stand there. */
function parsed<const Names extends readonly string[]>(
  { at, argument, inside }: Call,
  names: Names,
  fits: readonly ((expression: Expression) => boolean)[],
): { [Index in keyof Names]: Expression } {
  if (!Array.isArray(argument) || argument.length !== names.length) {
    throw new TemplateError(at, `must be a list of ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);
  }
  const expressions = argument.map((value: JsonValue, index) => {
    const expression = inside(value, element(at, index));
    if (!fits[index](expression)) throw new TemplateError(expression.path, `must be ${names[index]}`);
    return expression;
  });
  return expressions as { [Index in keyof Names]: Expression };
}

/** Whether the expression can become text. */
export function isText({ kind }: Expression): boolean {
  return kind !== 'list' && kind !== 'object' && kind !== 'split';
}

/** Whether it can become a list: what parameters hold is text. */
export function isList({ kind }: Expression): boolean {
  return kind === 'list' || kind === 'split';
}

function requireParameter(name: string, path: string, scope: Scope): void {
  if (!scope.parameters.has(name)) {
    throw new TemplateError(path, `names the parameter '${name}', which is not declared in Parameters`);
  }
}

/** `${name}` stands for a variable, `${!name}` for the text `${name}`. */
function subParts(text: string): SubPart[] {
  const parts: SubPart[] = [];
  let end = 0;
  for (const found of text.matchAll(/\$\{([^{}]*)\}/g)) {
    if (found.index > end) parts.push({ text: text.slice(end, found.index) });
    const name = found[1].trim();
    parts.push(name.startsWith('!') ? { text: `\${${name.slice(1)}}` } : { variable: name });
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
