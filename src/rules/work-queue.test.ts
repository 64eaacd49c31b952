import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkQueue } from './work-queue.ts';

test('so many works run at a time, so many wait, and no more are taken', async () => {
  const queue = new WorkQueue({ running: 2, waiting: 3 }, (error) => assert.fail(String(error)));
  const log: string[] = [];
  const release: (() => void)[] = [];
  const add = (name: string): boolean =>
    queue.add(async () => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => release.push(resolve));
      log.push(`${name} ends`);
    });
  assert.deepEqual(['a', 'b', 'c', 'd', 'e', 'f'].map(add), [true, true, true, true, true, false]);
  assert.deepEqual(log, [], 'nothing runs in the turn it is added');
  await turn();
  assert.deepEqual(log, ['a begins', 'b begins']);
  release[1]();
  await turn();
  await turn();
  assert.deepEqual(log, ['a begins', 'b begins', 'b ends', 'c begins']);
  assert.equal(add('g'), true);
  const idle = queue.idle();
  while (queue.waiting > 0 || release.length > 0) {
    for (const resolve of release.splice(0)) resolve();
    await turn();
  }
  await idle;
  assert.equal(log.length, 12);
});

test('an error is reported and the next work runs', async () => {
  const errors: unknown[] = [];
  let isDone = false;
  const queue = new WorkQueue({ running: 1, waiting: 10 }, (error) => errors.push(error));
  queue.add(() => Promise.reject(new Error('x')));
  queue.add(async () => {
    isDone = true;
  });
  await queue.idle();
  assert.equal(errors.length, 1);
  assert.equal(isDone, true);
});

test('works that never wait let the rest of the program have its turns', async () => {
  const queue = new WorkQueue({ running: 1, waiting: 100 }, (error) => assert.fail(String(error)));
  let done = 0;
  for (let i = 0; i < 50; i++) {
    queue.add(async () => {
      done++;
    });
  }
  await turn();
  assert.ok(done < 50);
  await queue.idle();
  assert.equal(done, 50);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
