/**
 * What travels from the calling thread to the engine, and back: commits and failures as plain data that a thread may
 * send to another. `sqlite.ts` encodes, `sqlite-engine.ts` applies. Encoding copies everything, so nothing the caller
 * changes afterwards reaches the store.
 */
import { checkKey } from './keys.ts';
import { StoreError, VersionMismatch, type Write } from './store.ts';

/** One commit: its changes, in order. */
export type Batch = readonly Change[];

export type Change =
  | ({ readonly kind: 'put'; readonly collection: string; readonly key: string; readonly ifVersion?: number } & Encoded)
  | { readonly kind: 'delete'; readonly collection: string; readonly key: string; readonly ifVersion?: number }
  | { readonly kind: 'append'; readonly queue: string; readonly items: Uint8Array; readonly lengths: readonly number[] }
  | { readonly kind: 'ack'; readonly queue: string; readonly sequences: readonly number[] }
  | { readonly kind: 'drop'; readonly queue: string }
  | { readonly kind: 'clear' };

interface Encoded {
  /** The document as JSON. */
  readonly value: string;
  /** The index entries it is found under, as JSON `[[index, index key], …]`; equal text means equal entries. */
  readonly entries: string;
}

/** Why a commit was not done. */
export type Failure =
  | { readonly kind: 'mismatch'; readonly collection: string; readonly key: string }
  | { readonly kind: 'error'; readonly message: string; readonly errcode?: number };

/** The index entries of a document, as `Encoded.entries`. One for each declared collection. */
export type Indexer = (value: object, key: string) => string;

/** What a change costs beside its bytes, in the estimate below: its objects, and its rows' bookkeeping. */
const CHANGE_OVERHEAD_BYTES = 200;

/** `writes` as data. Throws StoreError for keys that cannot be kept and for collections that `indexers` does not know. */
export function encodeBatch(writes: readonly Write[], indexers: ReadonlyMap<string, Indexer>): Batch {
  return writes.map((write) => encode(write, indexers));
}

/** Roughly how much memory a batch holds, in bytes. */
export function batchSize(batch: Batch): number {
  let size = 0;
  for (const change of batch) {
    size += CHANGE_OVERHEAD_BYTES;
    if (change.kind === 'put') size += change.key.length + change.value.length + change.entries.length;
    else if (change.kind === 'append') size += change.items.length + 8 * change.lengths.length;
    else if (change.kind === 'ack') size += 8 * change.sequences.length;
  }
  return size;
}

/** What was thrown while a batch was applied, as data. */
export function failureOf(error: unknown): Failure {
  if (error instanceof VersionMismatch) return { kind: 'mismatch', collection: error.collection, key: error.key };
  const { message, errcode } = error as { message?: string; errcode?: number };
  return { kind: 'error', message: message ?? String(error), errcode };
}

/** A failure as the error that `commit` rejects with. */
export function errorOf(failure: Failure): Error {
  if (failure.kind === 'mismatch') return new VersionMismatch(failure.collection, failure.key);
  const cause = Object.assign(new Error(failure.message), { errcode: failure.errcode });
  return new StoreError(`nothing of the commit was written: ${failure.message}`, { cause });
}

function encode(write: Write, indexers: ReadonlyMap<string, Indexer>): Change {
  if ('queue' in write) {
    checkKey('a queue name', write.queue);
    return write.kind === 'append' ? packed(write.queue, write.items) : write;
  }
  const { collection, key } = write;
  const indexer = indexers.get(collection);
  if (!indexer) throw new StoreError(`the collection '${collection}' is not declared in this store`);
  checkKey(`a key of ${collection}`, key);
  if (write.kind === 'delete') return write;
  const { kind, value, ifVersion } = write;
  return { kind, collection, key, ifVersion, value: JSON.stringify(value), entries: indexer(value, key) };
}

/** The items in one piece of memory of their own: sending a slice to a thread would send all it was cut from. */
function packed(queue: string, items: readonly Buffer[]): Change {
  const lengths = items.map((item) => item.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const item of items) {
    bytes.set(item, offset);
    offset += item.length;
  }
  return { kind: 'append', queue, items: bytes, lengths };
}
