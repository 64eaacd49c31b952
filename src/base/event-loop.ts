/**
 * How late the event loop is: what `/metrics` and the health endpoint tell of it. The delay is measured by Node itself,
 * outside of JavaScript; here are only two windows, so that a stall of long ago is forgotten.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

/** Milliseconds, over the last five to ten seconds. */
export interface EventLoopDelay {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

export interface EventLoop {
  delay(): EventLoopDelay;
  stop(): void;
}

const RESOLUTION_MS = 20;
const WINDOW_MS = 5000;

/** `clock`: real time, whatever the platform's is. */
export function watchEventLoop(clock: Clock): EventLoop {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let before: EventLoopDelay = { mean: 0, p99: 0, max: 0 };
  const current = (): EventLoopDelay => {
    if (histogram.count === 0) return { mean: 0, p99: 0, max: 0 };
    return { mean: late(histogram.mean), p99: late(histogram.percentile(99)), max: late(histogram.max) };
  };
  const rolling = clock.every(WINDOW_MS, () => {
    before = current();
    histogram.reset();
  });
  return {
    delay() {
      const now = current();
      return {
        mean: Math.max(now.mean, before.mean),
        p99: Math.max(now.p99, before.p99),
        max: Math.max(now.max, before.max),
      };
    },
    stop() {
      rolling.cancel();
      histogram.disable();
    },
  };
}

/** Node measures, in nanoseconds, how long a timer of RESOLUTION_MS took: what is beyond that is delay. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}
