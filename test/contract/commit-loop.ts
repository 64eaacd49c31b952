/**
 * The victim of the crash tests (`store-crash.test.ts`): commits as fast as it can, several at once, and prints the
 * number of each commit when it is acknowledged, until it is killed. Arguments: the database file, the first number.
 */
import { writeSync } from 'node:fs';
import { silentLog } from '../../src/base/log.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';

const AT_ONCE = 16;
const [file, first] = process.argv.slice(2);

const store = await openSqliteStore({ file, log: silentLog });
const left = store.collection<{ n: number }>({ name: 'left', indexes: { parity: ({ n }) => [`${n % 2}`] } });
const right = store.collection<{ n: number }>({ name: 'right' });
const queue = store.queue('q');

let next = Number(first);
const commitForever = async (): Promise<void> => {
  for (;;) {
    const n = next++;
    await store.commit([left.put(`${n}`, { n }), right.put(`${n}`, { n }), queue.append([Buffer.from(`${n}`)])]);
    writeSync(1, `${n}\n`);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, commitForever));
