/**
 * How much one thing may ask of the shadow service (shadow.md section 3.4): requests a second, and requests under
 * way on one connection. In memory and of this node alone; forgetting a thing only makes the limit milder.
 */
import type { Clock } from '../base/clock.ts';
import type { DocumentLimits } from './shadow-document.ts';

export interface ShadowLimits extends DocumentLimits {
  /** Requests under way for one thing on one connection. */
  readonly inFlight: number;
  /** Requests for one thing, over all its shadows, operations and protocols. */
  readonly requestsPerSecond: number;
  /** Requests that wait for one shadow. */
  readonly queue: number;
}

/** Section 3.4. */
export const defaultShadowLimits: ShadowLimits = {
  stateBytes: 8192,
  depth: 8,
  clientTokenBytes: 64,
  inFlight: 10,
  requestsPerSecond: 20,
  queue: 100,
};

/** Things whose allowance is remembered; the one that asked longest ago is forgotten first. */
const REMEMBERED_THINGS = 10_000;

interface Allowance {
  requests: number;
  atMs: number;
}

/** An allowance of `perSecond` requests for each thing, which refills evenly. */
export class RequestRate {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #allowances = new Map<string, Allowance>();

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Takes one request from the thing's allowance; false when it is used up. */
  take(thingName: string): boolean {
    const nowMs = this.#clock.now();
    const allowance = this.#allowances.get(thingName) ?? { requests: this.#perSecond, atMs: nowMs };
    const refill = (Math.max(0, nowMs - allowance.atMs) / 1000) * this.#perSecond;
    allowance.requests = Math.min(this.#perSecond, allowance.requests + refill);
    allowance.atMs = nowMs;
    this.#remember(thingName, allowance);
    if (allowance.requests < 1) return false;
    allowance.requests -= 1;
    return true;
  }

  #remember(thingName: string, allowance: Allowance): void {
    this.#allowances.delete(thingName);
    this.#allowances.set(thingName, allowance);
    if (this.#allowances.size <= REMEMBERED_THINGS) return;
    const [oldest] = this.#allowances.keys();
    this.#allowances.delete(oldest);
  }
}

/** Counts what is under way for a key, up to a limit. */
export class InFlight {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the limit is reached; otherwise `leave` must follow. */
  enter(key: string): boolean {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  leave(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count <= 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
  }
}
