import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, MqttError, publishTemplate, writeAck } from './mqtt.ts';
import { type Packet, PacketType, type Properties, type ProtocolVersion } from './packets.ts';
import { bytes, decodeAll } from './vectors.fixture.ts';

const hexOf = (packet: Packet, version: ProtocolVersion) => encode(packet, version).toString('hex');
const A = { topic: 'a', payload: Buffer.from('p'), qos: 0, retain: false } as const;

test('a template leaves the packet identifier to be patched, and says where', () => {
  const template = publishTemplate({ ...A, qos: 1, retain: true }, 4);
  assert.equal(template.packetIdOffset, 5);
  template.bytes.writeUInt16BE(0x1234, template.packetIdOffset);
  assert.equal(template.bytes.toString('hex'), bytes("33 06 0001'a' 1234 'p'").toString('hex'));
});

test('a template of QoS 0 has no packet identifier', () => {
  const { bytes: written, packetIdOffset } = publishTemplate(A, 4);
  assert.equal(packetIdOffset, -1);
  assert.equal(written.toString('hex'), bytes("30 04 0001'a' 'p'").toString('hex'));
});

test('a template takes its topic as bytes, and what is of one subscription on top of the properties', () => {
  const properties: Properties = { contentType: 'c', topicAlias: 9, subscriptionIdentifiers: [9] };
  const fields = { ...A, topic: Buffer.from('ü'), properties, subscriptionIdentifiers: [1, 2], topicAlias: 3 };
  const [packet] = decodeAll(publishTemplate(fields, 5).bytes, 5);
  assert.ok(packet.type === PacketType.publish);
  assert.equal(packet.topic, 'ü');
  assert.deepEqual(packet.properties, { contentType: 'c', subscriptionIdentifiers: [1, 2], topicAlias: 3 });
});

test('a template for 3.1.1 leaves the properties out', () => {
  const { bytes: written } = publishTemplate({ ...A, properties: { contentType: 'c' }, topicAlias: 3 }, 4);
  assert.deepEqual(written, publishTemplate(A, 4).bytes);
});

test('acknowledgements are written in place, one behind the other', () => {
  const target = Buffer.alloc(17);
  const { puback, pubrec, pubrel, pubcomp } = PacketType;
  let at = 1;
  for (const type of [puback, pubrec, pubrel, pubcomp]) at = writeAck(target, at, type, 0x0102);
  assert.equal(at, 17);
  const expected = [puback, pubrec, pubrel, pubcomp].map((type) => ({ type, packetId: 0x0102, reasonCode: 0 }));
  assert.deepEqual(decodeAll(target.subarray(1), 4), expected);
});

test('in 3.1.1 reason codes become return codes, or nothing', () => {
  assert.equal(hexOf({ type: PacketType.connack, sessionPresent: false, reasonCode: 0x85 }, 4), '20020002');
  assert.equal(hexOf({ type: PacketType.suback, packetId: 1, reasonCodes: [1, 0x87, 0x8f] }, 4), '90050001018080');
  assert.equal(hexOf({ type: PacketType.unsuback, packetId: 1, reasonCodes: [0x11] }, 4), 'b0020001');
  assert.equal(hexOf({ type: PacketType.puback, packetId: 1, reasonCode: 0x87 }, 4), '40020001');
  assert.equal(hexOf({ type: PacketType.disconnect, reasonCode: 0x8e }, 4), 'e000');
});

test('bodies of 127 and 128 bytes have remaining lengths of one and two', () => {
  const sized = (length: number): Packet => ({
    type: PacketType.suback,
    packetId: 1,
    reasonCodes: Array.from({ length: length - 2 }, () => 0),
  });
  assert.equal(encode(sized(127), 4).length, 129);
  assert.equal(encode(sized(128), 4).length, 131);
  assert.deepEqual(decodeAll(encode(sized(20_000), 4), 4), [sized(20_000)]);
});

test('properties have their length in front, in one byte or more', () => {
  for (const size of [1, 124, 125, 126, 16_379, 16_380, 16_381, 65_535]) {
    const properties: Properties = { reasonString: 'x'.repeat(size), userProperties: [['k', 'v']] };
    const packet: Packet = { type: PacketType.puback, packetId: 1, reasonCode: 0, properties };
    assert.deepEqual(decodeAll(encode(packet, 5), 5), [packet]);
  }
});

const LONG = 'x'.repeat(65536);
const CONNECT = { type: PacketType.connect, protocolVersion: 5, clean: true, keepAlive: 0, clientId: '' } as const;
const withProperties = (properties: Properties): Packet => ({ ...CONNECT, properties });

const BAD: readonly (readonly [name: string, code: number, packet: Packet, version: ProtocolVersion])[] = [
  ['a topic of 65,536 bytes', 0x81, { ...A, type: 3, dup: false, topic: LONG }, 4],
  ['a topic with a lone surrogate', 0x81, { ...A, type: 3, dup: false, topic: '\ud800' }, 4],
  ['a client id with U+0000', 0x81, { ...CONNECT, clientId: 'a\0' }, 5],
  ['a client id of 65,536 bytes', 0x81, { ...CONNECT, clientId: LONG }, 5],
  ['a password of 65,536 bytes', 0x81, { ...CONNECT, password: Buffer.alloc(65536) }, 5],
  ['a keep alive beyond 16 bits', 0x81, { ...CONNECT, keepAlive: 65536 }, 5],
  ['a keep alive that is no whole number', 0x81, { ...CONNECT, keepAlive: 1.5 }, 5],
  ['a negative expiry', 0x81, withProperties({ sessionExpiryInterval: -1 }), 5],
  ['an expiry beyond 32 bits', 0x81, withProperties({ sessionExpiryInterval: 2 ** 32 }), 5],
  ['a receive maximum of 0', 0x82, withProperties({ receiveMaximum: 0 }), 5],
  ['a property of another packet', 0x81, withProperties({ topicAlias: 1 }), 5],
  ['authentication data without method', 0x82, withProperties({ authenticationData: Buffer.alloc(1) }), 5],
  ['topic alias 0', 0x94, { ...A, type: 3, dup: false, properties: { topicAlias: 0 } }, 5],
  ['subscription identifier 0', 0x82, { ...A, type: 3, dup: false, properties: { subscriptionIdentifiers: [0] } }, 5],
  [
    'a subscription identifier beyond 28 bits',
    0x81,
    { ...A, type: 3, dup: false, properties: { subscriptionIdentifiers: [268435456] } },
    5,
  ],
  ['QoS 1 without packet identifier', 0x82, { ...A, type: 3, dup: false, qos: 1 }, 4],
  ['a packet identifier beyond 16 bits', 0x82, { ...A, type: 3, dup: false, qos: 1, packetId: 65536 }, 4],
  ['DUP with QoS 0', 0x81, { ...A, type: 3, dup: true }, 4],
  ['packet identifier 0', 0x82, { type: PacketType.puback, packetId: 0, reasonCode: 0 }, 4],
  ['a reason code of another packet', 0x82, { type: PacketType.puback, packetId: 1, reasonCode: 0x8d }, 5],
  ['a SUBSCRIBE without filter', 0x82, { type: PacketType.subscribe, packetId: 1, subscriptions: [] }, 4],
  ['a SUBACK without code', 0x82, { type: PacketType.suback, packetId: 1, reasonCodes: [] }, 5],
  ['an AUTH in 3.1.1', 0x82, { type: PacketType.auth, reasonCode: 0 }, 4],
  [
    'two identifiers of one SUBSCRIBE',
    0x82,
    {
      type: PacketType.subscribe,
      packetId: 1,
      subscriptions: [{ filter: 'a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
      properties: { subscriptionIdentifiers: [1, 2] },
    },
    5,
  ],
];

for (const [name, code, packet, version] of BAD) {
  test(`not encoded, with 0x${code.toString(16)}: ${name}`, () => {
    assert.throws(
      () => encode(packet, version),
      (error) => error instanceof MqttError && error.reasonCode === code,
    );
  });
}

test('a packet above the largest remaining length is refused before it takes memory', () => {
  const payload = { length: 268_435_455 } as Buffer;
  assert.throws(
    () => publishTemplate({ ...A, payload }, 4),
    (error) => error instanceof MqttError && error.reasonCode === 0x95,
  );
});
