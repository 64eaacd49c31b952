/**
 * A broker in this process without sockets, and clients that speak packets to it: what protocol tests are written
 * with. Time is a virtual clock. Policies are one function.
 */
import assert from 'node:assert/strict';
import { VirtualClock } from '../../src/base/clock.ts';
import { type Log, silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import {
  type AcceptedConnection,
  awsProfile,
  type Broker,
  createBroker,
  type Door,
  type Profile,
} from '../../src/broker/broker.ts';
import type { Message } from '../../src/broker/message.ts';
import type { Circumstances } from '../../src/identity/authority.ts';
import type { CertificatePrincipal, Principal } from '../../src/identity/principal.ts';
import { decode, encode, FrameReader } from '../../src/mqtt/mqtt.ts';
import {
  type ConnackPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
} from '../../src/mqtt/packets.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';

export interface Harness {
  readonly broker: Broker;
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly profile: Profile;
  /** Policies of everybody; may be changed at any time, with `policiesChanged`. */
  allows: (action: string, resource: string, circumstances: Circumstances) => boolean;
  policiesChanged(): void;
  /** Everything published so far on topics that match. */
  record(filter: string): Message[];
  client(version: ProtocolVersion, door?: Partial<Door>): TestClient;
  /** A connected client; `options` go into the CONNECT. */
  connect(clientId: string, version: ProtocolVersion, options?: Partial<ConnectPacket>): Promise<TestClient>;
  /** The same store under a new broker, as after a restart. */
  restart(): Promise<Harness>;
}

export const place = { region: 'us-east-1', account: '000000000000' };
const principal: CertificatePrincipal = {
  kind: 'certificate',
  id: 'c0ffee',
  arn: 'arn:aws:iot:us-east-1:000000000000:cert/c0ffee',
};

export async function createHarness(
  profile: Profile = awsProfile(),
  kept?: { store: Store; clock: VirtualClock },
  log: Log = silentLog,
): Promise<Harness> {
  const clock = kept?.clock ?? new VirtualClock(Date.UTC(2026, 0, 15, 12));
  const store = kept?.store ?? (await openSqliteStore({ file: ':memory:', log: silentLog }));
  let epoch = 0;
  const harness: Harness = {
    clock,
    store,
    profile,
    allows: () => true,
    policiesChanged: () => void epoch++,
    broker: createBroker({
      store,
      clock,
      random: seededRandom(7),
      log,
      place,
      dataPlane: profile,
      openAuthority: async (who: Principal, circumstances: Circumstances) => ({
        principal: who,
        get epoch() {
          return epoch;
        },
        allows: (action, resource) => harness.allows(action, resource, circumstances),
        release: () => undefined,
      }),
      exclusiveThing: async () => undefined,
    }),
    record(filter) {
      const messages: Message[] = [];
      harness.broker.listen(filter, (message) => messages.push(message));
      return messages;
    },
    client: (version, door) => new TestClient(harness, version, door),
    async connect(clientId, version, options = {}) {
      const client = new TestClient(harness, version);
      const connack = await client.connect({ clientId, ...options });
      assert.equal(connack.reasonCode, 0, `CONNACK ${connack.reasonCode}`);
      return client;
    },
    async restart() {
      harness.broker.stop();
      await settle();
      return createHarness(profile, { store, clock }, log);
    },
  };
  await harness.broker.start();
  return harness;
}

/** Lets everything under way happen: the store commits, packets are answered, batches are flushed. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

type PacketOf<T extends Packet['type']> = Packet extends infer P
  ? P extends { type: infer U }
    ? T extends U
      ? P
      : never
    : never
  : never;

export class TestClient {
  readonly version: ProtocolVersion;
  /** Packets received and not taken by `next` yet. */
  readonly received: Packet[] = [];
  isClosed = false;
  /** A client that does not read: bytes pile up in the transport. */
  isReading = true;
  backlog = 0;
  /** Does not read what it is sent, e.g. since it may not know its own version. */
  isTolerant = false;
  isPaused = false;
  readonly #connection: AcceptedConnection;
  readonly #reader = new FrameReader(1 << 28);

  constructor(harness: Harness, version: ProtocolVersion, door: Partial<Door> = {}) {
    this.version = version;
    const client = this;
    this.#connection = harness.broker.accept({
      profile: harness.profile,
      sourceIp: '192.0.2.7',
      secure: true,
      name: 'mqtts',
      authenticate: async () => principal,
      transport: {
        write: (bytes) => client.#take(bytes),
        get backlog() {
          return client.backlog;
        },
        pause: () => {
          client.isPaused = true;
        },
        resume: () => {
          client.isPaused = false;
        },
        end: () => client.#closed(),
        destroy: () => client.#closed(),
      },
      ...door,
    });
  }

  async connect(options: Partial<ConnectPacket> & { clientId: string }): Promise<ConnackPacket> {
    this.send({ type: PacketType.connect, protocolVersion: this.version, clean: true, keepAlive: 60, ...options });
    return this.next(PacketType.connack);
  }

  send(packet: Packet): void {
    this.sendBytes(encode(packet, this.version));
  }

  sendBytes(bytes: Buffer): void {
    this.#connection.receive(bytes);
  }

  async subscribe(
    filter: string,
    qos: 0 | 1 | 2 = 0,
    options: { noLocal?: boolean; retainAsPublished?: boolean; retainHandling?: 0 | 1 | 2 } = {},
  ): Promise<number> {
    const subscription = {
      filter,
      qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
      ...options,
    };
    this.send({ type: PacketType.subscribe, packetId: 1, subscriptions: [subscription] });
    return (await this.next(PacketType.suback)).reasonCodes[0];
  }

  publish(topic: string, payload: string | Buffer, options: Partial<Extract<Packet, { type: 3 }>> = {}): void {
    const qos = options.qos ?? 0;
    const packetId = qos > 0 ? { packetId: options.packetId ?? 1 } : {};
    this.send({
      type: PacketType.publish,
      topic,
      payload: Buffer.from(payload),
      qos,
      retain: false,
      dup: false,
      ...packetId,
      ...options,
    });
  }

  /** The next packet of this type; others before it stay. Fails when none comes. */
  async next<T extends Packet['type']>(type: T): Promise<PacketOf<T>> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const index = this.received.findIndex((packet) => packet.type === type);
      if (index >= 0) return this.received.splice(index, 1)[0] as PacketOf<T>;
      await settle();
    }
    const seen = this.received.map((packet) => packet.type).join(', ');
    return assert.fail(`no packet of type ${type} came; closed: ${this.isClosed}; others: ${seen}`);
  }

  /** All publishes that have come, as `topic=payload`. */
  async publishes(): Promise<string[]> {
    await settle();
    const publishes = this.received.filter((packet) => packet.type === PacketType.publish);
    this.received.splice(
      0,
      this.received.length,
      ...this.received.filter((packet) => packet.type !== PacketType.publish),
    );
    return publishes.map((packet) => `${packet.topic}=${packet.payload}`);
  }

  /** Reads again: what piled up is gone, the network takes everything. */
  readAgain(): void {
    this.isReading = true;
    this.backlog = 0;
    this.#connection.drained();
  }

  /** The network breaks. */
  drop(): void {
    this.isClosed = true;
    this.#connection.ended();
  }

  async disconnect(): Promise<void> {
    this.send({ type: PacketType.disconnect, reasonCode: 0 });
    await settle();
  }

  #take(bytes: Buffer): boolean {
    if (!this.isReading) {
      this.backlog += bytes.length;
      return false;
    }
    if (this.isTolerant) return true;
    // The broker uses the buffer again, so what is decoded must not point into it.
    this.#reader.push(Buffer.from(bytes), (buffer, start, bodyStart, end) => {
      this.received.push(decode(buffer, start, bodyStart, end, this.version));
      return true;
    });
    return true;
  }

  #closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    setImmediate(() => this.#connection.ended());
  }
}
