/**
 * Warnings about what a peer can cause as often as it likes: a refused connection, a dropped message. The first of a
 * reason and a peer is logged at once; what follows within a second becomes one line with its count. So the log stays
 * readable, and nobody can fill a disk with it.
 */
import type { Clock, Timer } from './clock.ts';
import type { Log } from './log.ts';

interface Repeated {
  fields: object;
  message: string;
  /** Since the last line. */
  count: number;
}

const PERIOD_MS = 1000;
/** More peers than this are not told apart within a period: the others share a line for each reason. */
const MOST_PEERS = 100;
const OTHERS = '(others)';

export class RepeatedWarnings {
  readonly #log: Log;
  readonly #clock: Clock;
  /** By reason, then by peer. */
  readonly #recent = new Map<string, Map<string, Repeated>>();
  #timer: Timer | undefined;

  /** `clock`: real time, also where the platform's is a virtual one. */
  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `peer`: a client id or an address. */
  warn(reason: string, peer: string, fields: object, message: string): void {
    let peers = this.#recent.get(reason);
    if (!peers) {
      peers = new Map();
      this.#recent.set(reason, peers);
    }
    const isKnown = peers.has(peer) || peers.size < MOST_PEERS;
    const known = peers.get(isKnown ? peer : OTHERS);
    if (known) {
      known.count++;
      known.fields = fields;
      known.message = message;
      return;
    }
    peers.set(isKnown ? peer : OTHERS, { fields, message, count: 0 });
    this.#log.warn({ reason, ...fields }, message);
    this.#timer ??= this.#clock.after(PERIOD_MS, () => this.#tell());
  }

  /** Logs what is still only counted; call when nothing more comes. */
  stop(): void {
    this.#timer?.cancel();
    this.#tell();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#recent.clear();
  }

  #tell(): void {
    for (const [reason, peers] of this.#recent) {
      for (const [peer, entry] of peers) {
        if (entry.count === 0) peers.delete(peer);
        else {
          const others = peer === OTHERS ? { others: true } : undefined;
          this.#log.warn({ reason, ...entry.fields, ...others, count: entry.count }, entry.message);
          entry.count = 0;
        }
      }
      if (peers.size === 0) this.#recent.delete(reason);
    }
    this.#timer = this.#recent.size > 0 ? this.#clock.after(PERIOD_MS, () => this.#tell()) : undefined;
  }
}
