import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile, awsQuotas, standardProfile } from '../../src/broker/broker.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';
  const persistent = { clean: false, ...(version === 5 && { properties: { sessionExpiryInterval: 3600 } }) };

  test(`${name}: a client id that connects too often is refused, another is not`, async () => {
    const harness = await createHarness(awsProfile(awsQuotas));
    await harness.connect('a', version);
    const again = harness.client(version);
    assert.equal((await again.connect({ clientId: 'a' })).reasonCode, version === 5 ? 0x97 : 3);
    assert.equal(again.isClosed, true);
    await harness.connect('b', version);
    await harness.clock.advance(1_000);
    await harness.connect('a', version);
  });

  test(`${name}: more bytes a second than allowed are delayed and all arrive`, async () => {
    const harness = await createHarness(awsProfile({ bytesPerSecond: 10_000 }));
    const seen = harness.record('t');
    const client = await harness.connect('a', version);
    for (let i = 0; i < 30; i++) client.publish('t', Buffer.alloc(1000));
    await settle();
    assert.equal(client.isPaused, true, 'the socket is not read from');
    assert.ok(seen.length < 15, `${seen.length} at once`);
    await harness.clock.advance(10_000);
    assert.equal(seen.length, 30);
    assert.equal(client.isPaused, false);
    assert.equal(client.isClosed, false);
  });

  test(`${name}: new subscriptions beyond the rate of all clients are refused`, async () => {
    const harness = await createHarness(awsProfile({ subscriptionsPerSecond: 2 }));
    const clients = [await harness.connect('a', version), await harness.connect('b', version)];
    assert.equal(await clients[0].subscribe('t/1', 0), 0);
    assert.equal(await clients[1].subscribe('t/1', 0), 0);
    assert.equal(await clients[0].subscribe('t/1', 1), 1, 'not a new one');
    assert.equal(await clients[0].subscribe('t/2', 0), version === 5 ? 0x97 : 0x80);
    await harness.clock.advance(1_000);
    assert.equal(await clients[0].subscribe('t/2', 0), 0);
  });

  test(`${name}: stored messages are delivered at the configured rate after the client is back`, async () => {
    const harness = await createHarness(awsProfile({ storedMessagesPerSecond: 2 }));
    const client = await harness.connect('a', version, persistent);
    await client.subscribe('t', 1);
    client.drop();
    for (let i = 0; i < 5; i++) await harness.broker.publish({ topic: 't', payload: Buffer.from(String(i)), qos: 1 });
    const back = await harness.connect('a', version, persistent);
    assert.deepEqual(await back.publishes(), ['t=0', 't=1']);
    await harness.clock.advance(1_000);
    assert.deepEqual(await back.publishes(), ['t=2', 't=3']);
    await harness.clock.advance(1_000);
    assert.deepEqual(await back.publishes(), ['t=4']);
  });

  test(`${name}: one more retained message than the quota is refused, replacing and deleting is not`, async () => {
    const harness = await createHarness(awsProfile({ retainedMessages: 2 }));
    const client = await harness.connect('a', version);
    for (const topic of ['t/1', 't/2', 't/3', 't/1']) client.publish(topic, 'x', { retain: true });
    await settle();
    assert.equal(harness.broker.sizes().retained, 2);
    client.publish('t/3', 'x', { retain: true, qos: 1, packetId: 7 });
    if (version === 5) assert.equal((await client.next(PacketType.puback)).reasonCode, 0x97);
    client.publish('t/1', '', { retain: true });
    client.publish('t/3', 'x', { retain: true });
    await settle();
    assert.equal(harness.broker.sizes().retained, 2);
    assert.equal(client.isClosed, false);
  });

  test(`${name}: more messages a second to one client than allowed are discarded, kept ones follow`, async () => {
    const harness = await createHarness(awsProfile({ publishesPerSecond: 3 }));
    const transient = await harness.connect('a', version);
    const kept = await harness.connect('b', version, persistent);
    for (const client of [transient, kept]) await client.subscribe('t', 1);
    for (let i = 0; i < 5; i++) await harness.broker.publish({ topic: 't', payload: Buffer.from(String(i)), qos: 1 });
    assert.equal((await transient.publishes()).length, 3);
    assert.equal(harness.broker.counters.dropped.throttled, 2);
    assert.equal((await kept.publishes()).length, 5);
  });

  test(`${name}: a share name may have 128 characters`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('a', version);
    assert.equal(await client.subscribe(`$share/${'x'.repeat(128)}/t`, 0), 0);
    assert.equal(await client.subscribe(`$share/${'x'.repeat(129)}/t`, 0), version === 5 ? 0x8f : 0x80);
    assert.equal(await client.subscribe(`$share/g/${'1/'.repeat(7)}8`, 0), 0, 'the prefix does not count');
    assert.equal(await client.subscribe(`$share/g/${'1/'.repeat(8)}9`, 0), version === 5 ? 0x8f : 0x80);
  });

  test(`${name}: a door with a lifetime closes the connection at the next packet after it`, async () => {
    const harness = await createHarness();
    const events = harness.record('$aws/events/presence/disconnected/+');
    const client = harness.client(version, { maxLifetimeMs: 3_600_000 });
    await client.connect({ clientId: 'a', keepAlive: 1200 });
    for (let minute = 0; minute < 60; minute += 15) {
      client.send({ type: PacketType.pingreq });
      await harness.clock.advance(15 * 60_000);
    }
    assert.equal(client.isClosed, false);
    await harness.clock.advance(1_000);
    client.send({ type: PacketType.pingreq });
    await settle();
    assert.equal(client.isClosed, true);
    if (version === 5) assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0xa0);
    assert.equal(JSON.parse(String(events[0].payload)).disconnectReason, 'WEBSOCKET_TTL_EXPIRATION');
  });
}

test('5: publishes beyond the rate are refused with 0x97 when they ask for an answer', async () => {
  const harness = await createHarness(awsProfile({ publishesPerSecond: 1 }));
  const client = await harness.connect('a', 5);
  client.publish('t', 'x', { qos: 1, packetId: 1 });
  client.publish('t', 'x', { qos: 1, packetId: 2 });
  assert.equal((await client.next(PacketType.puback)).reasonCode, 0);
  assert.equal((await client.next(PacketType.puback)).reasonCode, 0x97);
});

test('5: a packet over the maximum packet size ends the connection with 0x95, whatever it is', async () => {
  const harness = await createHarness();
  const client = await harness.connect('a', 5);
  client.sendBytes(Buffer.from([0x82, 0x80, 0x90, 0x09, 0, 1]));
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x95);
});

test('a first packet of more than half a megabyte is refused before it has come', async () => {
  const harness = await createHarness(standardProfile());
  const client = harness.client(4);
  client.sendBytes(Buffer.from([0x10, 0x80, 0x80, 0x40, 0, 4]));
  await settle();
  assert.equal(client.isClosed, true);
});
