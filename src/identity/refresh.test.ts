import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refresh } from './refresh.ts';

test('what is asked while it runs, even before it first waits, is done once more after', async () => {
  let runs = 0;
  const refresh = new Refresh(async () => {
    runs++;
    assert.equal(refresh.isRunning, true);
    if (runs === 1) void refresh.request();
    await undefined;
  });
  await refresh.request();
  assert.equal(runs, 2);
  assert.equal(refresh.isRunning, false);
});

test('a request in the moment a run ends starts another', async () => {
  let runs = 0;
  const refresh = new Refresh(async () => {
    runs++;
  });
  const requests: Promise<void>[] = [];
  for (let tick = 0; tick < 20; tick++) {
    requests.push(refresh.request());
    const before = runs;
    await undefined;
    if (!refresh.isRunning) assert.ok(runs > before);
  }
  await Promise.all(requests);
  const settled = runs;
  await refresh.request();
  assert.equal(runs, settled + 1);
});

test('a run that fails rejects, and the next request runs again', async () => {
  let runs = 0;
  const refresh = new Refresh(async () => {
    if (++runs === 1) throw new Error('gone');
  });
  await assert.rejects(refresh.request(), /gone/);
  assert.equal(refresh.isRunning, false);
  await refresh.request();
  assert.equal(runs, 2);
});
