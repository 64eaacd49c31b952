import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GroupCommit } from './group-commit.ts';
import type { Batch } from './sqlite-batch.ts';
import { StoreError, VersionMismatch } from './store.ts';

/** 200 bytes by the estimate. */
const small: Batch = [{ kind: 'drop', queue: 'q' }];
const large: Batch = Array(10).fill(small[0]);

describe('the line of commits', () => {
  let posted: (readonly Batch[])[];
  let commits: GroupCommit;
  let results: string[];

  const commit = (batch: Batch): void => {
    const number = results.push('waits') - 1;
    commits.commit(batch).then(
      () => {
        results[number] = 'done';
      },
      (error: Error) => {
        results[number] = `${error.name}: ${error.message}`;
      },
    );
  };
  const sizes = (): number[] => posted.map((group) => group.length);

  beforeEach(() => {
    posted = [];
    results = [];
    const post = (batches: readonly Batch[]): void => {
      posted.push(batches);
    };
    commits = new GroupCommit({ post, limits: { windowBytes: 1000, lineBytes: 2200 } });
  });

  test('commits of one turn are posted together, and done only when they are answered', async () => {
    for (let i = 0; i < 3; i++) commit(small);
    assert.deepEqual(sizes(), []);
    await nextTurn();
    assert.deepEqual(sizes(), [3]);
    assert.deepEqual(results, ['waits', 'waits', 'waits']);
    commits.settle(2, new Map());
    await nextTurn();
    assert.deepEqual(results, ['done', 'done', 'waits']);
  });

  test('no more than the window is on its way, the rest follows in order as answers come', async () => {
    for (let i = 0; i < 11; i++) commit(small);
    await nextTurn();
    assert.deepEqual(sizes(), [5]);
    commits.settle(2, new Map());
    assert.deepEqual(sizes(), [5, 2]);
    commits.settle(5, new Map());
    assert.deepEqual(sizes(), [5, 2, 4]);
    commits.settle(4, new Map());
    await nextTurn();
    assert.deepEqual(new Set(results), new Set(['done']));
  });

  test('a commit larger than the window goes alone', async () => {
    commit(small);
    commit(large);
    await nextTurn();
    assert.deepEqual(sizes(), [1]);
    commits.settle(1, new Map());
    assert.deepEqual(posted[1], [large]);
  });

  test('a line that is full refuses, and takes again when it is shorter', async () => {
    commit(large);
    await nextTurn();
    for (let i = 0; i < 12; i++) commit(small);
    await nextTurn();
    assert.match(results[12], /StoreError: 11 commits are waiting for the disk/);
    commits.settle(1, new Map());
    commit(small);
    await nextTurn();
    assert.equal(results[13], 'waits');
  });

  test('each commit is told its own failure', async () => {
    for (let i = 0; i < 3; i++) commit(small);
    await nextTurn();
    commits.settle(
      3,
      new Map([
        [0, { kind: 'mismatch' as const, collection: 'lamp', key: 'a' }],
        [2, { kind: 'error' as const, message: 'database or disk is full', errcode: 13 }],
      ]),
    );
    await nextTurn();
    assert.deepEqual(results, [
      `VersionMismatch: ${new VersionMismatch('lamp', 'a').message}`,
      'done',
      'StoreError: nothing of the commit was written: database or disk is full',
    ]);
  });

  test('when the engine is gone, all that waits and all that comes is refused with the reason', async () => {
    commit(large);
    await nextTurn();
    commit(small);
    commits.abandon(new StoreError('gone'));
    commit(small);
    await nextTurn();
    assert.deepEqual(results, Array(3).fill('StoreError: gone'));
    await commits.finish();
  });

  test('finish waits for what was taken before and refuses what comes after', async () => {
    commit(small);
    let isFinished = false;
    const finished = commits.finish().then(() => {
      isFinished = true;
    });
    commit(small);
    await nextTurn();
    assert.deepEqual([isFinished, results[1]], [false, 'StoreError: the store is closed']);
    commits.settle(1, new Map());
    await finished;
    assert.equal(results[0], 'done');
  });
});
