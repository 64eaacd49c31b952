/**
 * Work that must not overlap: what is asked for one key runs one after the other, in the order it was asked. Of this
 * process alone: what other nodes do is met by the versions of the store. Work may take a turn for another key inside
 * its own, as long as everybody takes them in the same order.
 */

export class Turns {
  readonly #limit: number;
  readonly #lines = new Map<string, { last: Promise<unknown>; length: number }>();

  /** `limit`: how many pieces of work may wait or run for one key before `isFull` says so. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** Ask before `run`, which takes everything. */
  isFull(key: string): boolean {
    return (this.#lines.get(key)?.length ?? 0) >= this.#limit;
  }

  /** Runs `work` when all that was given for `key` before has settled; settles as `work` does. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { last: Promise.resolve(), length: 0 };
    this.#lines.set(key, line);
    line.length++;
    const result = line.last.then(work).finally(() => {
      line.length--;
      if (line.length === 0) this.#lines.delete(key);
    });
    // The next in line starts whatever became of this one; its caller has the failure through `result`.
    line.last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Resolves when nothing is waiting or running any more. */
  async settled(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all([...this.#lines.values()].map((line) => line.last));
  }
}
