/** The tools that read the models: the types they make and the coverage they print. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report } from '../../tools/coverage-api.ts';
import { typesOf } from '../../tools/generate.ts';

test('every kind of shape becomes a type', () => {
  const text = typesOf('iot', {
    operations: { DoIt: { input: { shape: 'Input' }, output: { shape: 'Empty' } }, Ping: {} },
    shapes: {
      Input: {
        type: 'structure',
        required: ['name'],
        members: {
          name: { shape: 'String' },
          tree: { shape: 'Input' },
          'x-y': { shape: 'Doc' },
          head: { shape: 'String', jsonvalue: true },
        },
      },
      Empty: { type: 'structure', members: {} },
      String: { type: 'string' },
      Doc: { type: 'structure', document: true },
      Kind: { type: 'string', enum: ['A', "it's"] },
      Kinds: { type: 'list', member: { shape: 'Kind' } },
      ByKind: { type: 'map', key: { shape: 'Kind' }, value: { shape: 'At' } },
      ByName: { type: 'map', key: { shape: 'String' }, value: { shape: 'Bytes' } },
      At: { type: 'timestamp' },
      Bytes: { type: 'blob' },
    },
  });
  for (const line of [
    'readonly doIt: Handler<Input, Empty>;',
    'readonly ping: Handler<Nothing, Nothing>;',
    'readonly name: string;',
    'readonly tree?: Input;',
    "readonly 'x-y'?: Doc;",
    'readonly head?: JsonValue;',
    'export type Empty = Nothing;',
    'export type Doc = JsonValue;',
    "export type Kind = 'A' | 'it\\'s';",
    'export type Kinds = readonly Kind[];',
    'export type ByKind = { readonly [key in Kind]?: At };',
    'export type ByName = { readonly [key: string]: Bytes };',
    'export type At = Date;',
    'export type Bytes = Buffer;',
    "import type { JsonValue } from '../json.ts';",
  ])
    assert.ok(text.includes(line), line);
  assert.ok(!text.includes('type String'));
});

test('a shape of an unknown type stops the generator', () => {
  assert.throws(() => typesOf('iot', { operations: {}, shapes: { Odd: { type: 'quaternion' } } }), /quaternion/);
});

test('coverage is counted by service and in all, and what is missing is listed when asked', () => {
  const rows = [
    { service: 'iot', implemented: ['CreateThing'], missing: ['CreateJob', 'DeleteJob'] },
    { service: 'iot-data', implemented: ['Publish'], missing: [] },
  ] as const;
  assert.equal(report(rows, false).replaceAll(/ +/g, ' '), 'iot 1 of 3 33 %\niot-data 1 of 1 100 %\nall 2 of 4 50 %\n');
  assert.match(report(rows, true), /iot .*\n {2}CreateJob\n {2}DeleteJob\niot-data/);
});
