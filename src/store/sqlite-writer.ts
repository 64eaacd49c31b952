/**
 * Where commits go: for memory straight into an engine on this thread, for a file through a worker thread in groups.
 * Made by `sqlite.ts`. A writer keeps the order of `commit` calls and settles each promise after its commit is durable.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { GroupCommit } from './group-commit.ts';
import { type Batch, errorOf } from './sqlite-batch.ts';
import { Engine } from './sqlite-engine.ts';
import type { Reply, Request } from './sqlite-worker.ts';
import { StoreError } from './store.ts';

export interface Writer {
  commit(batch: Batch): Promise<void>;
  /** Finishes what was committed before, refuses what comes after. */
  close(): Promise<void>;
}

/** The writer of a database in memory: there is no disk to wait for, so a commit is done when `commit` returns. */
export function inlineWriter(database: DatabaseSync): Writer {
  const engine = new Engine(database);
  return {
    async commit(batch) {
      if (!database.isOpen) throw new StoreError('the store is closed');
      const failure = engine.apply([batch]).get(0);
      if (failure) throw errorOf(failure);
    },
    async close() {
      if (database.isOpen) database.close();
    },
  };
}

/**
 * Starts the thread that owns `file`. Rejects with the StoreError of opening it. `beforeSettling` is called whenever
 * something was committed, before anybody who waits for it is told.
 */
export async function startWorkerWriter(file: string, log: Log, beforeSettling: () => void): Promise<Writer> {
  // From source this file ends in .ts, in the published package in .js; so does the worker's.
  const source = import.meta.url;
  const extension = source.slice(source.lastIndexOf('.'));
  const worker = new Worker(new URL(`./sqlite-worker${extension}`, source), { name: 'store', workerData: { file } });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await opened(worker, file);
  return writerOf(worker, { ended, log, beforeSettling });
}

async function opened(worker: Worker, file: string): Promise<void> {
  const first = await new Promise<Reply>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new StoreError(`${file} was not opened: the thread for it ended`)));
  });
  if (first.kind === 'refused') throw new StoreError(first.message, { cause: first.cause });
}

interface WriterParts {
  readonly ended: Promise<void>;
  readonly log: Log;
  readonly beforeSettling: () => void;
}

function writerOf(worker: Worker, { ended, log, beforeSettling }: WriterParts): Writer {
  const post = (request: Request): void => worker.postMessage(request);
  const commits = new GroupCommit({ post });
  worker.on('message', (reply: Reply) => {
    if (reply.kind !== 'applied') return;
    beforeSettling();
    commits.settle(reply.count, reply.failures);
  });
  worker.on('error', (error) => {
    log.error({ err: error }, 'the thread that writes the store failed; nothing more can be committed');
    const message = `the store can write nothing more until the program is restarted: ${messageOf(error)}`;
    commits.abandon(new StoreError(message, { cause: error }));
  });
  worker.once('exit', () => commits.abandon(new StoreError('the thread that writes the store has ended')));
  return {
    commit: (batch) => commits.commit(batch),
    async close() {
      await commits.finish();
      post('close');
      await ended;
    },
  };
}
