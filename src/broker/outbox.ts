/**
 * The outgoing bytes of one connection. Everything sent in one turn of the event loop is collected here and handed to
 * the transport in one write at its end: the one system call per packet is what makes other brokers slow
 * (bench/README.md). Never blocks; how much may wait is the caller's decision (`waiting`).
 */
import type { Transport } from './transport.ts';

/** Batches are handed over early at this size, so that one never grows beyond it by more than a packet. */
const BATCH_BYTES = 65_536;
const SMALL_BYTES = 4096;
const POOLED = 512;
const DUP = 8;

/** Flushes the outboxes written to in this turn, once the turn is over. One per broker. */
export class FlushQueue {
  #dirty: Outbox[] = [];
  #scheduled = false;
  readonly #pool: Buffer[] = [];

  add(outbox: Outbox): void {
    this.#dirty.push(outbox);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (let i = 0; i < dirty.length; i++) dirty[i].flush();
  }

  /** A buffer of at least `size` bytes; small ones are reused. */
  take(size: number): Buffer {
    if (size <= SMALL_BYTES) return this.#pool.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    return Buffer.allocUnsafeSlow(Math.max(size, BATCH_BYTES));
  }

  give(buffer: Buffer): void {
    if (buffer.length === SMALL_BYTES && this.#pool.length < POOLED) this.#pool.push(buffer);
  }
}

export class Outbox {
  readonly #transport: Transport;
  readonly #queue: FlushQueue;
  #buffer: Buffer | undefined;
  #length = 0;
  #isDirty = false;
  readonly #congestsAt: number;
  /** Whether the network took less than it was given, at the last flush. */
  isCongested = false;

  /** `congestsAt`: so many bytes waiting make publishers wait. */
  constructor(transport: Transport, queue: FlushQueue, congestsAt: number) {
    this.#transport = transport;
    this.#queue = queue;
    this.#congestsAt = congestsAt;
  }

  /** Bytes on their way that the network has not taken. */
  get waiting(): number {
    return this.#length + this.#transport.backlog;
  }

  append(bytes: Buffer): void {
    this.appendRange(bytes, 0, bytes.length);
  }

  appendRange(bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    const at = this.#reserve(size);
    bytes.copy(this.#buffer as Buffer, at, start, end);
  }

  /** A PUBLISH, with the packet id at `idOffset` (from the start of `bytes`) replaced. `isAgain`: marked DUP. */
  appendWithPacketId(
    bytes: Buffer,
    start: number,
    end: number,
    idOffset: number,
    packetId: number,
    isAgain: boolean,
  ): void {
    const at = this.#reserve(end - start);
    const buffer = this.#buffer as Buffer;
    bytes.copy(buffer, at, start, end);
    if (isAgain) buffer[at] |= DUP;
    const id = at + idOffset - start;
    buffer[id] = packetId >> 8;
    buffer[id + 1] = packetId & 0xff;
  }

  /** A PUBACK, PUBREC, PUBREL or PUBCOMP without reason or properties: the same four bytes in both versions. */
  appendAck(firstByte: number, packetId: number): void {
    const at = this.#reserve(4);
    const buffer = this.#buffer as Buffer;
    buffer[at] = firstByte;
    buffer[at + 1] = 2;
    buffer[at + 2] = packetId >> 8;
    buffer[at + 3] = packetId & 0xff;
  }

  flush(): void {
    this.#isDirty = false;
    const buffer = this.#buffer;
    if (buffer === undefined || this.#length === 0) return;
    const bytes = buffer.subarray(0, this.#length);
    this.#length = 0;
    this.#buffer = undefined;
    if (this.#transport.write(bytes)) this.#queue.give(buffer);
    else this.isCongested = this.#transport.backlog > this.#congestsAt;
  }

  /** Room for `size` bytes in the batch; returns where they go. */
  #reserve(size: number): number {
    if (this.#length + size > BATCH_BYTES && this.#length > 0) this.flush();
    const at = this.#length;
    if (this.#buffer === undefined) this.#buffer = this.#queue.take(size);
    else if (at + size > this.#buffer.length) this.#grow(at + size);
    this.#length = at + size;
    if (!this.#isDirty) {
      this.#isDirty = true;
      this.#queue.add(this);
    }
    return at;
  }

  #grow(size: number): void {
    const old = this.#buffer as Buffer;
    const larger = this.#queue.take(size);
    old.copy(larger, 0, 0, this.#length);
    this.#queue.give(old);
    this.#buffer = larger;
  }
}
