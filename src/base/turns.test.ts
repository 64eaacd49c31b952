import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

test('work for one key never overlaps and keeps its order, work for another does not wait for it', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${name} ends`);
  };
  await Promise.all([turns.run('k', work('a')), turns.run('k', work('b')), turns.run('other', work('c'))]);
  assert.deepEqual(
    seen.filter((entry) => !entry.startsWith('c')),
    ['a begins', 'a ends', 'b begins', 'b ends'],
  );
  assert.ok(seen.indexOf('c begins') < seen.indexOf('a ends'));
});

test('a failure is its own: the next in line runs all the same', async () => {
  const turns = new Turns();
  const failing = turns.run('k', () => Promise.reject(new Error('no')));
  const next = turns.run('k', async () => 'yes');
  await assert.rejects(failing, { message: 'no' });
  assert.equal(await next, 'yes');
});

test('a key is full at its limit and has settled when all its work has', async () => {
  const turns = new Turns(2);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = turns.run('k', () => gate);
  assert.ok(!turns.isFull('k'));
  const second = turns.run('k', () => gate);
  assert.ok(turns.isFull('k'));
  assert.ok(!turns.isFull('other'));
  release();
  await turns.settled();
  assert.ok(!turns.isFull('k'));
  await Promise.all([first, second]);
});
