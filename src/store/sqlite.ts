/**
 * The embedded back end of the storage port: SQLite in a file (WAL, group commit on a thread of its own) or in memory.
 * `server.ts` opens it, and tests do; everybody else sees `store.ts` only. `DESIGN.md` tells how it works and why.
 */
import type { Log } from '../base/log.ts';
import { checkKey } from './keys.ts';
import { encodeBatch, type Indexer } from './sqlite-batch.ts';
import { openForReading, openMemory } from './sqlite-file.ts';
import { Reader } from './sqlite-reader.ts';
import { inlineWriter, startWorkerWriter, type Writer } from './sqlite-writer.ts';
import {
  type Collection,
  type CollectionSpec,
  type Condition,
  type Page,
  type Queue,
  type Queued,
  type Range,
  type Store,
  type Stored,
  StoreError,
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
    return new SqliteStore(new Reader(database, { takesSnapshots: false }), inlineWriter(database));
  }
  let reader: Reader | undefined;
  const writer = await startWorkerWriter(file, log, () => reader?.endSnapshot());
  try {
    reader = new Reader(openForReading(file), { takesSnapshots: true });
    log.debug({ file }, 'store opened');
    return new SqliteStore(reader, writer);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

class SqliteStore implements Store {
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #declared = new Map<string, readonly string[]>();
  readonly #indexers = new Map<string, Indexer>();
  #closing: Promise<void> | undefined;

  constructor(reader: Reader, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  collection<T extends object>(spec: CollectionSpec<T>): Collection<T> {
    const indexes = Object.keys(spec.indexes ?? {}).sort();
    const before = this.#declared.get(spec.name) ?? indexes;
    if (before.join() !== indexes.join()) {
      throw new StoreError(`the collection '${spec.name}' is declared twice, with different indexes`);
    }
    this.#declared.set(spec.name, indexes);
    this.#indexers.set(spec.name, (value, key) => entriesOf(spec, value as T, key));
    return new SqliteCollection<T>(spec, this.#reader);
  }

  queue(name: string): Queue {
    checkKey('a queue name', name);
    return new SqliteQueue(name, this.#reader);
  }

  async commit(writes: readonly Write[]): Promise<void> {
    const batch = encodeBatch(writes, this.#indexers);
    if (batch.length > 0) await this.#writer.commit(batch);
  }

  async clear(): Promise<void> {
    await this.#writer.commit([{ kind: 'clear' }]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
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

  constructor(spec: CollectionSpec<T>, reader: Reader) {
    this.#name = spec.name;
    this.#indexes = new Set(Object.keys(spec.indexes ?? {}));
    this.#reader = reader;
  }

  async get(key: string): Promise<Stored<T> | undefined> {
    checkKey(`a key of ${this.#name}`, key);
    return this.#reader.get(this.#name, key);
  }

  async scan(range: Range = {}): Promise<Page<T>> {
    return this.#reader.scan(this.#name, range);
  }

  async find(index: string, indexKey: string, range: Range = {}): Promise<Page<T>> {
    this.#checkIndex(index, indexKey);
    return this.#reader.find(this.#name, index, indexKey, range);
  }

  async findPrefix(index: string, prefix: string, range: Omit<Range, 'prefix'> = {}): Promise<Page<T>> {
    this.#checkIndex(index, prefix);
    return this.#reader.findPrefix(this.#name, index, prefix, range);
  }

  async count(index?: string, indexKey?: string): Promise<number> {
    if (index === undefined) return this.#reader.count(this.#name);
    if (indexKey === undefined) throw new StoreError(`which key of the index '${index}' is to be counted?`);
    this.#checkIndex(index, indexKey);
    return this.#reader.countEntries(this.#name, index, indexKey);
  }

  put(key: string, value: T, { ifVersion }: Condition = {}): Write {
    return { kind: 'put', collection: this.#name, key, value, ifVersion };
  }

  delete(key: string, { ifVersion }: Condition = {}): Write {
    return { kind: 'delete', collection: this.#name, key, ifVersion };
  }

  #checkIndex(index: string, indexKey: string): void {
    if (!this.#indexes.has(index)) throw new StoreError(`the collection '${this.#name}' has no index '${index}'`);
    checkKey(`a key of the index ${index} of ${this.#name}`, indexKey);
  }
}

class SqliteQueue implements Queue {
  readonly #name: string;
  readonly #reader: Reader;

  constructor(name: string, reader: Reader) {
    this.#name = name;
    this.#reader = reader;
  }

  append(items: readonly Buffer[]): Write {
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
