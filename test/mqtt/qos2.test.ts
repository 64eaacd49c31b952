import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardProfile } from '../../src/broker/broker.ts';
import { type ConnectPacket, PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle, type TestClient } from './harness.ts';

function persistent(version: ProtocolVersion): Partial<ConnectPacket> {
  return { clean: false, ...(version === 5 && { properties: { sessionExpiryInterval: 3600 } }) };
}

function ack(client: TestClient, type: 4 | 5 | 6 | 7, packetId: number, reasonCode = 0): void {
  client.send({ type, packetId, reasonCode });
}

/** A subscriber's side of an exchange, from PUBLISH to PUBCOMP. */
async function take(client: TestClient): Promise<string> {
  const publish = await client.next(PacketType.publish);
  const packetId = publish.packetId ?? 0;
  ack(client, PacketType.pubrec, packetId);
  assert.equal((await client.next(PacketType.pubrel)).packetId, packetId);
  ack(client, PacketType.pubcomp, packetId);
  return String(publish.payload);
}

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`[MQTT-4.3.3-2] ${name}: a QoS 2 message goes through PUBREC, PUBREL and PUBCOMP on both sides`, async () => {
    const harness = await createHarness(standardProfile());
    const publisher = await harness.connect('p', version);
    const subscriber = await harness.connect('s', version);
    assert.equal(await subscriber.subscribe('t', 2), 2);
    publisher.publish('t', 'x', { qos: 2, packetId: 9 });
    const pubrec = await publisher.next(PacketType.pubrec);
    assert.deepEqual([pubrec.packetId, pubrec.reasonCode], [9, 0]);
    ack(publisher, PacketType.pubrel, 9);
    assert.equal((await publisher.next(PacketType.pubcomp)).packetId, 9);
    const publish = await subscriber.next(PacketType.publish);
    assert.deepEqual([publish.qos, publish.dup], [2, false]);
    ack(subscriber, PacketType.pubrec, publish.packetId ?? 0);
    assert.equal((await subscriber.next(PacketType.pubrel)).packetId, publish.packetId);
    ack(subscriber, PacketType.pubcomp, publish.packetId ?? 0);
    await settle();
    assert.deepEqual(subscriber.received, []);
  });

  test(`[MQTT-4.3.3-10] ${name}: a QoS 2 PUBLISH that comes again before its release is delivered once`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    await client.subscribe('t', 0);
    client.publish('t', 'x', { qos: 2, packetId: 9 });
    client.publish('t', 'x', { qos: 2, packetId: 9, dup: true });
    assert.deepEqual(await client.publishes(), ['t=x']);
    assert.equal((await client.next(PacketType.pubrec)).packetId, 9);
    assert.equal((await client.next(PacketType.pubrec)).packetId, 9);
    ack(client, PacketType.pubrel, 9);
    await client.next(PacketType.pubcomp);
    client.publish('t', 'y', { qos: 2, packetId: 9 });
    assert.deepEqual(await client.publishes(), ['t=y'], 'a released packet id stands for another message');
  });

  test(`[MQTT-4.3.3-12] ${name}: a persistent publisher's packet id is remembered across connections and a restart`, async () => {
    let harness = await createHarness(standardProfile());
    const seen = harness.record('t');
    const first = await harness.connect('p', version, persistent(version));
    first.publish('t', 'x', { qos: 2, packetId: 5 });
    await first.next(PacketType.pubrec);
    first.drop();
    const second = await harness.connect('p', version, persistent(version));
    second.publish('t', 'x', { qos: 2, packetId: 5, dup: true });
    await second.next(PacketType.pubrec);
    second.drop();
    await settle();
    assert.equal(seen.length, 1);
    harness = await harness.restart();
    const after = harness.record('t');
    const third = await harness.connect('p', version, persistent(version));
    third.publish('t', 'x', { qos: 2, packetId: 5, dup: true });
    await third.next(PacketType.pubrec);
    ack(third, PacketType.pubrel, 5);
    await third.next(PacketType.pubcomp);
    assert.equal(after.length, 0);
    third.publish('t', 'y', { qos: 2, packetId: 5 });
    await third.next(PacketType.pubrec);
    assert.equal(after.length, 1);
  });

  test(`[MQTT-4.4.0-1] ${name}: an unacknowledged QoS 2 message comes again with its packet id and DUP`, async () => {
    let harness = await createHarness(standardProfile());
    const first = await harness.connect('s', version, persistent(version));
    await first.subscribe('t', 2);
    for (const payload of ['a', 'b', 'c'])
      await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos: 2 });
    assert.equal(await take(first), 'a');
    const before = await first.next(PacketType.publish);
    await settle();
    first.drop();
    const second = await harness.connect('s', version, persistent(version));
    const again = await second.next(PacketType.publish);
    assert.deepEqual([String(again.payload), again.packetId, again.dup], ['b', before.packetId, true]);
    await settle();
    harness = await harness.restart();
    const third = await harness.connect('s', version, persistent(version));
    const afterRestart = await third.next(PacketType.publish);
    assert.deepEqual(
      [String(afterRestart.payload), afterRestart.packetId, afterRestart.dup],
      ['b', again.packetId, true],
    );
  });

  test(`[MQTT-4.3.3-6] ${name}: a received QoS 2 message is not sent again; its PUBREL is, after a restart too`, async () => {
    let harness = await createHarness(standardProfile());
    const first = await harness.connect('s', version, persistent(version));
    await first.subscribe('t', 2);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 2 });
    const { packetId = 0 } = await first.next(PacketType.publish);
    ack(first, PacketType.pubrec, packetId);
    await first.next(PacketType.pubrel);
    first.drop();
    const second = await harness.connect('s', version, persistent(version));
    assert.equal((await second.next(PacketType.pubrel)).packetId, packetId);
    assert.deepEqual(await second.publishes(), []);
    harness = await harness.restart();
    const third = await harness.connect('s', version, persistent(version));
    assert.equal((await third.next(PacketType.pubrel)).packetId, packetId);
    ack(third, PacketType.pubcomp, packetId);
    await settle();
    third.drop();
    const fourth = await harness.connect('s', version, persistent(version));
    await settle();
    assert.deepEqual(
      fourth.received.filter((it) => it.type === PacketType.pubrel),
      [],
    );
  });

  test(`${name}: PUBREL goes out after the release is stored, and not at all when it cannot be`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('s', version, persistent(version));
    await client.subscribe('t', 2);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 2 });
    const { packetId = 0 } = await client.next(PacketType.publish);
    await settle();
    const commit = harness.store.commit.bind(harness.store);
    harness.store.commit = () => Promise.reject(new Error('the disk is full'));
    ack(client, PacketType.pubrec, packetId);
    await settle();
    assert.deepEqual(client.received, []);
    harness.store.commit = commit;
    client.drop();
    const back = await harness.connect('s', version, persistent(version));
    assert.deepEqual(await back.publishes(), ['t=x'], 'the message is still there');
  });

  test(`${name}: QoS 2 messages beyond the inflight window come as others complete, in order`, async () => {
    for (const options of [{}, persistent(version)]) {
      const harness = await createHarness(standardProfile({ inflightOutbound: 2 }));
      const client = await harness.connect('s', version, options);
      await client.subscribe('t', 2);
      const payloads = ['1', '2', '3', '4', '5'];
      for (const payload of payloads)
        await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos: 2 });
      const seen: string[] = [];
      for (let i = 0; i < payloads.length; i++) seen.push(await take(client));
      assert.deepEqual(seen, payloads);
    }
  });

  test(`${name}: an answer of the wrong kind ends the connection, one for an unknown packet id does not`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('s', version);
    await client.subscribe('t', 2);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 2 });
    const { packetId = 0 } = await client.next(PacketType.publish);
    ack(client, PacketType.pubrec, 77);
    const pubrel = await client.next(PacketType.pubrel);
    assert.deepEqual([pubrel.packetId, pubrel.reasonCode], [77, version === 5 ? 0x92 : 0]);
    ack(client, PacketType.pubrel, 78);
    const pubcomp = await client.next(PacketType.pubcomp);
    assert.deepEqual([pubcomp.packetId, pubcomp.reasonCode], [78, version === 5 ? 0x92 : 0]);
    ack(client, PacketType.puback, 79);
    ack(client, PacketType.pubcomp, 80);
    await settle();
    assert.equal(client.isClosed, false);
    ack(client, PacketType.puback, packetId);
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`${name}: a will and a retained message may have QoS 2`, async () => {
    const harness = await createHarness(standardProfile());
    const watcher = await harness.connect('w', version);
    await watcher.subscribe('wills', 2);
    const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 2 as const, retain: true };
    const client = await harness.connect('c', version, { will });
    client.drop();
    assert.equal(await take(watcher), 'gone');
    const late = await harness.connect('late', version);
    await late.subscribe('wills', 2);
    const retained = await late.next(PacketType.publish);
    assert.deepEqual([retained.qos, retained.retain, String(retained.payload)], [2, true, 'gone']);
  });
}

test('5: [MQTT-4.3.3-7] a QoS 2 message that was sent does not expire any more', async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('s', 5, { ...persistent(5), keepAlive: 0 });
  await client.subscribe('t', 2);
  const properties = { messageExpiryInterval: 10 };
  await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 2, properties });
  const { packetId } = await client.next(PacketType.publish);
  client.drop();
  await harness.clock.advance(20_000);
  const back = await harness.connect('s', 5, persistent(5));
  const again = await back.next(PacketType.publish);
  assert.deepEqual([again.packetId, again.properties?.messageExpiryInterval], [packetId, 0]);
});

test('5: a PUBREC with an error ends the exchange and frees the packet id', async () => {
  const harness = await createHarness(standardProfile({ inflightOutbound: 1 }));
  for (const options of [{}, persistent(5)]) {
    const client = await harness.connect('s', 5, options);
    await client.subscribe('t', 2);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('bad'), qos: 2 });
    await harness.broker.publish({ topic: 't', payload: Buffer.from('good'), qos: 2 });
    const bad = await client.next(PacketType.publish);
    ack(client, PacketType.pubrec, bad.packetId ?? 0, 0x99);
    assert.equal(await take(client), 'good');
    await client.disconnect();
  }
});

test('5: QoS 2 to a topic that is not allowed is told in the PUBREC, and the packet id is free', async () => {
  const harness = await createHarness(standardProfile());
  harness.allows = (action, resource) => action !== 'iot:Publish' || resource === 'topic/mine';
  const client = await harness.connect('c', 5);
  client.publish('yours', 'x', { qos: 2, packetId: 9 });
  assert.equal((await client.next(PacketType.pubrec)).reasonCode, 0x87);
  const seen = harness.record('mine');
  client.publish('mine', 'x', { qos: 2, packetId: 9 });
  await client.next(PacketType.pubrec);
  assert.equal(seen.length, 1);
});

test('5: [MQTT-3.3.4-9] more unacknowledged messages than our receive maximum end the connection with 0x93', async () => {
  const harness = await createHarness(standardProfile({ inflightInbound: 3 }));
  const client = await harness.connect('c', 5);
  for (let packetId = 1; packetId <= 3; packetId++) client.publish('t', 'x', { qos: 2, packetId });
  client.publish('t', 'x', { qos: 0 });
  await settle();
  assert.equal(client.isClosed, false);
  client.publish('t', 'x', { qos: 1, packetId: 4 });
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x93);
});

test('5: a released message makes room in the receive maximum again', async () => {
  const harness = await createHarness(standardProfile({ inflightInbound: 2 }));
  const client = await harness.connect('c', 5);
  for (let packetId = 1; packetId <= 20; packetId++) {
    client.publish('t', 'x', { qos: 2, packetId });
    await client.next(PacketType.pubrec);
    ack(client, PacketType.pubrel, packetId);
    await client.next(PacketType.pubcomp);
  }
  assert.equal(client.isClosed, false);
});

test('5: the standard profile tells a publisher that nobody subscribed, the aws profile does not', async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('c', 5);
  client.publish('t', 'x', { qos: 1, packetId: 1 });
  assert.equal((await client.next(PacketType.puback)).reasonCode, 0x10);
  client.publish('t', 'x', { qos: 2, packetId: 2 });
  assert.equal((await client.next(PacketType.pubrec)).reasonCode, 0x10);
  ack(client, PacketType.pubrel, 2);
  assert.equal((await client.next(PacketType.pubcomp)).reasonCode, 0);
  const aws = await (await createHarness()).connect('c', 5);
  aws.publish('t', 'x', { qos: 1, packetId: 1 });
  assert.equal((await aws.next(PacketType.puback)).reasonCode, 0);
});
