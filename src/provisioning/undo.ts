/** What was done so far, to be undone in the opposite order when a later step fails. */
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export class Undo {
  readonly #log: Log;
  readonly #steps: { readonly what: string; readonly step: () => Promise<unknown> }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** `what`: the words for the log, should the step fail: `the thing 'lamp' was not deleted`. */
  add(what: string, step: () => Promise<unknown>): void {
    this.#steps.push({ what, step });
  }

  /** Never rejects: a step that fails is logged, and the others are done all the same. */
  async run(): Promise<void> {
    for (let next = this.#steps.pop(); next; next = this.#steps.pop()) {
      try {
        await next.step();
      } catch (error) {
        this.#log.error({ cause: messageOf(error) }, `a failed registration is not undone: ${next.what}`);
      }
    }
  }
}
