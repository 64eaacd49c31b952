/**
 * A message bus for tests: delivers to listeners at once and keeps what was published. Used by tests alone.
 */
import type { Message, MessageBus, MessageListener, Publication } from '../../src/broker/message.ts';

export interface FakeBus extends Pick<MessageBus, 'publish' | 'listen'> {
  readonly published: Publication[];
  /** Hands a message of a client to the listeners, as the broker does when it has accepted it. */
  send(topic: string, payload: Buffer, more?: Partial<Message>): void;
  /** What was published on `topic`, parsed, oldest first; takes all publications away. */
  take(topic: string): unknown[];
  /** Set to make `publish` fail. */
  failure: Error | undefined;
}

export function fakeBus(): FakeBus {
  const listeners = new Set<{ filter: string; listener: MessageListener }>();
  const published: Publication[] = [];
  return {
    failure: undefined,
    published,
    async publish(publication) {
      if (this.failure) throw this.failure;
      published.push(publication);
    },
    listen(filter, listener) {
      const entry = { filter, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    send(topic, payload, more = {}) {
      const publisher = { clientId: 'c1', principal: 'p1', sourceIp: '127.0.0.1', protocol: 'MQTT' } as const;
      const message: Message = { topic, payload, qos: 0, retain: false, publisher, timestamp: 0, ...more };
      for (const { filter, listener } of listeners) if (matches(filter, topic)) listener(message);
    },
    take(topic) {
      const found = published.filter((publication) => publication.topic === topic);
      published.length = 0;
      return found.map((publication) => JSON.parse(publication.payload.toString()));
    },
  };
}

/** `+` alone: shadows use no other wildcard. */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return levels.length === wanted.length && wanted.every((level, i) => level === '+' || level === levels[i]);
}
