/**
 * The constraints of the model: required, length, range, pattern, enum, at any depth. All that fail are reported
 * together, in the service's wording (`1 validation error detected: Value 'x' at 'thingName' failed to satisfy
 * constraint: Member must …`). A value that is too long is not tried against its pattern, so no input makes a regular
 * expression slow.
 */
import { ServiceError } from '../base/errors.ts';
import type { Structure } from './decode.ts';
import type { Operation } from './model.ts';
import type { Shape, StringShape, StructureShape } from './shape.ts';

/** More failures than this are counted but not written out. */
const MOST_SHOWN = 20;
/** Longer values are cut in messages. */
const LONGEST_SHOWN = 512;

interface Failures {
  count: number;
  readonly shown: string[];
}

/** Throws the operation's validation error (400) unless the input keeps all constraints. */
export function validateInput(operation: Operation, input: Structure): void {
  if (!operation.input?.isConstrained) return;
  const failures: Failures = { count: 0, shown: [] };
  checkStructure(input, operation.input, '', failures);
  if (failures.count === 0) return;
  const errors = failures.count === 1 ? 'error' : 'errors';
  const rest = failures.count > failures.shown.length ? '; …' : '';
  const message = `${failures.count} validation ${errors} detected: ${failures.shown.join('; ')}${rest}`;
  throw new ServiceError(operation.validationCode, message);
}

function checkStructure(value: Structure, shape: StructureShape, path: string, failures: Failures): void {
  for (const name of shape.required)
    if (value[name] === undefined) fail(failures, () => 'Value null', join(path, name), 'Member must not be null');
  for (const [name, member] of shape.members) {
    if (!member.shape.isConstrained) continue;
    const inner = value[name];
    if (inner !== undefined) check(inner, member.shape, join(path, name), failures);
  }
}

function check(value: unknown, shape: Shape, path: string, failures: Failures): void {
  if (shape.kind === 'structure') checkStructure(value as Structure, shape, path, failures);
  for (const constraint of broken(value, shape)) fail(failures, () => shown(value, shape), path, constraint);
  if (shape.kind === 'list') checkList(value as readonly unknown[], shape, path, failures);
  if (shape.kind === 'map') checkMap(value as Structure, shape, path, failures);
}

function checkList(list: readonly unknown[], shape: Shape & { kind: 'list' }, path: string, failures: Failures): void {
  const { member } = shape;
  if (!member.isConstrained) return;
  for (const [index, item] of list.entries()) {
    if (!isScalar(member)) check(item, member, `${path}.${index + 1}.member`, failures);
    else failTogether(broken(item, member), 'Member must satisfy constraint', list, shape, path, failures);
  }
}

function checkMap(map: Structure, shape: Shape & { kind: 'map' }, path: string, failures: Failures): void {
  for (const [key, value] of Object.entries(map)) {
    failTogether(broken(key, shape.key), 'Map keys must satisfy constraint', map, shape, path, failures);
    if (!isScalar(shape.value)) check(value, shape.value, `${path}.${key.slice(0, 128)}.member`, failures);
    else failTogether(broken(value, shape.value), 'Map value must satisfy constraint', map, shape, path, failures);
  }
}

/** Failures of entries are reported for the list or map as a whole. */
function failTogether(
  constraints: readonly string[],
  what: string,
  container: unknown,
  shape: Shape,
  path: string,
  failures: Failures,
): void {
  if (constraints.length > 0)
    fail(failures, () => shown(container, shape), path, `${what}: [${constraints.join(', ')}]`);
}

function fail(failures: Failures, value: () => string, path: string, constraint: string): void {
  failures.count++;
  if (failures.shown.length < MOST_SHOWN)
    failures.shown.push(`${value()} at '${path}' failed to satisfy constraint: ${constraint}`);
}

const nothing: readonly string[] = [];

/** The constraints of the value itself, not of what is in it, that do not hold. */
function broken(value: unknown, shape: Shape): readonly string[] {
  if (!shape.isConstrained) return nothing;
  switch (shape.kind) {
    case 'string':
      return brokenString(value as string, shape);
    case 'number':
      return outOf('value', value as number, shape);
    case 'list':
      return outOf('length', (value as readonly unknown[]).length, shape);
    case 'map':
      return outOf('length', Object.keys(value as Structure).length, shape);
    case 'blob':
      return outOf('length', (value as Buffer).length, shape);
    default:
      return nothing;
  }
}

function brokenString(value: string, shape: StringShape): readonly string[] {
  const constraints = lengthOf(value, shape);
  const isTooLong = constraints.length > 0 && value.length > shape.max;
  if (!isTooLong && shape.pattern && !shape.pattern.test(value))
    constraints.push(`Member must satisfy regular expression pattern: ${shape.patternText}`);
  if (shape.values && !shape.values.has(value))
    constraints.push(`Member must satisfy enum value set: [${[...shape.values].join(', ')}]`);
  return constraints;
}

/** Length is in code points, of which there are at most as many as UTF-16 units and at least half as many. */
function lengthOf(value: string, shape: StringShape): string[] {
  const units = value.length;
  if (units <= shape.max && units >= 2 * shape.min) return [];
  if (units <= shape.max && shape.min === Number.NEGATIVE_INFINITY) return [];
  return outOf('length', codePoints(value), shape);
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function outOf(what: 'length' | 'value', size: number, limits: { min: number; max: number }): string[] {
  if (size > limits.max) return [`Member must have ${what} less than or equal to ${limits.max}`];
  if (size < limits.min) return [`Member must have ${what} greater than or equal to ${limits.min}`];
  return [];
}

function isScalar(shape: Shape): boolean {
  return shape.kind !== 'structure' && shape.kind !== 'list' && shape.kind !== 'map';
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** How the message names the value; secrets, bytes and structured values are not shown. */
function shown(value: unknown, shape: Shape): string {
  if (shape.isSensitive || shape.kind === 'blob') return 'Value';
  if (shape.kind === 'list')
    return shape.member.isSensitive || !isScalar(shape.member) ? 'Value' : quoted(listText(value));
  if (shape.kind === 'map') return shape.value.isSensitive || !isScalar(shape.value) ? 'Value' : quoted(mapText(value));
  return quoted(String(value));
}

function quoted(text: string): string {
  return `Value '${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}'`;
}

function listText(value: unknown): string {
  return `[${(value as readonly unknown[]).slice(0, LONGEST_SHOWN).join(', ')}]`;
}

function mapText(value: unknown): string {
  const entries = Object.entries(value as Structure).slice(0, LONGEST_SHOWN);
  return `{${entries.map(([key, inner]) => `${key}=${inner}`).join(', ')}}`;
}
