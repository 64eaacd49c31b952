/** Statements of the specifications that no other test here is about. `statements.ts` says which test covers which. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardProfile } from '../../src/broker/broker.ts';
import { type ConnectPacket, type Packet, PacketType, type ProtocolVersion } from '../../src/mqtt/packets.ts';
import { createHarness, settle, type TestClient } from './harness.ts';

const DEFAULTS = { noLocal: false, retainAsPublished: false, retainHandling: 0 as const };

function persistent(version: ProtocolVersion): Partial<ConnectPacket> {
  return { clean: false, ...(version === 5 && { properties: { sessionExpiryInterval: 3600 } }) };
}

async function expectClosed(client: TestClient, what: string): Promise<void> {
  await settle();
  assert.equal(client.isClosed, true, what);
}

for (const version of [4, 5] as ProtocolVersion[]) {
  const name = version === 4 ? '3.1.1' : '5';
  const failure = (code: number): number => (version === 5 ? code : 0x80);

  test(`${name}: a SUBACK has the packet id and a code for each filter, in their order`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    const filters = ['a', 'b/#/c', 'c', 'd'];
    const subscriptions = filters.map((filter, index) => ({ filter, qos: (index % 3) as 0 | 1 | 2, ...DEFAULTS }));
    client.send({ type: PacketType.subscribe, packetId: 777, subscriptions });
    const suback = await client.next(PacketType.suback);
    assert.equal(suback.packetId, 777);
    assert.deepEqual(suback.reasonCodes, [0, failure(0x8f), 2, 0]);
  });

  test(`${name}: a subscription to the same filter replaces the one before, and retained messages come again`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('kept'), qos: 1, retain: true });
    await client.subscribe('t', 0);
    assert.deepEqual(await client.publishes(), ['t=kept']);
    await client.subscribe('t', 1);
    assert.deepEqual(await client.publishes(), ['t=kept']);
    await harness.broker.publish({ topic: 't', payload: Buffer.from('live'), qos: 1 });
    const publish = await client.next(PacketType.publish);
    assert.equal(publish.qos, 1);
    assert.deepEqual(await client.publishes(), [], 'one copy');
  });

  test(`${name}: an UNSUBACK has the packet id and comes though nothing was subscribed`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    await client.subscribe('a', 0);
    client.send({ type: PacketType.unsubscribe, packetId: 778, filters: ['never', 'a', 'b/#/c'] });
    const unsuback = await client.next(PacketType.unsuback);
    assert.equal(unsuback.packetId, 778);
    assert.deepEqual(unsuback.reasonCodes, version === 5 ? [0x11, 0, 0x8f] : []);
  });

  test(`${name}: UNSUBSCRIBE removes the very same filter only, and what was being sent is still completed`, async () => {
    const harness = await createHarness(standardProfile());
    const first = await harness.connect('c', version, persistent(version));
    await first.subscribe('a/+', 1);
    await harness.broker.publish({ topic: 'a/b', payload: Buffer.from('1'), qos: 1 });
    first.send({ type: PacketType.unsubscribe, packetId: 1, filters: ['a/b', 'a/#'] });
    await first.next(PacketType.unsuback);
    await harness.broker.publish({ topic: 'a/b', payload: Buffer.from('2'), qos: 1 });
    first.send({ type: PacketType.unsubscribe, packetId: 1, filters: ['a/+'] });
    await first.next(PacketType.unsuback);
    await harness.broker.publish({ topic: 'a/b', payload: Buffer.from('3'), qos: 1 });
    assert.deepEqual(await first.publishes(), ['a/b=1', 'a/b=2']);
    first.drop();
    const second = await harness.connect('c', version, persistent(version));
    assert.deepEqual(await second.publishes(), ['a/b=1', 'a/b=2'], 'not acknowledged');
  });

  test(`${name}: PINGREQ is answered, also by a client whose inflight window is full`, async () => {
    const harness = await createHarness(standardProfile({ inflightOutbound: 1 }));
    const client = await harness.connect('c', version);
    await client.subscribe('t', 1);
    for (let i = 0; i < 3; i++) await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 });
    client.send({ type: PacketType.pingreq });
    await client.next(PacketType.pingresp);
    assert.equal((await client.publishes()).length, 1);
    client.publish('other', 'x', { qos: 1, packetId: 3 });
    assert.equal((await client.next(PacketType.puback)).packetId, 3);
  });

  test(`${name}: Session Present is 1 exactly when there was a session to resume`, async () => {
    const harness = await createHarness(standardProfile());
    const connect = async (options: Partial<ConnectPacket>): Promise<boolean> => {
      const client = harness.client(version);
      const connack = await client.connect({ clientId: 'c', ...options });
      assert.equal(connack.reasonCode, 0);
      await client.disconnect();
      return connack.sessionPresent;
    };
    assert.equal(await connect(persistent(version)), false);
    assert.equal(await connect(persistent(version)), true);
    assert.equal(await connect({ clean: true }), false);
    assert.equal(await connect(persistent(version)), false);
  });

  test(`${name}: a refused CONNECT has Session Present 0, ends the connection, and nothing after it is handled`, async () => {
    const harness = await createHarness(standardProfile());
    const kept = await harness.connect('c', version, persistent(version));
    await kept.disconnect();
    harness.allows = (action) => action !== 'iot:Connect';
    const seen = harness.record('t');
    const client = harness.client(version);
    const connecting = client.connect({ clientId: 'c', ...persistent(version) });
    client.publish('t', 'x');
    const connack = await connecting;
    assert.equal(connack.sessionPresent, false);
    await expectClosed(client, 'refused');
    client.publish('t', 'x');
    await settle();
    assert.deepEqual(seen, []);
    assert.deepEqual(client.received, [], 'no DISCONNECT after a refusing CONNACK');
  });

  test(`${name}: packets sent before the CONNACK are handled after it, in order`, async () => {
    const harness = await createHarness(standardProfile());
    const client = harness.client(version);
    const connecting = client.connect({ clientId: 'c' });
    const subscription = { filter: 't', qos: 0 as const, ...DEFAULTS };
    client.send({ type: PacketType.subscribe, packetId: 1, subscriptions: [subscription] });
    client.publish('t', 'x');
    await connecting;
    await settle();
    assert.deepEqual(
      client.received.map((packet) => packet.type),
      [PacketType.suback, PacketType.publish],
      'CONNACK was first',
    );
  });

  test(`${name}: retained messages outlive sessions, and only a message with RETAIN changes them`, async () => {
    const harness = await createHarness(standardProfile());
    const publisher = await harness.connect('p', version);
    publisher.publish('t', 'first', { retain: true, qos: 1 });
    publisher.publish('t', 'not retained', { qos: 1, packetId: 2 });
    await settle();
    await publisher.disconnect();
    const client = await harness.connect('c', version);
    await client.subscribe('t', 0);
    assert.deepEqual(await client.publishes(), ['t=first']);
    const second = await harness.connect('p', version);
    second.publish('t', 'second', { retain: true });
    await settle();
    const late = await harness.connect('late', version);
    await late.subscribe('t', 0);
    assert.deepEqual(await late.publishes(), ['t=second'], 'QoS 0 replaces QoS 1');
  });

  test(`${name}: an empty retained message reaches subscribers like any other`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    await client.subscribe('t', 0);
    client.publish('t', 'x', { retain: true });
    client.publish('t', '', { retain: true });
    assert.deepEqual(await client.publishes(), ['t=x', 't=']);
  });

  test(`${name}: a will is retained when it asks for it, and once only`, async () => {
    const harness = await createHarness(standardProfile());
    for (const [retain, expected] of [
      [false, []],
      [true, ['wills=gone']],
    ] as const) {
      const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 0 as const, retain };
      const client = await harness.connect('c', version, { will });
      const wills = harness.record('wills');
      client.drop();
      await settle();
      const again = await harness.connect('c', version);
      again.drop();
      await settle();
      assert.equal(wills.length, 1);
      const watcher = await harness.connect('w', version);
      await watcher.subscribe('wills', 0);
      assert.deepEqual(await watcher.publishes(), expected);
    }
  });

  test(`${name}: DUP of a publisher is not passed on`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    await client.subscribe('t', 1);
    client.publish('t', 'x', { qos: 1, packetId: 5, dup: true });
    assert.equal((await client.next(PacketType.publish)).dup, false);
  });

  test(`${name}: a QoS 1 packet id stands for a new message once it was acknowledged, whatever DUP says`, async () => {
    const harness = await createHarness(standardProfile());
    const seen = harness.record('t');
    const client = await harness.connect('c', version);
    client.publish('t', '1', { qos: 1, packetId: 5 });
    await client.next(PacketType.puback);
    client.publish('t', '2', { qos: 1, packetId: 5, dup: true });
    await client.next(PacketType.puback);
    assert.equal(seen.length, 2);
  });

  test(`${name}: a message sent again keeps its packet id, its place and gets DUP`, async () => {
    const harness = await createHarness(standardProfile());
    const first = await harness.connect('c', version, persistent(version));
    await first.subscribe('t', 1);
    for (const payload of ['1', '2', '3'])
      await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos: 1 });
    const sent: (readonly [string, number | undefined])[] = [];
    for (let i = 0; i < 3; i++) {
      const publish = await first.next(PacketType.publish);
      assert.equal(publish.dup, false);
      sent.push([String(publish.payload), publish.packetId]);
    }
    first.drop();
    const second = await harness.connect('c', version, persistent(version));
    for (const [payload, packetId] of sent) {
      const again = await second.next(PacketType.publish);
      assert.deepEqual([String(again.payload), again.packetId, again.dup], [payload, packetId, true]);
    }
  });

  test(`${name}: topics and filters are compared as they are, without normalization`, async () => {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', version);
    await client.subscribe('caf\u00e9/\ufeffx', 0);
    await client.subscribe('/a', 0);
    for (const topic of ['cafe\u0301/\ufeffx', 'caf\u00e9/x', 'Caf\u00e9/\ufeffx', 'a', '/a/', '//a'])
      client.publish(topic, 'no');
    client.publish('caf\u00e9/\ufeffx', 'yes');
    client.publish('/a', 'yes');
    assert.deepEqual(await client.publishes(), ['caf\u00e9/\ufeffx=yes', '/a=yes']);
  });

  test(`${name}: client ids of 1 to 23 letters and digits are taken, an empty one is made unique`, async () => {
    const harness = await createHarness();
    for (const clientId of ['a', 'Z9', '0123456789abcdefghijKLM']) await harness.connect(clientId, version);
    await harness.connect('', version);
    await harness.connect('', version);
    assert.equal(harness.broker.sizes().clients, 5);
  });

  test(`${name}: what only a server may send, and what is malformed, ends the connection`, async () => {
    const server: Packet[] = [
      { type: PacketType.connack, sessionPresent: false, reasonCode: 0 },
      { type: PacketType.suback, packetId: 1, reasonCodes: [0] },
      { type: PacketType.unsuback, packetId: 1, reasonCodes: [0] },
      { type: PacketType.pingresp },
    ];
    for (const packet of server) {
      const client = await (await createHarness(standardProfile())).connect('c', version);
      client.send(packet);
      await expectClosed(client, `type ${packet.type}`);
    }
    for (const bytes of [
      [0xc1, 0],
      [0x80, 2, 0, 1],
      [0x36, 5, 0, 1, 0x74, 0, 1],
      [0x60, 2, 0, 1],
      [0xe1, 0],
      [0x00, 0],
    ]) {
      const client = await (await createHarness(standardProfile())).connect('c', version);
      client.sendBytes(Buffer.from(bytes));
      await expectClosed(client, bytes.join(' '));
    }
  });

  test(`${name}: retained messages for a persistent session are kept until they are acknowledged`, async () => {
    let harness = await createHarness(standardProfile());
    await harness.broker.publish({ topic: 't/1', payload: Buffer.from('kept'), qos: 1, retain: true });
    const first = await harness.connect('c', version, persistent(version));
    await first.subscribe('t/+', 1);
    const publish = await first.next(PacketType.publish);
    assert.equal(publish.retain, true);
    first.drop();
    await settle();
    harness = await harness.restart();
    const second = await harness.connect('c', version, persistent(version));
    const again = await second.next(PacketType.publish);
    assert.deepEqual([String(again.payload), again.retain], ['kept', true]);
    second.send({ type: PacketType.puback, packetId: again.packetId ?? 0, reasonCode: 0 });
    await settle();
    second.drop();
    const third = await harness.connect('c', version, persistent(version));
    assert.deepEqual(await third.publishes(), []);
  });
}

test('5: a session is resumed by a client that does not want to keep it any longer, and ends with the connection', async () => {
  const harness = await createHarness(standardProfile());
  const first = await harness.connect('c', 5, persistent(5));
  await first.subscribe('t', 1);
  first.drop();
  await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 });
  const second = harness.client(5);
  assert.equal((await second.connect({ clientId: 'c', clean: false })).sessionPresent, true);
  assert.deepEqual(await second.publishes(), ['t=x']);
  second.drop();
  await settle();
  assert.equal(harness.broker.sizes().sessions, 0);
});

test('5: a session that was to end with its connection is gone after a crash', async () => {
  const harness = await createHarness(standardProfile());
  const first = await harness.connect('c', 5, persistent(5));
  first.drop();
  await harness.connect('c', 5, { clean: false });
  await settle();
  const { store, clock } = harness;
  const restarted = await createHarness(standardProfile(), { store, clock });
  await clock.advance(1_000);
  assert.equal(restarted.broker.sizes().sessions, 0);
});

test('5: topic aliases end with their connection', async () => {
  const harness = await createHarness(standardProfile());
  const first = await harness.connect('c', 5, persistent(5));
  first.publish('t', 'x', { properties: { topicAlias: 3 } });
  await settle();
  first.drop();
  const second = await harness.connect('c', 5, persistent(5));
  second.publish('', 'x', { properties: { topicAlias: 3 } });
  assert.equal((await second.next(PacketType.disconnect)).reasonCode, 0x82);
});

test('5: topic aliases up to the announced maximum are taken and may be set anew, none is sent', async () => {
  const harness = await createHarness();
  const client = await harness.connect('c', 5, { properties: { topicAliasMaximum: 10 } });
  await client.subscribe('+', 0);
  for (let topicAlias = 1; topicAlias <= 8; topicAlias++)
    client.publish(`t${topicAlias}`, 'x', { properties: { topicAlias } });
  client.publish('other', 'x', { properties: { topicAlias: 8 } });
  client.publish('', 'y', { properties: { topicAlias: 8 } });
  await settle();
  for (const packet of client.received) {
    assert.ok(packet.type === PacketType.publish && packet.properties?.topicAlias === undefined);
  }
  assert.equal((await client.publishes()).at(-1), 'other=y');
});

test('5: reason strings are left out when they would make a packet too large for the client, or are not wanted', async () => {
  for (const properties of [{ maximumPacketSize: 10 }, { requestProblemInformation: 0 }]) {
    const harness = await createHarness(standardProfile());
    const client = await harness.connect('c', 5, { properties });
    client.publish('', 'x');
    const disconnect = await client.next(PacketType.disconnect);
    assert.equal(disconnect.reasonCode, 0x82);
    assert.equal(disconnect.properties, undefined);
  }
});

test('5: nothing larger than the client takes is sent, and the rest goes on', async () => {
  const harness = await createHarness(standardProfile());
  for (const options of [{}, persistent(5)]) {
    const properties = { ...options.properties, maximumPacketSize: 60 };
    const client = await harness.connect('c', 5, { ...options, properties });
    await client.subscribe('t', 2);
    for (const payload of ['x'.repeat(100), 'small'])
      await harness.broker.publish({ topic: 't', payload: Buffer.from(payload), qos: 2 });
    assert.deepEqual(await client.publishes(), ['t=small']);
    await client.disconnect();
  }
});

test('5: enhanced authentication is refused, and so is an AUTH packet', async () => {
  const harness = await createHarness(standardProfile());
  const client = harness.client(5);
  const connack = await client.connect({ clientId: 'c', properties: { authenticationMethod: 'SCRAM' } });
  assert.equal(connack.reasonCode, 0x8c);
  await expectClosed(client, 'refused');
  const other = await harness.connect('d', 5);
  other.send({ type: PacketType.auth, reasonCode: 0x19, properties: { authenticationMethod: 'SCRAM' } });
  assert.equal((await other.next(PacketType.disconnect)).reasonCode, 0x82);
});

test('5: user properties keep their order and their duplicates, in wills too', async () => {
  const harness = await createHarness(standardProfile());
  const userProperties = [
    ['b', '1'],
    ['a', '2'],
    ['b', '1'],
  ] as const;
  const watcher = await harness.connect('w', 5);
  await watcher.subscribe('wills', 0);
  const will = {
    topic: 'wills',
    payload: Buffer.from('x'),
    qos: 0 as const,
    retain: false,
    properties: { userProperties, payloadFormatIndicator: 1, correlationData: Buffer.from([0, 255]) },
  };
  const client = await harness.connect('c', 5, { will });
  client.drop();
  assert.deepEqual((await watcher.next(PacketType.publish)).properties, will.properties);
});

test('5: no more than the receive maximum of a client is sent to it before it answers', async () => {
  const harness = await createHarness(standardProfile());
  for (const options of [{}, persistent(5)]) {
    const properties = { ...options.properties, receiveMaximum: 2 };
    const client = await harness.connect('c', 5, { ...options, properties });
    await client.subscribe('t', 2);
    for (const qos of [1, 2, 1, 2] as const)
      await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos });
    assert.equal((await client.publishes()).length, 2);
    await client.disconnect();
  }
});

test('5: a PUBACK that refuses a message is the end of it, for a shared subscription too', async () => {
  const harness = await createHarness(standardProfile());
  const members = [await harness.connect('a', 5, persistent(5)), await harness.connect('b', 5, persistent(5))];
  for (const member of members) await member.subscribe('$share/g/t', 1);
  await harness.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 });
  const publish = await members[0].next(PacketType.publish);
  members[0].send({ type: PacketType.puback, packetId: publish.packetId ?? 0, reasonCode: 0x80 });
  await settle();
  members[0].drop();
  assert.deepEqual(await members[1].publishes(), []);
  const back = await harness.connect('a', 5, persistent(5));
  assert.deepEqual(await back.publishes(), []);
});

test('5: a server without QoS 2 says so, and refuses a will with it', async () => {
  const harness = await createHarness();
  const will = { topic: 'wills', payload: Buffer.from('x'), qos: 2 as const, retain: false };
  const connack = await harness.client(5).connect({ clientId: 'c', will });
  assert.equal(connack.reasonCode, 0x9b);
});

test('5: a keep alive the server changes is told and used, one it does not change is not told', async () => {
  const harness = await createHarness();
  const short = harness.client(5);
  assert.equal((await short.connect({ clientId: 'a', keepAlive: 5 })).properties?.serverKeepAlive, 30);
  const fine = harness.client(5);
  assert.equal((await fine.connect({ clientId: 'b', keepAlive: 60 })).properties?.serverKeepAlive, undefined);
  await harness.clock.advance(40_000);
  assert.deepEqual([short.isClosed, fine.isClosed], [false, false]);
  await harness.clock.advance(10_000);
  assert.deepEqual([short.isClosed, fine.isClosed], [true, false]);
});
