/**
 * The writing half of the SQLite store: applies commits to the database, synchronously. Owned by one thread (the worker
 * for a file, the caller's own for memory) and the only thing that writes. Knows no threads, promises or indexes'
 * functions.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Batch, type Change, type Failure, failureOf } from './sqlite-batch.ts';
import { VersionMismatch } from './store.ts';

export class Engine {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /**
   * Applies `batches` in one transaction, each entirely or not at all, and returns once it is durable. The answer has
   * those that failed, by position: a condition or a bad change fails only its own batch, an error of the whole
   * transaction (most I/O errors, a full disk at the end) fails all of them. Afterwards the engine is always usable.
   */
  apply(batches: readonly Batch[]): Map<number, Failure> {
    const failures = new Map<number, Failure>();
    try {
      this.#sql.begin.run();
      batches.forEach((batch, position) => {
        const failure = this.#applyBatch(batch);
        if (failure) failures.set(position, failure);
      });
      this.#sql.commit.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#sql.rollback.run();
      const failure = failureOf(error);
      batches.forEach((_, position) => {
        if (!failures.has(position)) failures.set(position, failure);
      });
    }
    return failures;
  }

  #applyBatch(batch: Batch): Failure | undefined {
    this.#sql.savepoint.run();
    try {
      for (const change of batch) this.#applyChange(change);
    } catch (error) {
      // After some errors SQLite has rolled back the whole transaction by itself.
      if (!this.#database.isTransaction) throw error;
      this.#sql.rollbackToSavepoint.run();
      this.#sql.release.run();
      return failureOf(error);
    }
    this.#sql.release.run();
    return undefined;
  }

  #applyChange(change: Change): void {
    switch (change.kind) {
      case 'put':
        this.#put(change);
        break;
      case 'delete':
        this.#delete(change);
        break;
      case 'append':
        this.#append(change);
        break;
      case 'ack':
        for (const sequence of change.sequences) this.#sql.ack.run(sequence, change.queue);
        break;
      case 'drop':
        this.#sql.drop.run(change.queue);
        break;
      case 'clear':
        for (const statement of this.#sql.clear) statement.run();
        break;
    }
  }

  #put({ collection, key, ifVersion, value, entries }: Extract<Change, { kind: 'put' }>): void {
    const old = this.#current(collection, key, ifVersion);
    if (old) this.#sql.update.run(value, entries, collection, key);
    else this.#sql.insert.run(collection, key, value, entries);
    if (old?.entries === entries) return;
    if (old) this.#forEachEntry(old.entries, this.#sql.deleteEntry, collection, key);
    this.#forEachEntry(entries, this.#sql.insertEntry, collection, key);
  }

  #delete({ collection, key, ifVersion }: Extract<Change, { kind: 'delete' }>): void {
    const old = this.#current(collection, key, ifVersion);
    if (!old) return;
    this.#sql.delete.run(collection, key);
    this.#forEachEntry(old.entries, this.#sql.deleteEntry, collection, key);
  }

  /** What is stored now. Throws VersionMismatch when `ifVersion` asks for something else. */
  #current(collection: string, key: string, ifVersion: number | undefined): Current | undefined {
    const old = this.#sql.current.get(collection, key) as Current | undefined;
    if (ifVersion !== undefined && (old?.version ?? 0) !== ifVersion) throw new VersionMismatch(collection, key);
    return old;
  }

  #forEachEntry(entries: string, statement: StatementSync, collection: string, key: string): void {
    for (const [name, indexKey] of JSON.parse(entries)) statement.run(collection, name, indexKey, key);
  }

  #append({ queue, items, lengths }: Extract<Change, { kind: 'append' }>): void {
    let offset = 0;
    for (const length of lengths) {
      this.#sql.append.run(queue, items.subarray(offset, offset + length));
      offset += length;
    }
  }
}

interface Current {
  readonly version: number;
  readonly entries: string;
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    begin: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    rollback: sql('ROLLBACK'),
    savepoint: sql('SAVEPOINT batch'),
    release: sql('RELEASE batch'),
    rollbackToSavepoint: sql('ROLLBACK TO batch'),
    current: sql('SELECT version, entries FROM document WHERE collection = ? AND key = ?'),
    insert: sql('INSERT INTO document (collection, key, version, value, entries) VALUES (?, ?, 1, ?, ?)'),
    update: sql('UPDATE document SET version = version + 1, value = ?, entries = ? WHERE collection = ? AND key = ?'),
    delete: sql('DELETE FROM document WHERE collection = ? AND key = ?'),
    insertEntry: sql('INSERT INTO entry (collection, name, index_key, key) VALUES (?, ?, ?, ?)'),
    deleteEntry: sql('DELETE FROM entry WHERE collection = ? AND name = ? AND index_key = ? AND key = ?'),
    append: sql('INSERT INTO queue_item (queue, item) VALUES (?, ?)'),
    ack: sql('DELETE FROM queue_item WHERE sequence = ? AND queue = ?'),
    drop: sql('DELETE FROM queue_item WHERE queue = ?'),
    clear: [sql('DELETE FROM document'), sql('DELETE FROM entry'), sql('DELETE FROM queue_item')],
  };
}
