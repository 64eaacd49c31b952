/**
 * The storage port. Domains see collections of JSON documents, queues of bytes and atomic commits, never SQL. Every
 * back end passes `test/contract/store.contract.ts`.
 *
 * Reads see everything whose `commit` has resolved. A commit is durable when it resolves: it survives `kill -9` and a
 * power cut. Keys, index keys and queue names are any strings of up to 1,024 UTF-8 bytes (the empty one and NUL included;
 * half a surrogate pair has no UTF-8 form and is refused); keys order by their UTF-8 bytes.
 */

/** How a domain declares its documents; the back end makes tables and indexes from it. */
export interface CollectionSpec<T extends object> {
  /** Unique in the program: lower-case letters and `_`, e.g. `thing`. */
  readonly name: string;
  /** Secondary indexes: each maps a document to the index keys it is found under (none, one or many). */
  readonly indexes?: Readonly<Record<string, (value: T, key: string) => readonly string[]>>;
}

export interface Stored<T> {
  readonly key: string;
  readonly value: T;
  /** 1 for a new document, one more with every put. Starts anew after a delete. */
  readonly version: number;
}

export interface Range {
  /** Only keys that begin with this. */
  readonly prefix?: string;
  /** Continuation: the `next` of the page before this one. */
  readonly after?: string;
  /** At most so many documents; default 250. */
  readonly limit?: number;
  readonly descending?: boolean;
}

export interface Page<T> {
  readonly items: readonly Stored<T>[];
  /** Pass as `after` for the following page; absent on the last one. */
  readonly next?: string;
}

/** `ifVersion` n: only if the stored version is n; 0: only if there is no such document. Absent: whatever is there. */
export interface Condition {
  readonly ifVersion?: number;
}

export interface Collection<T extends object> {
  get(key: string): Promise<Stored<T> | undefined>;
  /** Documents by key, in key order. */
  scan(range?: Range): Promise<Page<T>>;
  /** Documents found in `index` under exactly `indexKey`, in key order. */
  find(index: string, indexKey: string, range?: Range): Promise<Page<T>>;
  /** Documents whose index key begins with `prefix` (may be empty), ordered by index key, then key; a document with several such keys comes several times. */
  findPrefix(index: string, prefix: string, range?: Omit<Range, 'prefix'>): Promise<Page<T>>;
  /** How many documents there are, or how many `index` holds under `indexKey` (both or neither). Takes time linear in the result. */
  count(index?: string, indexKey?: string): Promise<number>;
  /** A write for `commit`; does nothing by itself. */
  put(key: string, value: T, condition?: Condition): Write;
  delete(key: string, condition?: Condition): Write;
}

export interface Queued {
  /** Chosen by whoever appends: above every sequence the queue has held since the process began. */
  readonly sequence: number;
  readonly item: Buffer;
}

/** A queue that holds something. */
export interface QueueState {
  readonly name: string;
  readonly length: number;
  /** The highest sequence in it. */
  readonly last: number;
}

/** A durable first-in-first-out list of bytes with individual acknowledgement, e.g. the messages of a session. */
export interface Queue {
  /** A commit fails when a sequence is in the queue already. */
  append(items: readonly Queued[]): Write;
  /** Items with a sequence above `after` (0: from the front), in order. */
  read(after: number, limit: number): Promise<readonly Queued[]>;
  /** Removes the items with these sequences; unknown ones are passed over. */
  ack(sequences: readonly number[]): Write;
  /** Removes everything. */
  drop(): Write;
  length(): Promise<number>;
}

/** One change inside a commit. Made by a collection or queue, opaque to everybody else. */
export type Write =
  | {
      readonly kind: 'put';
      readonly collection: string;
      readonly key: string;
      readonly value: object;
      readonly ifVersion?: number;
    }
  | { readonly kind: 'delete'; readonly collection: string; readonly key: string; readonly ifVersion?: number }
  | { readonly kind: 'append'; readonly queue: string; readonly items: readonly Queued[] }
  | { readonly kind: 'ack'; readonly queue: string; readonly sequences: readonly number[] }
  | { readonly kind: 'drop'; readonly queue: string };

/** Commits of this process; plain numbers. */
export interface StoreCounters {
  committed: number;
  /** Not for a condition that did not hold, which is the caller's matter. */
  failed: number;
  /** On their way. */
  waiting: number;
}

export interface Store {
  /**
   * Declares a collection and returns it. Each name belongs to one declaration; the same one again (a domain made anew
   * on the same store) is fine, one with other index names throws.
   */
  collection<T extends object>(spec: CollectionSpec<T>): Collection<T>;
  queue(name: string): Queue;
  /** The queues that hold something and whose names begin with `prefix`. */
  queues(prefix: string): Promise<readonly QueueState[]>;
  /** All of `writes` in order, or none: rejects with `VersionMismatch` when a condition does not hold. Resolves when durable. */
  commit(writes: readonly Write[]): Promise<void>;
  readonly counters: Readonly<StoreCounters>;
  /** Removes every document and queue, keeping the declarations. For `reset` of an ephemeral server. */
  clear(): Promise<void>;
  /** Finishes pending commits and closes. */
  close(): Promise<void>;
}

/** A condition of a commit did not hold; nothing of the commit was done. */
export class VersionMismatch extends Error {
  override readonly name = 'VersionMismatch';
  readonly collection: string;
  readonly key: string;

  constructor(collection: string, key: string) {
    super(`${collection} '${key}' was changed by somebody else`);
    this.collection = collection;
    this.key = key;
  }
}

/**
 * The store cannot do what it was asked: it cannot be opened, the disk is full, a key cannot be kept, it was closed.
 * The message is for the operator and says what to do; `cause` is the back end's own error. A commit that failed so
 * was not done as far as this process reads, except that after an I/O error it may still be found after a restart.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
