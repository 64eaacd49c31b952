/**
 * What the connections of one broker share. Made by `broker.ts`; the other files of this folder take it as their
 * first argument. Nothing outside this folder sees it.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { RepeatedWarnings } from '../base/repeated-warnings.ts';
import type { Authority, Circumstances } from '../identity/authority.ts';
import type { Principal } from '../identity/principal.ts';
import type { Refusal } from '../identity/refusal.ts';
import type { Store } from '../store/store.ts';
import type { Connection } from './connection.ts';
import { type Counters, createCounters } from './counters.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Message, Publication } from './message.ts';
import { FlushQueue } from './outbox.ts';
import { Outgoing } from './outgoing.ts';
import { Presences } from './presence.ts';
import { RateTable, RateWindow } from './rate.ts';
import { RetainedMessages } from './retained.ts';
import { type Route, Router } from './router.ts';
import { Sessions } from './sessions.ts';
import { SysTree } from './sys-tree.ts';

export interface BrokerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Opens the policies of a client that is connecting. */
  readonly openAuthority: (principal: Principal, circumstances: Circumstances) => Promise<Authority>;
  /** The thing to name in lifecycle events, if any. */
  readonly exclusiveThing: (principal: Principal, clientId: string) => Promise<string | undefined>;
  /** Where drops are logged; absent: a log of the broker's own. */
  readonly warnings?: RepeatedWarnings;
  /** Told of what is refused for other reasons than policies, which report for themselves. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

export class Core {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly openAuthority: BrokerDeps['openAuthority'];
  readonly exclusiveThing: BrokerDeps['exclusiveThing'];
  readonly onRefusal: (refusal: Refusal) => void;
  readonly warnings: RepeatedWarnings;
  readonly counters: Counters;
  readonly flushQueue = new FlushQueue();
  readonly router: Router;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly lifecycle: Lifecycle;
  readonly sysTree: SysTree;
  /** All network connections, also those that have not sent CONNECT yet. */
  readonly connections = new Set<Connection>();
  /** The connected clients. */
  readonly clients = new Map<string, Connection>();
  /** CONNECTs under way, so that two of one client id follow one another. */
  readonly connecting = new Map<string, Promise<void>>();
  /** Connections that were closed and whose peers have not closed yet. */
  readonly lingering = new Set<Connection>();
  readonly presences: Presences;
  readonly connectRates = new RateTable();
  readonly subscriptionRate = new RateWindow();
  /** No client is let in any more. */
  isStopping = false;

  constructor(deps: BrokerDeps) {
    this.store = deps.store;
    this.clock = deps.clock;
    this.random = deps.random;
    this.log = deps.log;
    this.openAuthority = deps.openAuthority;
    this.exclusiveThing = deps.exclusiveThing;
    this.warnings = deps.warnings ?? new RepeatedWarnings(deps.log, deps.clock);
    this.counters = createCounters((reason, clientId) => {
      this.warnings.warn(reason, clientId ?? '', { clientId }, 'messages dropped');
    });
    this.onRefusal = deps.onRefusal ?? (() => undefined);
    this.router = new Router(this.counters);
    this.sessions = new Sessions({ ...deps, router: this.router, counters: this.counters });
    this.retained = new RetainedMessages(deps.store, deps.clock);
    this.sysTree = new SysTree(this);
    this.presences = new Presences(deps.clock);
    this.lifecycle = new Lifecycle(
      (publication) => this.publishLater(publication),
      (topic) => this.router.hasAudience(topic),
      deps.clock,
    );
  }

  /** Routes a message and keeps what must be kept: undefined when nothing must, else whether it is durable. */
  forward(outgoing: Outgoing, route: Route): Promise<boolean> | undefined {
    if (outgoing.retain) outgoing.writes.push(this.retained.retain(outgoing.message()));
    this.router.deliver(outgoing, route);
    return outgoing.writes.length === 0 ? undefined : this.#commit(outgoing);
  }

  /** Publishes for the platform itself. */
  async publish(publication: Publication): Promise<boolean> {
    const outgoing = Outgoing.of(this.#messageOf(publication));
    return (await this.forward(outgoing, this.router.routeOf(publication.topic))) ?? true;
  }

  /** Gives a message of the platform to one client, by its own subscriptions; see `DirectDelivery`. */
  async deliverTo(clientId: string, publication: Publication): Promise<'delivered' | 'notSubscribed' | 'notStored'> {
    const session = this.sessions.get(clientId);
    const subscription = session?.subscriptionTo(publication.topic);
    if (!session || !subscription) return 'notSubscribed';
    const outgoing = Outgoing.of(this.#messageOf(publication));
    session.deliver(outgoing, subscription);
    const isDurable = outgoing.writes.length === 0 || (await this.#commit(outgoing));
    return isDurable ? 'delivered' : 'notStored';
  }

  /** Publishes once the present call is over, for callers in the middle of changing state. */
  publishLater(publication: Publication): void {
    setImmediate(() => void this.publish(publication));
  }

  /** Commits writes of session state whose failure nobody waits for. */
  commitLater(writes: Parameters<Store['commit']>[0], what: string): void {
    if (writes.length === 0) return;
    this.store.commit(writes).catch((error: unknown) => {
      this.log.error({ cause: messageOf(error) }, `${what} was not stored`);
    });
  }

  /** Commits what a delivery outside of a publish must keep. */
  commitOutgoing(outgoing: Outgoing): void {
    if (outgoing.writes.length > 0) void this.#commit(outgoing);
  }

  async #commit(outgoing: Outgoing): Promise<boolean> {
    const { writes, callbacks, topic } = outgoing;
    let isDurable = true;
    try {
      await this.store.commit(writes);
    } catch (error) {
      isDurable = false;
      const cause = messageOf(error);
      this.counters.drop('storeFailed', outgoing.publisher?.clientId);
      this.warnings.warn('store', 'commit', { topic, cause }, 'a message could not be stored and was not acknowledged');
    }
    for (const callback of callbacks) callback(isDurable);
    return isDurable;
  }

  #messageOf(publication: Publication): Message {
    const now = this.clock.now();
    const { messageExpiryInterval, ...properties } = publication.properties ?? {};
    return {
      topic: publication.topic,
      payload: publication.payload,
      qos: publication.qos ?? 0,
      retain: publication.retain ?? false,
      timestamp: now,
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(messageExpiryInterval !== undefined && { expiresAt: now + messageExpiryInterval * 1000 }),
      ...(publication.publisher && { publisher: publication.publisher }),
      ...(publication.isWill && { isWill: true }),
      ...(publication.hops !== undefined && { hops: publication.hops }),
    };
  }
}
