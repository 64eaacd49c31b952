import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProfile, standardProfile } from '../../src/broker/broker.ts';
import { PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle } from './harness.ts';

const versions: ProtocolVersion[] = [4, 5];

for (const version of versions) {
  const name = version === 4 ? '3.1.1' : '5';

  test(`[MQTT-3.1.4-5] ${name}: a CONNECT is answered with CONNACK 0`, async () => {
    const harness = await createHarness();
    const client = harness.client(version);
    const connack = await client.connect({ clientId: 'lamp' });
    assert.equal(connack.reasonCode, 0);
    assert.equal(connack.sessionPresent, false);
  });

  test(`[MQTT-3.1.0-1] ${name}: a first packet that is not CONNECT closes the connection`, async () => {
    const harness = await createHarness();
    const client = harness.client(version);
    client.send({ type: PacketType.pingreq });
    await settle();
    assert.equal(client.isClosed, true);
    assert.deepEqual(client.received, []);
  });

  test(`[MQTT-3.1.0-2] ${name}: a second CONNECT closes the connection`, async () => {
    const harness = await createHarness();
    const client = await harness.connect('lamp', version);
    client.send({ type: PacketType.connect, protocolVersion: version, clean: true, keepAlive: 0, clientId: 'lamp' });
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`[MQTT-3.1.4-3] ${name}: a second client with the same id takes over and the first is closed`, async () => {
    const harness = await createHarness();
    const first = await harness.connect('lamp', version, {
      will: { topic: 'wills', payload: Buffer.from('gone'), qos: 0, retain: false },
    });
    const wills = harness.record('wills');
    const second = await harness.connect('lamp', version);
    await settle();
    assert.equal(first.isClosed, true);
    assert.equal(second.isClosed, false);
    if (version === 5) assert.equal((await first.next(PacketType.disconnect)).reasonCode, 0x8e);
    assert.deepEqual(
      wills.map((will) => String(will.payload)),
      ['gone'],
      'the will of the old one is published',
    );
  });

  test(`${name}: a policy that does not allow iot:Connect refuses the client`, async () => {
    const harness = await createHarness();
    harness.allows = (action) => action !== 'iot:Connect';
    const client = harness.client(version);
    const connack = await client.connect({ clientId: 'lamp' });
    assert.equal(connack.reasonCode, version === 5 ? 0x87 : 5);
    await settle();
    assert.equal(client.isClosed, true);
  });

  test(`${name}: a will that may not be published refuses the client`, async () => {
    const harness = await createHarness();
    harness.allows = (action) => action !== 'iot:Publish';
    const client = harness.client(version);
    const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 0 as const, retain: false };
    const connack = await client.connect({ clientId: 'lamp', will });
    assert.equal(connack.reasonCode, version === 5 ? 0x87 : 5);
  });

  test(`${name}: a client id of more than 128 bytes or beginning with $ is refused in the aws profile`, async () => {
    const harness = await createHarness();
    for (const clientId of ['x'.repeat(129), '$me']) {
      const connack = await harness.client(version).connect({ clientId });
      assert.equal(connack.reasonCode, version === 5 ? 0x85 : 2, clientId);
    }
  });

  test(`[MQTT-3.1.2-24] ${name}: a client silent for one and a half keep alives is disconnected and its will published`, async () => {
    const harness = await createHarness();
    const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    const client = await harness.connect('lamp', version, { keepAlive: 60, will });
    const wills = harness.record('wills');
    await harness.clock.advance(80_000);
    client.send({ type: PacketType.pingreq });
    await client.next(PacketType.pingresp);
    await harness.clock.advance(89_000);
    assert.equal(client.isClosed, false);
    await harness.clock.advance(3_000);
    await settle();
    assert.equal(client.isClosed, true);
    assert.equal(wills.length, 1);
    assert.equal(wills[0].isWill, true);
  });

  test(`[MQTT-3.14.4-3] ${name}: a client that sends DISCONNECT has no will published`, async () => {
    const harness = await createHarness();
    const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 0 as const, retain: false };
    const client = await harness.connect('lamp', version, { will });
    const wills = harness.record('wills');
    await client.disconnect();
    client.drop();
    await settle();
    assert.deepEqual(wills, []);
    assert.equal(client.isClosed, true);
  });

  test(`${name}: presence events tell who came and why it went`, async () => {
    const harness = await createHarness();
    const events = harness.record('$aws/events/presence/#');
    const client = await harness.connect('lamp', version);
    await settle();
    client.drop();
    await settle();
    const [connected, disconnected] = events.map((event) => JSON.parse(String(event.payload)));
    assert.equal(events[0].topic, '$aws/events/presence/connected/lamp');
    assert.equal(connected.eventType, 'connected');
    assert.equal(connected.principalIdentifier, 'c0ffee');
    assert.equal(connected.ipAddress, '192.0.2.7');
    assert.equal(disconnected.disconnectReason, 'CONNECTION_LOST');
    assert.equal(disconnected.clientInitiatedDisconnect, false);
    assert.equal(disconnected.sessionIdentifier, connected.sessionIdentifier);
    assert.equal(disconnected.versionNumber, connected.versionNumber);
  });
}

test('a connection on which no CONNECT comes is closed after ten seconds', async () => {
  const harness = await createHarness();
  const client = harness.client(4);
  client.sendBytes(Buffer.from([0x10, 20, 0]));
  await harness.clock.advance(12_000);
  assert.equal(client.isClosed, true);
});

test('[MQTT-3.1.2-2] a protocol level that is not known is answered with return code 1', async () => {
  const harness = await createHarness();
  const client = harness.client(4);
  client.sendBytes(Buffer.from([0x10, 13, 0, 4, ...Buffer.from('MQTT'), 3, 2, 0, 60, 0, 1, 0x61]));
  const connack = await client.next(PacketType.connack);
  assert.equal(connack.reasonCode, 1);
  assert.equal(client.isClosed, true);
});

test('[MQTT-3.1.3-8] 3.1.1: an empty client id without clean session is refused with 2', async () => {
  const harness = await createHarness();
  const connack = await harness.client(4).connect({ clientId: '', clean: false });
  assert.equal(connack.reasonCode, 2);
});

test('5: an empty client id gets one assigned, and CONNACK announces what the aws profile can do', async () => {
  const harness = await createHarness();
  const connack = await harness
    .client(5)
    .connect({ clientId: '', keepAlive: 5, properties: { sessionExpiryInterval: 0 } });
  const properties = connack.properties ?? assert.fail('no properties');
  assert.match(properties.assignedClientIdentifier ?? '', /^\$GEN\//);
  assert.equal(properties.serverKeepAlive, 30);
  assert.equal(properties.maximumQoS, 1);
  assert.equal(properties.receiveMaximum, 100);
  assert.equal(properties.topicAliasMaximum, 8);
  assert.equal(properties.maximumPacketSize, 149_504);
  assert.equal(properties.subscriptionIdentifiersAvailable, 0);
});

test('5: the session expiry asked for is cut to the limit and told', async () => {
  const harness = await createHarness(awsProfile({ sessionExpiryMaximum: 3600 }));
  const connack = await harness.client(5).connect({ clientId: 'a', properties: { sessionExpiryInterval: 999_999 } });
  assert.equal(connack.properties?.sessionExpiryInterval, 3600);
});

test('[MQTT-3.14.2-2] 5: DISCONNECT may not raise a session expiry of 0', async () => {
  const harness = await createHarness();
  const client = await harness.connect('lamp', 5);
  client.send({ type: PacketType.disconnect, reasonCode: 0, properties: { sessionExpiryInterval: 60 } });
  assert.equal((await client.next(PacketType.disconnect)).reasonCode, 0x82);
});

test('the standard profile takes long client ids and any keep alive', async () => {
  const harness = await createHarness(standardProfile());
  const client = await harness.connect('$x'.repeat(200), 5, { keepAlive: 0 });
  await harness.clock.advance(86_400_000);
  assert.equal(client.isClosed, false);
});

test('two CONNECTs of one client id at once leave one connection', async () => {
  const harness = await createHarness();
  const clients = [harness.client(5), harness.client(5), harness.client(4)];
  await Promise.all(clients.map((client) => client.connect({ clientId: 'lamp' })));
  await settle();
  assert.equal(harness.broker.sizes().clients, 1);
  assert.deepEqual(
    clients.map((client) => client.isClosed),
    [true, true, false],
  );
});

test('5: a CONNECT that cannot be read is answered with a CONNACK that says why', async () => {
  const harness = await createHarness();
  const client = harness.client(5);
  const reservedFlag = 3;
  client.sendBytes(Buffer.from([0x10, 14, 0, 4, ...Buffer.from('MQTT'), 5, reservedFlag, 0, 60, 0, 0, 1, 0x61]));
  assert.equal((await client.next(PacketType.connack)).reasonCode, 0x81);
  assert.equal(client.isClosed, true);
});
