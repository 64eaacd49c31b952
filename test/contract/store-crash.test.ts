/** kill -9 in the middle of commits: what was acknowledged is there, and no commit is there in part. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom, systemRandom } from '../../src/base/random.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Collection, Store } from '../../src/store/store.ts';

const KILLS = 6;
const MOST_COMMITS_BEFORE_A_KILL = 1500;
/** Set TSUNAGU_TEST_SEED to what a failed run printed to have its kill points again. */
const seed = Number(process.env.TSUNAGU_TEST_SEED ?? systemRandom().bytes(4).readUInt32LE());

test('a store that is killed again and again keeps all it acknowledged and no half of a commit', async (t) => {
  t.diagnostic(`TSUNAGU_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'tsunagu-crash-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'store.db');
  const acknowledged = new Set<number>();
  let first = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const killAfter = 1 + (random.bytes(4).readUInt32LE() % MOST_COMMITS_BEFORE_A_KILL);
    for (const n of await commitUntilKilled(file, first, killAfter)) acknowledged.add(n);
    const present = await check(file, acknowledged);
    first = Math.max(...present) + 1;
    t.diagnostic(`kill ${kill} after ${killAfter}: ${acknowledged.size} acknowledged, ${present.size} present`);
  }
});

/** Runs the loop, kills it once `killAfter` commits were acknowledged, and answers all that were before it was dead. */
async function commitUntilKilled(file: string, first: number, killAfter: number): Promise<number[]> {
  const script = fileURLToPath(new URL('./commit-loop.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file, `${first}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const acknowledged: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(Number(line));
    if (acknowledged.length === killAfter) child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  assert.equal(signal, 'SIGKILL', 'the loop ran until it was killed');
  return acknowledged;
}

/** Opens what the killed process left, checks it, and answers the numbers of the commits that are there. */
async function check(file: string, acknowledged: ReadonlySet<number>): Promise<ReadonlySet<number>> {
  const store = await openSqliteStore({ file, log: silentLog });
  try {
    const left = store.collection<{ n: number }>({ name: 'left', indexes: { parity: ({ n }) => [`${n % 2}`] } });
    const right = store.collection<{ n: number }>({ name: 'right' });
    const present = await numbersIn(left);
    for (const n of acknowledged) assert.ok(present.has(n), `commit ${n} was acknowledged and is gone`);
    assert.deepEqual(await numbersIn(right), present, 'both documents of a commit, or none');
    assert.deepEqual(await queuedIn(store), present, 'the queued item of a commit with its documents, or none');
    const indexed = (await left.count('parity', '0')) + (await left.count('parity', '1'));
    assert.equal(indexed, present.size, 'the index knows the documents and no others');
    return present;
  } finally {
    await store.close();
  }
}

async function numbersIn(collection: Collection<{ n: number }>): Promise<Set<number>> {
  const numbers = new Set<number>();
  let after: string | undefined;
  do {
    const page = await collection.scan({ after });
    for (const { value } of page.items) numbers.add(value.n);
    after = page.next;
  } while (after !== undefined);
  return numbers;
}

async function queuedIn(store: Store): Promise<Set<number>> {
  const items = await store.queue('q').read(0, Number.MAX_SAFE_INTEGER);
  const numbers = items.map(({ item }) => Number(item));
  assert.equal(new Set(numbers).size, numbers.length, 'no item is queued twice');
  return new Set(numbers);
}
