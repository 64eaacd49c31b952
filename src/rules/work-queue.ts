/**
 * What rules have to do after a message was accepted: so much at a time, and so much waiting, then no more. Knows
 * nothing of rules. A class, because it has a state of its own: what runs and what waits.
 */
export type Work = () => Promise<void>;

export interface WorkLimits {
  /** Works that run at the same time. */
  readonly running: number;
  /** Works that wait for one of those to end. */
  readonly waiting: number;
}

export class WorkQueue {
  readonly #limits: WorkLimits;
  readonly #onError: (error: unknown) => void;
  #waiting: Work[] = [];
  #next = 0;
  #running = 0;
  #whenIdle: (() => void)[] = [];

  /** `onError` gets what a work rejects with: works are to handle their errors, so it is a defect. */
  constructor(limits: WorkLimits, onError: (error: unknown) => void) {
    this.#limits = limits;
    this.#onError = onError;
  }

  /** False when there is no room: the work is not going to be done. Never runs it at once. */
  add(work: Work): boolean {
    if (this.#running < this.#limits.running) {
      void this.#run(work);
      return true;
    }
    if (this.waiting >= this.#limits.waiting) return false;
    this.#waiting.push(work);
    return true;
  }

  get waiting(): number {
    return this.#waiting.length - this.#next;
  }

  /** Resolves once nothing runs or waits. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  async #run(first: Work): Promise<void> {
    this.#running++;
    await Promise.resolve();
    for (let work: Work | undefined = first; work; work = this.#shift()) {
      try {
        await work();
      } catch (error) {
        this.#onError(error);
      }
      // Works that never really wait, such as republishing, must not keep the sockets from being read.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#running--;
    if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #shift(): Work | undefined {
    if (this.#next === this.#waiting.length) return undefined;
    const work = this.#waiting[this.#next++];
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else if (this.#next >= 1024) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return work;
  }
}
