import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CborError, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** RFC 8949, appendix A: what this codec's data model has. `only`: other encoders may write it, ours does not. */
const vectors: readonly (readonly [string, CborValue, 'only'?])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f90000', 0, 'only'],
  ['f98000', -0, 'only'],
  ['f93c00', 1, 'only'],
  ['fb3ff199999999999a', 1.1],
  ['f93e00', 1.5, 'only'],
  ['f97bff', 65504, 'only'],
  ['fa47c35000', 100000, 'only'],
  ['fa7f7fffff', 3.4028234663852886e38],
  ['fb7e37e43c8800759c', 1e300],
  ['f90001', 2 ** -24, 'only'],
  ['f90400', 0.00006103515625, 'only'],
  ['f9c400', -4, 'only'],
  ['fbc010666666666666', -4.1],
  ['f97c00', Number.POSITIVE_INFINITY, 'only'],
  ['f97e00', Number.NaN, 'only'],
  ['f9fc00', Number.NEGATIVE_INFINITY, 'only'],
  ['fa7f800000', Number.POSITIVE_INFINITY],
  ['fb7ff8000000000000', Number.NaN, 'only'],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', undefined],
  ['40', Buffer.alloc(0)],
  ['4401020304', Buffer.of(1, 2, 3, 4)],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', 'ü'],
  ['63e6b0b4', '水'],
  ['64f0908591', '𐅑'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, i) => i + 1)],
  ['a0', {}],
  ['a26161016162820203', { a: 1, b: [2, 3] }],
  ['826161a161626163', ['a', { b: 'c' }]],
  ['a56161614161626142616361436164614461656145', { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }],
  ['5f42010243030405ff', Buffer.of(1, 2, 3, 4, 5), 'only'],
  ['7f657374726561646d696e67ff', 'streaming', 'only'],
  ['9fff', [], 'only'],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]], 'only'],
  ['83018202039f0405ff', [1, [2, 3], [4, 5]], 'only'],
  ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }, 'only'],
  ['826161bf61626163ff', ['a', { b: 'c' }], 'only'],
  ['bf6346756ef563416d7421ff', { Fun: true, Amt: -2 }, 'only'],
];

for (const [bytes, value, only] of vectors) {
  test(`the RFC's ${bytes} is read${only ? '' : ' and written'}`, () => {
    assert.deepEqual(decodeCbor(hex(bytes)), value);
    if (!only) assert.equal(encodeCbor(value).toString('hex'), bytes);
    assert.deepEqual(decodeCbor(encodeCbor(value)), value);
  });
}

for (const [bytes, what, message] of [
  ['', 'nothing', /ends before/],
  ['19 03', 'half a number', /ends before/],
  ['63 6161', 'a text that is cut off', /ends before/],
  ['9b ffffffffffffffff', 'a list longer than the message', /ends before/],
  ['82 01', 'a list with an item missing', /ends before/],
  ['9f 01', 'a list without its break', /ends before/],
  ['00 00', 'two items', /1 bytes follow/],
  ['c0 00', 'a tag', /tags/],
  ['a1 01 02', 'a map with a number as key', /not a text/],
  ['a2 6161 01 6161 02', 'a map with a key twice', /'a' twice/],
  ['bf 6161 ff', 'a map with a value missing', /break ends nothing/],
  ['61 ff', 'a text that is no UTF-8', /not UTF-8/],
  ['7f 61 c3 61 bc ff', 'a character in two pieces', /not UTF-8/],
  ['7f 41 61 ff', 'bytes in a text', /another kind/],
  ['7f 7f 6161 ff ff', 'pieces in pieces', /another kind/],
  ['1c', 'a reserved length', /reserved/],
  ['1f', 'a number of indefinite length', /reserved/],
  ['ff', 'a break alone', /break ends nothing/],
  ['f0', 'an unknown simple value', /unknown/],
  ['f8 ff', 'a simple value in two bytes', /unknown/],
  [`${'81'.repeat(40)}00`, 'lists without end', /more than 32/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => decodeCbor(hex(bytes)),
      (error: unknown) => error instanceof CborError && message.test(error.message),
    );
  });
}

test('a member named __proto__ is a member', () => {
  const value = decodeCbor(encodeCbor(JSON.parse('{"__proto__": 1}'))) as object;
  assert.deepEqual(Object.keys(value), ['__proto__']);
});

test('an integer of more than 64 bits is refused', () => {
  assert.throws(() => encodeCbor(2n ** 64n), CborError);
});

test('what is written is read as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(decodeCbor(encodeCbor(value as CborValue)), value);
    }),
  );
});

test('any bytes make a value or a CborError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decodeCbor(Buffer.from(bytes));
      } catch (error) {
        if (!(error instanceof CborError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
