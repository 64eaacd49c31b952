import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterPrefix, checkKey, keySpan, pageLimit, toToken } from './keys.ts';
import { StoreError } from './store.ts';

const byteOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const borders = fc.constantFrom(
  'a',
  'b',
  '\0',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
);
const text = fc.oneof(fc.string({ unit: borders, maxLength: 4 }), fc.string({ unit: 'binary', maxLength: 4 }));

test('the end of a prefix is the first string behind all that begin with it', () => {
  assert.equal(afterPrefix('ab'), 'ac');
  assert.equal(afterPrefix('a\u{10ffff}'), 'b');
  assert.equal(afterPrefix('\ud7ff'), '\ue000');
  assert.equal(afterPrefix('\uffff'), '\u{10000}');
  assert.equal(afterPrefix(''), undefined);
  assert.equal(afterPrefix('\u{10ffff}\u{10ffff}'), undefined);
});

test('a key is in the span of a prefix exactly when it begins with it', () => {
  fc.assert(
    fc.property(text, text, fc.boolean(), (prefix, other, below) => {
      const key = below ? prefix + other : other;
      const { from, to } = keySpan({ prefix });
      const isInside = byteOrder(key, from) >= 0 && (to === undefined || byteOrder(key, to) < 0);
      assert.equal(isInside, key.startsWith(prefix));
    }),
  );
});

test('the span behind a token has exactly the keys of the prefix on the far side of it', () => {
  fc.assert(
    fc.property(text, text, text, fc.boolean(), (prefix, last, other, descending) => {
      const key = prefix + other;
      const after = toToken([prefix + last]);
      const { from, to } = keySpan({ prefix, after, descending });
      const isInside = byteOrder(key, from) >= 0 && (to === undefined || byteOrder(key, to) < 0);
      const order = byteOrder(key, prefix + last);
      assert.equal(isInside, descending ? order < 0 : order > 0);
    }),
  );
});

test('no other text than a token itself is taken for it', () => {
  fc.assert(
    fc.property(fc.string(), (after) => {
      assert.throws(() => keySpan({ after }), { code: 'InvalidRequestException', message: 'Invalid nextToken' });
    }),
  );
});

test('a key is measured in bytes of UTF-8', () => {
  checkKey('a key', 'a'.repeat(1024));
  checkKey('a key', '\u{1f600}'.repeat(256));
  assert.throws(
    () => checkKey('a key', 'a'.repeat(1025)),
    new StoreError('a key has 1025 bytes in UTF-8, more than the 1024 that can be stored'),
  );
  assert.throws(() => checkKey('a key', '繋'.repeat(342)), StoreError);
});

test('a page has 250 documents unless told', () => {
  assert.equal(pageLimit({}), 250);
  assert.equal(pageLimit({ limit: 1 }), 1);
});
