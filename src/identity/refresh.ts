/**
 * Work that brings something up to date and is asked for again while it runs: it then runs once more. The policy
 * authority reloads policies and facts with it, so that no change between a read and its use is lost.
 */
export class Refresh {
  readonly #work: () => Promise<void>;
  #asked = 0;
  #running: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Whether a run has begun and not ended: what it has read may be old by now. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves when a run that began after this call has ended; rejects when it failed. */
  request(): Promise<void> {
    this.#asked++;
    this.#running ??= Promise.resolve().then(() => this.#run());
    return this.#running;
  }

  /** Ends in the turn in which nothing more is asked: a request after that starts a run of its own. */
  async #run(): Promise<void> {
    try {
      for (let served = 0; served !== this.#asked; ) {
        served = this.#asked;
        await this.#work();
      }
    } finally {
      this.#running = undefined;
    }
  }
}
