/**
 * The embedded back end of the storage port: SQLite in a file (WAL, group commit on a thread of its own) or in memory.
 * `server.ts` opens it, and tests do; everybody else sees `store.ts` only. `DESIGN.md` tells how it works and why.
 */
import type { Log } from '../base/log.ts';
import { checkKey } from './keys.ts';
import { encodeBatch, type Indexer } from './sqlite-batch.ts';
import { openForReading, openMemory } from './sqlite-file.ts';
import { Reader } from './sqlite-reader.ts';
import { reindex } from './sqlite-reindex.ts';
import { inlineWriter, startWorkerWriter, type Writer } from './sqlite-writer.ts';
import {
  type Collection,
  type CollectionSpec,
  type Condition,
  type Page,
  type Queue,
  type Queued,
  type QueueState,
  type Range,
  type Store,
  type StoreCounters,
  type Stored,
  StoreError,
  VersionMismatch,
  type Write,
} from './store.ts';

export interface SqliteOptions {
  /** The database file (made when new, with its folder; beside it are `-wal`, `-shm` and `.lock`), or `:memory:`. */
  readonly file: string;
  readonly log: Log;
}

/**
 * Opens the store. Rejects with StoreError when the file cannot be opened or written, is damaged, belongs to a newer
 * release or another program, or is in use by another process.
 */
export async function openSqliteStore({ file, log }: SqliteOptions): Promise<Store> {
  if (file === ':memory:') {
    const database = openMemory();
    return new SqliteStore(new Reader(database, { takesSnapshots: false }), inlineWriter(database), log);
  }
  let reader: Reader | undefined;
  const writer = await startWorkerWriter(file, log, () => reader?.endSnapshot());
  try {
    reader = new Reader(openForReading(file), { takesSnapshots: true });
    log.debug({ file }, 'store opened');
    return new SqliteStore(reader, writer, log);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

interface Declared {
  /** Their names, sorted, with commas between. */
  readonly indexes: string;
  /** Settles when all documents have the entries of these indexes; absent when they have them already. */
  readonly upToDate: Promise<void> | undefined;
}

class SqliteStore implements Store {
  readonly counters: StoreCounters = { committed: 0, failed: 0, waiting: 0 };
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #log: Log;
  readonly #declared = new Map<string, Declared>();
  readonly #indexers = new Map<string, Indexer>();
  #closing: Promise<void> | undefined;

  constructor(reader: Reader, writer: Writer, log: Log) {
    this.#reader = reader;
    this.#writer = writer;
    this.#log = log;
  }

  collection<T extends object>(spec: CollectionSpec<T>): Collection<T> {
    const indexes = Object.keys(spec.indexes ?? {})
      .sort()
      .join();
    const indexer: Indexer = (value, key) => entriesOf(spec, value as T, key);
    const declared = this.#declared.get(spec.name) ?? {
      indexes,
      upToDate: this.#bringUpToDate(spec.name, indexes, indexer),
    };
    if (declared.indexes !== indexes) {
      throw new StoreError(`the collection '${spec.name}' is declared twice, with different indexes`);
    }
    this.#declared.set(spec.name, declared);
    this.#indexers.set(spec.name, indexer);
    return new SqliteCollection<T>(spec, this.#reader, declared.upToDate);
  }

  async queues(prefix: string): Promise<readonly QueueState[]> {
    return this.#reader.queues(prefix);
  }

  queue(name: string): Queue {
    checkKey('a queue name', name);
    return new SqliteQueue(name, this.#reader);
  }

  async commit(writes: readonly Write[]): Promise<void> {
    const batch = encodeBatch(writes, this.#indexers);
    if (batch.length === 0) return;
    this.counters.waiting++;
    try {
      await this.#writer.commit(batch);
      this.counters.committed++;
    } catch (error) {
      if (!(error instanceof VersionMismatch)) this.counters.failed++;
      throw error;
    } finally {
      this.counters.waiting--;
    }
  }

  async clear(): Promise<void> {
    await this.#writer.commit([{ kind: 'clear' }]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Makes the entries anew when the documents were written by a release that declared other indexes. */
  #bringUpToDate(collection: string, indexes: string, indexer: Indexer): Promise<void> | undefined {
    if (this.#reader.declaredIndexes(collection) === indexes) return undefined;
    const upToDate = reindex({ collection, indexes, indexer }, this.#reader, this.#writer);
    upToDate.catch((error) => {
      this.#log.error({ err: error, collection }, 'new indexes could not be filled; what asks them fails');
    });
    return upToDate;
  }

  /** The writer last: the last connection to close a file folds the log into it, and the reader could not. */
  async #close(): Promise<void> {
    const written = this.#writer.close();
    this.#reader.close();
    await written;
  }
}

/** Reads go to the database at once; `put` and `delete` only describe what `commit` is to do. */
class SqliteCollection<T extends object> implements Collection<T> {
  readonly #name: string;
  readonly #indexes: ReadonlySet<string>;
  readonly #reader: Reader;
  readonly #upToDate: Promise<void> | undefined;

  constructor(spec: CollectionSpec<T>, reader: Reader, upToDate: Promise<void> | undefined) {
    this.#name = spec.name;
    this.#indexes = new Set(Object.keys(spec.indexes ?? {}));
    this.#reader = reader;
    this.#upToDate = upToDate;
  }

  async get(key: string): Promise<Stored<T> | undefined> {
    checkKey(`a key of ${this.#name}`, key);
    return this.#reader.get(this.#name, key);
  }

  async scan(range: Range = {}): Promise<Page<T>> {
    return this.#reader.scan(this.#name, range);
  }

  async find(index: string, indexKey: string, range: Range = {}): Promise<Page<T>> {
    await this.#checkIndex(index, indexKey);
    return this.#reader.find(this.#name, index, indexKey, range);
  }

  async findPrefix(index: string, prefix: string, range: Omit<Range, 'prefix'> = {}): Promise<Page<T>> {
    await this.#checkIndex(index, prefix);
    return this.#reader.findPrefix(this.#name, index, prefix, range);
  }

  async count(index?: string, indexKey?: string): Promise<number> {
    if (index === undefined) return this.#reader.count(this.#name);
    if (indexKey === undefined) throw new StoreError(`which key of the index '${index}' is to be counted?`);
    await this.#checkIndex(index, indexKey);
    return this.#reader.countEntries(this.#name, index, indexKey);
  }

  put(key: string, value: T, { ifVersion }: Condition = {}): Write {
    return { kind: 'put', collection: this.#name, key, value, ifVersion };
  }

  delete(key: string, { ifVersion }: Condition = {}): Write {
    return { kind: 'delete', collection: this.#name, key, ifVersion };
  }

  async #checkIndex(index: string, indexKey: string): Promise<void> {
    if (!this.#indexes.has(index)) throw new StoreError(`the collection '${this.#name}' has no index '${index}'`);
    checkKey(`a key of the index ${index} of ${this.#name}`, indexKey);
    await this.#upToDate;
  }
}

class SqliteQueue implements Queue {
  readonly #name: string;
  readonly #reader: Reader;

  constructor(name: string, reader: Reader) {
    this.#name = name;
    this.#reader = reader;
  }

  append(items: readonly Queued[]): Write {
    return { kind: 'append', queue: this.#name, items };
  }

  async read(after: number, limit: number): Promise<readonly Queued[]> {
    return this.#reader.readQueue(this.#name, after, limit);
  }

  ack(sequences: readonly number[]): Write {
    return { kind: 'ack', queue: this.#name, sequences };
  }

  drop(): Write {
    return { kind: 'drop', queue: this.#name };
  }

  async length(): Promise<number> {
    return this.#reader.queueLength(this.#name);
  }
}

/** See `Encoded.entries`. The order is that of the declaration and of the index function, each key once. */
function entriesOf<T extends object>(spec: CollectionSpec<T>, value: T, key: string): string {
  const entries: [index: string, indexKey: string][] = [];
  for (const [index, keysOf] of Object.entries(spec.indexes ?? {})) {
    for (const indexKey of new Set(keysOf(value, key))) {
      checkKey(`a key of the index ${index} of ${spec.name}`, indexKey);
      entries.push([index, indexKey]);
    }
  }
  return JSON.stringify(entries);
}
