import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { Collection, CollectionSpec, Store, Stored } from '../store/store.ts';
import { type CertificateRecord, CertificateRecords } from './certificate-records.ts';

const record: CertificateRecord = {
  pem: 'pem',
  status: 'ACTIVE',
  mode: 'DEFAULT',
  ownedBy: '123456789012',
  createdMs: 1,
  modifiedMs: 1,
  customerVersion: 1,
  generationId: 'g',
  notBeforeMs: 0,
  notAfterMs: 10,
};

/** A store whose `get` can be held up, and counts. */
async function watchedStore() {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const watch = { reads: 0, hold: Promise.resolve() };
  const collection = <T extends object>(spec: CollectionSpec<T>): Collection<T> => {
    const inner = store.collection(spec);
    const get = async (key: string): Promise<Stored<T> | undefined> => {
      watch.reads++;
      const { hold } = watch;
      const found = await inner.get(key);
      await hold;
      return found;
    };
    return new Proxy(inner, { get: (target, name) => (name === 'get' ? get : bound(target, name)) });
  };
  const watched: Store = new Proxy(store, {
    get: (target, name) => (name === 'collection' ? collection : bound(target, name)),
  });
  return { watch, watched };
}

function bound(target: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name);
  return typeof member === 'function' ? member.bind(target) : member;
}

test('a certificate asked for again comes from memory, an unknown one never does', async () => {
  const { watch, watched } = await watchedStore();
  const records = new CertificateRecords(watched);
  await records.add('a', record);
  await records.get('a');
  await records.get('a');
  assert.equal(watch.reads, 1);
  await records.get('nobody');
  await records.get('nobody');
  assert.equal(watch.reads, 3);
});

test('memory holds no more certificates than it may', async () => {
  const { watch, watched } = await watchedStore();
  const records = new CertificateRecords(watched, 2);
  for (const id of ['a', 'b', 'c']) {
    await records.add(id, record);
    await records.get(id);
  }
  await records.get('a');
  assert.equal(watch.reads, 4);
});

test('a read that began before a change does not bring the old status back into memory', async () => {
  const { watch, watched } = await watchedStore();
  const records = new CertificateRecords(watched);
  await records.add('a', record);
  const held = Promise.withResolvers<void>();
  watch.hold = held.promise;
  const slow = records.get('a');
  watch.hold = Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await records.change('a', (before) => ({ ...before, status: 'INACTIVE' }));
  held.resolve();
  assert.ok(await slow);
  assert.equal((await records.get('a'))?.status, 'INACTIVE');
});
