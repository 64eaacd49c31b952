/**
 * What goes to one connected client: the publishes written to its outbox, the QoS 1 ones it has not acknowledged,
 * and those that wait for it to do so. Lives as long as the connection. Never waits; what does not fit is dropped
 * and counted.
 */
import type { ProtocolVersion, QoS } from '../mqtt/packets.ts';
import type { Counters } from './counters.ts';
import { Inflight } from './inflight.ts';
import type { Message } from './message.ts';
import type { Outbox } from './outbox.ts';
import { Outgoing } from './outgoing.ts';
import type { SharedGroup } from './shared.ts';
import type { SendOptions } from './subscription.ts';

/** What an unacknowledged packet id stands for. */
export interface Sent {
  /** Its sequence in the session's durable queue; 0 when it is in none. */
  readonly sequence: number;
  /** For a shared subscription: who gets it when this client leaves without acknowledging. */
  readonly redelivery?: { readonly group: SharedGroup; readonly message: Message };
}

/** Most messages are kept nowhere: when the connection ends they are gone, as the protocol says. */
const UNTRACKED: Sent = { sequence: 0 };

interface Waiting {
  readonly message: Message;
  readonly qos: QoS;
  readonly subscription: SendOptions;
  readonly group: SharedGroup | undefined;
}

export interface SenderOptions {
  readonly clientId: string;
  readonly outbox: Outbox;
  readonly version: ProtocolVersion;
  readonly counters: Counters;
  /** The client's receive maximum, bounded by ours. */
  readonly inflight: number;
  /** The largest packet the client takes. */
  readonly maximumPacketBytes: number;
  readonly backlogBytes: number;
  readonly queuedMessages: number;
  /** Asked for every delivery, so it must be cheap. */
  readonly mayReceive: (topic: string) => boolean;
  readonly now: () => number;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #outbox: Outbox;
  readonly #version: ProtocolVersion;
  readonly #counters: Counters;
  readonly #inflight: Inflight<Sent>;
  #waiting: Waiting[] = [];
  #waitingFrom = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = options.outbox;
    this.#version = options.version;
    this.#counters = options.counters;
    this.#inflight = new Inflight(options.inflight);
  }

  /** Whether a QoS 1 message would be sent at once. */
  get hasRoom(): boolean {
    return !this.#inflight.isFull && this.#waitingFrom === this.#waiting.length;
  }

  get room(): number {
    return this.#inflight.capacity - this.#inflight.size;
  }

  mayReceive(topic: string): boolean {
    if (this.#options.mayReceive(topic)) return true;
    this.#counters.drop('notAuthorized', this.#options.clientId);
    return false;
  }

  /** QoS 0: sent now or, when the client reads too slowly, dropped. */
  sendUnacknowledged(outgoing: Outgoing, subscription: SendOptions): void {
    const retain = outgoing.retain && subscription.retainAsPublished;
    const variant = outgoing.variant(this.#version, 0, retain, subscription.identifiers);
    const size = variant.end - variant.start;
    if (this.#outbox.waiting > this.#options.backlogBytes) this.#counters.drop('backlog', this.#options.clientId);
    else if (size > this.#options.maximumPacketBytes) this.#counters.drop('tooLarge', this.#options.clientId);
    else {
      this.#outbox.appendRange(variant.bytes, variant.start, variant.end);
      this.#counters.sent.qos0++;
      this.#counters.sent.bytes += size;
    }
  }

  /** QoS 1 of a session that is not kept: sent now, or when the client has acknowledged others. */
  sendOrQueue(outgoing: Outgoing, subscription: SendOptions, qos: QoS, group: SharedGroup | undefined): void {
    if (this.hasRoom) {
      const sent = group ? { sequence: 0, redelivery: { group, message: outgoing.message() } } : UNTRACKED;
      this.sendTracked(outgoing, subscription, qos, sent);
    } else if (this.#waiting.length - this.#waitingFrom >= this.#options.queuedMessages) {
      this.#counters.drop('queueFull', this.#options.clientId);
    } else {
      this.#waiting.push({ message: outgoing.message(), qos, subscription, group });
    }
  }

  /** Sends with a packet id; only when there is room. False when the client cannot take a packet of this size. */
  sendTracked(outgoing: Outgoing, subscription: SendOptions, qos: QoS, sent: Sent): boolean {
    const retain = outgoing.retain && subscription.retainAsPublished;
    return this.#write(outgoing, qos, retain, subscription.identifiers, sent);
  }

  /** A retained message on subscribe: the retain flag is set whatever the subscription says [MQTT-3.3.1-8]. */
  sendRetained(message: Message, subscription: SendOptions, qos: QoS): void {
    const outgoing = Outgoing.of(message);
    outgoing.timestamp = this.#options.now();
    if (qos === 0) this.sendUnacknowledged(outgoing, { ...subscription, retainAsPublished: true });
    else this.sendOrQueue(outgoing, { ...subscription, retainAsPublished: true }, qos, undefined);
  }

  /** The client acknowledged: what the packet id stood for, undefined when it was not in use. */
  settle(packetId: number): Sent | undefined {
    const sent = this.#inflight.settle(packetId);
    if (sent !== undefined && this.#waitingFrom < this.#waiting.length) this.#sendWaiting();
    return sent;
  }

  /** What shared subscriptions must give to somebody else now that the client is gone. */
  abandon(): void {
    const waiting = this.#waiting.slice(this.#waitingFrom);
    this.#waiting = [];
    this.#waitingFrom = 0;
    for (const sent of this.#inflight) {
      if (sent.redelivery) sent.redelivery.group.deliver(Outgoing.of(sent.redelivery.message));
    }
    for (const it of waiting) it.group?.deliver(Outgoing.of(it.message));
  }

  #sendWaiting(): void {
    while (this.#waitingFrom < this.#waiting.length && !this.#inflight.isFull) {
      const { message, qos, subscription, group } = this.#waiting[this.#waitingFrom++];
      const now = this.#options.now();
      if (message.expiresAt !== undefined && message.expiresAt <= now) {
        this.#counters.drop('expired', this.#options.clientId);
        continue;
      }
      const outgoing = Outgoing.of(message);
      outgoing.timestamp = now;
      this.sendTracked(
        outgoing,
        subscription,
        qos,
        group ? { sequence: 0, redelivery: { group, message } } : UNTRACKED,
      );
    }
    if (this.#waitingFrom === this.#waiting.length) {
      this.#waiting = [];
      this.#waitingFrom = 0;
    } else if (this.#waitingFrom > 1024) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
  }

  #write(
    outgoing: Outgoing,
    qos: QoS,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    sent: Sent,
  ): boolean {
    const variant = outgoing.variant(this.#version, qos, retain, identifiers);
    const size = variant.end - variant.start;
    if (size > this.#options.maximumPacketBytes) {
      this.#counters.drop('tooLarge', this.#options.clientId);
      return false;
    }
    const packetId = this.#inflight.add(sent);
    this.#outbox.appendWithPacketId(variant.bytes, variant.start, variant.end, variant.idOffset, packetId);
    this.#counters.sent.qos1++;
    this.#counters.sent.bytes += size;
    return true;
  }
}
