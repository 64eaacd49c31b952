/**
 * A client's state that survives its connection: its subscriptions, the QoS 2 packet ids it has not released and, when
 * it is persistent, the messages kept for it. One for each client id. Decides for each delivery whether it is sent,
 * kept or passed over.
 */
import type { Timer } from '../base/clock.ts';
import { matches } from '../mqtt/mqtt.ts';
import type { ProtocolVersion, QoS } from '../mqtt/packets.ts';
import type { DurableQueue } from './durable-queue.ts';
import type { Outgoing } from './outgoing.ts';
import type { PacketIds } from './packet-ids.ts';
import type { Redelivery, Sender } from './sender.ts';
import type { SharedGroup } from './shared.ts';
import type { Subscription } from './subscription.ts';

/** A will that waits for its delay to pass. */
export interface DelayedWill {
  readonly timer: Timer;
  readonly publish: () => void;
}

export class Session {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  /** By filter, `$share/…` included. */
  readonly subscriptions = new Map<string, Subscription>();
  /** Present when messages are kept while the client is away. */
  readonly durable: DurableQueue | undefined;
  /** QoS 2 messages received that the client has not released: they are not taken a second time. */
  readonly received: PacketIds;
  /** Seconds the session outlives its connection; 0: not at all. */
  expirySeconds: number;
  delayedWill: DelayedWill | undefined;
  #sender: Sender | undefined;

  constructor(
    clientId: string,
    version: ProtocolVersion,
    expirySeconds: number,
    received: PacketIds,
    durable: DurableQueue | undefined,
  ) {
    this.clientId = clientId;
    this.version = version;
    this.expirySeconds = expirySeconds;
    this.received = received;
    this.durable = durable;
  }

  get isConnected(): boolean {
    return this.#sender !== undefined;
  }

  attach(sender: Sender): void {
    this.#sender = sender;
    this.durable?.attach(sender);
  }

  /** The connection ended; returns what only it kept and other members of shared subscriptions shall get. */
  detach(): Redelivery[] {
    const sender = this.#sender;
    this.#sender = undefined;
    this.durable?.detach();
    return sender?.abandon() ?? [];
  }

  /** The will of the last connection is not published any more. */
  cancelWill(): void {
    this.delayedWill?.timer.cancel();
    this.delayedWill = undefined;
  }

  /** The subscription by which a message on `topic` comes, the one of the highest QoS if several do; shared ones aside. */
  subscriptionTo(topic: string): Subscription | undefined {
    let best: Subscription | undefined;
    for (const subscription of this.subscriptions.values()) {
      if (best !== undefined && best.qos >= subscription.qos) continue;
      const { filter, hashMatchesParent } = subscription;
      if (matches(filter, topic, { parentMatch: hashMatchesParent })) best = subscription;
    }
    return best;
  }

  /** Whether the client would be sent a message on `topic` at once. */
  isReady(topic: string): boolean {
    return this.#sender?.hasRoom === true && this.#sender.mayReceive(topic);
  }

  /** Whether the message would at least be kept for the client. */
  keeps(outgoing: Outgoing): boolean {
    if (outgoing.qos === 0) return this.#sender !== undefined;
    return this.durable !== undefined || this.#sender !== undefined;
  }

  /** `group`: the message comes by a shared subscription, which gets it back if it is not acknowledged. */
  deliver(outgoing: Outgoing, subscription: Subscription, group?: SharedGroup): void {
    const sender = this.#sender;
    if (sender !== undefined && !sender.mayReceive(outgoing.topic)) return;
    const qos = Math.min(outgoing.qos, subscription.qos) as QoS;
    if (qos === 0) sender?.sendUnacknowledged(outgoing, subscription);
    else if (this.durable !== undefined)
      this.durable.add(outgoing, subscription, qos, group === undefined ? undefined : subscription.filter);
    else sender?.sendOrQueue(outgoing, subscription, qos, group);
  }
}
