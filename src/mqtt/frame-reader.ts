/**
 * Cuts the bytes of one connection into control packets. A packet that lies whole inside a chunk is handed on where
 * it lies; only the incomplete tail of a chunk is copied, so the caller may reuse a chunk once `push` has returned.
 * Hot path: no allocation and no closure per packet. It looks at nothing but the fixed header, so it serves both versions.
 *
 * Stopping: when `onFrame` returns false the rest is kept until `resume`. Bytes pushed meanwhile are kept too, without
 * limit: whoever stops also pauses the socket. Whatever is thrown, by the reader or by `onFrame`, ends the reader: it drops all
 * it holds and ignores what comes, for the connection is over.
 */
import { MqttError, malformed, ReasonCode } from './reason-codes.ts';

/**
 * Takes the packet at `buffer[start, end)` whose body begins at `bodyStart`; false stops the reader. Views into `buffer`
 * are good for the current turn of the event loop.
 */
export type FrameHandler = (buffer: Buffer, start: number, bodyStart: number, end: number) => boolean;

const NOTHING = Buffer.alloc(0);

export class FrameReader {
  /** In bytes, fixed header included. May be changed between packets. */
  maximumPacketSize: number;

  /** Unread bytes are `#held[#from, #to)`: unless stopped, the beginning of one packet or nothing. */
  #held: Buffer = NOTHING;
  #from = 0;
  #to = 0;
  /** Chunks pushed from inside `onFrame`: they come after the rest of the chunk being cut. */
  #later: Buffer[] = [];
  /** Where the packet whose header was read last ends. */
  #end = 0;
  #isCutting = false;
  #isStopped = false;
  /** `resume` was called from inside `onFrame`, before it returned false. */
  #isResumed = false;
  #hasFailed = false;

  constructor(maximumPacketSize: number) {
    this.maximumPacketSize = maximumPacketSize;
  }

  /**
   * Hands on every packet that is complete with this chunk.
   * @throws {MqttError} 0x95 as soon as a header announces more than `maximumPacketSize`; 0x81 for a remaining length of more than
   *   four bytes; and whatever `onFrame` throws.
   */
  push(chunk: Buffer, onFrame: FrameHandler): void {
    if (this.#hasFailed) return;
    if (this.#isCutting) {
      this.#later.push(Buffer.from(chunk));
      return;
    }
    if (this.#isStopped) {
      this.#hold(chunk, 0, chunk.length, Number.POSITIVE_INFINITY);
      return;
    }
    this.#isCutting = true;
    try {
      this.#take(chunk, onFrame);
      this.#takeLater(onFrame);
    } catch (error) {
      this.#fail();
      throw error;
    } finally {
      this.#isCutting = false;
    }
  }

  /** Goes on after a stop, first with what was kept. Without a stop it does nothing. Throws what `push` throws. */
  resume(onFrame: FrameHandler): void {
    if (this.#isCutting) {
      this.#isResumed = true;
      return;
    }
    if (!this.#isStopped || this.#hasFailed) return;
    this.#isStopped = false;
    this.#isCutting = true;
    try {
      this.#from = this.#cut(this.#held, this.#from, this.#to, onFrame);
      if (this.#from === this.#to) this.#release();
      this.#takeLater(onFrame);
    } catch (error) {
      this.#fail();
      throw error;
    } finally {
      this.#isCutting = false;
    }
  }

  #take(chunk: Buffer, onFrame: FrameHandler): void {
    let at = 0;
    if (this.#from < this.#to) at = this.#completeHeld(chunk, onFrame);
    if (!this.#isStopped) at = this.#cut(chunk, at, chunk.length, onFrame);
    if (at < chunk.length) {
      // The header of an incomplete packet was just read, if it is all there; after a stop, any number of packets follow.
      const isHeaderRead = !this.#isStopped && this.#readHeader(chunk, at, chunk.length) > 0;
      this.#hold(chunk, at, chunk.length, isHeaderRead ? this.#end - at : Number.POSITIVE_INFINITY);
    }
  }

  #takeLater(onFrame: FrameHandler): void {
    while (this.#later.length > 0) {
      const chunk = this.#later.shift()!;
      if (this.#isStopped) this.#hold(chunk, 0, chunk.length, Number.POSITIVE_INFINITY);
      else this.#take(chunk, onFrame);
    }
  }

  /** Hands on the complete packets of `buffer[at, limit)` until one is incomplete or the handler stops; returns how far it came. */
  #cut(buffer: Buffer, at: number, limit: number, onFrame: FrameHandler): number {
    for (;;) {
      const bodyStart = this.#readHeader(buffer, at, limit);
      const end = this.#end;
      if (bodyStart === 0 || end > limit) return at;
      this.#isResumed = false;
      if (!onFrame(buffer, at, bodyStart, end) && !this.#isResumed) {
        this.#isStopped = true;
        return end;
      }
      at = end;
    }
  }

  /** Returns where the body of the packet at `at` begins and sets `#end`, or returns 0 when the header is not complete yet. */
  #readHeader(buffer: Buffer, at: number, limit: number): number {
    if (limit - at < 2) return 0;
    let bodyStart = at + 2;
    let byte = buffer[at + 1];
    let length = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 21) throw malformed('The remaining length has more than four bytes');
      if (bodyStart >= limit) return 0;
      byte = buffer[bodyStart++];
      length |= (byte & 0x7f) << shift;
    }
    const end = bodyStart + length;
    if (end - at > this.maximumPacketSize) {
      throw new MqttError(
        ReasonCode.packetTooLarge,
        `A packet of ${end - at} bytes is above ${this.maximumPacketSize}`,
      );
    }
    this.#end = end;
    return bodyStart;
  }

  /** Adds to the packet held what it lacks, hands it on when that completes it, and returns how much of the chunk it took. */
  #completeHeld(chunk: Buffer, onFrame: FrameHandler): number {
    let at = 0;
    while (this.#readHeader(this.#held, this.#from, this.#to) === 0) {
      if (at === chunk.length) return at;
      this.#hold(chunk, at, at + 1, Number.POSITIVE_INFINITY);
      at++;
    }
    const size = this.#end - this.#from;
    const taken = Math.min(size - (this.#to - this.#from), chunk.length - at);
    this.#hold(chunk, at, at + taken, size);
    if (this.#to - this.#from === size) {
      const packet = this.#held;
      const from = this.#from;
      // Let go of before it is handed on: the handler's views must not be written over by the next tail.
      this.#release();
      this.#cut(packet, from, from + size, onFrame);
    }
    return at + taken;
  }

  /** Appends `source[from, to)` to what is held, whose size will be `atMost` in the end: room doubles up to that. */
  #hold(source: Buffer, from: number, to: number, atMost: number): void {
    const kept = this.#to - this.#from;
    const needed = kept + (to - from);
    if (this.#to + (to - from) > this.#held.length) {
      const room = Buffer.allocUnsafe(Math.max(needed, Math.min(atMost, 2 * needed)));
      this.#held.copy(room, 0, this.#from, this.#to);
      this.#held = room;
      this.#from = 0;
      this.#to = kept;
    }
    source.copy(this.#held, this.#to, from, to);
    this.#to += to - from;
  }

  #release(): void {
    this.#held = NOTHING;
    this.#from = 0;
    this.#to = 0;
  }

  #fail(): void {
    this.#hasFailed = true;
    this.#later = [];
    this.#release();
  }
}
