import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardProfile } from '../../src/broker/broker.ts';
import { PacketType } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

test("the standard profile tells the broker's figures under $SYS, at once and every ten seconds", async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('c', 5, { keepAlive: 0 });
  await client.subscribe('$SYS/broker/#', 0);
  const first = await client.publishes();
  assert.ok(first.includes('$SYS/broker/clients/connected=1'), first.join(' '));
  assert.ok(first.includes('$SYS/broker/subscriptions/count=1'));
  assert.ok(first.includes('$SYS/broker/retained messages/count=0'));
  assert.equal(first.length, 8);
  client.publish('t', 'x', { retain: true });
  await harness.clock.advance(10_000);
  const second = await client.publishes();
  assert.equal(second.length, 8);
  assert.ok(second.includes('$SYS/broker/messages/received=1'));
  assert.ok(second.includes('$SYS/broker/uptime=10'));
  assert.ok(second.includes('$SYS/broker/retained messages/count=1'));
});

test('# does not see $SYS, and nobody publishes there', async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('c', 5, { keepAlive: 0 });
  await client.subscribe('#', 0);
  await harness.clock.advance(30_000);
  assert.deepEqual(await client.publishes(), []);
  client.publish('$SYS/broker/version', 'x', { qos: 1 });
  assert.equal((await client.next(PacketType.puback)).reasonCode, 0x90);
});

test('an event that nobody listens to is not made', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  const events = harness.record('$aws/events/presence/disconnected/c');
  client.drop();
  await settle();
  assert.equal(events.length, 1, 'somebody listens now');
});
