/**
 * All sessions of the broker, by client id: made, resumed, stored when persistent, and ended when their time is up.
 * Persistent sessions are all in memory from the start (the router needs their subscriptions); their messages are not.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ProtocolVersion } from '../mqtt/packets.ts';
import type { Collection, Queued, Store, Write } from '../store/store.ts';
import type { Counters } from './counters.ts';
import { DurableQueue } from './durable-queue.ts';
import { PacketIds } from './packet-ids.ts';
import type { Router } from './router.ts';
import { Session } from './session.ts';
import { storeKey } from './store-key.ts';
import { fromStored, type StoredSubscription, type Subscription, toStored } from './subscription.ts';

interface StoredSession {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  /** Seconds. */
  readonly expirySeconds: number;
  readonly queueLimit: number;
  /** Messages a second that are sent from the queue. */
  readonly perSecond: number;
  readonly subscriptions: readonly StoredSubscription[];
  /** ms since the epoch; absent while connected. */
  readonly disconnectedAt?: number;
}

/** Of the profile that the session was made under. */
export interface QueueLimits {
  readonly queueLimit: number;
  readonly perSecond: number;
}

export interface SessionsOptions {
  readonly store: Store;
  readonly router: Router;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
}

/** What the store holds for a session besides its description. */
interface Kept {
  readonly last: number;
  readonly length: number;
  readonly received: readonly Queued[];
  readonly released: readonly Queued[];
}

const NOTHING_KEPT: Kept = { last: 0, length: 0, received: [], released: [] };
const MOST_PACKET_IDS = 65_535;

/** A session expiry of 0xFFFFFFFF seconds means never [MQTT 5.0 section 3.1.2.11.2]. */
const NEVER = 0xffffffff;
/** Queues in the store, followed by the client's key. */
const QUEUE = 'session/';
const RECEIVED = 'session-received/';
const RELEASED = 'session-released/';

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #stored: Collection<StoredSession>;
  readonly #sessions = new Map<string, Session>();
  readonly #expiries = new Map<Session, Timer>();
  /** What a session stores besides what it is. */
  readonly #queueLimits = new Map<Session, QueueLimits>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#stored = options.store.collection<StoredSession>({ name: 'session' });
  }

  get(clientId: string): Session | undefined {
    return this.#sessions.get(clientId);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Messages kept for persistent sessions, those on their way to a client included. */
  get queued(): number {
    let queued = 0;
    for (const { durable } of this.#sessions.values()) queued += durable?.length ?? 0;
    return queued;
  }

  /** Brings the stored sessions back. Time that passed while the server was down counts for their expiry. */
  async load(): Promise<void> {
    const { store, clock } = this.#options;
    const queues = new Map((await store.queues(QUEUE)).map((queue) => [queue.name, queue]));
    const packetIds = new Map<string, readonly Queued[]>();
    for (const { name } of [...(await store.queues(RECEIVED)), ...(await store.queues(RELEASED))]) {
      packetIds.set(name, await store.queue(name).read(0, MOST_PACKET_IDS));
    }
    for (let after: string | undefined; ; ) {
      const page = await this.#stored.scan({ limit: 1000, ...(after && { after }) });
      for (const { value } of page.items) {
        const key = storeKey(value.clientId);
        const queue = queues.get(QUEUE + key);
        const session = this.#make(value, {
          last: queue?.last ?? 0,
          length: queue?.length ?? 0,
          received: packetIds.get(RECEIVED + key) ?? [],
          released: packetIds.get(RELEASED + key) ?? [],
        });
        for (const subscription of value.subscriptions) this.#subscribe(fromStored(session, subscription));
        this.#expireLater(session, (value.disconnectedAt ?? clock.now()) - clock.now());
      }
      after = page.next;
      if (after === undefined) return;
    }
  }

  /** A new session in place of any older one; `writes` make it durable. */
  create(
    clientId: string,
    version: ProtocolVersion,
    expirySeconds: number,
    limits: QueueLimits,
  ): { session: Session; writes: Write[] } {
    const older = this.#sessions.get(clientId);
    const writes = older ? this.end(older) : [];
    const session = this.#make({ clientId, version, expirySeconds, ...limits }, NOTHING_KEPT);
    writes.push(...this.save(session));
    return { session, writes };
  }

  /** Subscribes, in place of an older subscription of the session to the same filter. */
  subscribe(subscription: Subscription): void {
    this.unsubscribe(subscription.session, subscription.filter);
    this.#subscribe(subscription);
  }

  /** False when there was no such subscription. */
  unsubscribe(session: Session, filter: string): boolean {
    const subscription = session.subscriptions.get(filter);
    if (!subscription) return false;
    session.subscriptions.delete(filter);
    this.#options.router.unsubscribe(subscription);
    return true;
  }

  /** What stores the session as it is now; nothing for one that is not persistent. */
  save(session: Session, disconnectedAt?: number): Write[] {
    if (!session.durable) return [];
    return [
      this.#stored.put(storeKey(session.clientId), {
        clientId: session.clientId,
        version: session.version,
        expirySeconds: session.expirySeconds,
        ...(this.#queueLimits.get(session) as QueueLimits),
        subscriptions: [...session.subscriptions.values()].map(toStored),
        ...(disconnectedAt !== undefined && { disconnectedAt }),
      }),
    ];
  }

  /** The client is back in time: neither does the session end, nor is its will published [MQTT-3.1.3-9]. */
  resumed(session: Session): void {
    this.#expiries.get(session)?.cancel();
    this.#expiries.delete(session);
    session.cancelWill();
  }

  /** The connection of `session` is gone: ends it now or when its expiry has passed. Returns what to store. */
  disconnected(session: Session): Write[] {
    if (session.expirySeconds === 0) return this.end(session);
    this.#expireLater(session, 0);
    return this.save(session, this.#options.clock.now());
  }

  /** Removes the session and everything kept for it; the writes do the same in the store. */
  end(session: Session): Write[] {
    const will = session.delayedWill;
    this.resumed(session);
    // A session does not end before its will is published [MQTT-3.1.2-8].
    will?.publish();
    for (const subscription of session.subscriptions.values()) this.#options.router.unsubscribe(subscription);
    session.subscriptions.clear();
    this.#queueLimits.delete(session);
    if (this.#sessions.get(session.clientId) === session) this.#sessions.delete(session.clientId);
    if (!session.durable) return [];
    const key = storeKey(session.clientId);
    const drops = [QUEUE, RECEIVED, RELEASED].map((prefix) => this.#options.store.queue(prefix + key).drop());
    return [this.#stored.delete(key), ...drops];
  }

  /** Delayed wills, when the server stops: they are published rather early than never. */
  publishWills(): void {
    for (const session of this.#sessions.values()) {
      const will = session.delayedWill;
      session.cancelWill();
      will?.publish();
    }
  }

  #make(stored: Omit<StoredSession, 'subscriptions'>, kept: Kept): Session {
    const { store, counters, log, clock } = this.#options;
    const { clientId, version, expirySeconds, queueLimit, perSecond } = stored;
    // One that was to end with its connection when the server died ends as a kept one, from the store too.
    const isDurable = expirySeconds > 0 || kept !== NOTHING_KEPT;
    const key = isDurable ? storeKey(clientId) : '';
    const received = new PacketIds(isDurable ? store.queue(RECEIVED + key) : undefined);
    received.restore(kept.received);
    let durable: DurableQueue | undefined;
    if (isDurable) {
      const queue = store.queue(QUEUE + key);
      const released = new PacketIds(store.queue(RELEASED + key));
      released.restore(kept.released);
      const options = { store, queue, released, counters, log, clock, clientId, limit: queueLimit, perSecond };
      durable = new DurableQueue(options, kept.last, kept.length);
    }
    const session = new Session(clientId, version, expirySeconds, received, durable);
    this.#sessions.set(clientId, session);
    if (isDurable) this.#queueLimits.set(session, { queueLimit, perSecond });
    return session;
  }

  #subscribe(subscription: Subscription): void {
    subscription.session.subscriptions.set(subscription.filter, subscription);
    this.#options.router.subscribe(subscription);
  }

  /** `sinceMs`: how long ago (as a negative number) the client went. */
  #expireLater(session: Session, sinceMs: number): void {
    if (session.expirySeconds >= NEVER) return;
    const { clock, store, log } = this.#options;
    const timer = clock.after(session.expirySeconds * 1000 + sinceMs, () => {
      if (session.isConnected) return;
      store.commit(this.end(session)).catch((error: unknown) => {
        log.error(
          { clientId: session.clientId, cause: messageOf(error) },
          'an expired session was not removed from the store',
        );
      });
    });
    this.#expiries.set(session, timer);
  }
}
