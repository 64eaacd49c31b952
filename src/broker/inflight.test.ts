import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inflight } from './inflight.ts';

test('packet ids are unique among the unacknowledged and free again afterwards', () => {
  const inflight = new Inflight<string>(3);
  const ids = ['a', 'b', 'c'].map((it) => inflight.add(it));
  assert.equal(new Set(ids).size, 3);
  assert.ok(ids.every((id) => id >= 1 && id <= 3));
  assert.equal(inflight.isFull, true);
  assert.equal(inflight.settle(ids[1]), 'b');
  assert.equal(inflight.settle(ids[1]), undefined, 'acknowledged twice');
  assert.equal(inflight.size, 2);
  assert.equal(inflight.add('d'), ids[1]);
  assert.deepEqual([...inflight].sort(), ['a', 'c', 'd']);
});

test('a packet id that was never given is not settled', () => {
  const inflight = new Inflight<string>(10);
  for (const id of [0, 1, 5, 65_535]) assert.equal(inflight.settle(id), undefined);
  assert.equal(inflight.size, 0);
});

test('a packet id that belongs to its message can be given, and counts like the others', () => {
  const inflight = new Inflight<string>(2);
  inflight.put(700, 'a');
  assert.equal(inflight.get(700), 'a');
  inflight.put(700, 'b');
  assert.equal(inflight.size, 1, 'another entry in its place');
  assert.equal(inflight.unused(), 65_535);
  inflight.put(65_535, 'c');
  assert.equal(inflight.unused(), 65_534);
  assert.equal(inflight.isFull, true);
  assert.equal(inflight.settle(700), 'b');
  assert.deepEqual([...inflight], ['c']);
});
