/**
 * The line of commits on their way to the engine's thread: order, grouping, limits and who is told what. Used by
 * `sqlite-writer.ts`, which knows the thread; this knows only how to post.
 *
 * Commits of one turn of the event loop are posted together, and the thread makes one transaction of all that arrived
 * while it was busy with the last. So under load the groups grow to what a sync takes, without any waiting on purpose,
 * and a lone commit is not held up.
 */
import { type Batch, batchSize, errorOf, type Failure } from './sqlite-batch.ts';
import { StoreError } from './store.ts';

export interface GroupCommitOptions {
  /** Sends commits to the engine, which answers through `settle`, in order. */
  readonly post: (batches: readonly Batch[]) => void;
  readonly limits?: { readonly windowBytes: number; readonly lineBytes: number };
}

/**
 * The window is how much may be posted and not yet answered. It bounds how long one transaction takes (tens of
 * milliseconds) and the memory of the copies; larger groups would not be faster, a sync is spread thin long before.
 *
 * The line is how much may wait behind the window. Normally it stops growing by itself, because whoever awaits `commit`
 * takes nothing new meanwhile: a publisher is not acknowledged, a request not answered. Its limit is for a disk that
 * stands still while everybody keeps on: to refuse is better than to run out of memory with all that waits.
 */
const LIMITS = { windowBytes: 8 << 20, lineBytes: 256 << 20 };

interface Waiting {
  readonly batch: Batch;
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class GroupCommit {
  readonly #post: GroupCommitOptions['post'];
  readonly #limits: typeof LIMITS;
  /** Not yet posted, and posted but not yet answered; both in order. */
  #line: Waiting[] = [];
  #posted: Waiting[] = [];
  #lineBytes = 0;
  #postedBytes = 0;
  #isPostDue = false;
  /** Why nothing more is taken. */
  #over: StoreError | undefined;
  #whenIdle: (() => void) | undefined;

  constructor({ post, limits = LIMITS }: GroupCommitOptions) {
    this.#post = post;
    this.#limits = limits;
  }

  /** Resolves when the engine has done it, rejects with VersionMismatch or StoreError when not. */
  commit(batch: Batch): Promise<void> {
    if (this.#over) return Promise.reject(this.#over);
    const size = batchSize(batch);
    if (this.#line.length > 0 && this.#lineBytes + size > this.#limits.lineBytes) {
      return Promise.reject(overloaded(this.#line.length));
    }
    return new Promise((resolve, reject) => {
      this.#line.push({ batch, size, resolve, reject });
      this.#lineBytes += size;
      this.#postSoon();
    });
  }

  /** The engine has applied the `count` commits that were posted first; `failures` has those that failed, by position. */
  settle(count: number, failures: ReadonlyMap<number, Failure>): void {
    const group = this.#posted.splice(0, count);
    for (const { size } of group) this.#postedBytes -= size;
    this.#postWaiting();
    group.forEach(({ resolve, reject }, position) => {
      const failure = failures.get(position);
      if (failure) reject(errorOf(failure));
      else resolve();
    });
    if (this.#isIdle) this.#whenIdle?.();
  }

  /** Takes nothing more, and resolves when everything taken before is settled. */
  async finish(): Promise<void> {
    this.#over ??= new StoreError('the store is closed');
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** The engine is gone. Whether what was posted is durable is unknown, so it is not confirmed. */
  abandon(reason: StoreError): void {
    this.#over ??= reason;
    const lost = [...this.#posted, ...this.#line];
    this.#posted = [];
    this.#line = [];
    this.#lineBytes = 0;
    this.#postedBytes = 0;
    for (const { reject } of lost) reject(reason);
    this.#whenIdle?.();
  }

  get #isIdle(): boolean {
    return this.#line.length + this.#posted.length === 0;
  }

  #postSoon(): void {
    if (this.#isPostDue) return;
    this.#isPostDue = true;
    setImmediate(() => {
      this.#isPostDue = false;
      this.#postWaiting();
    });
  }

  /** Posts as much of the line as the window has room for; one commit always fits into an empty one. */
  #postWaiting(): void {
    let count = 0;
    for (const { size } of this.#line) {
      if (this.#postedBytes > 0 && this.#postedBytes + size > this.#limits.windowBytes) break;
      this.#postedBytes += size;
      this.#lineBytes -= size;
      count++;
    }
    if (count === 0) return;
    const group = this.#line.splice(0, count);
    for (const waiting of group) this.#posted.push(waiting);
    this.#post(group.map(({ batch }) => batch));
  }
}

function overloaded(waiting: number): StoreError {
  return new StoreError(`${waiting} commits are waiting for the disk, as much as can be held; this one was refused`);
}
