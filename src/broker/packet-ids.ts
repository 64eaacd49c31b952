/**
 * Packet ids in the middle of a QoS 2 exchange, which a persistent session keeps across connections and crashes (MQTT
 * 5.0 section 4.1): those received and not released yet (so that a repeated PUBLISH is not a second message), and
 * those released and not completed yet (so that PUBREL is sent again). In the order in which they came [MQTT-4.6.0-4].
 */
import type { Queue, Queued, Write } from '../store/store.ts';

/** `queue`: where they are durable; absent for a session that ends with its connection. */
export class PacketIds {
  readonly #queue: Queue | undefined;
  /** Packet id → its sequence in the queue. Made when first needed: most clients never use QoS 2. */
  #sequences: Map<number, number> | undefined;
  #last = 0;

  constructor(queue: Queue | undefined) {
    this.#queue = queue;
  }

  get size(): number {
    return this.#sequences?.size ?? 0;
  }

  has(packetId: number): boolean {
    return this.#sequences?.has(packetId) === true;
  }

  /** What makes it durable is added to `writes`. */
  add(packetId: number, writes: Write[]): void {
    const sequence = ++this.#last;
    this.#sequences ??= new Map();
    this.#sequences.set(packetId, sequence);
    if (!this.#queue) return;
    const item = Buffer.allocUnsafe(2);
    item.writeUInt16BE(packetId, 0);
    writes.push(this.#queue.append([{ sequence, item }]));
  }

  delete(packetId: number, writes: Write[]): void {
    const sequence = this.#sequences?.get(packetId);
    if (sequence === undefined) return;
    this.forget(packetId);
    if (this.#queue) writes.push(this.#queue.ack([sequence]));
  }

  /** Takes back an `add` whose write failed. */
  forget(packetId: number): void {
    this.#sequences?.delete(packetId);
  }

  /** A write that changes nothing: durable when everything before it is. */
  barrier(): Write {
    if (!this.#queue) throw new Error('packet ids that are not stored have nothing to wait for');
    return this.#queue.ack([0]);
  }

  /** What the store held when the program started. */
  restore(items: readonly Queued[]): void {
    for (const { sequence, item } of items) {
      this.#sequences ??= new Map();
      this.#sequences.set(item.readUInt16BE(0), sequence);
      this.#last = sequence;
    }
  }

  [Symbol.iterator](): Iterator<number> {
    return (this.#sequences ?? NONE).keys();
  }
}

const NONE: ReadonlyMap<number, number> = new Map();
