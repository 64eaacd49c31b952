/**
 * Reads the expectations of `shadow-cases.json` (shadow.md section 9). Used by tests alone.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export type Op = 'update' | 'get' | 'delete';

export interface Step {
  readonly op: Op;
  readonly shadow?: string;
  readonly payload?: unknown;
  readonly payload_raw?: string;
  readonly expect: {
    readonly accepted?: true;
    readonly rejected?: true;
    readonly document?: object;
    readonly delta?: object | null;
    readonly documents?: object | null;
    readonly touched?: readonly string[];
    readonly kept?: readonly string[];
  };
}

export interface Case {
  readonly id: string;
  readonly steps: readonly Step[];
}

export const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../src/shadow/shadow-cases.json', import.meta.url), 'utf8'),
) as Case[];

export function bodyOf(step: Step): Buffer {
  if (step.payload_raw !== undefined) return Buffer.from(step.payload_raw);
  return Buffer.from(step.payload === undefined ? '' : JSON.stringify(step.payload));
}

/** Each member of `expected` must be in `actual` with that value; tokens and `{thing}` as section 9 tells. */
export function assertMembers(actual: unknown, expected: object, thing: string): void {
  assert.ok(typeof actual === 'object' && actual !== null);
  for (const [name, value] of Object.entries(expected)) {
    assertValue((actual as Record<string, unknown>)[name], value, thing, name);
  }
}

function assertValue(actual: unknown, expected: unknown, thing: string, at: string): void {
  if (expected === '*') assert.notEqual(actual, undefined, `${at} is missing`);
  else if (expected === '<absent>') assert.equal(actual, undefined, `${at} should be absent`);
  else if (expected === '<absent-or-empty>') assert.deepEqual(actual ?? {}, {}, `${at} should be absent or empty`);
  else if (typeof expected === 'string') assert.equal(actual, expected.replaceAll('{thing}', thing), at);
  else if (typeof expected === 'object' && expected !== null) assertSameMembers(actual, expected, thing, at);
  else assert.equal(actual, expected, at);
}

function assertSameMembers(actual: unknown, expected: object, thing: string, at: string): void {
  assert.ok(typeof actual === 'object' && actual !== null, `${at} is not an object`);
  assert.equal(Array.isArray(actual), Array.isArray(expected), at);
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), `members of ${at}`);
  for (const [name, value] of Object.entries(expected)) {
    assertValue((actual as Record<string, unknown>)[name], value, thing, `${at}.${name}`);
  }
}

/** The timestamp at a path such as `desired.net.mask` of a document's metadata. */
export function timestampAt(metadata: unknown, path: string): number {
  const leaf = path.split('.').reduce((node, name) => (node as Record<string, unknown>)[name], metadata);
  return (leaf as { timestamp: number }).timestamp;
}
