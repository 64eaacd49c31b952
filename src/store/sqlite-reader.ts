/**
 * The reading half of the SQLite store: every question of the port as one prepared statement on one connection,
 * synchronous and finished when it returns (an open read would keep the log from being checkpointed). Used by `sqlite.ts`
 * on the calling thread: a read is a few microseconds in memory, less than sending it elsewhere would take.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type EntryKey, entrySpan, keySpan, pageLimit, type Span, toToken } from './keys.ts';
import { type Page, type Queued, type Range, type Stored, StoreError } from './store.ts';

/** SQLite sorts every blob behind every text: the end of a span that has none. */
const BEHIND_ALL_TEXT = new Uint8Array(0);

type Row = readonly [key: string, version: number, value: string];
type EntryRow = readonly [...Row, indexKey: string];

export class Reader {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #takesSnapshots: boolean;
  #hasSnapshot = false;

  /**
   * With `takesSnapshots`, the reads of one turn of the event loop share one read transaction: taking and giving back
   * its locks costs as much as the read itself. Its owner must call `endSnapshot` before it confirms a commit.
   */
  constructor(database: DatabaseSync, { takesSnapshots }: { takesSnapshots: boolean }) {
    this.#database = database;
    this.#sql = prepare(database);
    this.#takesSnapshots = takesSnapshots;
  }

  /** The next read sees everything that is committed by then. */
  endSnapshot(): void {
    if (!this.#hasSnapshot) return;
    this.#hasSnapshot = false;
    if (this.#database.isOpen) this.#sql.endSnapshot.run();
  }

  get<T>(collection: string, key: string): Stored<T> | undefined {
    const row = this.#live().get.get(collection, key) as unknown as Row | undefined;
    return row && stored(row);
  }

  scan<T>(collection: string, range: Range): Page<T> {
    const statement = range.descending ? this.#live().scanDown : this.#live().scan;
    const limit = pageLimit(range);
    const rows = statement.all(collection, ...bounds(keySpan(range)), limit + 1);
    return page<T, Row>(rows as unknown as Row[], limit, ([key]) => [key]);
  }

  find<T>(collection: string, index: string, indexKey: string, range: Range): Page<T> {
    const statement = range.descending ? this.#live().findDown : this.#live().find;
    const limit = pageLimit(range);
    const rows = statement.all(collection, index, indexKey, ...bounds(keySpan(range)), limit + 1);
    return page<T, Row>(rows as unknown as Row[], limit, ([key]) => [key]);
  }

  findPrefix<T>(collection: string, index: string, prefix: string, range: Omit<Range, 'prefix'>): Page<T> {
    const statement = range.descending ? this.#live().findPrefixDown : this.#live().findPrefix;
    const limit = pageLimit(range);
    const rows = statement.all(collection, index, ...entryBounds(entrySpan(prefix, range)), limit + 1);
    return page<T, EntryRow>(rows as unknown as EntryRow[], limit, ([key, , , indexKey]) => [indexKey, key]);
  }

  count(collection: string): number {
    const [count] = this.#live().count.get(collection) as unknown as [number];
    return count;
  }

  countEntries(collection: string, index: string, indexKey: string): number {
    const [count] = this.#live().countEntries.get(collection, index, indexKey) as unknown as [number];
    return count;
  }

  readQueue(queue: string, after: number, limit: number): Queued[] {
    if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`a limit of ${limit} items makes no sense`);
    const rows = this.#live().readQueue.all(queue, after, limit) as unknown as [number, Uint8Array][];
    return rows.map(([sequence, item]) => ({
      sequence,
      item: Buffer.from(item.buffer, item.byteOffset, item.byteLength),
    }));
  }

  queueLength(queue: string): number {
    const [count] = this.#live().queueLength.get(queue) as unknown as [number];
    return count;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #live(): Statements {
    if (!this.#database.isOpen) throw new StoreError('the store is closed');
    if (this.#takesSnapshots && !this.#hasSnapshot) this.#beginSnapshot();
    return this.#sql;
  }

  #beginSnapshot(): void {
    this.#sql.beginSnapshot.run();
    this.#hasSnapshot = true;
    setImmediate(() => this.endSnapshot());
  }
}

function stored<T>(row: Row | EntryRow): Stored<T> {
  return { key: row[0], version: row[1], value: JSON.parse(row[2]) };
}

/** `rows` has one more than `limit` when there are more to come. */
function page<T, R extends Row | EntryRow>(rows: R[], limit: number, position: (row: R) => string[]): Page<T> {
  if (rows.length <= limit) return { items: rows.map((row) => stored<T>(row)) };
  rows.pop();
  return { items: rows.map((row) => stored<T>(row)), next: toToken(position(rows[limit - 1])) };
}

function bounds({ from, to }: Span<string>) {
  return [from, to ?? BEHIND_ALL_TEXT] as const;
}

function entryBounds({ from, to }: Span<EntryKey>) {
  return [...from, ...(to ?? ([BEHIND_ALL_TEXT, ''] as const))] as const;
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const sql = (text: string) => {
    const statement = database.prepare(text);
    statement.setReturnArrays(true);
    return statement;
  };
  const scan = 'SELECT key, version, value FROM document WHERE collection = ? AND key >= ? AND key < ?';
  const entries = `
    FROM entry AS e JOIN document AS d ON d.collection = e.collection AND d.key = e.key
    WHERE e.collection = ? AND e.name = ?`;
  const find = `SELECT e.key, d.version, d.value ${entries} AND e.index_key = ? AND e.key >= ? AND e.key < ?`;
  const findPrefix = `SELECT e.key, d.version, d.value, e.index_key ${entries}
    AND (e.index_key, e.key) >= (?, ?) AND (e.index_key, e.key) < (?, ?)`;
  return {
    beginSnapshot: sql('BEGIN'),
    endSnapshot: sql('COMMIT'),
    get: sql('SELECT key, version, value FROM document WHERE collection = ? AND key = ?'),
    scan: sql(`${scan} ORDER BY key LIMIT ?`),
    scanDown: sql(`${scan} ORDER BY key DESC LIMIT ?`),
    find: sql(`${find} ORDER BY e.key LIMIT ?`),
    findDown: sql(`${find} ORDER BY e.key DESC LIMIT ?`),
    findPrefix: sql(`${findPrefix} ORDER BY e.index_key, e.key LIMIT ?`),
    findPrefixDown: sql(`${findPrefix} ORDER BY e.index_key DESC, e.key DESC LIMIT ?`),
    count: sql('SELECT count(*) FROM document WHERE collection = ?'),
    countEntries: sql('SELECT count(*) FROM entry WHERE collection = ? AND name = ? AND index_key = ?'),
    readQueue: sql('SELECT sequence, item FROM queue_item WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?'),
    queueLength: sql('SELECT count(*) FROM queue_item WHERE queue = ?'),
  };
}
