import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, printJson } from './json.ts';

const unchanged = [
  '{"b":1,"2":2,"1":3,"__proto__":{"a":null},"":[]}',
  '[12345678901234567890,1234567890123456789012345678901234,99999999999999999999999999999999999999]',
  '[0.1,-2.50000000000000000000000000000001,true,false,"\\"\\\\\\u0001é😀"]',
  '{}',
  '"text"',
  '-1',
];
for (const text of unchanged) {
  test(`${text} is read and written without losing a digit or moving a key`, () => {
    assert.equal(printJson(parseJson(text), '2016-03-23'), text);
  });
}

const written: readonly (readonly [text: string, in2016: string, in2015: string])[] = [
  ['10.0', '10', '10.0'],
  ['5.00', '5', '5.0'],
  ['1E3', '1000', '1000.0'],
  ['-0', '0', '0'],
  ['1e300', '1E+300', '1E+300'],
  ['1.5e-20', '1.5E-20', '1.5E-20'],
  ['[1e2000,{"a":1e-2000,"b":1e2000}]', '[null,{"a":0}]', '[null,{"a":0.0}]'],
  [' { "a" : [ 1 , 2 ] } ', '{"a":[1,2]}', '{"a":[1,2]}'],
];
for (const [text, in2016, in2015] of written) {
  test(`${text} is written as ${in2016}, before 2016 as ${in2015}`, () => {
    assert.equal(printJson(parseJson(text), '2016-03-23'), in2016);
    assert.equal(printJson(parseJson(text), '2015-10-08'), in2015);
  });
}

const refused = [
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '01',
  '1.',
  '+1',
  'nul',
  '"a',
  '"\u0001"',
  '"\\x"',
  '1 2',
  '"\\',
  "'a'",
];
for (const text of refused) {
  test(`${JSON.stringify(text)} is no JSON`, () => assert.throws(() => parseJson(text), SyntaxError));
}

test('a number of more than 1,000 digits is rounded, so that no device can make rules slow', () => {
  assert.equal(printJson(parseJson(`0.${'3'.repeat(100_000)}`), 'beta'), `0.${'3'.repeat(34)}`);
});

test('JSON nested deeper than 100 levels is refused', () => {
  assert.equal(printJson(parseJson(`${'['.repeat(100)}${']'.repeat(100)}`), 'beta')?.length, 200);
  assert.throws(() => parseJson(`${'['.repeat(101)}${']'.repeat(101)}`), /deeper/);
  assert.throws(() => parseJson('['.repeat(100_000)), /deeper/);
});

test('a value that would be longer than the limit is not written', () => {
  assert.equal(printJson(['12345', '12345'], 'beta', 17), '["12345","12345"]');
  assert.equal(printJson(['12345', '12345'], 'beta', 16), undefined);
});

const oddCharacter = fc.constantFrom(...'[]{},:"\\ \t\n\0u0129eE+-.truefalsn\ud800é');

test('what JSON.parse reads is read the same, and what it refuses is refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: oddCharacter })), (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        assert.throws(() => parseJson(text), SyntaxError);
        return;
      }
      assert.deepEqual(JSON.parse(printJson(parseJson(text), '2016-03-23')!), withoutNegativeZero(expected));
    }),
    { numRuns: 1000 },
  );
});

function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
