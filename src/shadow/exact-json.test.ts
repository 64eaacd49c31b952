import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSame, type Json, parseExactly } from './exact-json.ts';

const unchecked = (): void => {};
const parse = (text: string): Json => parseExactly(text, unchecked);

test('a number that a double would round is written back as it came', () => {
  for (const number of [
    '12345678901234567890',
    '9007199254740993',
    '-9007199254740993',
    '0.1234567890123456789012345',
    '1e400',
    '-1e-400',
    '123456789012345678e-3',
  ]) {
    assert.equal(JSON.stringify(parse(`{"n":[${number}]}`)), `{"n":[${number}]}`);
  }
});

test('a number that a double holds stays an ordinary number', () => {
  const text = '[0,-1,1.0,1.50,1e3,9007199254740992,0.1,100000000000000000000,1.7976931348623157e308,-0]';
  const numbers = [0, -1, 1, 1.5, 1000, 9007199254740992, 0.1, 1e20, 1.7976931348623157e308, -0];
  assert.deepEqual(parse(text), numbers);
});

test('digits inside strings are left alone', () => {
  const text = '{"a":"12345678901234567890","12345678901234567890":"1e400"}';
  assert.equal(JSON.stringify(parse(text)), text);
});

test('numbers are the same when their values are, in any spelling', () => {
  assert.ok(isSame(parse('12345678901234567890'), parse('1234567890123456789.0e1')));
  assert.ok(isSame(parse('1'), parse('1.0')));
  assert.ok(!isSame(parse('12345678901234567890'), parse('12345678901234567891')));
  assert.ok(!isSame(parse('12345678901234567890'), parse('12345678901234567000')));
  assert.ok(!isSame(parse('1e9999999999'), parse('1e9999999998')));
});

test('values of different types are never the same', () => {
  const values: Json[] = [0, 1, '1', true, false, null, '', [], {}, [1], { 0: 1 }];
  for (const [i, a] of values.entries()) for (const [j, b] of values.entries()) assert.equal(isSame(a, b), i === j);
});

test('objects are the same whatever the order of their keys, arrays are not', () => {
  assert.ok(isSame({ a: 1, b: [1, { c: 2, d: 3 }] }, { b: [1, { d: 3, c: 2 }], a: 1 }));
  assert.ok(!isSame([1, 2], [2, 1]));
  assert.ok(!isSame({ a: 1 }, { a: 1, b: 2 }));
  assert.ok(!isSame(parse('{"__proto__":1}'), {}));
});

test('any JSON value survives being parsed and written, and is the same as itself', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const written = JSON.stringify(parse(text));
      assert.equal(written, JSON.stringify(JSON.parse(text)));
      assert.ok(isSame(parse(text), parse(written)));
    }),
  );
});

test('any decimal number keeps its value', () => {
  const number = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,25})?(e[-+]?[0-9]{1,3})?$/);
  fc.assert(
    fc.property(number, (text) => {
      const written = JSON.stringify(parse(text));
      assert.ok(written === text || Number(written) === Number(text), `${text} became ${written}`);
      assert.ok(isSame(parse(text), parse(written)));
    }),
  );
});
