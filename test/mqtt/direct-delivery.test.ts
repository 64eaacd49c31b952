import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketType } from '../../src/mqtt/packets.ts';
import { createHarness } from './harness.ts';

const answer = { topic: '$aws/certificates/create/json/accepted', payload: Buffer.from('{}'), qos: 1 } as const;

test('a message for one client reaches it alone: no other subscriber, no listener', async () => {
  const harness = await createHarness();
  const heard = harness.record('$aws/#');
  const [asking, other] = [await harness.connect('asking', 4), await harness.connect('other', 5)];
  for (const client of [asking, other]) await client.subscribe('$aws/certificates/create/+/accepted', 1);
  await asking.subscribe(answer.topic, 0);
  assert.equal(await harness.broker.deliverTo('asking', answer), true);
  const { topic, qos } = await asking.next(PacketType.publish);
  assert.deepEqual([topic, qos], [answer.topic, 1]);
  assert.deepEqual(await asking.publishes(), []);
  assert.deepEqual(await other.publishes(), []);
  assert.deepEqual(
    heard.filter((message) => message.topic === answer.topic),
    [],
  );
});

test('a client that is not subscribed, not allowed to receive, or not there gets nothing', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5);
  assert.equal(await harness.broker.deliverTo('c', answer), false);
  assert.equal(await harness.broker.deliverTo('nobody', answer), false);
  await client.subscribe(answer.topic, 1);
  harness.allows = (action) => action !== 'iot:Receive';
  harness.policiesChanged();
  await harness.broker.deliverTo('c', answer);
  assert.deepEqual(await client.publishes(), []);
});

test('requests for certificates and provisioning, which carry ownership tokens, reach the platform and no client', async () => {
  const harness = await createHarness();
  const [asking, spy] = [await harness.connect('asking', 4), await harness.connect('spy', 5)];
  for (const filter of ['$aws/certificates/#', '$aws/provisioning-templates/T/provision/#'])
    await spy.subscribe(filter, 1);
  const heard = harness.record('$aws/#');
  const topics = ['$aws/certificates/create/json', '$aws/provisioning-templates/T/provision/json'];
  for (const topic of topics) {
    asking.publish(topic, '{}', { qos: 1 });
    await asking.next(PacketType.puback);
  }
  assert.deepEqual(await spy.publishes(), []);
  assert.deepEqual(
    heard.map(({ topic }) => topic),
    topics,
  );
});
