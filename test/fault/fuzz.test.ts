/**
 * Random packets and random bytes at every state of a connection: the broker neither fails (an error of its own would
 * be in its log) nor lets others notice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../src/base/log.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import { encode } from '../../src/mqtt/mqtt.ts';
import { type Packet, PacketType, type Properties, type ProtocolVersion, type QoS } from '../../src/mqtt/packets.ts';
import { createHarness, type Harness, settle, type TestClient } from '../mqtt/harness.ts';

const CONNECTIONS = 250;
const TOPICS = ['t', 'a/b', '$SYS/x', '$aws/things/t/shadow/get', '$aws/rules/r', 'x'.repeat(300)];
const FILTERS = ['t', '#', 'a/+', '$share/g/t', '$share/g', 'a/#/b', '$SYS/#', '$aws/#', ''];
const IDS = [1, 2, 3, 77, 65_535];

/** Makes packets that a client should and should not send. */
class Packets {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  below(limit: number): number {
    return this.#random.bytes(4).readUInt32BE(0) % limit;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  flag(): boolean {
    return this.below(2) === 0;
  }

  connect(version: ProtocolVersion, clientId: string): Packet {
    return {
      type: PacketType.connect,
      protocolVersion: version,
      clean: this.flag(),
      keepAlive: this.below(3) * 60,
      clientId,
      ...(version === 5 && { properties: this.#connectProperties() }),
      ...(this.flag() && {
        will: { topic: this.pick(TOPICS), payload: Buffer.from('w'), qos: this.below(3) as QoS, retain: this.flag() },
      }),
    };
  }

  any(version: ProtocolVersion): Packet {
    const packetId = this.pick(IDS);
    switch (this.below(9)) {
      case 0:
        return this.connect(version, 'victim');
      case 1:
      case 2:
        return this.#publish(version, packetId);
      case 3:
        return { type: PacketType.subscribe, packetId, subscriptions: [this.#subscription()] };
      case 4:
        return { type: PacketType.unsubscribe, packetId, filters: [this.pick(FILTERS)] };
      case 5:
      case 6:
        return { type: this.pick([4, 5, 6, 7] as const), packetId, reasonCode: 0 };
      case 7:
        return this.pick<Packet>([
          { type: PacketType.pingreq },
          { type: PacketType.pingresp },
          { type: PacketType.suback, packetId, reasonCodes: [0] },
          { type: PacketType.connack, sessionPresent: false, reasonCode: 0 },
        ]);
      default:
        if (version === 5 && this.flag()) return { type: PacketType.auth, reasonCode: 0x18 };
        return { type: PacketType.disconnect, reasonCode: version === 5 ? this.pick([0, 4, 0x80]) : 0 };
    }
  }

  /** The packet's bytes, now and then damaged. */
  bytes(packet: Packet, version: ProtocolVersion): Buffer {
    const bytes = Buffer.from(encode(packet, version));
    const damage = this.below(6);
    if (damage === 0) bytes[this.below(bytes.length)] = this.below(256);
    if (damage === 1) return bytes.subarray(0, this.below(bytes.length));
    if (damage === 2) return this.#random.bytes(1 + this.below(40));
    return bytes;
  }

  #publish(version: ProtocolVersion, packetId: number): Packet {
    const qos = this.below(3) as QoS;
    const alias = { topicAlias: 1 + this.below(10) };
    const properties: Properties | undefined =
      version === 5
        ? this.pick([undefined, alias, { messageExpiryInterval: this.below(5) }, { subscriptionIdentifiers: [3] }])
        : undefined;
    return {
      type: PacketType.publish,
      topic: properties === alias && this.flag() ? '' : this.pick(TOPICS),
      payload: this.#random.bytes(this.below(50)),
      qos,
      retain: this.flag(),
      dup: qos > 0 && this.flag(),
      ...(qos > 0 && { packetId }),
      ...(properties && { properties }),
    };
  }

  #subscription() {
    return {
      filter: this.pick(FILTERS),
      qos: this.below(3) as QoS,
      noLocal: this.flag(),
      retainAsPublished: this.flag(),
      retainHandling: this.below(3) as 0 | 1 | 2,
    };
  }

  #connectProperties(): Properties {
    return this.pick<Properties>([
      {},
      { sessionExpiryInterval: this.below(100) },
      { receiveMaximum: 1 + this.below(3), requestProblemInformation: this.below(2) },
      { maximumPacketSize: 1 + this.below(60) },
      { authenticationMethod: 'x' },
    ]);
  }
}

for (const [profile, seed] of [
  [awsProfile(), 1],
  [standardProfile(), 2],
  [standardProfile(), Number(process.env.SEED ?? Date.now() % 1_000_000)],
] as const) {
  test(`${profile.name}: whatever comes, the broker and others go on (seed ${seed})`, async () => {
    const errors: string[] = [];
    const note = (fields: object, message: string): void => void errors.push(`${message} ${JSON.stringify(fields)}`);
    const quiet = (): void => undefined;
    const log: Log = { debug: quiet, info: quiet, warn: quiet, error: note };
    const harness = await createHarness(profile, undefined, log);
    const packets = new Packets(seededRandom(seed));
    const bystander = await harness.connect('bystander', 5, { keepAlive: 1200 });
    await bystander.subscribe('quiet', 1);
    for (let i = 0; i < CONNECTIONS; i++) {
      await abuse(harness, packets, `c${i % 7}`);
      if (i % 10 === 0) await expectAlive(bystander, i);
    }
    await expectAlive(bystander, CONNECTIONS);
    assert.deepEqual(errors, []);
    await harness.clock.advance(300_000);
    const leftOver = harness.broker.sizes().clients;
    assert.ok(leftOver <= 8, `${leftOver} clients are connected`);
  });
}

async function abuse(harness: Harness, packets: Packets, clientId: string): Promise<void> {
  const version = packets.pick([4, 5] as const);
  const client = harness.client(version);
  client.isTolerant = true;
  if (packets.below(5) > 0) client.sendBytes(encode(packets.connect(version, clientId), version));
  else client.sendBytes(packets.bytes(packets.connect(version, clientId), version));
  if (packets.flag()) await settle();
  for (let i = packets.below(12); i > 0 && !client.isClosed; i--) {
    client.sendBytes(packets.bytes(packets.any(version), version));
    if (packets.below(4) === 0) await settle();
  }
  if (packets.flag()) client.drop();
  await settle();
}

async function expectAlive(client: TestClient, number: number): Promise<void> {
  assert.equal(client.isClosed, false);
  client.publish('quiet', String(number), { qos: 1, packetId: 9 });
  await client.next(PacketType.puback);
  const publish = await client.next(PacketType.publish);
  assert.equal(String(publish.payload), String(number));
  client.send({ type: PacketType.puback, packetId: publish.packetId ?? 0, reasonCode: 0 });
  assert.deepEqual(client.received, []);
}
