/**
 * Time, injected everywhere: nothing else in the program reads the system clock or makes a timer
 * (`test/structure.test.ts` checks it), so that with a virtual clock an expiry of days is tested in milliseconds.
 */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now. Never keeps the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` every `periodMs` until cancelled. Never keeps the process alive. */
  every(periodMs: number, callback: () => void): Timer;
}

/** Node's timers overflow beyond this and would fire at once. */
const LONGEST_NODE_TIMEOUT_MS = 0x7fffffff;

export function systemClock(): Clock {
  return { now: Date.now, after: systemAfter, every: systemEvery };
}

function systemAfter(delayMs: number, callback: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = (remainingMs: number): void => {
    const step = Math.min(remainingMs, LONGEST_NODE_TIMEOUT_MS);
    handle = setTimeout(() => (remainingMs > step ? arm(remainingMs - step) : callback()), step);
    handle.unref();
  };
  arm(Math.max(0, delayMs));
  return { cancel: () => clearTimeout(handle) };
}

function systemEvery(periodMs: number, callback: () => void): Timer {
  const handle = setInterval(callback, periodMs);
  handle.unref();
  return { cancel: () => clearInterval(handle) };
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until told: `advance` moves it and runs what falls due, in time order, letting the work
 * each callback started (promises, sockets, store commits) proceed before the next one.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #due: Due[] = [];
  #advancing: Promise<void> = Promise.resolve();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const entry: Due = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#due.push(entry);
    return { cancel: () => this.#remove(entry) };
  }

  every(periodMs: number, callback: () => void): Timer {
    let timer: Timer;
    const arm = (): void => {
      timer = this.after(periodMs, () => {
        arm();
        callback();
      });
    };
    arm();
    return { cancel: () => timer.cancel() };
  }

  /** Moves time forward by `byMs`. Calls that overlap run one after the other. */
  advance(byMs: number): Promise<void> {
    this.#advancing = this.#advancing.then(() => this.#run(this.#nowMs + byMs));
    return this.#advancing;
  }

  async #run(untilMs: number): Promise<void> {
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      this.#remove(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  #next(untilMs: number): Due | undefined {
    let first: Due | undefined;
    for (const entry of this.#due) {
      if (entry.atMs > untilMs) continue;
      if (!first || entry.atMs < first.atMs || (entry.atMs === first.atMs && entry.order < first.order)) first = entry;
    }
    return first;
  }

  #remove(entry: Due): void {
    const index = this.#due.indexOf(entry);
    if (index >= 0) this.#due.splice(index, 1);
  }
}

/** Lets promises and pending I/O callbacks run: two turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
