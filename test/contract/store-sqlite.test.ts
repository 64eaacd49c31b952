/** The SQLite back end: the contract in memory and in a file, and what only a file can do wrong. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { describeStore } from './store.contract.ts';

describeStore('SQLite in memory', async () => {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  return { store, discard: () => store.close() };
});

describeStore('SQLite in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tsunagu-store-'));
  let current = await openIn(folder);
  return {
    store: current,
    reopen: async () => {
      await current.close();
      current = await openIn(folder);
      return current;
    },
    discard: async () => {
      await current.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('a SQLite file that cannot be opened says why', () => {
  const inFolder = (name: string, body: (folder: string, file: string) => Promise<void>): void => {
    test(name, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'tsunagu-store-'));
      t.after(() => rm(folder, { recursive: true }));
      await body(folder, join(folder, 'store.db'));
    });
  };
  const refuses = (file: string, reason: RegExp): Promise<void> =>
    assert.rejects(openSqliteStore({ file, log: silentLog }), (error) => {
      assert.ok(error instanceof StoreError);
      assert.ok(error.message.includes(file), `the message names the file: ${error.message}`);
      assert.match(error.message, reason);
      return true;
    });

  inFolder('when the store is open already, and no longer once it is closed', async (folder, file) => {
    const first = await openIn(folder);
    await refuses(file, /in use by another process.*another data folder/);
    await first.close();
    await (await openIn(folder)).close();
  });

  inFolder('when a newer release wrote it', async (folder, file) => {
    await (await openIn(folder)).close();
    edit(file, "UPDATE meta SET value = 99 WHERE name = 'schema_version'");
    await refuses(file, /store version 99.*reads version 1/);
  });

  inFolder('when it is a database of another program', async (_, file) => {
    edit(file, 'CREATE TABLE recipe (name TEXT)');
    await refuses(file, /database of another program/);
  });

  inFolder('when it is no database', async (_, file) => {
    await writeFile(file, 'these are not the bytes you are looking for'.repeat(100));
    await refuses(file, /is not a database.*backup/);
  });

  inFolder('when it is damaged', async (folder, file) => {
    await (await openIn(folder)).close();
    edit(file, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'document'");
    await refuses(file, /is damaged.*backup/);
  });

  inFolder('when its place is a folder', async (folder) => {
    await refuses(folder, /cannot be opened for writing/);
  });

  inFolder('when its folder cannot be made', async (_, file) => {
    await writeFile(file, '');
    await refuses(join(file, 'below', 'store.db'), /cannot be opened for writing/);
  });

  inFolder('and the file can be opened once what was wrong is mended', async (folder, file) => {
    await (await openIn(folder)).close();
    edit(file, "UPDATE meta SET value = 99 WHERE name = 'schema_version'");
    await refuses(file, /99/);
    edit(file, "UPDATE meta SET value = 1 WHERE name = 'schema_version'");
    await (await openIn(folder)).close();
  });
});

function openIn(folder: string): Promise<Store> {
  return openSqliteStore({ file: join(folder, 'store.db'), log: silentLog });
}

function edit(file: string, sql: string): void {
  const database = new DatabaseSync(file, { defensive: false });
  database.exec(sql);
  database.close();
}
