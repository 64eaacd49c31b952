import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import { encode } from '../../src/mqtt/mqtt.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`${name}: a publish reaches every matching subscriber once, with the lower of the two QoS`, async () => {
    const harness = await createHarness();
    const publisher = await harness.connect('publisher', version);
    const exact = await harness.connect('exact', 4);
    const wild = await harness.connect('wild', 5);
    const other = await harness.connect('other', 5);
    assert.equal(await exact.subscribe('a/b', 0), 0);
    assert.equal(await wild.subscribe('a/+', 1), 1);
    assert.equal(await other.subscribe('a/c', 1), 1);
    publisher.publish('a/b', 'hello', { qos: 1, packetId: 77 });
    assert.equal((await publisher.next(PacketType.puback)).packetId, 77);
    const toExact = await exact.next(PacketType.publish);
    const toWild = await wild.next(PacketType.publish);
    assert.deepEqual([toExact.qos, toWild.qos], [0, 1]);
    assert.deepEqual([String(toExact.payload), String(toWild.payload)], ['hello', 'hello']);
    assert.deepEqual(await other.publishes(), []);
  });

  test(`${name}: overlapping subscriptions of one client give one copy with the highest QoS`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    await client.subscribe('a/#', 0);
    await client.subscribe('a/b', 1);
    client.publish('a/b', 'x', { qos: 1 });
    const publish = await client.next(PacketType.publish);
    assert.equal(publish.qos, 1);
    assert.deepEqual(await client.publishes(), []);
  });

  test(`${name}: a denied publish ends the connection, and nobody gets the message`, async () => {
    const harness = await createHarness();
    harness.allows = (action, resource) => action !== 'iot:Publish' || resource === 'topic/mine';
    const listener = harness.record('#');
    const client = await harness.connect('c', version);
    client.publish('mine', 'x');
    client.publish('yours', 'x');
    await settle();
    assert.equal(client.isClosed, true);
    assert.deepEqual(
      listener.filter((it) => !it.topic.startsWith('$')).map((it) => it.topic),
      ['mine'],
    );
  });

  test(`${name}: iot:RetainPublish is needed for the retain flag`, async () => {
    const harness = await createHarness();
    harness.allows = (action) => action !== 'iot:RetainPublish';
    const client = await harness.connect('c', version);
    client.publish('a', 'x', { retain: true });
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`${name}: without iot:Receive a message is passed over and the connection stays`, async () => {
    const harness = await createHarness();
    harness.allows = (action, resource) => action !== 'iot:Receive' || resource !== 'topic/secret/1';
    const client = await harness.connect('c', version);
    await client.subscribe('#', 1);
    client.publish('secret/1', 'x', { qos: 1, packetId: 1 });
    client.publish('open', 'y', { qos: 1, packetId: 2 });
    assert.deepEqual(await client.publishes(), ['open=y']);
    assert.equal(harness.broker.counters.dropped.notAuthorized, 1);
    assert.equal(client.isClosed, false);
  });

  test(`${name}: a change of policies counts from the next message on`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    await client.subscribe('a', 0);
    client.publish('a', '1');
    assert.deepEqual(await client.publishes(), ['a=1']);
    harness.allows = (action) => action !== 'iot:Receive';
    harness.policiesChanged();
    client.publish('a', '2');
    assert.deepEqual(await client.publishes(), []);
    harness.allows = (action) => action !== 'iot:Publish';
    harness.policiesChanged();
    client.publish('a', '3');
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`${name}: QoS 2 ends the connection in the aws profile`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    client.publish('a', 'x', { qos: 2 });
    await settle();
    assert.equal(client.isClosed, true);
    if (version === 5) assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x9b);
  });

  test(`${name}: topics that are too deep, too long, reserved or unlisted are refused`, async () => {
    for (const topic of [
      '1/2/3/4/5/6/7/8/9',
      'x'.repeat(257),
      '$aws/things/t/shadow/update/accepted',
      '$SYS/x',
      '$other',
    ]) {
      const harness = await createHarness();
      const client = await harness.connect('c', version);
      client.publish(topic, 'x');
      await settle();
      assert.equal(client.isClosed, true, topic);
    }
  });

  test(`${name}: eight levels and 256 bytes are allowed, Basic Ingest's prefix not counted`, async () => {
    const harness = await createHarness();
    const seen = harness.record('#');
    const ingested = harness.record('$aws/rules/#');
    const client = await harness.connect('c', version);
    client.publish('1/2/3/4/5/6/7/8', 'x');
    client.publish('y'.repeat(256), 'x');
    client.publish('$aws/rules/rule/1/2/3/4/5/6/7/8', 'x', { qos: 1 });
    await client.next(PacketType.puback);
    assert.equal(seen.filter((it) => !it.topic.startsWith('$')).length, 2);
    assert.equal(ingested.length, 1);
  });

  test(`${name}: a payload over the limit ends the connection`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    client.publish('a', Buffer.alloc(131_072));
    await settle();
    assert.equal(client.isClosed, false);
    client.publish('a', Buffer.alloc(131_073));
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`${name}: publishes beyond the rate limit are discarded, and the next second is a new one`, async () => {
    const harness = await createHarness(awsProfile({ publishesPerSecond: 3 }));
    const client = await harness.connect('c', version);
    await client.subscribe('a', 0);
    for (let i = 0; i < 5; i++) client.publish('a', String(i));
    assert.deepEqual(await client.publishes(), ['a=0', 'a=1', 'a=2']);
    assert.equal(harness.broker.counters.dropped.throttled, 2);
    await harness.clock.advance(1000);
    client.publish('a', '5');
    assert.deepEqual(await client.publishes(), ['a=5']);
  });

  test(`${name}: messages wait for a full inflight window, in order`, async () => {
    const harness = await createHarness(awsProfile({ inflightOutbound: 2 }));
    const client = await harness.connect('slow', version);
    await client.subscribe('a', 1);
    for (let i = 1; i <= 5; i++) await harness.broker.publish({ topic: 'a', payload: Buffer.from(String(i)), qos: 1 });
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      const publish = await client.next(PacketType.publish);
      seen.push(String(publish.payload));
      assert.ok(
        client.received.filter((it) => it.type === PacketType.publish).length < 2,
        'more than the window was sent',
      );
      client.send({ type: PacketType.puback, packetId: publish.packetId ?? 0, reasonCode: 0 });
      await settle();
    }
    assert.deepEqual(seen, ['1', '2', '3', '4', '5']);
  });

  test(`${name}: the queue of a client that acknowledges nothing is bounded`, async () => {
    const harness = await createHarness(awsProfile({ inflightOutbound: 2, queuedMessages: 3 }));
    const client = await harness.connect('deaf', version);
    await client.subscribe('a', 1);
    for (let i = 1; i <= 10; i++) await harness.broker.publish({ topic: 'a', payload: Buffer.from(String(i)), qos: 1 });
    assert.equal((await client.publishes()).length, 2);
    assert.equal(harness.broker.counters.dropped.queueFull, 5);
  });

  test(`${name}: QoS 0 for a client that does not read is dropped at the backlog limit`, async () => {
    const harness = await createHarness(awsProfile({ backlogBytes: 1000 }));
    const client = await harness.connect('stuck', version);
    await client.subscribe('a', 0);
    client.isReading = false;
    for (let i = 0; i < 100; i++) {
      await harness.broker.publish({ topic: 'a', payload: Buffer.alloc(100) });
      await settle();
    }
    assert.ok(client.backlog < 1500, `${client.backlog} bytes`);
    assert.ok(harness.broker.counters.dropped.backlog > 80);
  });
}

test('5: QoS 1 to a topic that is not allowed is told in the PUBACK', async () => {
  const harness = await createHarness();
  harness.allows = (action) => action !== 'iot:Publish';
  const client = await harness.connect('c', 5);
  client.publish('a', 'x', { qos: 1, packetId: 9 });
  const puback = await client.next(PacketType.puback);
  assert.deepEqual([puback.packetId, puback.reasonCode], [9, 0x87]);
  assert.equal(client.isClosed, false);
});

test('5: properties travel to MQTT 5 subscribers and are left out for 3.1.1', async () => {
  const harness = await createHarness();
  const properties = {
    payloadFormatIndicator: 1,
    contentType: 'text/plain',
    responseTopic: 'answers',
    correlationData: Buffer.from([1, 2, 3]),
    userProperties: [
      ['a', '1'],
      ['a', '2'],
    ] as const,
  };
  const publisher = await harness.connect('p', 5);
  const five = await harness.connect('five', 5);
  const four = await harness.connect('four', 4);
  await five.subscribe('t', 1);
  await four.subscribe('t', 1);
  publisher.publish('t', 'x', { qos: 1, properties });
  assert.deepEqual((await five.next(PacketType.publish)).properties, properties);
  assert.equal((await four.next(PacketType.publish)).properties, undefined);
});

test('5: a topic alias stands for its topic, and an unknown or too large one is refused', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  await client.subscribe('long/topic', 0);
  client.publish('long/topic', '1', { properties: { topicAlias: 3 } });
  client.publish('', '2', { properties: { topicAlias: 3 } });
  assert.deepEqual(await client.publishes(), ['long/topic=1', 'long/topic=2']);
  client.publish('', '3', { properties: { topicAlias: 4 } });
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x82);
  const other = await harness.connect('d', 5);
  other.publish('x', '1', { properties: { topicAlias: 9 } });
  assert.equal((await other.next(PacketType.disconnect)).reasonCode, 0x94);
});

test('5: the message expiry that is left is told to the subscriber', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  await client.subscribe('t', 0);
  client.publish('t', 'x', { properties: { messageExpiryInterval: 30 } });
  assert.equal((await client.next(PacketType.publish)).properties?.messageExpiryInterval, 30);
});

test('5: [MQTT-3.8.3-3] No Local keeps a message from its own publisher', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  const other = await harness.connect('d', 5);
  await client.subscribe('t', 0, { noLocal: true });
  await other.subscribe('t', 0);
  client.publish('t', 'x');
  assert.deepEqual(await client.publishes(), []);
  assert.deepEqual(await other.publishes(), ['t=x']);
});

test('5: [MQTT-3.3.4-4] subscription identifiers are sent along in the standard profile', async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('c', 5);
  const subscription = {
    filter: 't/+',
    qos: 0 as const,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0 as const,
  };
  client.send({
    type: PacketType.subscribe,
    packetId: 1,
    subscriptions: [subscription],
    properties: { subscriptionIdentifiers: [7] },
  });
  client.send({
    type: PacketType.subscribe,
    packetId: 2,
    subscriptions: [{ ...subscription, filter: 't/#' }],
    properties: { subscriptionIdentifiers: [9] },
  });
  client.publish('t/1', 'x');
  const publish = await client.next(PacketType.publish);
  assert.deepEqual([...(publish.properties?.subscriptionIdentifiers ?? [])].sort(), [7, 9]);
});

test('5: a packet larger than the client takes is not sent', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5, { properties: { maximumPacketSize: 100 } });
  await client.subscribe('t', 1);
  client.publish('t', 'x'.repeat(200), { qos: 1, packetId: 1 });
  client.publish('t', 'small', { qos: 1, packetId: 2 });
  assert.deepEqual(await client.publishes(), ['t=small']);
  assert.equal(harness.broker.counters.dropped.tooLarge, 1);
});

test('many packets in one piece and one packet in many pieces are the same to the broker', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 4);
  await client.subscribe('t', 0);
  const packet = (payload: string) =>
    encode(
      { type: PacketType.publish, topic: 't', payload: Buffer.from(payload), qos: 0, retain: false, dup: false },
      4,
    );
  client.sendBytes(Buffer.concat([packet('1'), packet('2'), packet('3')]));
  for (const byte of packet('4')) client.sendBytes(Buffer.from([byte]));
  assert.deepEqual(await client.publishes(), ['t=1', 't=2', 't=3', 't=4']);
});

test('5: [MQTT-3.3.4-6] a client that sends a subscription identifier is disconnected', async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('c', 5);
  client.publish('t', 'x', { properties: { subscriptionIdentifiers: [1] } });
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x82);
});

test('3.1.1: a publish with a padded remaining length reaches subscribers in its proper form', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 4);
  const watcher = await harness.connect('w', 5);
  await client.subscribe('t', 0);
  await watcher.subscribe('t', 0);
  client.sendBytes(Buffer.from([0x30, 0x84, 0x00, 0, 1, 0x74, 0x78]));
  assert.deepEqual(await client.publishes(), ['t=x']);
  assert.deepEqual(await watcher.publishes(), ['t=x']);
});
