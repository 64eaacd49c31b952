/**
 * Topic → who gets the message. The matches of a topic are kept as a Route until subscriptions change, so that a
 * publish to a known topic costs one look-up. A change of an exact filter makes the one route stale, a change of a
 * filter with wildcards all of them.
 */
import { parseShared } from '../mqtt/mqtt.ts';
import type { Counters } from './counters.ts';
import { FilterIndex, hasWildcard } from './filter-index.ts';
import type { MessageListener } from './message.ts';
import type { Outgoing } from './outgoing.ts';
import { isForThePlatform } from './reserved.ts';
import type { Session } from './session.ts';
import { SharedGroup } from './shared.ts';
import type { Subscription } from './subscription.ts';

/** A service of the platform that listens to a filter. */
interface Listening {
  readonly listener: MessageListener;
  readonly hashMatchesParent: boolean;
}

type Entry = Subscription | SharedGroup | Listening;

/** Everybody who gets the messages of one topic. */
export class Route {
  isStale = false;
  readonly generation: number;
  readonly subscriptions: Subscription[] = [];
  readonly groups: SharedGroup[] = [];
  readonly listeners: MessageListener[] = [];

  constructor(generation: number) {
    this.generation = generation;
  }
}

/** More topics than this at a time are not remembered; all are forgotten and learnt again. */
const MOST_ROUTES = 200_000;

export class Router {
  readonly #counters: Counters;
  readonly #index = new FilterIndex<Entry>();
  readonly #groups = new Map<string, SharedGroup>();
  readonly #routes = new Map<string, Route>();
  #generation = 0;
  #subscriptionCount = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  get subscriptionCount(): number {
    return this.#subscriptionCount;
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptionCount++;
    const shared = parseShared(subscription.filter);
    if (!shared) {
      this.#index.add(subscription.filter, subscription);
      this.#changed(subscription.filter);
      return;
    }
    let group = this.#groups.get(subscription.filter);
    if (!group) {
      group = new SharedGroup(subscription.hashMatchesParent, this.#counters);
      this.#groups.set(subscription.filter, group);
      this.#index.add(shared.filter, group);
      this.#changed(shared.filter);
    }
    group.add(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.#subscriptionCount--;
    const shared = parseShared(subscription.filter);
    if (!shared) {
      this.#index.remove(subscription.filter, subscription);
      this.#changed(subscription.filter);
      return;
    }
    const group = this.#groups.get(subscription.filter);
    if (!group) return;
    group.remove(subscription);
    if (!group.isEmpty) return;
    this.#groups.delete(subscription.filter);
    this.#index.remove(shared.filter, group);
    this.#changed(shared.filter);
  }

  groupOf(filter: string): SharedGroup | undefined {
    return this.#groups.get(filter);
  }

  /** Whether anybody gets messages on `topic`. Unlike `routeOf` it remembers nothing: for topics seen once. */
  hasAudience(topic: string): boolean {
    const entries: Entry[] = [];
    this.#index.match(topic, entries);
    return entries.length > 0;
  }

  listen(filter: string, listener: MessageListener, hashMatchesParent: boolean): () => void {
    const entry: Listening = { listener, hashMatchesParent };
    this.#index.add(filter, entry);
    this.#changed(filter);
    return () => {
      this.#index.remove(filter, entry);
      this.#changed(filter);
    };
  }

  /** Whether a route obtained earlier still holds. */
  isCurrent(route: Route): boolean {
    return route.generation === this.#generation && !route.isStale;
  }

  routeOf(topic: string): Route {
    const known = this.#routes.get(topic);
    if (known !== undefined && this.isCurrent(known)) return known;
    if (this.#routes.size >= MOST_ROUTES) this.#forgetAll();
    const route = this.#makeRoute(topic);
    this.#routes.set(topic, route);
    return route;
  }

  /** Gives the message to everybody on the route. */
  deliver(outgoing: Outgoing, route: Route): void {
    const { subscriptions, groups, listeners } = route;
    for (let i = 0; i < subscriptions.length; i++) {
      const subscription = subscriptions[i];
      if (subscription.noLocal && subscription.session === outgoing.origin) continue;
      subscription.session.deliver(outgoing, subscription);
    }
    for (let i = 0; i < groups.length; i++) groups[i].deliver(outgoing);
    if (listeners.length === 0) return;
    const message = outgoing.message();
    for (let i = 0; i < listeners.length; i++) listeners[i](message);
  }

  #makeRoute(topic: string): Route {
    const route = new Route(this.#generation);
    const entries: Entry[] = [];
    this.#index.match(topic, entries);
    // Basic Ingest goes to its rule, requests for certificates to provisioning, whatever anybody subscribed to.
    const reachesClients = !isForThePlatform(topic);
    const bySession = new Map<Session, number>();
    for (const entry of entries) {
      if (!(entry instanceof SharedGroup) && 'listener' in entry) route.listeners.push(entry.listener);
      else if (!reachesClients) continue;
      else if (entry instanceof SharedGroup) route.groups.push(entry);
      else {
        // Overlapping subscriptions of one session get one copy, with the highest QoS [MQTT-3.3.4-2].
        const at = bySession.get(entry.session);
        if (at === undefined) bySession.set(entry.session, route.subscriptions.push(entry) - 1);
        else route.subscriptions[at] = overlap(route.subscriptions[at], entry);
      }
    }
    return route;
  }

  #changed(filter: string): void {
    if (hasWildcard(filter)) {
      this.#generation++;
      // Stale routes hold sessions that may be gone: let the memory go when there is much of it.
      if (this.#routes.size > 1000) this.#routes.clear();
      return;
    }
    const route = this.#routes.get(filter);
    if (!route) return;
    route.isStale = true;
    this.#routes.delete(filter);
  }

  #forgetAll(): void {
    this.#generation++;
    this.#routes.clear();
  }
}

function overlap(one: Subscription, other: Subscription): Subscription {
  const [higher, lower] = one.qos >= other.qos ? [one, other] : [other, one];
  return {
    ...higher,
    noLocal: one.noLocal && other.noLocal,
    retainAsPublished: one.retainAsPublished || other.retainAsPublished,
    identifiers:
      higher.identifiers || lower.identifiers
        ? [...(higher.identifiers ?? []), ...(lower.identifiers ?? [])]
        : undefined,
  };
}
