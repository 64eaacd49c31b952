import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './base/clock.ts';
import { silentLog } from './base/log.ts';
import { createHealth, type HealthDeps } from './health.ts';
import { openSqliteStore } from './store/sqlite.ts';
import { StoreError } from './store/store.ts';

async function setUp(changes: Partial<HealthDeps> = {}) {
  const clock = new VirtualClock(0);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const state = { commits: 0, commit: (): Promise<void> => Promise.resolve() };
  const health = createHealth({
    store: {
      collection: (spec) => store.collection(spec),
      counters: store.counters,
      commit: () => {
        state.commits++;
        return state.commit();
      },
    },
    clock,
    eventLoopDelay: () => ({ mean: 0.123, p99: 1, max: 2 }),
    doors: () => ({ http: true, tls: true }),
    rulesQueue: () => ({ waiting: 0, limit: 10 }),
    ...changes,
  });
  return { clock, state, health };
}

test('all is well when the store commits, the doors are open and nothing is late', async () => {
  const { health } = await setUp();
  assert.deepEqual(await health(), {
    status: 'ok',
    checks: {
      store: { status: 'ok', commitMs: 0, waitingCommits: 0, failedCommits: 0 },
      doors: { status: 'ok', http: true, tls: true },
      eventLoop: { status: 'ok', meanMs: 0.1, p99Ms: 1, maxMs: 2 },
      rules: { status: 'ok', waiting: 0, limit: 10 },
    },
  });
});

test('a store that refuses is failing, and is asked again only a second later', async () => {
  const { clock, state, health } = await setUp();
  state.commit = () => Promise.reject(new StoreError('the disk is full'));
  const { status, checks } = await health();
  assert.deepEqual([status, checks.store.status, checks.store['problem']], ['failing', 'failing', 'the disk is full']);
  state.commit = () => Promise.resolve();
  assert.equal((await health()).status, 'failing');
  assert.equal(state.commits, 1);
  await clock.advance(1000);
  assert.equal((await health()).status, 'ok');
  assert.equal(state.commits, 2);
});

test('a store that does not answer in time is failing', async () => {
  const { clock, state, health } = await setUp();
  state.commit = () => new Promise(() => {});
  const asked = health();
  await clock.advance(2000);
  assert.equal((await asked).checks.store['problem'], 'no commit within 2000 ms');
});

for (const [check, changes] of [
  ['doors', { doors: () => ({ http: true, mqtts: false }) }],
  ['eventLoop', { eventLoopDelay: () => ({ mean: 900, p99: 1500, max: 4000 }) }],
  ['rules', { rulesQueue: () => ({ waiting: 10, limit: 10 }) }],
] as const) {
  test(`what is wrong with ${check} is failing`, async () => {
    const { health } = await setUp(changes);
    const { status, checks } = await health();
    assert.deepEqual([status, checks[check].status, checks.store.status], ['failing', 'failing', 'ok']);
  });
}
