/**
 * Back-pressure: while a client takes less than is sent to it, those who publish to it are not read from. For a short
 * time only: a client that takes nothing at all is left behind (its messages are dropped at the limits), so it never
 * holds up others for longer, and two clients that wait for each other go on.
 */

/** A client that has not caught up after this long does not hold up publishers any more. */
const PATIENCE_MS = 2000;

export class Congestion {
  #isOn = false;
  #since = 0;
  #hasGivenUp = false;
  #waiting: Set<() => void> | undefined;

  /** Whether publishers should wait. */
  get slowsPublishers(): boolean {
    return this.#isOn && !this.#hasGivenUp;
  }

  begin(now: number): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#since = now;
  }

  /** The client has caught up. */
  end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#hasGivenUp = false;
    this.#resume();
  }

  /** Called about every second. */
  check(now: number): void {
    if (!this.#isOn || this.#hasGivenUp || now - this.#since < PATIENCE_MS) return;
    this.#hasGivenUp = true;
    this.#resume();
  }

  /** Calls back once when publishers need not wait any more. */
  wait(resume: () => void): void {
    this.#waiting ??= new Set();
    this.#waiting.add(resume);
  }

  #resume(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) for (const resume of waiting) resume();
  }
}
