import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardProfile } from '../../src/broker/broker.ts';
import { type ConnectPacket, PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, type Harness, settle, type TestClient } from './harness.ts';

async function publish(harness: Harness, payload: string, qos: 0 | 1 | 2 = 1): Promise<void> {
  await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos });
}

async function acknowledgeAll(client: TestClient): Promise<string[]> {
  await settle();
  const seen: string[] = [];
  while (client.received.some((it) => it.type === PacketType.publish)) {
    const { payload, packetId = 0 } = await client.next(PacketType.publish);
    client.send({ type: PacketType.puback, packetId, reasonCode: 0 });
    seen.push(String(payload));
    await settle();
  }
  return seen;
}

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';
  const persistent: Partial<ConnectPacket> = {
    clean: false,
    ...(version === 5 && { properties: { sessionExpiryInterval: 3600 } }),
  };

  test(`[MQTT-4.8.2-4] ${name}: members that are online share fairly, persistent ones among them`, async () => {
    const harness = await createHarness();
    const members = [
      await harness.connect('a', version),
      await harness.connect('b', version, persistent),
      await harness.connect('c', version),
    ];
    for (const member of members) await member.subscribe('$share/g/t', 1);
    for (let i = 0; i < 30; i++) await publish(harness, String(i));
    const counts = [];
    for (const member of members) counts.push((await acknowledgeAll(member)).length);
    assert.deepEqual(counts, [10, 10, 10]);
  });

  test(`${name}: what was kept while no member was online goes to whichever comes first`, async () => {
    const harness = await createHarness();
    const keeper = await harness.connect('keeper', version, persistent);
    await keeper.subscribe('$share/g/t', 1);
    keeper.drop();
    for (let i = 0; i < 5; i++) await publish(harness, String(i));
    const helper = await harness.connect('helper', version);
    await helper.subscribe('$share/g/t', 1);
    assert.deepEqual((await acknowledgeAll(helper)).sort(), ['0', '1', '2', '3', '4']);
    const back = await harness.connect('keeper', version, persistent);
    assert.deepEqual(await acknowledgeAll(back), [], 'they were given away');
  });

  test(`${name}: what a persistent member did not acknowledge goes to another when it leaves`, async () => {
    const harness = await createHarness();
    const leaver = await harness.connect('leaver', version, persistent);
    await leaver.subscribe('$share/g/t', 1);
    for (let i = 0; i < 3; i++) await publish(harness, String(i));
    assert.equal((await leaver.publishes()).length, 3);
    const stayer = await harness.connect('stayer', version, persistent);
    await stayer.subscribe('$share/g/t', 1);
    assert.deepEqual(await stayer.publishes(), [], 'the first member still has them');
    leaver.drop();
    assert.deepEqual((await acknowledgeAll(stayer)).sort(), ['0', '1', '2']);
  });

  test(`[MQTT-4.8.2-5] ${name}: a QoS 2 message that was sent to a member is given to nobody else`, async () => {
    const harness = await createHarness(standardProfile());
    const other = await harness.connect('other', version);
    for (const options of [{}, persistent]) {
      const leaver = await harness.connect('leaver', version, options);
      await leaver.subscribe('$share/g/t', 2);
      await publish(harness, 'x', 2);
      assert.equal((await leaver.publishes()).length, 1);
      await other.subscribe('$share/g/t', 2);
      leaver.drop();
      assert.deepEqual(await other.publishes(), []);
      other.send({ type: PacketType.unsubscribe, packetId: 2, filters: ['$share/g/t'] });
      await settle();
    }
  });

  test(`${name}: messages a member redelivers to a persistent member survive a restart`, async () => {
    let harness = await createHarness();
    const leaver = await harness.connect('leaver', version);
    await leaver.subscribe('$share/g/t', 1);
    await publish(harness, 'x');
    const keeper = await harness.connect('keeper', version, persistent);
    await keeper.subscribe('$share/g/t', 1);
    keeper.drop();
    leaver.drop();
    await settle();
    harness = await harness.restart();
    const back = await harness.connect('keeper', version, persistent);
    assert.deepEqual(await back.publishes(), ['t=x']);
  });

  test(`${name}: a shared subscription gets no retained messages, and QoS 0 goes to nobody who is away`, async () => {
    const harness = await createHarness();
    await harness.broker.publish({ topic: 't', payload: Buffer.from('kept'), retain: true });
    const member = await harness.connect('m', version, persistent);
    await member.subscribe('$share/g/t', 1);
    assert.deepEqual(await member.publishes(), []);
    member.drop();
    await publish(harness, 'x', 0);
    assert.equal(harness.broker.counters.dropped.noSharedMember, 1);
  });
}

test('5: [MQTT-3.8.3-4] No Local on a shared subscription is a protocol error', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  const subscription = { filter: '$share/g/t', qos: 0 as const, noLocal: true, retainAsPublished: false };
  client.send({ type: PacketType.subscribe, packetId: 1, subscriptions: [{ ...subscription, retainHandling: 0 }] });
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x82);
});
