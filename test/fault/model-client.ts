/**
 * A client of the random test that does what the protocol asks of one: acknowledges, remembers QoS 2 packet ids across
 * connections, and sends again what was not acknowledged. Its packets are handled when `work` is called, so that a
 * connection can break at any point between.
 */
import assert from 'node:assert/strict';
import { type Packet, PacketType, type ProtocolVersion, type QoS } from '../../src/mqtt/packets.ts';
import { type Harness, settle, type TestClient } from '../mqtt/harness.ts';

export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
}

interface Outstanding {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  isReleased: boolean;
}

export class ModelClient {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  readonly onReceived: (received: Received) => void;
  /** The publish with this payload was accepted, by PUBACK or PUBREC. */
  onAccepted: (payload: string) => void = () => undefined;
  /** Payloads of QoS 1 publishes that were sent again: the broker may have routed them twice. */
  readonly sentAgain = new Set<string>();
  connection: TestClient | undefined;
  readonly #receiveMaximum: number;
  readonly #held = new Set<number>();
  readonly #outstanding = new Map<number, Outstanding>();
  #packetId = 0;

  constructor(
    clientId: string,
    version: ProtocolVersion,
    receiveMaximum: number,
    onReceived: (received: Received) => void,
  ) {
    this.clientId = clientId;
    this.version = version;
    this.#receiveMaximum = receiveMaximum;
    this.onReceived = onReceived;
  }

  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** QoS 2 messages that the broker has not released. */
  get held(): number {
    return this.#held.size;
  }

  get isConnected(): boolean {
    return this.connection !== undefined && !this.connection.isClosed;
  }

  /** Connects, taking over from an older connection if there is one, and sends again what was not acknowledged. */
  async connect(harness: Harness, isFirst: boolean): Promise<void> {
    const connection = harness.client(this.version);
    const connack = await connection.connect({
      clientId: this.clientId,
      clean: false,
      keepAlive: 0,
      ...(this.version === 5 && {
        properties: { sessionExpiryInterval: 86_400, receiveMaximum: this.#receiveMaximum },
      }),
    });
    assert.equal(connack.reasonCode, 0);
    assert.equal(connack.sessionPresent, !isFirst, `${this.clientId}: is its session there`);
    this.connection = connection;
    for (const [packetId, it] of this.#outstanding) {
      if (it.isReleased) connection.send({ type: PacketType.pubrel, packetId, reasonCode: 0 });
      else {
        if (it.qos === 1) this.sentAgain.add(it.payload);
        connection.publish(it.topic, it.payload, { qos: it.qos, packetId, dup: true });
      }
    }
  }

  drop(): void {
    this.connection?.drop();
    this.connection = undefined;
  }

  publish(topic: string, payload: string, qos: QoS): void {
    if (qos === 0) return this.connection?.publish(topic, payload);
    do this.#packetId = (this.#packetId % 65_535) + 1;
    while (this.#outstanding.has(this.#packetId));
    this.#outstanding.set(this.#packetId, { topic, payload, qos, isReleased: false });
    this.connection?.publish(topic, payload, { qos, packetId: this.#packetId });
  }

  async subscribe(filter: string, qos: QoS): Promise<void> {
    assert.equal(await this.connection?.subscribe(filter, qos, { retainHandling: 2 }), qos);
  }

  async unsubscribe(filter: string): Promise<void> {
    this.connection?.send({ type: PacketType.unsubscribe, packetId: 60_000, filters: [filter] });
    await this.connection?.next(PacketType.unsuback);
  }

  /** Handles at most so many of the packets that came. */
  work(most: number): void {
    const connection = this.connection;
    if (!connection || connection.isClosed) return;
    for (const packet of connection.received.splice(0, most)) this.#handle(connection, packet);
  }

  /** Handles everything until nothing comes any more. */
  async finish(): Promise<void> {
    do {
      this.work(Number.MAX_SAFE_INTEGER);
      await settle();
    } while ((this.connection?.received.length ?? 0) > 0);
  }

  #handle(connection: TestClient, packet: Packet): void {
    const { pubrec, pubrel, pubcomp, puback } = PacketType;
    if (packet.type === PacketType.publish) this.#onPublish(connection, packet);
    else if (packet.type === pubrel) {
      this.#held.delete(packet.packetId);
      connection.send({ type: pubcomp, packetId: packet.packetId, reasonCode: 0 });
    } else if (packet.type === puback) {
      this.#accepted(packet.packetId);
      this.#outstanding.delete(packet.packetId);
    } else if (packet.type === pubrec) {
      this.#accepted(packet.packetId);
      const it = this.#outstanding.get(packet.packetId);
      if (it) it.isReleased = true;
      connection.send({ type: pubrel, packetId: packet.packetId, reasonCode: 0 });
    } else if (packet.type === pubcomp) this.#outstanding.delete(packet.packetId);
  }

  #onPublish(connection: TestClient, packet: Extract<Packet, { type: 3 }>): void {
    const { topic, qos, packetId = 0 } = packet;
    const received = { topic, payload: String(packet.payload), qos };
    if (qos < 2) this.onReceived(received);
    if (qos === 1) connection.send({ type: PacketType.puback, packetId, reasonCode: 0 });
    if (qos !== 2) return;
    if (!this.#held.has(packetId)) this.onReceived(received);
    this.#held.add(packetId);
    connection.send({ type: PacketType.pubrec, packetId, reasonCode: 0 });
  }

  #accepted(packetId: number): void {
    const it = this.#outstanding.get(packetId);
    if (it && !it.isReleased) this.onAccepted(it.payload);
  }
}
