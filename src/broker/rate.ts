/** Rates that limits speak of: so many a second, counted in windows of a second. */
import { UNLIMITED } from './profile.ts';

const WINDOW_MS = 1000;

export class RateWindow {
  #from = 0;
  #count = 0;

  /** Counts one; false when it is beyond `limit` in this window. */
  take(now: number, limit: number): boolean {
    if (limit === UNLIMITED) return true;
    if (now - this.#from >= WINDOW_MS) {
      this.#from = now;
      this.#count = 0;
    }
    return ++this.#count <= limit;
  }

  /** Whether the last one taken was the first beyond the limit: time for one line in the log. */
  isFirstBeyond(limit: number): boolean {
    return this.#count === limit + 1;
  }

  /** Milliseconds until another window begins. */
  wait(now: number): number {
    return Math.max(0, this.#from + WINDOW_MS - now);
  }
}

/** A rate for each of many names. Holds the names of one window only. */
export class RateTable {
  #from = 0;
  readonly #counts = new Map<string, number>();

  take(name: string, now: number, limit: number): boolean {
    if (limit === UNLIMITED) return true;
    if (now - this.#from >= WINDOW_MS) {
      this.#from = now;
      this.#counts.clear();
    }
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count <= limit;
  }
}

/** An amount a second that may be overdrawn: the debt is paid by waiting. */
export class Allowance {
  #left = 0;
  #at = 0;

  /** Takes `amount`; returns the milliseconds to wait before the next. */
  take(now: number, amount: number, perSecond: number): number {
    this.#left = Math.min(perSecond, this.#left + ((now - this.#at) * perSecond) / 1000) - amount;
    this.#at = now;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left * 1000) / perSecond);
  }
}
