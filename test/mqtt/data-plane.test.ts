import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestContext } from '../../src/api/operation.ts';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import { anonymous } from '../../src/identity/principal.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

/** A caller who may do everything; `asked` records what was asked of its policies. */
function caller(asked: string[] = []): RequestContext {
  return {
    requestId: 'request-1',
    principal: anonymous,
    sourceIp: '198.51.100.4',
    authorize: async (action, resource) => void asked.push(`${action} ${resource}`),
  };
}

const persistent5 = { clean: false, keepAlive: 300, properties: { sessionExpiryInterval: 600 } };

test('GetConnection tells how a client is connected, and for half an hour how it left', async () => {
  const harness = await createHarness(awsProfile({ sessionExpiryMaximum: 600 }));
  const { getConnection } = harness.broker.operations;
  const client = await harness.connect('lamp', 5, persistent5);
  const since = harness.clock.now();
  await harness.clock.advance(5_000);
  const asked: string[] = [];
  const connected = await getConnection({ clientId: 'lamp', includeSocketInformation: true }, caller(asked));
  assert.deepEqual(connected, {
    clientId: 'lamp',
    connected: true,
    cleanSession: false,
    keepAliveDuration: 300,
    sessionExpiry: 600,
    connectedSince: since,
    sourceIp: '192.0.2.7',
  });
  assert.deepEqual(asked, ['iot:GetConnection arn:aws:iot:us-east-1:000000000000:client/lamp']);
  assert.equal((await getConnection({ clientId: 'lamp' }, caller())).sourceIp, undefined);
  client.drop();
  const left = await getConnection({ clientId: 'lamp' }, caller());
  assert.deepEqual(left, {
    clientId: 'lamp',
    connected: false,
    cleanSession: false,
    sessionExpiry: 600,
    disconnectedSince: harness.clock.now(),
    disconnectReason: 'CONNECTION_LOST',
  });
  await harness.clock.advance(31 * 60_000);
  await assert.rejects(getConnection({ clientId: 'lamp' }, caller()), { code: 'ResourceNotFoundException' });
  await assert.rejects(getConnection({ clientId: '$x' }, caller()), { code: 'InvalidRequestException' });
});

test('ListSubscriptions pages through the filters of a session, of one that is away too', async () => {
  const harness = await createHarness();
  const { listSubscriptions } = harness.broker.operations;
  const client = await harness.connect('lamp', 5, persistent5);
  for (let i = 0; i < 25; i++) await client.subscribe(`t/${String(i).padStart(2, '0')}`, (i % 2) as 0 | 1);
  client.drop();
  const first = await listSubscriptions({ clientId: 'lamp' }, caller());
  assert.equal(first.subscriptions?.length, 20);
  assert.deepEqual(first.subscriptions?.[1], { topicFilter: 't/01', qos: 1 });
  assert.ok(first.nextToken);
  const second = await listSubscriptions({ clientId: 'lamp', nextToken: first.nextToken }, caller());
  assert.equal(second.subscriptions?.length, 5);
  assert.equal(second.nextToken, undefined);
  for (const input of [{ maxResults: 0 }, { maxResults: 201 }, { nextToken: '!' }]) {
    await assert.rejects(listSubscriptions({ clientId: 'lamp', ...input }, caller()), {
      code: 'InvalidRequestException',
    });
  }
  await assert.rejects(listSubscriptions({ clientId: 'nobody' }, caller()), { code: 'ResourceNotFoundException' });
});

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`${name}: SendDirectMessage reaches one client without a subscription`, async () => {
    const harness = await createHarness();
    const { sendDirectMessage } = harness.broker.operations;
    const client = await harness.connect('lamp', version);
    const other = await harness.connect('other', version);
    const input = {
      clientId: 'lamp',
      topic: 'for/you',
      payload: Buffer.from('hi'),
      contentType: 'text/plain',
      responseTopic: 'answers',
      correlationData: Buffer.from('id').toString('base64'),
      payloadFormatIndicator: 'UTF8_DATA' as const,
      userProperties: [{ a: '1' }],
    };
    assert.deepEqual(await sendDirectMessage(input, caller()), { message: 'OK', traceId: 'request-1' });
    const publish = await client.next(PacketType.publish);
    assert.deepEqual([publish.topic, String(publish.payload), publish.qos], ['for/you', 'hi', 0]);
    const expected = {
      payloadFormatIndicator: 1,
      contentType: 'text/plain',
      responseTopic: 'answers',
      correlationData: Buffer.from('id'),
      userProperties: [['a', '1']],
    };
    assert.deepEqual(publish.properties, version === 5 ? expected : undefined);
    assert.deepEqual(await other.publishes(), []);
  });

  test(`${name}: SendDirectMessage with confirmation waits for the client's PUBACK`, async () => {
    const harness = await createHarness();
    const { sendDirectMessage } = harness.broker.operations;
    for (const options of [{}, version === 5 ? persistent5 : { clean: false }]) {
      const client = await harness.connect('lamp', version, options);
      let isAnswered = false;
      const sending = sendDirectMessage({ clientId: 'lamp', topic: 't', confirmation: true }, caller()).then(() => {
        isAnswered = true;
      });
      const publish = await client.next(PacketType.publish);
      assert.equal(publish.qos, 1);
      assert.equal(isAnswered, false);
      client.send({ type: PacketType.puback, packetId: publish.packetId ?? 0, reasonCode: 0 });
      await sending;
      client.drop();
    }
  });
}

test('SendDirectMessage without a confirmation in time is a gateway timeout, as when the client leaves', async () => {
  const harness = await createHarness();
  const { sendDirectMessage } = harness.broker.operations;
  const client = await harness.connect('lamp', 5);
  const input = { clientId: 'lamp', topic: 't', confirmation: true, timeout: 2 };
  const late = assert.rejects(sendDirectMessage(input, caller()), { code: 'GatewayTimeoutException' });
  await settle();
  await harness.clock.advance(2_100);
  await late;
  const left = assert.rejects(sendDirectMessage(input, caller()), { code: 'GatewayTimeoutException' });
  await settle();
  client.drop();
  await left;
});

test('SendDirectMessage says what is wrong with a request', async () => {
  const harness = await createHarness();
  const { sendDirectMessage } = harness.broker.operations;
  await harness.connect('lamp', 5);
  const cases: [object, string][] = [
    [{ clientId: 'nobody' }, 'ResourceNotFoundException'],
    [{ topic: 'a/#' }, 'InvalidRequestException'],
    [{ topic: '$aws/x' }, 'InvalidRequestException'],
    [{ payload: Buffer.alloc(131_073) }, 'RequestEntityTooLargeException'],
    [{ correlationData: '?' }, 'InvalidRequestException'],
  ];
  for (const [fields, code] of cases) {
    await assert.rejects(sendDirectMessage({ clientId: 'lamp', topic: 't', ...fields }, caller()), { code });
  }
  harness.allows = (action) => action !== 'iot:Receive';
  harness.policiesChanged();
  await assert.rejects(sendDirectMessage({ clientId: 'lamp', topic: 't' }, caller()), { code: 'ForbiddenException' });
});

test('DeleteConnection ends the connection, on request without its will and with its session', async () => {
  const harness = await createHarness(standardProfile());
  const { deleteConnection } = harness.broker.operations;
  const wills = harness.record('wills');
  const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
  const client = await harness.connect('lamp', 5, { ...persistent5, will });
  await deleteConnection({ clientId: 'lamp' }, caller());
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x98);
  await settle();
  assert.equal(wills.length, 1);
  assert.equal(harness.broker.sizes().sessions, 1);
  await harness.connect('lamp', 5, { ...persistent5, will });
  await deleteConnection({ clientId: 'lamp', cleanSession: true, preventWillMessage: true }, caller());
  await settle();
  assert.equal(wills.length, 1);
  assert.equal(harness.broker.sizes().sessions, 0);
  await assert.rejects(deleteConnection({ clientId: 'lamp' }, caller()), { code: 'ResourceNotFoundException' });
});
