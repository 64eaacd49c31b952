import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import type { ConnectPacket } from '../../src/mqtt/packets.ts';
import { PacketType } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

function withDelayedWill(delaySeconds: number, expirySeconds = 3600): Partial<ConnectPacket> {
  return {
    clean: false,
    keepAlive: 0,
    properties: { sessionExpiryInterval: expirySeconds },
    will: {
      topic: 'wills',
      payload: Buffer.from('gone'),
      qos: 1,
      retain: false,
      properties: { willDelayInterval: delaySeconds, contentType: 'text/plain' },
    },
  };
}

test('5: [MQTT-3.1.3-9] a delayed will is published when its delay has passed, and not when the client is back', async () => {
  const harness = await createHarness(standardProfile());
  const wills = harness.record('wills');
  const first = await harness.connect('c', 5, withDelayedWill(30));
  first.drop();
  await harness.clock.advance(29_000);
  assert.equal(wills.length, 0);
  const second = await harness.connect('c', 5, withDelayedWill(30));
  await harness.clock.advance(60_000);
  assert.equal(wills.length, 0, 'the client came back in time');
  second.drop();
  await harness.clock.advance(31_000);
  assert.deepEqual(
    wills.map((will) => [String(will.payload), will.properties]),
    [['gone', { contentType: 'text/plain' }]],
  );
});

test('5: [MQTT-3.1.2-8] a delayed will is published when its session ends, by expiry or by a clean start', async () => {
  const harness = await createHarness(standardProfile());
  const wills = harness.record('wills');
  const client = await harness.connect('c', 5, withDelayedWill(3600, 10));
  client.drop();
  await harness.clock.advance(11_000);
  assert.equal(wills.length, 1, 'the session expired');
  const again = await harness.connect('c', 5, withDelayedWill(3600));
  again.drop();
  await settle();
  await harness.connect('c', 5, { clean: true });
  await settle();
  assert.equal(wills.length, 2, 'the session was replaced');
});

test('5: a take-over publishes a will without delay, and one with delay only if the session is not resumed', async () => {
  const harness = await createHarness(standardProfile());
  const wills = harness.record('wills');
  await harness.connect('c', 5, withDelayedWill(30));
  await harness.connect('c', 5, withDelayedWill(0));
  await settle();
  assert.equal(wills.length, 0);
  await harness.connect('c', 5, withDelayedWill(30));
  await settle();
  assert.equal(wills.length, 1);
  await harness.connect('c', 5, { clean: true });
  await settle();
  assert.equal(wills.length, 2);
});

test('5: the aws profile publishes a will at once, whatever delay was asked for', async () => {
  const harness = await createHarness(awsProfile());
  const wills = harness.record('wills');
  const client = await harness.connect('c', 5, withDelayedWill(30));
  client.drop();
  await settle();
  assert.equal(wills.length, 1);
});

test('5: [MQTT-3.14.4-3] only a DISCONNECT with 0x00 takes the will along', async () => {
  const harness = await createHarness(standardProfile());
  const wills = harness.record('wills');
  for (const [reasonCode, expected] of [
    [0x00, 0],
    [0x04, 1],
    [0x80, 2],
  ]) {
    const client = await harness.connect('c', 5, withDelayedWill(0));
    client.send({ type: PacketType.disconnect, reasonCode });
    await settle();
    assert.equal(wills.length, expected, `reason code ${reasonCode}`);
  }
});

test('5: a will carries its expiry: a subscriber that is away for longer does not get it', async () => {
  const harness = await createHarness(standardProfile());
  const away = await harness.connect('away', 5, { clean: false, properties: { sessionExpiryInterval: 3600 } });
  await away.subscribe('wills', 1);
  away.drop();
  const will = {
    topic: 'wills',
    payload: Buffer.from('gone'),
    qos: 1 as const,
    retain: false,
    properties: { messageExpiryInterval: 60 },
  };
  const client = await harness.connect('c', 5, { will });
  client.drop();
  await settle();
  await harness.clock.advance(61_000);
  const back = await harness.connect('away', 5, { clean: false, properties: { sessionExpiryInterval: 3600 } });
  assert.deepEqual(await back.publishes(), []);
});

test('a server that stops publishes the wills that wait, and lets nobody in', async () => {
  const harness = await createHarness(standardProfile());
  const wills = harness.record('wills');
  const client = await harness.connect('c', 5, withDelayedWill(3600));
  client.drop();
  await settle();
  harness.broker.stop();
  await settle();
  assert.equal(wills.length, 1);
  assert.equal((await harness.client(5).connect({ clientId: 'x' })).reasonCode, 0x88);
  assert.equal((await harness.client(4).connect({ clientId: 'x' })).reasonCode, 3);
});
