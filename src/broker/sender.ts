/**
 * What goes to one connected client: the publishes written to its outbox, the QoS 1 and 2 ones it has not settled,
 * and those that wait for it to do so. Lives as long as the connection. Never waits; what does not fit is dropped
 * and counted.
 */
import { PacketType, type ProtocolVersion, type QoS } from '../mqtt/packets.ts';
import { Congestion } from './congestion.ts';
import type { Counters } from './counters.ts';
import { Inflight } from './inflight.ts';
import type { Message } from './message.ts';
import type { Outbox } from './outbox.ts';
import { Outgoing, type Variant } from './outgoing.ts';
import { type Limits, UNLIMITED } from './profile.ts';
import { RateWindow } from './rate.ts';
import type { SharedGroup } from './shared.ts';
import type { SendOptions } from './subscription.ts';

/** A message that a shared subscription chose this client for. */
export interface Redelivery {
  readonly group: SharedGroup;
  readonly message: Message;
}

/** What a packet id in use stands for. */
export interface Sent {
  /** Its sequence in the session's durable queue; 0 when it is in none. */
  readonly sequence: number;
  /** The packet that comes next from the client; `releasing`: its PUBREC came and is not durable yet. */
  readonly awaits: typeof PacketType.puback | typeof PacketType.pubrec | typeof PacketType.pubcomp | 'releasing';
  /** For a shared subscription: who gets it when this client leaves without acknowledging. */
  readonly redelivery: Redelivery | undefined;
  /** Told once whether the client took it; false when it refused or left. */
  readonly settled: ((isTaken: boolean) => void) | undefined;
}

/** Most messages are kept nowhere: when the connection ends they are gone, as the protocol says. */
const UNTRACKED_QOS1 = sentAs(1, 0);
const UNTRACKED_QOS2 = sentAs(2, 0);
/** The client has the message; what is left of it is a packet id. */
const RELEASED: Sent = { ...UNTRACKED_QOS2, awaits: PacketType.pubcomp };
const PUBREL = 0x62;

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
  readonly limits: Limits;
  /** The client's receive maximum, bounded by ours. */
  readonly inflight: number;
  /** The largest packet the client takes. */
  readonly maximumPacketBytes: number;
  /** Whether messages that may have been sent before are marked DUP. */
  readonly marksDuplicates: boolean;
  /** Asked for every delivery, so it must be cheap. */
  readonly mayReceive: (topic: string) => boolean;
  readonly now: () => number;
}

export class Sender {
  /** Whether publishers should wait for this client. */
  readonly congestion = new Congestion();
  readonly #options: SenderOptions;
  readonly #outbox: Outbox;
  readonly #version: ProtocolVersion;
  readonly #counters: Counters;
  readonly #inflight: Inflight<Sent>;
  readonly #rate = new RateWindow();
  readonly #ratePerSecond: number;
  #waiting: Waiting[] = [];
  #waitingFrom = 0;
  #waitingBytes = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = options.outbox;
    this.#version = options.version;
    this.#counters = options.counters;
    this.#inflight = new Inflight(options.inflight);
    this.#ratePerSecond = options.limits.publishesPerSecond;
  }

  /** Whether a QoS 1 or 2 message would be sent at once. */
  get hasRoom(): boolean {
    return !this.#inflight.isFull && this.#waitingFrom === this.#waiting.length;
  }

  get room(): number {
    return this.#inflight.capacity - this.#inflight.size;
  }

  /** Whether the packet id is in use: the message that needs it has to wait. */
  isInUse(packetId: number): boolean {
    return this.#inflight.get(packetId) !== undefined;
  }

  mayReceive(topic: string): boolean {
    if (this.#options.mayReceive(topic)) return true;
    this.#counters.drop('notAuthorized', this.#options.clientId);
    return false;
  }

  /** Counts a live message; false when it is beyond the client's rate. */
  withinRate(): boolean {
    const limit = this.#ratePerSecond;
    return limit === UNLIMITED || this.#rate.take(this.#options.now(), limit);
  }

  /** QoS 0: sent now or, when the client reads too slowly, dropped. */
  sendUnacknowledged(outgoing: Outgoing, subscription: SendOptions): void {
    if (this.withinRate()) this.#sendQos0(outgoing, subscription);
    else this.#counters.drop('throttled', this.#options.clientId);
  }

  /** A retained message for a new subscription; on its own, for the rate of live messages does not count. */
  sendRetained(outgoing: Outgoing, subscription: SendOptions, qos: QoS): void {
    outgoing.timestamp = this.#options.now();
    if (qos === 0) this.#sendQos0(outgoing, subscription);
    else if (this.hasRoom) this.#sendNew(outgoing, subscription, qos, undefined);
    else this.#wait(outgoing, subscription, qos, undefined);
  }

  /** QoS 1 or 2 of a session that is not kept: sent now, or when the client has acknowledged others. */
  sendOrQueue(outgoing: Outgoing, subscription: SendOptions, qos: QoS, group: SharedGroup | undefined): void {
    if (!this.withinRate()) this.#counters.drop('throttled', this.#options.clientId);
    else if (this.hasRoom) this.#sendNew(outgoing, subscription, qos, group);
    else this.#wait(outgoing, subscription, qos, group);
  }

  /**
   * A message of a durable queue, with the packet id that belongs to it; only when there is room and the id is not in
   * use. `isAgain`: it may have been sent before. False when the client cannot take a packet of this size.
   */
  sendStored(
    outgoing: Outgoing,
    subscription: SendOptions,
    qos: QoS,
    sequence: number,
    packetId: number,
    isAgain: boolean,
  ): boolean {
    const variant = this.#fitting(outgoing, subscription, qos);
    if (variant === undefined) return false;
    this.#inflight.put(packetId, sentAs(qos, sequence));
    this.#append(variant, qos, packetId, isAgain && this.#options.marksDuplicates);
    if (this.#outbox.isCongested) this.slow(outgoing);
    return true;
  }

  /** A message to this client alone, QoS 0. */
  sendUnconfirmed(message: Message): void {
    this.#sendQos0(Outgoing.of(message), NO_OPTIONS);
  }

  /** A message to this client alone, QoS 1. `settled` is told whether it took it. False: it cannot be sent. */
  sendDirect(message: Message, settled: (isTaken: boolean) => void): boolean {
    const variant = this.#fitting(Outgoing.of(message), NO_OPTIONS, 1);
    if (variant === undefined || this.#inflight.isFull) return false;
    const packetId = this.#inflight.unused();
    this.#inflight.put(packetId, { ...UNTRACKED_QOS1, settled });
    this.#append(variant, 1, packetId, false);
    return true;
  }

  /** PUBREL, for a message that the client has and that nothing is kept of but its packet id. */
  release(packetId: number): void {
    this.#inflight.put(packetId, RELEASED);
    this.#counters.packets.sent[PUBREL >> 4]++;
    this.#outbox.appendAck(PUBREL, packetId);
  }

  /** What the packet id stands for; undefined when it is not in use. */
  sent(packetId: number): Sent | undefined {
    return this.#inflight.get(packetId);
  }

  /** The client's PUBREC is on its way to the store. */
  beginRelease(packetId: number, sent: Sent): void {
    this.#inflight.put(packetId, { ...sent, awaits: 'releasing' });
  }

  /** The packet id is done with: what it stood for, undefined when it was not in use. */
  settle(packetId: number): Sent | undefined {
    const sent = this.#inflight.settle(packetId);
    if (sent !== undefined && this.#waitingFrom < this.#waiting.length) this.#sendWaiting();
    return sent;
  }

  /** More comes than the client takes: whoever publishes `outgoing` should wait. */
  slow(outgoing: Outgoing): void {
    this.congestion.begin(this.#options.now());
    if (this.congestion.slowsPublishers) outgoing.congestion = this.congestion;
  }

  /** The network took something: whether publishers still have to wait. */
  drained(): void {
    const softLimit = this.#options.limits.backlogBytes >> 4;
    if (this.#outbox.waiting > softLimit || this.#waitingBytes > softLimit) return;
    this.#outbox.isCongested = false;
    this.congestion.end();
  }

  /** The client is gone: what shared subscriptions must give to somebody else. */
  abandon(): Redelivery[] {
    this.congestion.end();
    const abandoned: Redelivery[] = [];
    for (const sent of this.#inflight) {
      sent.settled?.(false);
      // A QoS 2 message that was sent may have arrived: it is nobody else's [MQTT-4.8.2-5].
      if (sent.redelivery && sent.awaits === PacketType.puback) abandoned.push(sent.redelivery);
    }
    for (const { group, message } of this.#waiting.slice(this.#waitingFrom)) {
      if (group) abandoned.push({ group, message });
    }
    this.#waiting = [];
    this.#waitingFrom = 0;
    return abandoned;
  }

  #sendQos0(outgoing: Outgoing, subscription: SendOptions): void {
    const retain = outgoing.retain && subscription.retainAsPublished;
    const variant = outgoing.variant(this.#version, 0, retain, subscription.identifiers);
    const size = variant.end - variant.start;
    if (this.#outbox.waiting > this.#options.limits.backlogBytes)
      this.#counters.drop('backlog', this.#options.clientId);
    else if (size > this.#options.maximumPacketBytes) this.#counters.drop('tooLarge', this.#options.clientId);
    else {
      this.#outbox.appendRange(variant.bytes, variant.start, variant.end);
      this.#counters.sent.qos0++;
      this.#counters.sent.bytes += size;
      if (this.#outbox.isCongested) this.slow(outgoing);
    }
  }

  #sendNew(outgoing: Outgoing, subscription: SendOptions, qos: QoS, group: SharedGroup | undefined): void {
    const variant = this.#fitting(outgoing, subscription, qos);
    if (variant === undefined) return;
    const untracked = qos === 1 ? UNTRACKED_QOS1 : UNTRACKED_QOS2;
    const sent = group ? { ...untracked, redelivery: { group, message: outgoing.message() } } : untracked;
    this.#append(variant, qos, this.#inflight.add(sent), false);
    if (this.#outbox.isCongested) this.slow(outgoing);
  }

  #wait(outgoing: Outgoing, subscription: SendOptions, qos: QoS, group: SharedGroup | undefined): void {
    const { queuedMessages, backlogBytes } = this.#options.limits;
    if (this.#waiting.length - this.#waitingFrom >= queuedMessages || this.#waitingBytes > backlogBytes) {
      this.#counters.drop('queueFull', this.#options.clientId);
      return;
    }
    this.#waiting.push({ message: outgoing.message(), qos, subscription, group });
    this.#waitingBytes += outgoing.payloadSize + outgoing.topic.length;
    const isLong = this.#waiting.length - this.#waitingFrom > queuedMessages >> 1;
    if (isLong || this.#waitingBytes > backlogBytes >> 3) this.slow(outgoing);
  }

  #sendWaiting(): void {
    while (this.#waitingFrom < this.#waiting.length && !this.#inflight.isFull) {
      const { message, qos, subscription, group } = this.#waiting[this.#waitingFrom++];
      this.#waitingBytes -= message.payload.length + message.topic.length;
      const now = this.#options.now();
      if (message.expiresAt !== undefined && message.expiresAt <= now) {
        this.#counters.drop('expired', this.#options.clientId);
        continue;
      }
      const outgoing = Outgoing.of(message);
      outgoing.timestamp = now;
      this.#sendNew(outgoing, subscription, qos, group);
    }
    if (this.#waitingFrom === this.#waiting.length) {
      this.#waiting = [];
      this.#waitingFrom = 0;
      this.drained();
    } else if (this.#waitingFrom > 1024) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
  }

  /** The packet to send; undefined when it is larger than the client takes. */
  #fitting(outgoing: Outgoing, subscription: SendOptions, qos: QoS): Variant | undefined {
    const retain = outgoing.retain && subscription.retainAsPublished;
    const variant = outgoing.variant(this.#version, qos, retain, subscription.identifiers);
    if (variant.end - variant.start <= this.#options.maximumPacketBytes) return variant;
    this.#counters.drop('tooLarge', this.#options.clientId);
    return undefined;
  }

  #append(variant: Variant, qos: QoS, packetId: number, isAgain: boolean): void {
    const { bytes, start, end, idOffset } = variant;
    this.#outbox.appendWithPacketId(bytes, start, end, idOffset, packetId, isAgain);
    if (qos === 1) this.#counters.sent.qos1++;
    else this.#counters.sent.qos2++;
    this.#counters.sent.bytes += end - start;
  }
}

const NO_OPTIONS: SendOptions = { retainAsPublished: false, identifiers: undefined };

function sentAs(qos: QoS, sequence: number): Sent {
  const awaits = qos === 1 ? PacketType.puback : PacketType.pubrec;
  return { sequence, awaits, redelivery: undefined, settled: undefined };
}
