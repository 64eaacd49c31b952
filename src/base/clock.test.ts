import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';

test('a virtual clock runs what falls due in time order and stops where it was told', async () => {
  const clock = new VirtualClock(1000);
  const seen: string[] = [];
  clock.after(50, () => seen.push(`b@${clock.now()}`));
  clock.after(10, () => seen.push(`a@${clock.now()}`));
  clock.after(500, () => seen.push('late'));
  await clock.advance(100);
  assert.deepEqual(seen, ['a@1010', 'b@1050']);
  assert.equal(clock.now(), 1100);
});

test('a timer set by a callback runs in the same advance when it falls due within it', async () => {
  const clock = new VirtualClock(0);
  const seen: number[] = [];
  clock.after(10, () => clock.after(10, () => seen.push(clock.now())));
  await clock.advance(30);
  assert.deepEqual(seen, [20]);
});

test('a repeating timer runs once a period and never after it was cancelled', async () => {
  const clock = new VirtualClock(0);
  let count = 0;
  const timer = clock.every(10, () => count++);
  await clock.advance(35);
  assert.equal(count, 3);
  timer.cancel();
  await clock.advance(100);
  assert.equal(count, 3);
});

test('a cancelled timer does not run', async () => {
  const clock = new VirtualClock(0);
  clock.after(5, () => assert.fail('ran')).cancel();
  await clock.advance(10);
});
