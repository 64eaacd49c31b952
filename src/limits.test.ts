import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLimits } from './limits.ts';

test('limits are numbers by name, or unlimited', () => {
  const { limits, errors } = parseLimits(['publishesPerSecond=unlimited', 'payloadBytes=1000', 'topicSlashes=0']);
  assert.deepEqual(errors, []);
  assert.deepEqual(limits, { publishesPerSecond: Number.MAX_SAFE_INTEGER, payloadBytes: 1000, topicSlashes: 0 });
});

test('every mistake is told, and nothing of it is taken', () => {
  const { limits, errors } = parseLimits([
    'speed=9',
    'payloadBytes',
    'payloadBytes=',
    'payloadBytes=-1',
    'payloadBytes=1.5',
    '__proto__=1',
  ]);
  assert.equal(errors.length, 6);
  assert.match(errors[0], /there is no limit 'speed'; there are payloadBytes/);
  assert.deepEqual(limits, {});
});
