/**
 * Where commits go: for memory straight into an engine on this thread, for a file through a worker thread in groups.
 * Made by `sqlite.ts`. A writer keeps the order of `commit` calls and settles each promise after its commit is durable.
 */

import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Batch, batchSize, errorOf } from './sqlite-batch.ts';
import { Engine } from './sqlite-engine.ts';
import type { Reply, Request } from './sqlite-worker.ts';
import { StoreError } from './store.ts';

export interface Writer {
  commit(batch: Batch): Promise<void>;
  /** Finishes what was committed before, refuses what comes after. */
  close(): Promise<void>;
}

/**
 * How much may be on its way to the worker. It limits how long one transaction takes (tens of milliseconds) and how much
 * memory the copies take; a larger group would not be faster, the cost of a sync is spread thin long before.
 */
const WINDOW_BYTES = 8 << 20;

/**
 * How much may wait in line behind the window. Normally the line stops growing by itself, because whoever awaits `commit`
 * takes nothing new meanwhile (a publisher is not acknowledged, a request not answered). This is for when the disk stands
 * still and everybody keeps on: refusing is then better than dying of memory with all that waits.
 */
const LINE_BYTES = 256 << 20;

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

/** Starts the worker for `file`. Rejects with the StoreError of opening it. */
export async function startWorkerWriter(file: string, log: Log): Promise<Writer> {
  const source = import.meta.url;
  const extension = source.slice(source.lastIndexOf('.'));
  const worker = new Worker(new URL(`./sqlite-worker${extension}`, source), { name: 'store', workerData: { file } });
  const first = await new Promise<Reply>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new StoreError(`${file} was not opened: the thread for it ended`)));
  });
  if (first.kind === 'refused') throw new StoreError(first.message, { cause: first.cause });
  return new GroupCommit(worker, log);
}

interface Waiting {
  readonly batch: Batch;
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Commits of one turn of the event loop go to the worker as one message, and it makes one transaction of all messages
 * that arrived while it was busy with the last. So under load the groups grow to what a sync takes, without any waiting
 * on purpose, and a lone commit is not held up.
 */
class GroupCommit implements Writer {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  /** Not yet posted, and posted but not yet answered; both in order. */
  #line: Waiting[] = [];
  #posted: Waiting[] = [];
  #lineBytes = 0;
  #postedBytes = 0;
  #isPostDue = false;
  /** Why nothing more is taken. */
  #over: StoreError | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(worker: Worker, log: Log) {
    this.#worker = worker;
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (error) => {
      log.error({ err: error }, 'the thread that writes the store failed; nothing more can be committed');
      this.#abandon(new StoreError(`the thread that writes the store failed: ${messageOf(error)}`, { cause: error }));
    });
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#abandon(new StoreError('the thread that writes the store has ended'));
        resolve();
      });
    });
  }

  commit(batch: Batch): Promise<void> {
    if (this.#over) return Promise.reject(this.#over);
    const size = batchSize(batch);
    if (this.#lineBytes + size > LINE_BYTES) return Promise.reject(overloaded(this.#line.length));
    return new Promise((resolve, reject) => {
      this.#line.push({ batch, size, resolve, reject });
      this.#lineBytes += size;
      this.#postSoon();
    });
  }

  async close(): Promise<void> {
    this.#over ??= new StoreError('the store is closed');
    if (this.#line.length + this.#posted.length > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#post('close');
    await this.#ended;
  }

  #postSoon(): void {
    if (this.#isPostDue) return;
    this.#isPostDue = true;
    setImmediate(() => {
      this.#isPostDue = false;
      this.#postWaiting();
    });
  }

  /** Posts as much of the line as the window has room for; one commit always fits. */
  #postWaiting(): void {
    let count = 0;
    for (const { size } of this.#line) {
      if (this.#postedBytes > 0 && this.#postedBytes + size > WINDOW_BYTES) break;
      this.#postedBytes += size;
      this.#lineBytes -= size;
      count++;
    }
    if (count === 0) return;
    const group = this.#line.splice(0, count);
    for (const waiting of group) this.#posted.push(waiting);
    this.#post(group.map(({ batch }) => batch));
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #settle(reply: Reply): void {
    if (reply.kind !== 'applied') return;
    const group = this.#posted.splice(0, reply.count);
    for (const { size } of group) this.#postedBytes -= size;
    this.#postWaiting();
    group.forEach(({ resolve, reject }, position) => {
      const failure = reply.failures.get(position);
      if (failure) reject(errorOf(failure));
      else resolve();
    });
    if (this.#line.length + this.#posted.length === 0) this.#whenIdle?.();
  }

  /** The worker is gone: whether what was posted is durable is unknown, so it is not confirmed. */
  #abandon(reason: StoreError): void {
    this.#over ??= reason;
    const lost = [...this.#posted, ...this.#line];
    this.#posted = [];
    this.#line = [];
    this.#lineBytes = 0;
    this.#postedBytes = 0;
    for (const { reject } of lost) reject(reason);
    this.#whenIdle?.();
  }
}

function overloaded(waiting: number): StoreError {
  return new StoreError(`${waiting} commits are waiting for the disk, as many as can be held; this one was refused`);
}
