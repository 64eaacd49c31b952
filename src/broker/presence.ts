/**
 * What is known of clients that came and went: how often each connected (the events' `versionNumber`) and why and when
 * it left (GetConnection). Of as many clients as fit; losing an entry makes a client look new.
 */
import type { Clock } from '../base/clock.ts';
import { Lru } from '../base/lru.ts';
import type { DisconnectReason } from './lifecycle.ts';

const MOST_CLIENTS = 50_000;
/** gateway-broker.md section 8: how long a disconnection is told. */
const KEPT_MS = 30 * 60_000;

export interface Presence {
  /** Of the latest connection; 0 for the first. */
  versionNumber: number;
  disconnectedAt: number | undefined;
  disconnectReason: DisconnectReason | undefined;
}

export class Presences {
  readonly #clock: Clock;
  readonly #presences = new Lru<string, Presence>(MOST_CLIENTS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number that the next connection of the client will have. */
  nextVersion(clientId: string): number {
    const known = this.#presences.get(clientId);
    return known === undefined ? 0 : known.versionNumber + 1;
  }

  came(clientId: string, versionNumber: number): void {
    this.#presences.set(clientId, { versionNumber, disconnectedAt: undefined, disconnectReason: undefined });
  }

  left(clientId: string, reason: DisconnectReason): void {
    const presence = this.#presences.get(clientId);
    if (presence === undefined) return;
    presence.disconnectedAt = this.#clock.now();
    presence.disconnectReason = reason;
  }

  /** How the client's last connection ended; undefined when that is too long ago. */
  lastEnd(clientId: string): { readonly at: number; readonly reason: DisconnectReason } | undefined {
    const { disconnectedAt: at, disconnectReason: reason } = this.#presences.get(clientId) ?? {};
    if (at === undefined || reason === undefined || this.#clock.now() - at > KEPT_MS) return undefined;
    return { at, reason };
  }
}
