/**
 * Fills the indexes of a collection anew: a release that declares an index more (or one less) opens the data of the one
 * before. Called by `sqlite.ts` while the collection is declared, before any commit of this process can touch it.
 * A changed index function is not noticed; give such an index a new name.
 */
import type { Batch, Indexer } from './sqlite-batch.ts';
import type { Reader } from './sqlite-reader.ts';
import type { Writer } from './sqlite-writer.ts';

export interface Reindexing {
  readonly collection: string;
  /** The names of the indexes, as `declaredIndexes` of the reader gives them. */
  readonly indexes: string;
  readonly indexer: Indexer;
}

/** Resolves when all entries are durable. That it is done is written last, so a crash before means doing it again. */
export async function reindex(what: Reindexing, reader: Reader, writer: Writer): Promise<void> {
  // All is read in this turn, so that commits called later come later in the writer's order too.
  const batches = [...newEntries(what, reader)];
  if (batches.length > 0) await Promise.all(batches.map((batch) => writer.commit(batch)));
  await writer.commit([{ kind: 'declare', collection: what.collection, indexes: what.indexes }]);
}

function* newEntries({ collection, indexer }: Reindexing, reader: Reader): Generator<Batch> {
  let after: string | undefined;
  do {
    const page = reader.scan<object>(collection, { after });
    const documents = page.items.map(({ key, value }) => [key, indexer(value, key)] as const);
    if (documents.length > 0) yield [{ kind: 'reindex', collection, documents }];
    after = page.next;
  } while (after !== undefined);
}
