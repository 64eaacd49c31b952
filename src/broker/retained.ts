/**
 * Retained messages: the last message of each topic that was published with RETAIN (MQTT 5.0 section 3.3.1.3). All
 * are in memory, in a tree of levels for filters with wildcards, and in the store.
 */
import type { Clock } from '../base/clock.ts';
import type { Collection, Store, Write } from '../store/store.ts';
import type { Message } from './message.ts';
import { restoreProperties, type StoredProperties, storeProperties } from './queued.ts';
import { storeKey } from './store-key.ts';

interface StoredRetained {
  readonly topic: string;
  /** Base64. */
  readonly payload: string;
  readonly qos: Message['qos'];
  readonly properties?: StoredProperties;
  readonly timestamp: number;
  readonly expiresAt?: number;
}

class Level {
  children: Map<string, Level> | undefined;
  message: Message | undefined;
}

export class RetainedMessages {
  readonly #stored: Collection<StoredRetained>;
  readonly #clock: Clock;
  readonly #root = new Level();
  #size = 0;

  constructor(store: Store, clock: Clock) {
    this.#stored = store.collection<StoredRetained>({ name: 'retained' });
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  async load(): Promise<void> {
    for (let after: string | undefined; ; ) {
      const page = await this.#stored.scan({ limit: 1000, ...(after && { after }) });
      for (const { value } of page.items) this.#put(fromStored(value));
      after = page.next;
      if (after === undefined) return;
    }
  }

  /** Keeps `message`, or forgets the topic's when the payload is empty [MQTT-3.3.1-6]. Returns what to store. */
  retain(message: Message): Write {
    const key = storeKey(message.topic);
    if (message.payload.length === 0) {
      this.#remove(message.topic);
      return this.#stored.delete(key);
    }
    this.#put(message);
    return this.#stored.put(key, toStored(message));
  }

  get(topic: string): Message | undefined {
    let level: Level | undefined = this.#root;
    for (const part of topic.split('/')) level = level?.children?.get(part);
    return level?.message && !this.#isExpired(level.message) ? level.message : undefined;
  }

  /** Whether a message may be kept for `topic` when there may be `most`. */
  hasRoomFor(topic: string, most: number): boolean {
    return this.#size < most || this.get(topic) !== undefined;
  }

  /** The retained messages whose topics match a filter with wildcards. */
  matching(filter: string, hashMatchesParent: boolean): Message[] {
    const found: Message[] = [];
    this.#collect(this.#root, filter.split('/'), 0, hashMatchesParent, found);
    return found;
  }

  /** In topic order. */
  all(): Message[] {
    const messages: Message[] = [];
    this.#collectBelow(this.#root, false, messages);
    return messages.sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  #collect(level: Level, parts: string[], at: number, hashMatchesParent: boolean, found: Message[]): void {
    if (at === parts.length) {
      if (level.message && !this.#isExpired(level.message)) found.push(level.message);
      return;
    }
    const part = parts[at];
    if (part === '#') {
      if (hashMatchesParent && level.message && !this.#isExpired(level.message)) found.push(level.message);
      for (const child of this.#wildcardChildren(level, at)) this.#collectBelow(child, true, found);
    } else if (part === '+') {
      for (const child of this.#wildcardChildren(level, at))
        this.#collect(child, parts, at + 1, hashMatchesParent, found);
    } else {
      const child = level.children?.get(part);
      if (child) this.#collect(child, parts, at + 1, hashMatchesParent, found);
    }
  }

  /** Wildcards at the first level do not see topics of the platform [MQTT-4.7.2-1]. */
  *#wildcardChildren(level: Level, at: number): Iterable<Level> {
    if (!level.children) return;
    for (const [part, child] of level.children) if (at > 0 || !part.startsWith('$')) yield child;
  }

  #collectBelow(level: Level, includeSelf: boolean, found: Message[]): void {
    if (includeSelf && level.message && !this.#isExpired(level.message)) found.push(level.message);
    if (level.children) for (const child of level.children.values()) this.#collectBelow(child, true, found);
  }

  #put(message: Message): void {
    let level = this.#root;
    for (const part of message.topic.split('/')) {
      level.children ??= new Map();
      const child: Level = level.children.get(part) ?? new Level();
      level.children.set(part, child);
      level = child;
    }
    if (!level.message) this.#size++;
    level.message = message;
  }

  #remove(topic: string): void {
    const path: { level: Level; part: string }[] = [];
    let level = this.#root;
    for (const part of topic.split('/')) {
      const child = level.children?.get(part);
      if (!child) return;
      path.push({ level, part });
      level = child;
    }
    if (level.message) this.#size--;
    level.message = undefined;
    for (const { level: parent, part } of path.reverse()) {
      const child = parent.children?.get(part);
      if (child?.message || (child?.children && child.children.size > 0)) return;
      parent.children?.delete(part);
    }
  }

  #isExpired(message: Message): boolean {
    return message.expiresAt !== undefined && message.expiresAt <= this.#clock.now();
  }
}

function toStored(message: Message): StoredRetained {
  const { topic, payload, qos, properties, timestamp, expiresAt } = message;
  return {
    topic,
    payload: payload.toString('base64'),
    qos,
    timestamp,
    ...(properties && { properties: storeProperties(properties) }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function fromStored(stored: StoredRetained): Message {
  const { payload, properties, ...rest } = stored;
  return {
    ...rest,
    payload: Buffer.from(payload, 'base64'),
    retain: true,
    ...(properties && { properties: restoreProperties(properties) }),
  };
}
