/**
 * The QoS 1 and 2 messages of a persistent session. Every one is appended to the store before its publisher is
 * answered and removed when the client has acknowledged it, so that nothing acknowledged is lost, whoever dies. A
 * client that keeps up is sent the message at once, from memory, while the append is on its way; one that does not, or
 * is away, is sent from the store, in order.
 *
 * A message's packet id follows from its sequence, so it is the same whenever the message is sent again, also after a
 * crash [MQTT-4.4.0-1]. Of a QoS 2 message the client has (PUBREC), the store keeps the packet id until PUBCOMP.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { QoS } from '../mqtt/packets.ts';
import type { Queue, Queued, Store, Write } from '../store/store.ts';
import type { Counters } from './counters.ts';
import { Outgoing } from './outgoing.ts';
import type { PacketIds } from './packet-ids.ts';
import { decodeQueued, encodeQueued, type QueuedMessage } from './queued.ts';
import { RateWindow } from './rate.ts';
import type { Sender } from './sender.ts';
import type { SendOptions } from './subscription.ts';

/** Read from the store at a time. */
const PAGE = 100;
const PACKET_IDS = 65_535;

export interface DurableQueueOptions {
  readonly store: Store;
  readonly queue: Queue;
  /** The packet ids between PUBREC and PUBCOMP. */
  readonly released: PacketIds;
  readonly counters: Counters;
  readonly log: Log;
  readonly clock: Clock;
  readonly clientId: string;
  readonly limit: number;
  /** Messages a second that may be sent from the store. */
  readonly perSecond: number;
}

/** A message of a shared subscription, to be given to another member; false: there is none to take it now. */
export type GiveAway = (share: string, outgoing: Outgoing) => boolean;

export class DurableQueue {
  readonly #options: DurableQueueOptions;
  #sender: Sender | undefined;
  /** Sequences up to this were appended. */
  #appended: number;
  /** Sequences up to this were sent on the present connection; everything above is in the store, or on its way there. */
  #sent = 0;
  /** Sequences up to this may have been sent on any connection. */
  #everSent: number;
  #length: number;
  #isReading = false;
  #rate: RateWindow | undefined;
  /** Settled, but perhaps still in the store: not to be sent again. */
  readonly #acknowledged = new Set<number>();
  #acknowledging: number[] = [];
  #releasing: number[] = [];
  /** Packet ids of `released` that are not durable there yet. */
  readonly #unstored = new Set<number>();
  #writes: Write[] = [];
  #isWriteDue = false;
  #isGiving = false;

  constructor(options: DurableQueueOptions, last: number, length: number) {
    this.#options = options;
    this.#appended = last;
    this.#everSent = last;
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  /** The client is back: everything it has not acknowledged is sent (again). */
  attach(sender: Sender): void {
    this.#sender = sender;
    this.#everSent = Math.max(this.#everSent, this.#sent);
    this.#sent = 0;
    for (const packetId of this.#options.released) {
      if (!this.#unstored.has(packetId)) sender.release(packetId);
    }
    void this.#pump();
  }

  detach(): void {
    this.#sender = undefined;
  }

  /**
   * Keeps the message (adding to `outgoing.writes`) and sends it when the client keeps up. `share`: the shared
   * subscription it came by. `isHeld`: it is not sent before it is stored.
   */
  add(outgoing: Outgoing, subscription: SendOptions, qos: QoS, share?: string, isHeld = false): void {
    if (this.#length >= this.#options.limit) {
      this.#options.counters.drop('queueFull', this.#options.clientId);
      return;
    }
    const sequence = ++this.#appended;
    this.#length++;
    const item = encodeQueued(outgoing, subscription, qos, share);
    outgoing.writes.push(this.#options.queue.append([{ sequence, item }]));
    outgoing.onCommitted(this.#committed);
    const sender = this.#sender;
    if (sender === undefined) return;
    if (this.#length > this.#options.limit >> 1) sender.slow(outgoing);
    if (isHeld || this.#sent !== sequence - 1 || !sender.hasRoom) return;
    const packetId = packetIdOf(sequence);
    if (sender.isInUse(packetId) || !sender.withinRate()) return;
    this.#sent = sequence;
    if (!sender.sendStored(outgoing, subscription, qos, sequence, packetId, false)) this.acknowledge(sequence);
  }

  /** The client has it; removed from the store together with others acknowledged in this turn. */
  acknowledge(sequence: number): void {
    this.#acknowledged.add(sequence);
    this.#acknowledging.push(sequence);
    this.#writeSoon();
  }

  /** The client's PUBREC: once that is durable, PUBREL goes out. */
  release(sequence: number, packetId: number): void {
    this.#options.released.add(packetId, this.#writes);
    this.#releasing.push(packetId);
    this.#unstored.add(packetId);
    this.acknowledge(sequence);
  }

  /** The client's PUBCOMP: the packet id is free. */
  complete(packetId: number): void {
    this.#options.released.delete(packetId, this.#writes);
    this.#writeSoon();
  }

  /** There is room for more. */
  resume(): void {
    if (this.#sent < this.#appended) void this.#pump();
  }

  /**
   * Gives what came by a shared subscription and is not acknowledged to other members, as long as they take it. A
   * QoS 2 message stays: it may have arrived [MQTT-4.8.2-4].
   */
  async giveAway(give: GiveAway): Promise<void> {
    if (this.#isGiving || this.#length === 0) return;
    this.#isGiving = true;
    try {
      for (let after = 0, page = await this.#read(after); page.length > 0; page = await this.#read(after)) {
        for (const { sequence, item } of page) {
          after = sequence;
          if (this.#acknowledged.has(sequence) || (this.#sender !== undefined && sequence <= this.#sent)) continue;
          if (!(await this.#giveOne(sequence, decodeQueued(item), give))) return;
        }
      }
    } catch (error) {
      const { log, clientId } = this.#options;
      log.error({ clientId, cause: messageOf(error) }, 'shared messages could not be given to another member');
    } finally {
      this.#isGiving = false;
    }
  }

  readonly #committed = (isDurable: boolean): void => {
    if (isDurable) this.resume();
    else this.#length--;
  };

  #read(after: number): Promise<readonly Queued[]> {
    return this.#options.queue.read(after, PAGE);
  }

  /** False when nobody takes it. */
  async #giveOne(sequence: number, { message, qos, share }: QueuedMessage, give: GiveAway): Promise<boolean> {
    if (share === undefined || qos !== 1) return true;
    const outgoing = Outgoing.of(message);
    if (!give(share, outgoing)) return false;
    const { store, queue } = this.#options;
    this.#acknowledged.add(sequence);
    try {
      await store.commit([...outgoing.writes, queue.ack([sequence])]);
      this.#length--;
      for (const callback of outgoing.callbacks) callback(true);
    } finally {
      this.#acknowledged.delete(sequence);
    }
    return true;
  }

  #writeSoon(): void {
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    const { store, queue, released, log, clientId } = this.#options;
    const sequences = this.#acknowledging;
    const releasing = this.#releasing;
    const writes = this.#writes;
    this.#isWriteDue = false;
    this.#acknowledging = [];
    this.#releasing = [];
    this.#writes = [];
    if (sequences.length > 0) writes.push(queue.ack(sequences));
    try {
      await store.commit(writes);
      this.#length -= sequences.length;
      if (this.#length <= this.#options.limit >> 2) this.#sender?.drained();
      for (const packetId of releasing) {
        this.#unstored.delete(packetId);
        this.#sender?.release(packetId);
      }
    } catch (error) {
      // They stay in the store and will be sent once more on the next connection: PUBREL has not been sent for any.
      for (const packetId of releasing) {
        this.#unstored.delete(packetId);
        released.forget(packetId);
      }
      log.error(
        { clientId, count: sequences.length, cause: messageOf(error) },
        'acknowledged messages were not removed',
      );
    }
    for (const sequence of sequences) this.#acknowledged.delete(sequence);
  }

  /** Sends from the store while there is something to send and room for it. */
  async #pump(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#sender?.hasRoom) {
        const sender = this.#sender;
        const page = await this.#read(this.#sent);
        if (this.#sender !== sender) continue;
        if (page.length === 0 || !this.#sendPage(sender, page)) break;
      }
    } catch (error) {
      const { log, clientId } = this.#options;
      log.error({ clientId, cause: messageOf(error) }, 'queued messages could not be read');
    } finally {
      this.#isReading = false;
    }
  }

  /** False when the rest has to wait for something that calls `resume`. */
  #sendPage(sender: Sender, page: readonly Queued[]): boolean {
    for (const { sequence, item } of page) {
      if (this.#acknowledged.has(sequence)) {
        this.#sent = sequence;
        continue;
      }
      if (!sender.hasRoom) return true;
      if (sender.isInUse(packetIdOf(sequence)) || !this.#isWithinRate()) return false;
      // Sequences that are not in the page were acknowledged, or are not committed yet and come later.
      this.#sent = sequence;
      this.#sendStored(sender, sequence, item);
    }
    return true;
  }

  #isWithinRate(): boolean {
    const { perSecond, clock } = this.#options;
    this.#rate ??= new RateWindow();
    if (this.#rate.take(clock.now(), perSecond)) return true;
    if (this.#rate.isFirstBeyond(perSecond)) clock.after(this.#rate.wait(clock.now()), () => this.resume());
    return false;
  }

  #sendStored(sender: Sender, sequence: number, item: Buffer): void {
    const { message, subscription, qos } = decodeQueued(item);
    const now = this.#options.clock.now();
    const isAgain = sequence <= this.#everSent;
    // A QoS 2 exchange that may have begun is finished, however old the message is [MQTT-4.3.3-7].
    const mayExpire = qos === 1 || !isAgain;
    if (mayExpire && message.expiresAt !== undefined && message.expiresAt <= now) {
      this.#options.counters.drop('expired', this.#options.clientId);
      this.acknowledge(sequence);
      return;
    }
    const outgoing = Outgoing.of(message);
    outgoing.timestamp = now;
    const isSent =
      sender.mayReceive(message.topic) &&
      sender.sendStored(outgoing, subscription, qos, sequence, packetIdOf(sequence), isAgain);
    if (!isSent) this.acknowledge(sequence);
  }
}

function packetIdOf(sequence: number): number {
  return ((sequence - 1) % PACKET_IDS) + 1;
}
