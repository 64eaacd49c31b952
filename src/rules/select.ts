/**
 * SELECT: which value the items make of a payload or of an element, and nested queries (rules-engine.md sections 3.1
 * and 3.2). The compiler of expressions is passed in, since expressions contain queries.
 */
import type { Expression, Query, Select, SelectItem } from './ast.ts';
import type { Evaluator, Scope } from './evaluate.ts';
import { EvaluationFailure, type Frame, rowLimit } from './frame.ts';
import { isArray, isBytes, isObject, type Value } from './value.ts';

export type CompileExpression = (node: Expression, scope: Scope) => Evaluator;

/** The value of the items, of a query or of the statement itself. WHERE is not looked at. */
export function compileItems(select: Select, scope: Scope, compile: CompileExpression): Evaluator {
  const [first] = select.items;
  const isWhole = select.isValue || (select.items.length === 1 && isStar(first));
  if (isWhole) return compile(first.expression, scope);
  const items = select.items.map((item) => compileItem(item, scope, compile));
  return (frame) => {
    const result = new Map<string, Value>();
    for (const addTo of items) addTo(result, frame);
    return result;
  };
}

/**
 * FROM an array: the array of what the items make of its elements. FROM an object: what they make of it. FROM `*`
 * that is no array: as an array of one element (section 17). Elements that WHERE or VALUE leave nothing of are left out.
 */
export function compileQuery(query: Query, scope: Scope, compile: CompileExpression): Evaluator {
  const source = compile(query.from, scope);
  const inner: Scope = { ...scope, isNested: true, alias: query.alias };
  const items = compileItems(query, inner, compile);
  const where = query.where && compile(query.where, inner);
  const ofElement = (row: Value, frame: Frame): Value => {
    const element = { ...frame, row };
    return where && where(element) !== true ? undefined : items(element);
  };
  const isFromStar = query.from.kind === 'star';
  return (frame) => {
    const from = source(frame);
    if (isArray(from)) return ofElements(from, frame, ofElement);
    if (isFromStar) return ofElements([from], frame, ofElement);
    return isObject(from) ? ofElement(from, frame) : undefined;
  };
}

function ofElements(
  elements: readonly Value[],
  frame: Frame,
  ofElement: (row: Value, frame: Frame) => Value,
): readonly Value[] {
  frame.rows.left -= elements.length;
  if (frame.rows.left < 0) throw new EvaluationFailure(`Nested queries visit more than ${rowLimit} elements`);
  return elements.map((row) => ofElement(row, frame)).filter((result) => result !== undefined);
}

type AddTo = (result: Map<string, Value>, frame: Frame) => void;

function compileItem(item: SelectItem, scope: Scope, compile: CompileExpression): AddTo {
  const value = compile(item.expression, scope);
  if (isStar(item)) {
    return (result, frame) => {
      const members = value(frame);
      // Of bytes and other values that have no members, only the other items remain (section 8).
      if (isObject(members)) for (const [name, member] of members) result.set(name, member);
    };
  }
  const path = item.alias ?? [nameOf(item.expression, item.text)];
  return (result, frame) => {
    const member = value(frame);
    if (member !== undefined && !isBytes(member)) setPath(result, path, member);
  };
}

function isStar(item: SelectItem): boolean {
  return item.expression.kind === 'star' && item.alias === undefined;
}

/** An item without AS is named by its last word; what has none, by its text (undocumented: section 3.1). */
function nameOf(expression: Expression, text: string): string {
  switch (expression.kind) {
    case 'field':
    case 'member':
    case 'variable':
    case 'call':
      return expression.name;
    case 'cast':
      return 'cast';
    default:
      return text;
  }
}

/** Objects on the way may belong to the payload, which other rules share: they are copied. */
function setPath(into: Map<string, Value>, path: readonly string[], value: Value): void {
  let target = into;
  for (const name of path.slice(0, -1)) {
    const existing = target.get(name);
    const next = new Map(isObject(existing) ? existing : []);
    target.set(name, next);
    target = next;
  }
  target.set(path[path.length - 1], value);
}
