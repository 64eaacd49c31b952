/**
 * The data representations of MQTT 5.0 section 1.5 (3.1.1: section 1.5) read strictly from a piece of a buffer. Used by
 * the decoders only. Every method throws MqttError 0x81 when the piece ends too early or the bytes are not allowed.
 */
import { isUtf8 } from 'node:buffer';
import { malformed } from './reason-codes.ts';

export class Reader {
  readonly buffer: Buffer;
  at: number;
  readonly end: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    return this.buffer[this.#skip(1)];
  }

  uint16(): number {
    const at = this.#skip(2);
    return (this.buffer[at] << 8) | this.buffer[at + 1];
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.#skip(4));
  }

  /** A variable byte integer, in as few bytes as its value needs [MQTT-1.5.5-1]. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte > 0x7f) continue;
      if (byte === 0 && shift > 0) throw malformed('A variable byte integer has needless bytes');
      return value;
    }
    throw malformed('A variable byte integer has more than four bytes');
  }

  text(): string {
    const length = this.uint16();
    const start = this.#skip(length);
    return textFromBytes(this.buffer, start, start + length);
  }

  /** A view, not a copy. */
  binary(): Buffer {
    const length = this.uint16();
    const start = this.#skip(length);
    return this.buffer.subarray(start, start + length);
  }

  /** A reader of the next `length` bytes, which this one skips. */
  part(length: number): Reader {
    const start = this.#skip(length);
    return new Reader(this.buffer, start, start + length);
  }

  /** The decoder of a packet calls it last: what is left over makes the packet malformed. */
  finish(): void {
    if (this.at !== this.end) throw malformed(`${this.left} bytes are left over`);
  }

  #skip(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw malformed('The packet is too short');
    this.at = start + length;
    return start;
  }
}

/**
 * Text from UTF-8: well-formed, so neither overlong forms nor surrogates [MQTT-1.5.4-1] (3.1.1: [MQTT-1.5.3-1]), without
 * U+0000 [MQTT-1.5.4-2] (3.1.1: [MQTT-1.5.3-2]). A byte order mark stays a character [MQTT-1.5.4-3] (3.1.1: [MQTT-1.5.3-3]).
 */
export function textFromBytes(buffer: Buffer, start: number, end: number): string {
  let isAscii = true;
  for (let i = start; i < end; i++) {
    const byte = buffer[i];
    if (byte === 0) throw malformed('Text contains U+0000');
    if (byte > 0x7f) isAscii = false;
  }
  if (isAscii) return buffer.toString('latin1', start, end);
  if (!isUtf8(buffer.subarray(start, end))) throw malformed('Text is not well-formed UTF-8');
  return buffer.toString('utf8', start, end);
}
