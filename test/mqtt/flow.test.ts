import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle, type TestClient } from './harness.ts';

const KIB = Buffer.alloc(1024);

/** Publishes in small pieces, as a network would bring them, while the broker reads; returns how many it took. */
async function publishMany(client: TestClient, topic: string, count: number, qos: 0 | 1 = 0): Promise<number> {
  for (let sent = 0; sent < count; sent++) {
    if (client.isPaused) return sent;
    client.publish(topic, KIB, { qos, ...(qos > 0 && { packetId: (sent % 65_535) + 1 }) });
    await settle();
  }
  return count;
}

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`${name}: a publisher is not read from while a subscriber takes less, and goes on when it does`, async () => {
    const harness = await createHarness(standardProfile({ backlogBytes: 64 << 10 }));
    const publisher = await harness.connect('p', version);
    const slow = await harness.connect('slow', version);
    await slow.subscribe('t', 0);
    slow.isReading = false;
    const taken = await publishMany(publisher, 't', 100);
    assert.ok(taken < 20, `${taken} KiB were taken`);
    assert.equal(harness.broker.counters.dropped.backlog, 0);
    slow.readAgain();
    assert.equal(publisher.isPaused, false);
    assert.equal(await publishMany(publisher, 't', 50), 50);
    assert.equal(harness.broker.counters.dropped.backlog, 0);
  });

  test(`${name}: a subscriber that takes nothing holds up publishers for seconds only, then its messages are dropped`, async () => {
    const harness = await createHarness(standardProfile({ backlogBytes: 64 << 10 }));
    const publisher = await harness.connect('p', version, { keepAlive: 1 });
    const stuck = await harness.connect('stuck', version);
    const fine = await harness.connect('fine', version);
    for (const client of [stuck, fine]) await client.subscribe('t', 0);
    stuck.isReading = false;
    await publishMany(publisher, 't', 100);
    assert.equal(publisher.isPaused, true);
    await harness.clock.advance(1_900);
    assert.equal(publisher.isClosed, false, 'a paused client is not silent');
    await harness.clock.advance(1_200);
    assert.equal(publisher.isPaused, false);
    assert.equal(await publishMany(publisher, 't', 100), 100);
    assert.ok(stuck.backlog < 80 << 10, `${stuck.backlog} bytes wait`);
    assert.ok(harness.broker.counters.dropped.backlog > 30);
    assert.ok((await fine.publishes()).length > 100);
  });

  test(`${name}: a client that publishes to itself and does not read is not held up by itself`, async () => {
    const harness = await createHarness(standardProfile({ backlogBytes: 32 << 10 }));
    const client = await harness.connect('c', version);
    await client.subscribe('t', 0);
    client.isReading = false;
    assert.equal(await publishMany(client, 't', 100), 100);
    assert.ok(client.backlog < 40 << 10);
  });

  test(`${name}: two clients that wait for each other go on`, async () => {
    const harness = await createHarness(standardProfile({ backlogBytes: 32 << 10 }));
    const one = await harness.connect('one', version);
    const other = await harness.connect('other', version);
    await one.subscribe('to/one', 0);
    await other.subscribe('to/other', 0);
    one.isReading = false;
    other.isReading = false;
    await publishMany(one, 'to/other', 40);
    await publishMany(other, 'to/one', 40);
    assert.deepEqual([one.isPaused, other.isPaused], [true, true]);
    await harness.clock.advance(4_000);
    assert.deepEqual([one.isPaused, other.isPaused], [false, false]);
  });

  test(`${name}: a publisher faster than a subscriber acknowledges is held up before messages are lost`, async () => {
    const persistent = { clean: false, ...(version === 5 && { properties: { sessionExpiryInterval: 3600 } }) };
    for (const options of [{}, persistent]) {
      const harness = await createHarness(standardProfile({ inflightOutbound: 2, queuedMessages: 20 }));
      const publisher = await harness.connect('p', version);
      const slow = await harness.connect('slow', version, options);
      await slow.subscribe('t', 1);
      const taken = await publishMany(publisher, 't', 100, 1);
      assert.ok(taken > 5 && taken < 20, `${taken}`);
      assert.equal(harness.broker.counters.dropped.queueFull, 0);
      for (let i = 0; i < taken; i++) {
        const { packetId = 0 } = await slow.next(PacketType.publish);
        slow.send({ type: PacketType.puback, packetId, reasonCode: 0 });
      }
      await settle();
      assert.equal(publisher.isPaused, false);
    }
  });

  test(`${name}: what waits for a client that acknowledges nothing is bounded in bytes as well`, async () => {
    const harness = await createHarness(standardProfile({ inflightOutbound: 1, backlogBytes: 16 << 10 }));
    const deaf = await harness.connect('deaf', version);
    await deaf.subscribe('t', 1);
    for (let i = 0; i < 100; i++) await harness.broker.publish({ topic: 't', payload: KIB, qos: 1 });
    assert.ok(harness.broker.counters.dropped.queueFull > 80);
  });

  test(`${name}: a held-up publisher whose slow subscriber leaves is read from again`, async () => {
    const harness = await createHarness(standardProfile({ backlogBytes: 32 << 10 }));
    const publisher = await harness.connect('p', version);
    const slow = await harness.connect('slow', version);
    await slow.subscribe('t', 0);
    slow.isReading = false;
    await publishMany(publisher, 't', 100);
    assert.equal(publisher.isPaused, true);
    slow.drop();
    assert.equal(publisher.isPaused, false);
  });

  test(`${name}: a peer that is gone without a word is closed, and so is one that never closes its end`, async () => {
    const harness = await createHarness(awsProfile());
    const client = harness.client(version, {});
    await client.connect({ clientId: 'c', keepAlive: 30 });
    await harness.clock.advance(46_000);
    assert.equal(client.isClosed, true);
    assert.equal(harness.broker.sizes().clients, 0);
  });
}

test('a connection that the peer does not close after our close is destroyed', async () => {
  const harness = await createHarness();
  let destroyed = 0;
  const client = harness.client(5, {
    transport: {
      write: () => true,
      backlog: 0,
      pause: () => undefined,
      resume: () => undefined,
      end: () => undefined,
      destroy: () => void destroyed++,
    },
  });
  client.send({ type: PacketType.pingreq });
  await harness.clock.advance(3_000);
  assert.equal(destroyed, 0);
  await harness.clock.advance(4_000);
  assert.equal(destroyed, 1);
});

test('the bytes of a CONNECT that come one by one do not keep a connection open', async () => {
  const harness = await createHarness();
  const client = harness.client(4);
  for (const byte of [0x10, 20, 0, 4, 0x4d, 0x51, 0x54]) {
    client.sendBytes(Buffer.from([byte]));
    await harness.clock.advance(2_000);
  }
  assert.equal(client.isClosed, true);
});
