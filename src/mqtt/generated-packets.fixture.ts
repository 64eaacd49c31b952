/**
 * Arbitrary packets of each type and version for property tests, in the form in which `decode` returns them; tests
 * only.
 */
import fc from 'fast-check';
import { type Packet, PacketType, type Properties, type ProtocolVersion } from './packets.ts';
import { PROPERTY_RULES, type PropertyCarrier } from './properties.ts';
import { isReasonCodeOf } from './reason-codes.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', 'x'));
const nonEmptyText = text.filter((value) => value !== '');
const topic = nonEmptyText.map((value) => value.replace(/[+#]/g, '/'));
const binary = fc.uint8Array({ maxLength: 30 }).map((value) => Buffer.from(value));
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const packetId = fc.integer({ min: 1, max: 65535 });
const pair = fc.tuple(nonEmptyText, text);

const NUMBERS = { byte: 0xff, uint16: 0xffff, uint32: 0xffff_ffff, varint: 268_435_455 } as const;

/** One packet of any type. */
export function packetOf(version: ProtocolVersion): fc.Arbitrary<Packet> {
  return fc.oneof(
    connect(version),
    connack(version),
    publish(version),
    ack(version),
    subscribe(version),
    suback(version),
    unsubscribe(version),
    unsuback(version),
    fc.constantFrom({ type: PacketType.pingreq }, { type: PacketType.pingresp }),
    version === 4 ? fc.constant({ type: PacketType.disconnect, reasonCode: 0 }) : disconnect(),
    ...(version === 5 ? [auth()] : []),
  );
}

function connect(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const will = compact({
    topic,
    payload: binary,
    qos,
    retain: fc.boolean(),
    properties: properties(version, 'will'),
  });
  return compact({
    type: fc.constant(PacketType.connect),
    protocolVersion: fc.constant(version),
    clean: fc.boolean(),
    keepAlive: fc.integer({ min: 0, max: 65535 }),
    clientId: text,
    will: fc.option(will, { nil: undefined }),
    username: fc.option(text, { nil: undefined }),
    password: fc.option(binary, { nil: undefined }),
    properties: properties(version, PacketType.connect),
  })
    .filter((packet) => version === 5 || packet.clean || packet.clientId !== '')
    .map((packet) => {
      if (version === 5 || packet.username !== undefined || packet.password === undefined) return packet as Packet;
      const { password: _, ...rest } = packet;
      return rest as Packet;
    });
}

function connack(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const code = version === 4 ? fc.integer({ min: 0, max: 5 }) : reasonCode(PacketType.connack);
  return compact({
    type: fc.constant(PacketType.connack),
    sessionPresent: fc.boolean(),
    reasonCode: code,
    properties: properties(version, PacketType.connack),
  }).map((packet) => ({ ...packet, sessionPresent: packet.sessionPresent && packet.reasonCode === 0 }) as Packet);
}

function publish(version: ProtocolVersion): fc.Arbitrary<Packet> {
  return compact({
    type: fc.constant(PacketType.publish),
    topic,
    payload: binary,
    qos,
    retain: fc.boolean(),
    dup: fc.boolean(),
    packetId,
    properties: properties(version, PacketType.publish),
  }).map(({ packetId, ...packet }) => {
    const isAliased = packet.properties?.topicAlias !== undefined && packet.retain;
    const topic = isAliased ? '' : packet.topic;
    return (packet.qos === 0 ? { ...packet, topic, dup: false } : { ...packet, topic, packetId }) as Packet;
  });
}

function ack(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const types = [PacketType.puback, PacketType.pubrec, PacketType.pubrel, PacketType.pubcomp];
  return fc.constantFrom(...types).chain(
    (type) =>
      compact({
        type: fc.constant(type),
        packetId,
        reasonCode: version === 4 ? fc.constant(0) : reasonCode(type),
        properties: properties(version, type),
      }) as fc.Arbitrary<Packet>,
  );
}

function subscribe(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const isFive = version === 5;
  const subscription = fc.record(
    {
      filter: nonEmptyText,
      qos,
      noLocal: isFive ? fc.boolean() : fc.constant(false),
      retainAsPublished: isFive ? fc.boolean() : fc.constant(false),
      retainHandling: isFive ? fc.constantFrom(0, 1, 2) : fc.constant(0),
    },
    { noNullPrototype: true },
  );
  return compact({
    type: fc.constant(PacketType.subscribe),
    packetId,
    subscriptions: fc.array(subscription, { minLength: 1, maxLength: 5 }),
    properties: properties(version, PacketType.subscribe),
  }) as fc.Arbitrary<Packet>;
}

function suback(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const code = version === 4 ? fc.constantFrom(0, 1, 2, 0x80) : reasonCode(PacketType.suback);
  return compact({
    type: fc.constant(PacketType.suback),
    packetId,
    reasonCodes: fc.array(code, { minLength: 1, maxLength: 5 }),
    properties: properties(version, PacketType.suback),
  }) as fc.Arbitrary<Packet>;
}

function unsubscribe(version: ProtocolVersion): fc.Arbitrary<Packet> {
  return compact({
    type: fc.constant(PacketType.unsubscribe),
    packetId,
    filters: fc.array(nonEmptyText, { minLength: 1, maxLength: 5 }),
    properties: properties(version, PacketType.unsubscribe),
  }) as fc.Arbitrary<Packet>;
}

function unsuback(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const codes = fc.array(reasonCode(PacketType.unsuback), { minLength: 1, maxLength: 5 });
  return compact({
    type: fc.constant(PacketType.unsuback),
    packetId,
    reasonCodes: version === 4 ? fc.constant([]) : codes,
    properties: properties(version, PacketType.unsuback),
  }) as fc.Arbitrary<Packet>;
}

function disconnect(): fc.Arbitrary<Packet> {
  return compact({
    type: fc.constant(PacketType.disconnect),
    reasonCode: reasonCode(PacketType.disconnect),
    properties: properties(5, PacketType.disconnect),
  }) as fc.Arbitrary<Packet>;
}

function auth(): fc.Arbitrary<Packet> {
  return fc.tuple(reasonCode(PacketType.auth), nonEmptyText, properties(5, PacketType.auth)).map(
    ([reasonCode, authenticationMethod, properties]): Packet => ({
      type: PacketType.auth,
      reasonCode,
      properties: { ...properties, authenticationMethod },
    }),
  );
}

function reasonCode(type: PacketType): fc.Arbitrary<number> {
  return fc.constantFrom(
    ...Array.from({ length: 256 }, (_, code) => code).filter((code) => isReasonCodeOf(type, code)),
  );
}

/** Any of the properties the carrier may have; undefined when it has none. */
function properties(version: ProtocolVersion, carrier: PropertyCarrier): fc.Arbitrary<Properties | undefined> {
  if (version === 4) return fc.constant(undefined);
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const rule of PROPERTY_RULES) {
    if (!rule.carriers.includes(carrier)) continue;
    if (rule.name === 'responseTopic') members[rule.name] = topic;
    else if (rule.form === 'text') members[rule.name] = text;
    else if (rule.form === 'binary') members[rule.name] = binary;
    else if (rule.form === 'pair') members[rule.name] = fc.array(pair, { minLength: 1, maxLength: 4 });
    else members[rule.name] = fc.integer({ min: rule.least ?? 0, max: rule.most ?? NUMBERS[rule.form] });
  }
  if (members.subscriptionIdentifiers !== undefined) {
    const maxLength = carrier === PacketType.publish ? 3 : 1;
    members.subscriptionIdentifiers = fc.array(members.subscriptionIdentifiers, { minLength: 1, maxLength });
  }
  return fc.record(members, { requiredKeys: [], noNullPrototype: true }).map((found) => {
    const { authenticationData, ...rest } = found as Properties;
    const whole =
      authenticationData && rest.authenticationMethod !== undefined ? { ...rest, authenticationData } : rest;
    return Object.keys(whole).length > 0 ? whole : undefined;
  });
}

/** A record without the members that are undefined. */
function compact<T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc
    .record(members, { noNullPrototype: true })
    .map(
      (found) => Object.fromEntries(Object.entries(found as object).filter(([, value]) => value !== undefined)) as T,
    );
}
