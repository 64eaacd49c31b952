/**
 * The broker's own figures on topics under `$SYS/broker/`, as clients of other brokers know them: told when somebody
 * subscribes and every ten seconds to whoever did. Not messages of the `aws` profile, which lets nobody subscribe here.
 */
import { levelsOf, matches } from '../mqtt/mqtt.ts';
import type { Core } from './core.ts';
import type { Message } from './message.ts';

const PREFIX = '$SYS/';
const VERSION = 'tsunagu';

export function isSysTopic(topic: string): boolean {
  return topic.startsWith(PREFIX);
}

export class SysTree {
  readonly #core: Core;
  readonly #startedAt: number;

  constructor(core: Core) {
    this.#core = core;
    this.#startedAt = core.clock.now();
  }

  /** The messages for a new subscription, as if they were retained. */
  matching(filter: string): Message[] {
    if (!isSysTopic(levelsOf(filter)[0] + '/')) return [];
    return this.#messages().filter((message) => matches(filter, message.topic, { parentMatch: true }));
  }

  publish(): void {
    for (const { topic, payload } of this.#messages()) {
      if (this.#core.router.hasAudience(topic)) void this.#core.publish({ topic, payload });
    }
  }

  #messages(): Message[] {
    const { clients, sessions, counters, router, retained, clock } = this.#core;
    const { received, sent } = counters;
    const figures: Record<string, string | number> = {
      version: VERSION,
      uptime: Math.floor((clock.now() - this.#startedAt) / 1000),
      'clients/connected': clients.size,
      'clients/total': sessions.size,
      'messages/received': received.qos0 + received.qos1 + received.qos2,
      'messages/sent': sent.qos0 + sent.qos1 + sent.qos2,
      'subscriptions/count': router.subscriptionCount,
      'retained messages/count': retained.size,
    };
    return Object.entries(figures).map(([name, value]) => ({
      topic: `${PREFIX}broker/${name}`,
      payload: Buffer.from(String(value)),
      qos: 0,
      retain: true,
      timestamp: clock.now(),
    }));
  }
}
