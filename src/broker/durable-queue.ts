/**
 * The QoS 1 messages of a persistent session. Every one is appended to the store before its publisher is answered
 * and removed when the client has acknowledged it, so that nothing acknowledged is lost, whoever dies. A client that
 * keeps up is sent the message at once, from memory, while the append is on its way; one that does not, or is away,
 * is sent from the store, in order.
 */
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { QoS } from '../mqtt/packets.ts';
import type { Queue, Store } from '../store/store.ts';
import type { Counters } from './counters.ts';
import { Outgoing } from './outgoing.ts';
import { decodeQueued, encodeQueued } from './queued.ts';
import type { Sender } from './sender.ts';
import type { Subscription } from './subscription.ts';

/** Read from the store at a time. */
const PAGE = 100;

export interface DurableQueueOptions {
  readonly store: Store;
  readonly queue: Queue;
  readonly counters: Counters;
  readonly log: Log;
  readonly clientId: string;
  readonly limit: number;
  readonly now: () => number;
}

export class DurableQueue {
  readonly #options: DurableQueueOptions;
  #sender: Sender | undefined;
  /** Sequences up to this were appended. */
  #appended: number;
  /** Sequences up to this were sent on the present connection; everything above is in the store, or on its way there. */
  #sent = 0;
  #length: number;
  #isReading = false;
  /** Acknowledged, but perhaps still in the store: not to be sent again. */
  readonly #acknowledged = new Set<number>();
  #acknowledging: number[] = [];

  constructor(options: DurableQueueOptions, last: number, length: number) {
    this.#options = options;
    this.#appended = last;
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  /** The client is back: everything it has not acknowledged is sent (again). */
  attach(sender: Sender): void {
    this.#sender = sender;
    this.#sent = 0;
    void this.#pump();
  }

  detach(): void {
    this.#sender = undefined;
  }

  /** Keeps the message (adding to `outgoing.writes`) and sends it when the client keeps up. */
  add(outgoing: Outgoing, subscription: Subscription, qos: QoS): void {
    if (this.#length >= this.#options.limit) {
      this.#options.counters.drop('queueFull', this.#options.clientId);
      return;
    }
    const sequence = ++this.#appended;
    this.#length++;
    outgoing.writes.push(this.#options.queue.append([{ sequence, item: encodeQueued(outgoing, subscription, qos) }]));
    outgoing.onCommitted(this.#committed);
    const sender = this.#sender;
    if (sender === undefined || this.#sent !== sequence - 1 || !sender.hasRoom) return;
    this.#sent = sequence;
    if (!sender.sendTracked(outgoing, subscription, qos, { sequence })) this.acknowledge(sequence);
  }

  /** The client has it; removed from the store together with others acknowledged in this turn. */
  acknowledge(sequence: number): void {
    this.#acknowledged.add(sequence);
    this.#acknowledging.push(sequence);
    if (this.#acknowledging.length === 1) setImmediate(() => void this.#removeAcknowledged());
  }

  /** There is room for more. */
  resume(): void {
    if (this.#sent < this.#appended) void this.#pump();
  }

  readonly #committed = (isDurable: boolean): void => {
    if (isDurable) this.resume();
    else this.#length--;
  };

  async #removeAcknowledged(): Promise<void> {
    const sequences = this.#acknowledging;
    this.#acknowledging = [];
    try {
      await this.#options.store.commit([this.#options.queue.ack(sequences)]);
      this.#length -= sequences.length;
    } catch (error) {
      // They stay in the store and will be sent once more on the next connection: at least once, as QoS 1 says.
      const { log, clientId } = this.#options;
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
        const page = await this.#options.queue.read(this.#sent, Math.min(PAGE, sender.room));
        if (this.#sender !== sender) continue;
        if (page.length === 0) break;
        for (const { sequence, item } of page) {
          if (!sender.hasRoom) break;
          // Sequences that are not in the page were acknowledged, or are not committed yet and come later.
          this.#sent = sequence;
          if (!this.#acknowledged.has(sequence)) this.#sendStored(sender, sequence, item);
        }
      }
    } catch (error) {
      const { log, clientId } = this.#options;
      log.error({ clientId, cause: messageOf(error) }, 'queued messages could not be read');
    } finally {
      this.#isReading = false;
    }
  }

  #sendStored(sender: Sender, sequence: number, item: Buffer): void {
    const { message, subscription, qos } = decodeQueued(item);
    const now = this.#options.now();
    if (message.expiresAt !== undefined && message.expiresAt <= now) {
      this.#options.counters.drop('expired', this.#options.clientId);
      this.acknowledge(sequence);
      return;
    }
    const outgoing = Outgoing.of(message);
    outgoing.timestamp = now;
    const isSent = sender.mayReceive(message.topic) && sender.sendTracked(outgoing, subscription, qos, { sequence });
    if (!isSent) this.acknowledge(sequence);
  }
}
