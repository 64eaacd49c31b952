/** The codec against `mqtt-packet`: each reads what the other writes, to the same meaning. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as oracle from 'mqtt-packet';
import { packetOf } from './generated-packets.fixture.ts';
import { encode, ReasonCode } from './mqtt.ts';
import { type Packet, PacketType, type Properties, type ProtocolVersion, type UserProperties } from './packets.ts';
import { decodeAll } from './vectors.fixture.ts';

type Fields = Record<string, unknown>;

const COMMANDS = Object.fromEntries(Object.entries(PacketType).map(([name, type]) => [type, name]));
const BOOLEANS = new Set([
  'payloadFormatIndicator',
  'requestProblemInformation',
  'requestResponseInformation',
  'retainAvailable',
  'wildcardSubscriptionAvailable',
  'subscriptionIdentifiersAvailable',
  'sharedSubscriptionAvailable',
]);

for (const version of [4, 5] as const) {
  test(`the oracle reads what we write in version ${version}`, () => {
    fc.assert(
      fc.property(packetOf(version).filter(isKnownToOracle), (packet) => {
        const read = parse(encode(packet, version), version);
        assert.deepEqual(common(read, packet, version), toOracle(packet, version));
      }),
      { numRuns: 500 },
    );
  });

  test(`we read what the oracle writes in version ${version}`, () => {
    fc.assert(
      fc.property(packetOf(version).filter(isKnownToOracle), (packet) => {
        const written = oracle.generate(toOracle(packet, version) as unknown as oracle.Packet, {
          protocolVersion: version,
        });
        const [read] = decodeAll(written, version);
        assert.deepEqual(toOracle(read, version), toOracle(packet, version));
      }),
      { numRuns: 500 },
    );
  });
}

/** What the oracle refuses, or does not say, although the specification allows it. */
function isKnownToOracle(packet: Packet): boolean {
  // It wants a client id unless clean, and a user name with a password, in 5.0 too.
  if (packet.type === PacketType.connect) {
    return (packet.clientId !== '' || packet.clean) && (packet.username !== undefined || packet.password === undefined);
  }
  // Section 2.4 gives this code to DISCONNECT, section 3.14.2.1 does not; it follows the latter.
  return !(packet.type === PacketType.disconnect && packet.reasonCode === ReasonCode.badAuthenticationMethod);
}

function parse(input: Buffer, version: ProtocolVersion): Fields {
  const parser = oracle.parser({ protocolVersion: version });
  const packets: Fields[] = [];
  parser.on('packet', (packet) => packets.push(packet as unknown as Fields));
  parser.on('error', (error) => {
    throw error;
  });
  parser.parse(input);
  assert.equal(packets.length, 1);
  return packets[0];
}

/** Of what the oracle read, the members that mean something for this packet, in our way of telling nothing. */
function common(read: Fields, packet: Packet, version: ProtocolVersion): Fields {
  const wanted = Object.keys(toOracle(packet, version));
  const found = Object.fromEntries(wanted.map((name) => [name, read[name]]));
  return plain(found) as Fields;
}

/** The oracle's objects without a prototype as ordinary ones. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

function toOracle(packet: Packet, version: ProtocolVersion): Fields {
  const { type, properties, ...rest } = packet as Packet & { properties?: Properties };
  const fields: Fields = { cmd: COMMANDS[type], ...(properties && { properties: toOracleProperties(properties) }) };
  switch (packet.type) {
    case PacketType.connect: {
      const { keepAlive, will, ...same } = rest as typeof packet;
      const oracleWill = will && {
        ...will,
        ...(will.properties && { properties: toOracleProperties(will.properties) }),
      };
      return { ...fields, ...same, protocolId: 'MQTT', keepalive: keepAlive, ...(will && { will: oracleWill }) };
    }
    case PacketType.connack:
      return {
        ...fields,
        sessionPresent: packet.sessionPresent,
        [version === 5 ? 'reasonCode' : 'returnCode']: packet.reasonCode,
      };
    case PacketType.publish: {
      const { packetId, ...same } = rest as typeof packet;
      return { ...fields, ...same, ...(packetId !== undefined && { messageId: packetId }) };
    }
    case PacketType.subscribe: {
      const subscriptions = packet.subscriptions.map((request) => ({
        topic: request.filter,
        qos: request.qos,
        ...(version === 5 && { nl: request.noLocal, rap: request.retainAsPublished, rh: request.retainHandling }),
      }));
      return { ...fields, messageId: packet.packetId, subscriptions };
    }
    case PacketType.unsubscribe:
      return { ...fields, messageId: packet.packetId, unsubscriptions: packet.filters };
    case PacketType.suback:
    case PacketType.unsuback:
      return {
        ...fields,
        messageId: packet.packetId,
        ...((version === 5 || packet.type === PacketType.suback) && { granted: packet.reasonCodes }),
      };
    case PacketType.pingreq:
    case PacketType.pingresp:
      return fields;
    case PacketType.disconnect:
    case PacketType.auth:
      return { ...fields, ...(version === 5 && { reasonCode: packet.reasonCode }) };
    default:
      return { ...fields, messageId: packet.packetId, ...(version === 5 && { reasonCode: packet.reasonCode }) };
  }
}

/** It groups user properties by name, has booleans for 0 and 1, and one identifier outside a list. */
function toOracleProperties(properties: Properties): Fields {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (name === 'userProperties') return [name, groupedByName(value as UserProperties)];
      if (name === 'subscriptionIdentifiers') {
        return ['subscriptionIdentifier', (value as number[]).length === 1 ? (value as number[])[0] : value];
      }
      return [name, BOOLEANS.has(name) ? value === 1 : value];
    }),
  );
}

function groupedByName(pairs: UserProperties): Record<string, string | string[]> {
  const groups = Object.groupBy(pairs, ([name]) => name);
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]) => {
      const values = group!.map(([, value]) => value);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}
