import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/clock.ts';
import { InFlight, RequestRate } from './request-limits.ts';

test('a thing has its allowance at once and gets it back evenly, never more than all of it', async () => {
  const clock = new VirtualClock(0);
  const rate = new RequestRate(2, clock);
  const takes = (count: number): boolean[] => Array.from({ length: count }, () => rate.take('a'));
  assert.deepEqual(takes(3), [true, true, false]);
  await clock.advance(500);
  assert.deepEqual(takes(2), [true, false]);
  await clock.advance(60_000);
  assert.deepEqual(takes(3), [true, true, false]);
  assert.ok(rate.take('b'));
});

test('of very many things the one that asked longest ago is forgotten', () => {
  const rate = new RequestRate(1, new VirtualClock(0));
  for (let i = 0; i <= 10_000; i++) rate.take(`thing${i}`);
  assert.equal(rate.take('thing10000'), false);
  assert.equal(rate.take('thing0'), true);
});

test('what left makes room for what enters', () => {
  const inFlight = new InFlight(1);
  assert.ok(inFlight.enter('a'));
  assert.ok(!inFlight.enter('a'));
  assert.ok(inFlight.enter('b'));
  inFlight.leave('a');
  assert.ok(inFlight.enter('a'));
});
