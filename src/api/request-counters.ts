/** How many requests came, how they were answered and how long that took, by operation; read by `/metrics`. */

/** Upper bounds in milliseconds; what takes longer is only in `count`. */
export const DURATION_BUCKETS_MS = [1, 5, 25, 100, 500, 2500] as const;

export interface OperationCounters {
  /** By HTTP status. */
  readonly statuses: Map<number, number>;
  /** Requests that took at most as long as the bucket of the same place says: each counts in all that are longer too. */
  readonly durations: number[];
  count: number;
  totalMs: number;
}

export class RequestCounters {
  /** By operation; `unknown` where a request was refused before its operation was known. */
  readonly operations = new Map<string, OperationCounters>();

  add(operation: string | undefined, status: number, durationMs: number): void {
    const counters = this.#of(operation ?? 'unknown');
    counters.count++;
    counters.totalMs += durationMs;
    counters.statuses.set(status, (counters.statuses.get(status) ?? 0) + 1);
    for (const [at, bound] of DURATION_BUCKETS_MS.entries()) if (durationMs <= bound) counters.durations[at]++;
  }

  #of(operation: string): OperationCounters {
    let counters = this.operations.get(operation);
    if (!counters) {
      counters = { statuses: new Map(), durations: DURATION_BUCKETS_MS.map(() => 0), count: 0, totalMs: 0 };
      this.operations.set(operation, counters);
    }
    return counters;
  }
}
