/**
 * Opening the database of a data folder: the lock that keeps a second process out, the settings that make a commit
 * durable, the tables and their version. Every way in which this can go wrong becomes a StoreError that tells the operator
 * which file it is about and what to do. Called by the engine's thread (`sqlite-worker.ts`) and `sqlite.ts`.
 */
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../base/errors.ts';
import { makeFolder } from '../base/folder.ts';
import { StoreError } from './store.ts';

/** Raise with every change of the tables, and migrate older versions in `prepareTables`. */
export const SCHEMA_VERSION = 1;

/**
 * One table for the documents of all collections, so that declaring a collection writes nothing. `entries` repeats a
 * document's index entries, so that they can be removed without knowing the functions that made them.

 */
const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE document (
    collection TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, entries TEXT NOT NULL,
    UNIQUE (collection, key)
  ) STRICT;
  CREATE TABLE entry (
    collection TEXT NOT NULL, name TEXT NOT NULL, index_key TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (collection, name, index_key, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE queue_item (
    queue TEXT NOT NULL, sequence INTEGER NOT NULL, item BLOB NOT NULL,
    PRIMARY KEY (queue, sequence)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * How a commit becomes durable: the log is synced before a transaction is reported done, on macOS past the drive's
 * cache. A checkpoint about every 16 MB of log keeps it short without a sync of the whole file every few milliseconds.
 */
const DURABLE = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -16384;
`;

/** How long to wait for a tool (a backup, the sqlite3 shell) that has the database locked just now. */
const BUSY_TIMEOUT_MS = 5000;

/** SQLite's primary result codes, the low byte of `errcode`. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** An open database file and the lock on its folder; `close` gives both back. */
export interface OpenFile {
  readonly database: DatabaseSync;
  close(): void;
}

/** Locks and opens `file` for writing, making it and its folder when new. Throws StoreError. */
export function openFile(file: string): OpenFile {
  const lock = lockFile(file);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    database.exec('PRAGMA page_size = 8192'); // only for a new file; documents of a few kilobytes stay on one page
    const [mode] = Object.values(database.prepare('PRAGMA journal_mode = WAL').get()!);
    if (mode !== 'wal') throw new StoreError(`${file} cannot have a write-ahead log: is it on a network file system?`);
    database.exec(DURABLE);
    prepareTables(database, file);
  } catch (error) {
    database?.close();
    lock.close();
    throw explained(error, file);
  }
  const opened = database;
  return {
    database: opened,
    close: () => {
      opened.close();
      lock.close();
    },
  };
}

/** A database in memory with its tables, gone when closed. */
export function openMemory(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  prepareTables(database, ':memory:');
  return database;
}

/** The name in `meta` under which the indexes of a collection are kept. */
export function declaration(collection: string): string {
  return `indexes of ${collection}`;
}

/** A second connection to a file that `openFile` has open: it sees exactly what is committed, and cannot write. */
export function openForReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  database.exec('PRAGMA cache_size = -65536');
  return database;
}

/**
 * Holds an exclusive transaction on a database of its own: the operating system gives such a lock back when its
 * process dies, however it dies, and tools may still read the store itself meanwhile.
 */
function lockFile(file: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    makeFolder(dirname(file));
    lock = new DatabaseSync(`${file}.lock`);
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (resultCode(error) !== BUSY) throw explained(error, file);
    throw new StoreError(
      `${file} is in use by another process. Stop that one first, or start with another data folder.`,
      { cause: error },
    );
  }
}

function prepareTables(database: DatabaseSync, file: string): void {
  // IMMEDIATE: a file that cannot be written must be found out now and not with the first commit.
  database.exec('BEGIN IMMEDIATE');
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  if (names.length === 0) {
    database.exec(TABLES);
    database.prepare("INSERT INTO meta VALUES ('schema_version', ?)").run(SCHEMA_VERSION);
  } else if (!names.some(({ name }) => name === 'meta')) {
    throw new StoreError(`${file} is a database of another program. Start with another data folder.`);
  } else {
    checkVersion(database, file);
  }
  database.exec('COMMIT');
}

function checkVersion(database: DatabaseSync, file: string): void {
  const version = database.prepare("SELECT value FROM meta WHERE name = 'schema_version'").get()?.value;
  if (version === SCHEMA_VERSION) return;
  throw new StoreError(
    `${file} has the store version ${version}, and this release reads version ${SCHEMA_VERSION}. ` +
      'Start the release that wrote it, or start with another data folder.',
  );
}

function explained(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = resultCode(error);
  if (code === NOT_A_DATABASE || code === CORRUPT) {
    const what = code === CORRUPT ? 'is damaged' : 'is not a database';
    return new StoreError(
      `${file} ${what} (${messageOf(error)}). Put a backup in its place, or start with another data folder.`,
      { cause: error },
    );
  }
  return new StoreError(
    `${file} cannot be opened for writing (${messageOf(error)}). Check that its folder can be written and has space left.`,
    { cause: error },
  );
}

function resultCode(error: unknown): number {
  const { errcode } = error as { errcode?: number };
  return (errcode ?? 0) & 0xff;
}
