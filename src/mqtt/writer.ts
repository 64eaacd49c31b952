/**
 * The data representations of MQTT 5.0 section 1.5, written. Used by `encode.ts` and `properties.ts` only. A value that does not
 * fit throws MqttError 0x81 (0x95 when the whole packet does not fit), so that nothing malformed is ever sent.
 */
import { MqttError, malformed, ReasonCode } from './reason-codes.ts';

/** The largest variable byte integer, and so the largest remaining length. */
export const MAXIMUM_VARINT = 268_435_455;

/** Room for the fixed header, which is written last. */
const HEADER_ROOM = 5;

export class Writer {
  #buffer: Buffer = Buffer.allocUnsafe(256);
  #at = HEADER_ROOM;

  byte(value: number): void {
    checkInteger(value, 0xff);
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  uint16(value: number): void {
    checkInteger(value, 0xffff);
    this.#reserve(2);
    this.#at = this.#buffer.writeUInt16BE(value, this.#at);
  }

  uint32(value: number): void {
    checkInteger(value, 0xffff_ffff);
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
  }

  varint(value: number): void {
    checkInteger(value, MAXIMUM_VARINT);
    this.#reserve(4);
    this.#at = writeVarint(this.#buffer, this.#at, value);
  }

  /** Two bytes of length and the text in UTF-8 [MQTT-1.5.4-1], [MQTT-1.5.4-2]. */
  text(value: string): void {
    checkText(value);
    const length = Buffer.byteLength(value);
    this.uint16(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(value, this.#at);
  }

  /** Two bytes of length and the bytes. */
  binary(value: Buffer): void {
    this.uint16(value.length);
    this.bytes(value);
  }

  bytes(value: Buffer): void {
    this.#reserve(value.length);
    value.copy(this.#buffer, this.#at);
    this.#at += value.length;
  }

  /** What was written so far, without a header. */
  body(): Buffer {
    return this.#buffer.subarray(HEADER_ROOM, this.#at);
  }

  /** The packet: a fixed header with this first byte and what was written so far. */
  packet(firstByte: number): Buffer {
    const length = this.#at - HEADER_ROOM;
    checkPacketLength(length);
    const start = HEADER_ROOM - 1 - varintSize(length);
    this.#buffer[start] = firstByte;
    writeVarint(this.#buffer, start + 1, length);
    return this.#buffer.subarray(start, this.#at);
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

/** How many bytes a variable byte integer takes. */
export function varintSize(value: number): 1 | 2 | 3 | 4 {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
}

/** Writes a variable byte integer (section 1.5.5) into room that is there, and returns where it ends. */
export function writeVarint(target: Buffer, offset: number, value: number): number {
  let rest = value;
  while (rest > 0x7f) {
    target[offset++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[offset++] = rest;
  return offset;
}

export function checkPacketLength(remainingLength: number): void {
  if (remainingLength > MAXIMUM_VARINT) {
    throw new MqttError(ReasonCode.packetTooLarge, `A packet cannot hold ${remainingLength} bytes`);
  }
}

/** Refuses text that has no encoding: lone surrogates would be replaced silently, U+0000 is not allowed. */
export function checkText(value: string): void {
  if (!value.isWellFormed() || value.includes('\0')) throw malformed('Text has a lone surrogate or U+0000');
}

function checkInteger(value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw malformed(`${value} is not a whole number up to ${most}`);
}
