import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { buildModel } from './model.ts';
import { validateInput } from './validate.ts';

const operation = (name: string, errors: readonly string[]) => ({
  name,
  http: { method: 'POST', requestUri: `/${name}` },
  input: { shape: 'Input' },
  errors: errors.map((shape) => ({ shape })),
});

const model = buildModel('iot', {
  metadata: { protocol: 'rest-json' },
  operations: {
    Old: operation('Old', ['InvalidRequestException']),
    New: operation('New', ['ThrottlingException', 'ValidationException']),
  },
  shapes: {
    Input: {
      type: 'structure',
      required: ['thingName'],
      members: {
        thingName: { shape: 'Name' },
        short: { shape: 'Short' },
        size: { shape: 'Size' },
        status: { shape: 'Status' },
        blob: { shape: 'Blob' },
        tags: { shape: 'Tags' },
        names: { shape: 'Names' },
        attributes: { shape: 'Attributes' },
        secret: { shape: 'Secret' },
        free: { shape: 'Free' },
      },
    },
    Name: { type: 'string', min: 1, max: 8, pattern: '[a-z]+' },
    Short: { type: 'string', min: 2, max: 3 },
    Size: { type: 'integer', min: 1, max: 250 },
    Status: { type: 'string', enum: ['ACTIVE', 'INACTIVE'] },
    Blob: { type: 'blob', min: 2, max: 3 },
    Tags: { type: 'list', member: { shape: 'Tag' }, max: 2 },
    Tag: { type: 'structure', required: ['key'], members: { key: { shape: 'Name' }, value: { shape: 'Free' } } },
    Names: { type: 'list', member: { shape: 'Name' }, min: 1 },
    Attributes: { type: 'map', key: { shape: 'Name' }, value: { shape: 'Short' }, max: 2 },
    Secret: { type: 'string', sensitive: true, pattern: 'x' },
    Free: { type: 'string' },
  },
});

const check = (input: Record<string, unknown>, name = 'Old'): void =>
  validateInput(model.operation(name), { thingName: 'lamp', ...input });

test('inputs at the limits pass', () => {
  check({});
  check({ thingName: 'abcdefgh', short: '😀😀😀', size: 250, status: 'ACTIVE', blob: Buffer.alloc(3) });
  check({ short: '😀😀', size: 1, blob: Buffer.alloc(2), tags: [], names: ['a'], attributes: { a: 'xx', b: 'yy' } });
});

const value = (text: string, path: string): string => `Value '${text}' at '${path}' failed to satisfy constraint: `;

const cases: readonly [input: Record<string, unknown>, failure: string][] = [
  [{ thingName: undefined }, `Value null at 'thingName' failed to satisfy constraint: Member must not be null`],
  [{ thingName: 'A' }, `${value('A', 'thingName')}Member must satisfy regular expression pattern: [a-z]+`],
  [{ thingName: 'abcdefghi' }, `${value('abcdefghi', 'thingName')}Member must have length less than or equal to 8`],
  [{ thingName: 'a\n' }, `${value('a\n', 'thingName')}Member must satisfy regular expression pattern: [a-z]+`],
  [{ short: 'x' }, `${value('x', 'short')}Member must have length greater than or equal to 2`],
  [{ short: '😀' }, `${value('😀', 'short')}Member must have length greater than or equal to 2`],
  [{ short: '😀😀😀x' }, `${value('😀😀😀x', 'short')}Member must have length less than or equal to 3`],
  [{ size: 0 }, `${value('0', 'size')}Member must have value greater than or equal to 1`],
  [{ size: 251 }, `${value('251', 'size')}Member must have value less than or equal to 250`],
  [{ status: 'active' }, `${value('active', 'status')}Member must satisfy enum value set: [ACTIVE, INACTIVE]`],
  [
    { blob: Buffer.alloc(4) },
    `Value at 'blob' failed to satisfy constraint: Member must have length less than or equal to 3`,
  ],
  [{ tags: [{}] }, `Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null`],
  [
    { tags: [{ key: 'a' }, { key: 'b' }, { key: 'c' }] },
    `Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 2`,
  ],
  [{ names: [] }, `${value('[]', 'names')}Member must have length greater than or equal to 1`],
  [
    { names: ['a', 'B'] },
    `${value('[a, B]', 'names')}Member must satisfy constraint: [Member must satisfy regular expression pattern: [a-z]+]`,
  ],
  [
    { attributes: { A: 'xx' } },
    `${value('{A=xx}', 'attributes')}Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-z]+]`,
  ],
  [
    { attributes: { a: 'x' } },
    `${value('{a=x}', 'attributes')}Map value must satisfy constraint: [Member must have length greater than or equal to 2]`,
  ],
  [
    { secret: 'hunter2' },
    `Value at 'secret' failed to satisfy constraint: Member must satisfy regular expression pattern: x`,
  ],
];

describe('an input is refused', () => {
  for (const [input, failure] of cases)
    test(failure, () =>
      assert.throws(() => check(input), {
        code: 'InvalidRequestException',
        message: `1 validation error detected: ${failure}`,
      }),
    );
});

test('all failures are reported together, in the order of the model', () => {
  assert.throws(() => check({ thingName: undefined, size: 0, short: 'x' }), {
    message:
      "3 validation errors detected: Value null at 'thingName' failed to satisfy constraint: Member must not be null; " +
      `${value('x', 'short')}Member must have length greater than or equal to 2; ` +
      `${value('0', 'size')}Member must have value greater than or equal to 1`,
  });
});

test('an operation that models ValidationException reports with it', () => {
  assert.throws(() => check({ size: 0 }, 'New'), { code: 'ValidationException' });
});

test('many failures and long values make a short message', () => {
  const names = Array.from({ length: 100_000 }, () => 'B'.repeat(8));
  assert.throws(
    () => check({ names, thingName: 'x'.repeat(1_000_000) }),
    (error: Error) => error.message.startsWith('100001 validation errors') && error.message.length < 20_000,
  );
});

test('the length of a string is the number of its code points', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '日', '😀', '\ud83d'), maxLength: 6 }), (text) => {
      const length = [...text].length;
      const isValid = length >= 2 && length <= 3;
      if (isValid) check({ short: text });
      else assert.throws(() => check({ short: text }));
    }),
  );
});
