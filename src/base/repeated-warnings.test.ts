import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';
import { silentLog } from './log.ts';
import { RepeatedWarnings } from './repeated-warnings.ts';

function setUp() {
  const clock = new VirtualClock(0);
  const lines: object[] = [];
  const log = { ...silentLog, warn: (fields: object, message: string) => void lines.push({ ...fields, message }) };
  return { clock, lines, warnings: new RepeatedWarnings(log, clock) };
}

test('the first warning is logged at once, what follows within a second as one line with its count', async () => {
  const { clock, lines, warnings } = setUp();
  for (let n = 0; n < 5; n++) warnings.warn('backlog', 'lamp', { n }, 'dropped');
  assert.deepEqual(lines, [{ reason: 'backlog', n: 0, message: 'dropped' }]);
  await clock.advance(1000);
  assert.deepEqual(lines[1], { reason: 'backlog', n: 4, count: 4, message: 'dropped' });
  await clock.advance(5000);
  assert.equal(lines.length, 2);
  warnings.warn('backlog', 'lamp', { n: 9 }, 'dropped');
  assert.deepEqual(lines[2], { reason: 'backlog', n: 9, message: 'dropped' });
});

test('reasons and peers have lines of their own, and too many peers share one', async () => {
  const { clock, lines, warnings } = setUp();
  for (let peer = 0; peer < 1000; peer++) warnings.warn('a', `client ${peer}`, { peer }, 'dropped');
  warnings.warn('b', 'client 0', {}, 'dropped');
  assert.equal(lines.length, 100 + 1 + 1);
  await clock.advance(1000);
  assert.deepEqual(lines.slice(102), [{ reason: 'a', peer: 999, others: true, count: 899, message: 'dropped' }]);
});

test('what was only counted is logged when it stops, and nothing afterwards', async () => {
  const { clock, lines, warnings } = setUp();
  warnings.warn('a', 'lamp', {}, 'dropped');
  warnings.warn('a', 'lamp', {}, 'dropped');
  warnings.stop();
  assert.deepEqual(lines[1], { reason: 'a', count: 1, message: 'dropped' });
  await clock.advance(10_000);
  assert.equal(lines.length, 2);
});
