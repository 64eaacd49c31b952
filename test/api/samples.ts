/**
 * Values made from a model for the tests of the API: valid by its constraints, as varied as these allow (every
 * character a pattern lets through, dates with milliseconds, bytes that are no text), and the same in every run.
 * It reads the model's JSON itself, so that the compiled model under test is not its own judge.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compilePattern } from '../../src/api/pattern.ts';
import type { ServiceName } from '../../src/api/services.ts';

interface Reference {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly jsonvalue?: boolean;
  readonly idempotencyToken?: boolean;
}

export interface ModelShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Reference>>;
  readonly required?: readonly string[];
  readonly payload?: string;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly error?: { readonly httpStatusCode: number };
  readonly fault?: boolean;
}

export interface Model {
  readonly metadata: { readonly protocol: string };
  readonly shapes: Readonly<Record<string, ModelShape>>;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly http: { readonly method: string; readonly requestUri: string };
        readonly input?: Reference;
        readonly output?: Reference;
        readonly errors?: readonly Reference[];
      }
    >
  >;
}

export type Sample = Record<string, unknown>;

export function readModel(service: ServiceName): Model {
  return JSON.parse(readFileSync(new URL(`../../models/${service}.json`, import.meta.url), 'utf8')) as Model;
}

/** A structure with every member, or only those it must have. `seed` varies the values. */
export function sampleStructure(model: Model, name: string, which: 'all' | 'required', seed: number): Sample {
  const shape = model.shapes[name];
  const sample: Sample = {};
  for (const [member, reference] of Object.entries(shape.members ?? {})) {
    if (which === 'required' && !shape.required?.includes(member)) continue;
    sample[member] = sampleMember(model, reference, which, seed + member.length);
  }
  return sample;
}

/** Members that the SDK fills in by itself when they are absent. */
export function idempotencyTokens(model: Model, name: string): string[] {
  const members = Object.entries(model.shapes[name].members ?? {});
  return members.filter(([, reference]) => reference.idempotencyToken).map(([member]) => member);
}

/** Members that hold a JSON document in a header, which the SDK takes as text and a handler gets parsed. */
export function jsonMembers(model: Model, name: string): string[] {
  const members = Object.entries(model.shapes[name].members ?? {});
  return members.filter(([, reference]) => reference.jsonvalue).map(([member]) => member);
}

function sampleMember(model: Model, reference: Reference, which: 'all' | 'required', seed: number): unknown {
  const shape = model.shapes[reference.shape];
  if (reference.jsonvalue) return JSON.stringify([{ colour: 'blüe' }, { colour: 'red' }]);
  if (reference.location === 'statusCode') return 202;
  if (reference.location === 'header') return sampleString(shape, asciiPool, seed);
  if (reference.location === 'querystring' && shape.type === 'timestamp')
    return new Date(1_700_000_000_000 + seed * 1000);
  return sample(model, reference.shape, which, seed);
}

function sample(model: Model, name: string, which: 'all' | 'required', seed: number): unknown {
  const shape = model.shapes[name];
  switch (shape.type) {
    case 'structure':
      return sampleStructure(model, name, which, seed);
    case 'list': {
      const size = clamp(2, shape);
      return Array.from({ length: size }, (_, index) => sample(model, shape.member!.shape, which, seed + index));
    }
    case 'map':
      return sampleMap(model, shape, which, seed);
    case 'string':
      return sampleString(shape, widePool, seed);
    case 'boolean':
      return seed % 2 === 0;
    case 'timestamp':
      return new Date(1_700_000_000_123 + seed * 1000);
    case 'blob':
      return Buffer.from(Array.from({ length: clamp(5, shape) }, (_, index) => (index * 89 + seed) % 256));
    case 'float':
    case 'double':
      return clamp(1.5 + seed, shape);
    default:
      return clamp(seed % 100, shape);
  }
}

function sampleMap(model: Model, shape: ModelShape, which: 'all' | 'required', seed: number): Sample {
  const size = clamp(2, shape);
  const map: Sample = {};
  for (let index = 0; index < size; index++) {
    const key = sampleString(model.shapes[shape.key!.shape], widePool, seed + index * 3);
    map[key] = sample(model, shape.value!.shape, which, seed + index);
  }
  return map;
}

function clamp(value: number, { min, max }: { min?: number; max?: number }): number {
  return Math.max(Math.min(value, max ?? value), min ?? value);
}

const asciiPool = [...' !"#$%&\'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~'];
const widePool = [...asciiPool, ...'\n\té߀ïßЖ日本繋😀'];

/** Values of patterns that no run of allowed characters satisfies. */
const shaped = [
  'LAST',
  ',',
  'p99',
  'p0',
  '1.0',
  '15',
  '0x1f',
  'AQAB=',
  'https://example.com/a?b=c&d=%2F',
  'https://ingestion-abc.us1.sfdcnow.com/streams/abc/def/event',
  'arn:aws:acm:us-east-1:123456789012:certificate/12345678-abcd-1234',
  'arn:aws:iot:us-east-1:123456789012:thing/lamp',
];

/** A string of the shape: all characters of `pool` that it allows, turned by `seed`, as long as it may be (within reason). */
export function sampleString(shape: ModelShape, pool: readonly string[], seed: number): string {
  if (shape.enum) return shape.enum[seed % shape.enum.length];
  const min = shape.min ?? 1;
  const length = Math.min(shape.max ?? 40, Math.max(min, 40));
  const pattern = shape.pattern === undefined ? undefined : compilePattern(shape.pattern);
  const allows = (text: string): boolean => pattern?.test(text) ?? true;
  for (const size of [length, Math.max(min, 1)]) {
    const allowed = pool.filter((char) => allows(char.repeat(size)));
    if (allowed.length === 0) continue;
    const turned = Array.from({ length: size }, (_, index) => allowed[(index + seed) % allowed.length]).join('');
    // Headers lose spaces at their ends, on any server.
    const text = turned.replace(/^\s|\s$/g, allowed.find((char) => char.trim() !== '') ?? 'x');
    if (allows(text)) return text;
  }
  const found = shaped.filter((text) => text.length >= min && text.length <= (shape.max ?? 2048) && allows(text));
  assert.ok(found.length > 0, `no sample for the pattern ${shape.pattern}`);
  return found[seed % found.length];
}
