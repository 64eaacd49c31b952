import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryConflicts } from './retry.ts';
import { VersionMismatch } from './store.ts';

test('work that lost to another write is done anew', async () => {
  let runs = 0;
  const result = await retryConflicts(async () => {
    if (++runs < 3) throw new VersionMismatch('thing', 'lamp');
    return 'done';
  });
  assert.equal(result, 'done');
  assert.equal(runs, 3);
});

test('work that always loses gives up with an error that clients retry', async () => {
  const lost = new VersionMismatch('thing', 'lamp');
  await assert.rejects(
    retryConflicts(() => Promise.reject(lost)),
    { code: 'ServiceUnavailableException', cause: lost },
  );
});

test('any other failure passes at once', async () => {
  let runs = 0;
  const failing = async (): Promise<void> => {
    runs++;
    throw new Error('disk full');
  };
  await assert.rejects(retryConflicts(failing), { message: 'disk full' });
  assert.equal(runs, 1);
});
