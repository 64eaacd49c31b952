/**
 * All sessions of the broker, by client id: made, resumed, stored when persistent, and ended when their time is up.
 * Persistent sessions are all in memory from the start (the router needs their subscriptions); their messages are not.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ProtocolVersion } from '../mqtt/packets.ts';
import type { Collection, Store, Write } from '../store/store.ts';
import type { Counters } from './counters.ts';
import { DurableQueue } from './durable-queue.ts';
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
  readonly subscriptions: readonly StoredSubscription[];
  /** ms since the epoch; absent while connected. */
  readonly disconnectedAt?: number;
}

export interface SessionsOptions {
  readonly store: Store;
  readonly router: Router;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
}

/** A session expiry of 0xFFFFFFFF seconds means never [MQTT 5.0 section 3.1.2.11.2]. */
const NEVER = 0xffffffff;
const QUEUE_PREFIX = 'session/';

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #stored: Collection<StoredSession>;
  readonly #sessions = new Map<string, Session>();
  readonly #expiries = new Map<Session, Timer>();
  readonly #queueLimits = new Map<Session, number>();

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

  /** Brings the stored sessions back. Time that passed while the server was down counts for their expiry. */
  async load(): Promise<void> {
    const { store, clock } = this.#options;
    const queues = new Map((await store.queues(QUEUE_PREFIX)).map((queue) => [queue.name, queue]));
    for (let after: string | undefined; ; ) {
      const page = await this.#stored.scan({ limit: 1000, ...(after && { after }) });
      for (const { value } of page.items) {
        const queue = queues.get(QUEUE_PREFIX + storeKey(value.clientId));
        const session = this.#make(value, queue?.last ?? 0, queue?.length ?? 0);
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
    queueLimit: number,
  ): { session: Session; writes: Write[] } {
    const older = this.#sessions.get(clientId);
    const writes = older ? this.end(older) : [];
    const session = this.#make({ clientId, version, expirySeconds, queueLimit }, 0, 0);
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
        queueLimit: this.#queueLimits.get(session) ?? 0,
        subscriptions: [...session.subscriptions.values()].map(toStored),
        ...(disconnectedAt !== undefined && { disconnectedAt }),
      }),
    ];
  }

  /** The client is back in time. */
  resumed(session: Session): void {
    this.#expiries.get(session)?.cancel();
    this.#expiries.delete(session);
  }

  /** The connection of `session` is gone: ends it now or when its expiry has passed. Returns what to store. */
  disconnected(session: Session): Write[] {
    if (session.expirySeconds === 0) return this.end(session);
    this.#expireLater(session, 0);
    return this.save(session, this.#options.clock.now());
  }

  /** Removes the session and everything kept for it; the writes do the same in the store. */
  end(session: Session): Write[] {
    this.resumed(session);
    for (const subscription of session.subscriptions.values()) this.#options.router.unsubscribe(subscription);
    session.subscriptions.clear();
    this.#queueLimits.delete(session);
    if (this.#sessions.get(session.clientId) === session) this.#sessions.delete(session.clientId);
    if (!session.durable) return [];
    const key = storeKey(session.clientId);
    return [this.#stored.delete(key), this.#options.store.queue(QUEUE_PREFIX + key).drop()];
  }

  #make(stored: Omit<StoredSession, 'subscriptions'>, lastSequence: number, length: number): Session {
    const { store, counters, log, clock } = this.#options;
    const { clientId, version, expirySeconds, queueLimit } = stored;
    const queue = store.queue(QUEUE_PREFIX + storeKey(clientId));
    const options = { store, queue, counters, log, clientId, limit: queueLimit, now: () => clock.now() };
    const durable = expirySeconds > 0 ? new DurableQueue(options, lastSequence, length) : undefined;
    const session = new Session(clientId, version, expirySeconds, durable);
    this.#sessions.set(clientId, session);
    this.#queueLimits.set(session, queueLimit);
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
