/** Work that must not overlap: what is asked for one key runs one after the other, in the order it was asked. */

export class Turns {
  readonly #limit: number;
  readonly #lines = new Map<string, { last: Promise<unknown>; length: number }>();

  /** At most `limit` pieces of work wait or run for one key. */
  constructor(limit: number) {
    this.#limit = limit;
  }

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
