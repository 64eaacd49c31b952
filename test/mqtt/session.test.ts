import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile } from '../../src/broker/broker.ts';
import type { ConnectPacket } from '../../src/mqtt/packets.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle, type TestClient } from './harness.ts';

/** What makes a session persistent in each version. */
function persistent(version: ProtocolVersion, expirySeconds = 3600): Partial<ConnectPacket> {
  return { clean: false, ...(version === 5 && { properties: { sessionExpiryInterval: expirySeconds } }) };
}

async function acknowledge(client: TestClient): Promise<string> {
  const publish = await client.next(PacketType.publish);
  client.send({ type: PacketType.puback, packetId: publish.packetId ?? 0, reasonCode: 0 });
  return String(publish.payload);
}

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`${name}: a persistent session gets the QoS 1 messages published while it was away, in order`, async () => {
    const harness = await createHarness();
    const away = await harness.connect('away', version, persistent(version));
    await away.subscribe('t/+', 1);
    away.drop();
    const publisher = await harness.connect('p', version);
    for (let i = 1; i <= 3; i++) publisher.publish('t/x', String(i), { qos: 1, packetId: i });
    publisher.publish('t/x', 'qos 0 is not kept', { qos: 0 });
    for (let i = 1; i <= 3; i++) assert.equal((await publisher.next(PacketType.puback)).packetId, i);
    const back = harness.client(version);
    const connack = await back.connect({ clientId: 'away', ...persistent(version) });
    assert.equal(connack.sessionPresent, true);
    assert.deepEqual([await acknowledge(back), await acknowledge(back), await acknowledge(back)], ['1', '2', '3']);
    back.publish('t/x', 'live', { qos: 1, packetId: 1 });
    assert.equal(await acknowledge(back), 'live');
    await settle();
    assert.deepEqual(await back.publishes(), []);
  });

  test(`[MQTT-4.4.0-1] ${name}: what was sent and not acknowledged is sent again after reconnecting`, async () => {
    const harness = await createHarness();
    const first = await harness.connect('c', version, persistent(version));
    await first.subscribe('t', 1);
    for (const payload of ['1', '2', '3'])
      await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos: 1 });
    assert.equal(await acknowledge(first), '1');
    await settle();
    first.drop();
    const second = await harness.connect('c', version, persistent(version));
    assert.deepEqual(await second.publishes(), ['t=2', 't=3']);
  });

  test(`${name}: session, subscriptions and messages survive a restart of the broker`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version, persistent(version));
    await client.subscribe('t', 1);
    client.drop();
    await harness.broker.publish({ topic: 't', payload: Buffer.from('before'), qos: 1 });
    const again = await harness.restart();
    await again.broker.publish({ topic: 't', payload: Buffer.from('after'), qos: 1 });
    const back = again.client(version);
    const connack = await back.connect({ clientId: 'c', ...persistent(version) });
    assert.equal(connack.sessionPresent, true);
    assert.deepEqual(await back.publishes(), ['t=before', 't=after']);
  });

  test(`${name}: a session ends when it was left alone for longer than its expiry`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version, persistent(version, 3600));
    await client.subscribe('t', 1);
    client.drop();
    await settle();
    await harness.clock.advance(3_599_000);
    assert.equal(harness.broker.sizes().sessions, 1);
    await harness.clock.advance(2_000);
    assert.equal(harness.broker.sizes().sessions, 0);
    const back = harness.client(version);
    assert.equal((await back.connect({ clientId: 'c', ...persistent(version) })).sessionPresent, false);
  });

  test(`[MQTT-3.1.2-6] ${name}: a clean connect forgets the session that was there`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version, persistent(version));
    await client.subscribe('t', 1);
    client.drop();
    await harness.broker.publish({ topic: 't', payload: Buffer.from('lost'), qos: 1 });
    const clean = await harness.connect('c', version, { clean: true });
    assert.deepEqual(await clean.publishes(), []);
    clean.drop();
    await settle();
    const again = harness.client(version);
    assert.equal((await again.connect({ clientId: 'c', ...persistent(version) })).sessionPresent, false);
    assert.deepEqual(await again.publishes(), []);
  });

  test(`${name}: a session cannot be resumed with the other version in the aws profile`, async () => {
    const harness = await createHarness();
    const other = version === 4 ? 5 : 4;
    const client = await harness.connect('c', version, persistent(version));
    client.drop();
    const back = harness.client(other);
    assert.equal((await back.connect({ clientId: 'c', ...persistent(other) })).sessionPresent, false);
  });

  test(`${name}: the queue of an absent client is bounded, new messages are dropped`, async () => {
    const harness = await createHarness(awsProfile({ queuedMessages: 2 }));
    const client = await harness.connect('c', version, persistent(version));
    await client.subscribe('t', 1);
    client.drop();
    for (const payload of ['1', '2', '3'])
      await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos: 1 });
    assert.equal(harness.broker.counters.dropped.queueFull, 1);
    const back = await harness.connect('c', version, persistent(version));
    assert.deepEqual(await back.publishes(), ['t=1', 't=2']);
  });

  test(`${name}: more queued messages than the inflight window come as they are acknowledged`, async () => {
    const harness = await createHarness(awsProfile({ inflightOutbound: 3 }));
    const client = await harness.connect('c', version, persistent(version));
    await client.subscribe('t', 1);
    client.drop();
    for (let i = 1; i <= 10; i++) await harness.broker.publish({ topic: 't', payload: Buffer.from(String(i)), qos: 1 });
    const back = await harness.connect('c', version, persistent(version));
    const seen: string[] = [];
    for (let i = 0; i < 10; i++) seen.push(await acknowledge(back));
    assert.deepEqual(seen, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    await settle();
    assert.deepEqual(await back.publishes(), []);
  });

  test(`${name}: members of a shared subscription take turns, each message goes to one`, async () => {
    const harness = await createHarness();
    const members = [await harness.connect('m1', version), await harness.connect('m2', version)];
    for (const member of members) await member.subscribe('$share/g/t/+', 1);
    const other = await harness.connect('other', version);
    await other.subscribe('$share/h/t/+', 0);
    for (let i = 0; i < 6; i++) await harness.broker.publish({ topic: 't/x', payload: Buffer.from(String(i)), qos: 1 });
    const [one, two] = [await members[0].publishes(), await members[1].publishes()];
    assert.deepEqual([one.length, two.length], [3, 3]);
    assert.equal(new Set([...one, ...two]).size, 6);
    assert.equal((await other.publishes()).length, 6);
  });

  test(`${name}: what a leaving member of a shared subscription did not acknowledge goes to another`, async () => {
    const harness = await createHarness();
    const leaver = await harness.connect('leaver', version);
    await leaver.subscribe('$share/g/t', 1);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 });
    assert.deepEqual(await leaver.publishes(), ['t=x']);
    const stayer = await harness.connect('stayer', version);
    await stayer.subscribe('$share/g/t', 1);
    leaver.drop();
    assert.deepEqual(await stayer.publishes(), ['t=x']);
  });

  test(`${name}: a shared subscription whose only member is away and persistent keeps the message`, async () => {
    const harness = await createHarness();
    const member = await harness.connect('m', version, persistent(version));
    await member.subscribe('$share/g/t', 1);
    member.drop();
    await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 });
    const back = await harness.connect('m', version, persistent(version));
    assert.deepEqual(await back.publishes(), ['t=x']);
  });
}

test('5: a message whose expiry passed while the client was away is not delivered', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5, persistent(5));
  await client.subscribe('t', 1);
  client.drop();
  const publish = (payload: string, messageExpiryInterval: number) =>
    harness.broker.publish({
      topic: 't',
      payload: Buffer.from(payload),
      qos: 1,
      properties: { messageExpiryInterval },
    });
  await publish('short', 10);
  await publish('long', 100);
  await harness.clock.advance(20_000);
  const back = await harness.connect('c', 5, persistent(5));
  const received = await back.next(PacketType.publish);
  assert.equal(String(received.payload), 'long');
  assert.equal(received.properties?.messageExpiryInterval, 80);
  assert.deepEqual(await back.publishes(), []);
});

test('a client whose certificate is not active any more is disconnected', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  harness.broker.disconnectPrincipal('c0ffee', 'FORBIDDEN_ACCESS');
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x87);
  assert.equal(client.isClosed, true);
});

test('a publish that cannot be stored is not acknowledged as kept', async () => {
  const harness = await createHarness();
  const away = await harness.connect('away', 5, persistent(5));
  await away.subscribe('t', 1);
  away.drop();
  await settle();
  const publisher = await harness.connect('p', 5);
  harness.store.commit = () => Promise.reject(new Error('the disk is full'));
  publisher.publish('t', 'x', { qos: 1, packetId: 1 });
  assert.equal((await publisher.next(PacketType.puback)).reasonCode, 0x80);
  const four = await harness.connect('q', 4);
  four.publish('t', 'x', { qos: 1, packetId: 1 });
  await settle();
  assert.equal(four.isClosed, true, 'a 3.1.1 client can only be told by closing');
  assert.equal(four.received.filter((it) => it.type === PacketType.puback).length, 0);
});
