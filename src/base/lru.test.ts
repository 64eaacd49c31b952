import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Lru } from './lru.ts';

test('a full cache drops the entry unused for longest', () => {
  const cache = new Lru<string, number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  assert.equal(cache.get('a'), 1);
  cache.set('c', 3);
  assert.equal(cache.get('b'), undefined);
  assert.equal(cache.get('a'), 1);
  assert.equal(cache.get('c'), 3);
  assert.equal(cache.size, 2);
});

test('setting a key again replaces its value and counts as use', () => {
  const cache = new Lru<string, number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 3);
  cache.set('c', 4);
  assert.equal(cache.get('a'), 3);
  assert.equal(cache.get('b'), undefined);
});

test('deleted and cleared entries are gone', () => {
  const cache = new Lru<string, number>(3);
  cache.set('a', 1);
  cache.set('b', 2);
  assert.equal(cache.delete('a'), true);
  assert.equal(cache.delete('a'), false);
  assert.equal(cache.get('a'), undefined);
  cache.clear();
  assert.equal(cache.size, 0);
});

test('a cache without room is refused', () => {
  assert.throws(() => new Lru(0), RangeError);
  assert.throws(() => new Lru(1.5), RangeError);
});

test('a cache never grows beyond its limit and always has the latest entry', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(9)), (limit, keys) => {
      const cache = new Lru<number, number>(limit);
      for (const key of keys) {
        cache.set(key, key);
        assert.ok(cache.size <= limit);
        assert.equal(cache.get(key), key);
      }
    }),
  );
});
