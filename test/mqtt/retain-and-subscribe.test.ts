import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`[MQTT-3.3.1-5] ${name}: a retained message reaches later subscribers with the flag, present ones without`, async () => {
    const harness = await createHarness();
    const publisher = await harness.connect('p', version);
    const early = await harness.connect('early', version);
    await early.subscribe('t', 1);
    publisher.publish('t', 'kept', { retain: true, qos: 1 });
    await publisher.next(PacketType.puback);
    assert.equal((await early.next(PacketType.publish)).retain, false);
    const late = await harness.connect('late', version);
    await late.subscribe('t', 1);
    const publish = await late.next(PacketType.publish);
    assert.deepEqual([publish.retain, publish.qos, String(publish.payload)], [true, 1, 'kept']);
  });

  test(`[MQTT-3.3.1-6] ${name}: an empty retained payload forgets the message`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    client.publish('t', 'kept', { retain: true });
    client.publish('t', '', { retain: true });
    await client.subscribe('t', 0);
    assert.deepEqual(await client.publishes(), []);
    assert.equal(harness.broker.sizes().retained, 0);
  });

  test(`${name}: filters with wildcards get retained messages in the standard profile only`, async () => {
    for (const [profile, expected] of [
      [awsProfile(), []],
      [standardProfile(), ['t/1=a', 't/2=b']],
    ] as const) {
      const harness = await createHarness(profile);
      const client = await harness.connect('c', version);
      client.publish('t/1', 'a', { retain: true });
      client.publish('t/2', 'b', { retain: true });
      client.publish('u/1', 'c', { retain: true });
      await client.subscribe('t/+', 0);
      assert.deepEqual((await client.publishes()).sort(), expected);
    }
  });

  test(`${name}: a retained message survives a restart`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    client.publish('t', 'kept', { retain: true, qos: 1 });
    await client.next(PacketType.puback);
    const again = await harness.restart();
    const late = await again.connect('late', version);
    await late.subscribe('t', 0);
    assert.deepEqual(await late.publishes(), ['t=kept']);
  });

  test(`${name}: a filter that is not allowed is refused in the SUBACK, the others are granted`, async () => {
    const harness = await createHarness();
    harness.allows = (action, resource) => action !== 'iot:Subscribe' || resource === 'topicfilter/mine/#';
    const client = await harness.connect('c', version);
    const options = { qos: 1 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    client.send({
      type: PacketType.subscribe,
      packetId: 5,
      subscriptions: [
        { filter: 'mine/#', ...options },
        { filter: 'yours/#', ...options },
      ],
    });
    const suback = await client.next(PacketType.suback);
    assert.deepEqual(suback.reasonCodes, [1, version === 5 ? 0x87 : 0x80]);
    assert.equal(client.isClosed, false);
  });

  test(`${name}: more than eight filters in a SUBSCRIBE end the connection, more than fifty subscriptions are refused`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    for (let i = 0; i < 50; i++) assert.equal(await client.subscribe(`t/${i}`, 0), 0);
    assert.equal(await client.subscribe('t/50', 0), version === 5 ? 0x97 : 0x80);
    assert.equal(await client.subscribe('t/7', 0), 0, 'one it has already');
    const request = { qos: 0 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    const subscriptions = Array.from({ length: 9 }, (_, i) => ({ filter: `t/${i}`, ...request }));
    client.send({ type: PacketType.subscribe, packetId: 6, subscriptions });
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`${name}: reserved filters that nobody may read are refused`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    const refused = version === 5 ? 0x8f : 0x80;
    assert.equal(await client.subscribe('$aws/rules/#', 0), refused);
    assert.equal(await client.subscribe('$SYS/#', 0), refused);
    assert.equal(await client.subscribe('$aws/things/+/shadow/#', 0), 0);
  });

  test(`[MQTT-4.7.2-1] ${name}: # at the first level does not see topics of the platform`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    await client.subscribe('#', 0);
    await harness.broker.publish({ topic: '$aws/events/thing/x/created', payload: Buffer.from('x') });
    await harness.broker.publish({ topic: 'thing', payload: Buffer.from('y') });
    assert.deepEqual(await client.publishes(), ['thing=y']);
  });

  test(`[MQTT-3.10.4-1] ${name}: after UNSUBSCRIBE nothing comes any more`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('c', version);
    await client.subscribe('a/+', 0);
    client.publish('a/1', 'x');
    assert.deepEqual(await client.publishes(), ['a/1=x']);
    client.send({ type: PacketType.unsubscribe, packetId: 3, filters: ['a/+', 'never'] });
    const unsuback = await client.next(PacketType.unsuback);
    assert.deepEqual(unsuback.reasonCodes, version === 5 ? [0, 0] : []);
    client.publish('a/1', 'y');
    assert.deepEqual(await client.publishes(), []);
  });

  test(`${name}: subscription events name the filters`, async () => {
    const harness = await createHarness();
    const events = harness.record('$aws/events/subscriptions/#');
    const client = await harness.connect('c', version);
    await client.subscribe('a/+', 0);
    client.send({ type: PacketType.unsubscribe, packetId: 3, filters: ['a/+'] });
    await client.next(PacketType.unsuback);
    await settle();
    const bodies = events.map((event) => JSON.parse(String(event.payload)));
    assert.deepEqual(
      bodies.map((body) => [body.eventType, body.topics]),
      [
        ['subscribed', ['a/+']],
        ['unsubscribed', ['a/+']],
      ],
    );
  });
}

test('5: [MQTT-3.3.1-13] Retain As Published keeps the flag', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  await client.subscribe('t', 0, { retainAsPublished: true });
  client.publish('t', 'x', { retain: true });
  assert.equal((await client.next(PacketType.publish)).retain, true);
});

test('5: Retain Handling 1 sends retained messages to new subscriptions only, 2 never', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  client.publish('t', 'x', { retain: true });
  await client.subscribe('t', 0, { retainHandling: 2 });
  assert.deepEqual(await client.publishes(), []);
  await client.subscribe('t', 0, { retainHandling: 1 });
  assert.deepEqual(await client.publishes(), [], 'not new');
  await client.subscribe('t', 0, { retainHandling: 0 });
  assert.deepEqual(await client.publishes(), ['t=x']);
});

test('5: a retained message whose time is up is not delivered', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5, { keepAlive: 1200 });
  client.publish('t', 'x', { retain: true, properties: { messageExpiryInterval: 60 } });
  await harness.clock.advance(50_000);
  await client.subscribe('t', 0);
  const publish = await client.next(PacketType.publish);
  assert.equal(publish.properties?.messageExpiryInterval, 10);
  await harness.clock.advance(10_000);
  await client.subscribe('t', 0);
  assert.deepEqual(await client.publishes(), []);
});
