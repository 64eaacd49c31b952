/**
 * A small MQTT 5 client over mutual TLS, on the program's own codec: what a simulated device of the demo needs and no
 * more. No reconnecting, no session kept, QoS 1 out and in. Never used by the platform itself.
 */
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { decode, encode, FrameReader, matches, phraseOf } from '../mqtt/mqtt.ts';
import { type Packet, PacketType, type PublishPacket } from '../mqtt/packets.ts';

export interface DeviceOptions {
  /** `mqtts://host:port`. */
  readonly url: string;
  readonly clientId: string;
  /** PEM texts. */
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}

export type OnMessage = (topic: string, payload: Buffer) => void;

interface Waiting {
  readonly resolve: (packet: Packet) => void;
  readonly reject: (error: Error) => void;
}

const version = 5;
const maximumPacketSize = 256 * 1024;
const keepAliveSeconds = 1200;

/** Connects and resolves once the server has accepted the device; rejects with what it said otherwise. */
export async function connectDevice(options: DeviceOptions): Promise<Device> {
  const { hostname, port } = new URL(options.url);
  const socket = connectTls({
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(port || 8883),
    ca: options.ca,
    cert: options.certificate,
    key: options.privateKey,
  });
  socket.setNoDelay(true);
  const device = new Device(socket);
  await device.open(options.clientId);
  return device;
}

/** One connection, over any byte stream. */
export class Device {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader(maximumPacketSize);
  /** Who waits for which answer: CONNACK under 0, the rest under their packet identifier. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: { filter: string; onMessage: OnMessage }[] = [];
  #lastPacketId = 0;
  #failure: Error | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  async open(clientId: string): Promise<void> {
    const connect = {
      type: PacketType.connect,
      protocolVersion: 5,
      clean: true,
      keepAlive: keepAliveSeconds,
      clientId,
    };
    await this.#request(0, connect as Packet);
  }

  /** Publishes with QoS 1; resolves when the server has taken the message over. */
  async publish(topic: string, payload: string): Promise<void> {
    const packetId = this.#nextPacketId();
    const fields = { topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const;
    await this.#request(packetId, { type: PacketType.publish, packetId, ...fields });
  }

  async subscribe(filter: string, onMessage: OnMessage): Promise<void> {
    const packetId = this.#nextPacketId();
    const options = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    this.#listeners.push({ filter, onMessage });
    await this.#request(packetId, { type: PacketType.subscribe, packetId, subscriptions: [{ filter, ...options }] });
  }

  /** Says goodbye and closes. */
  close(): void {
    this.#failure ??= new Error('the device is closed');
    this.#socket.end(encode({ type: PacketType.disconnect, reasonCode: 0 }, version));
  }

  #request(packetId: number, packet: Packet): Promise<Packet> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(packetId, { resolve, reject });
      this.#socket.write(encode(packet, version));
    });
  }

  #receive(chunk: Buffer): void {
    try {
      this.#reader.push(chunk, (buffer, start, bodyStart, end) => {
        this.#handle(decode(buffer, start, bodyStart, end, version));
        return true;
      });
    } catch (error) {
      this.#fail(error as Error);
      this.#socket.destroy();
    }
  }

  #handle(packet: Packet): void {
    switch (packet.type) {
      case PacketType.publish:
        return this.#deliver(packet);
      case PacketType.connack:
        return this.#answer(0, packet, [packet.reasonCode]);
      case PacketType.puback:
        return this.#answer(packet.packetId, packet, [packet.reasonCode]);
      case PacketType.suback:
        return this.#answer(packet.packetId, packet, packet.reasonCodes);
      case PacketType.disconnect:
        return this.#fail(new Error(`the server ended the connection: ${phraseOf(packet.reasonCode)}`));
      default:
        return this.#fail(new Error(`the server sent a packet of type ${packet.type}, which nobody asked for`));
    }
  }

  #deliver({ topic, payload, qos, packetId }: PublishPacket): void {
    if (qos === 1) {
      this.#socket.write(encode({ type: PacketType.puback, packetId: packetId ?? 0, reasonCode: 0 }, version));
    }
    for (const { filter, onMessage } of this.#listeners)
      if (matches(filter, topic, { parentMatch: true })) onMessage(topic, payload);
  }

  #answer(packetId: number, packet: Packet, reasonCodes: readonly number[]): void {
    const waiting = this.#waiting.get(packetId);
    this.#waiting.delete(packetId);
    const refusal = reasonCodes.find((code) => code >= 0x80);
    if (refusal === undefined) waiting?.resolve(packet);
    else waiting?.reject(new Error(`the server refused: ${phraseOf(refusal)}`));
  }

  /** The connection is over: whoever still waits learns why. Only the first reason counts. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  #nextPacketId(): number {
    this.#lastPacketId = (this.#lastPacketId % 0xffff) + 1;
    return this.#lastPacketId;
  }
}
