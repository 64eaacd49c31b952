/**
 * Bytes to packets, every type, both versions, both directions, as strict as the normative statements of the specifications (tags
 * in the comments are of 5.0; where 3.1.1 has another it is named). Called for each packet that `FrameReader` cuts, except
 * PUBLISH on the broker's hot path (`publish-view.ts`). Binary data are views into the buffer.
 *
 * Left to the broker, because it depends on the side, the state or the profile: the syntax of topic filters (answered one by one
 * in SUBACK; `isValidFilter`), properties that only one side may send, and all limits.
 */
import { decodeConnect } from './decode-connect.ts';
import {
  type AckPacket,
  type AuthPacket,
  type ConnackPacket,
  type DisconnectPacket,
  fixedHeaderFlags,
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type PublishPacket,
  type QoS,
  type SubackPacket,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubackPacket,
  type UnsubscribePacket,
} from './packets.ts';
import { readProperties } from './properties.ts';
import {
  checkRemainingLength,
  decodePublishProperties,
  PublishView,
  readPublish,
  topicFromBytes,
} from './publish-view.ts';
import { Reader } from './reader.ts';
import { isReasonCodeOf, malformed, protocolError } from './reason-codes.ts';

/**
 * Decodes the packet at `buffer[start, end)` whose body begins at `bodyStart`.
 * @param version Of the connection; undefined as long as the first packet, CONNECT, has not come.
 * @throws {MqttError} 0x81 malformed, 0x82 protocol error, 0x84 a CONNECT of another version, 0x85 (3.1.1) an empty client id
 *   without clean session, 0x90 an invalid topic, 0x94 topic alias 0. Nothing else.
 */
export function decode(
  buffer: Buffer,
  start: number,
  bodyStart: number,
  end: number,
  version: ProtocolVersion | undefined,
): Packet {
  const type = buffer[start] >> 4;
  if (type === PacketType.connect) {
    checkFixedFlags(buffer[start], 0);
    const packet = decodeConnect(buffer, bodyStart, end);
    if (packet.protocolVersion === 5) checkRemainingLength(buffer, start, bodyStart);
    return packet;
  }
  if (version === undefined) throw protocolError('The first packet is not a CONNECT'); // [MQTT-3.1.0-1]
  if (type === PacketType.publish) return decodePublish(buffer, start, bodyStart, end, version);
  if (version === 5) checkRemainingLength(buffer, start, bodyStart);
  checkFixedFlags(buffer[start], fixedHeaderFlags(type));
  const reader = new Reader(buffer, bodyStart, end);
  const packet = decodeBody(type, reader, version);
  reader.finish();
  return packet;
}

/** [MQTT-2.1.3-1]; 3.1.1: [MQTT-2.2.2-1], [MQTT-2.2.2-2]. */
function checkFixedFlags(firstByte: number, expected: number): void {
  if ((firstByte & 0x0f) !== expected) throw malformed('Reserved flags of the fixed header are not as they must be');
}

function decodeBody(type: number, reader: Reader, version: ProtocolVersion): Packet {
  switch (type) {
    case PacketType.connack:
      return decodeConnack(reader, version);
    case PacketType.puback:
    case PacketType.pubrec:
    case PacketType.pubrel:
    case PacketType.pubcomp:
      return decodeAck(type, reader, version);
    case PacketType.subscribe:
      return decodeSubscribe(reader, version);
    case PacketType.suback:
      return decodeSuback(reader, version);
    case PacketType.unsubscribe:
      return decodeUnsubscribe(reader, version);
    case PacketType.unsuback:
      return decodeUnsuback(reader, version);
    case PacketType.pingreq:
    case PacketType.pingresp:
      return { type };
    case PacketType.disconnect:
      return decodeDisconnect(reader, version);
    case PacketType.auth:
      if (version === 5) return decodeAuth(reader);
      break;
  }
  // Section 2.1.2: forbidden; 15 in 3.1.1 too.
  throw malformed(`There is no packet type ${type}`);
}

function decodePublish(
  buffer: Buffer,
  start: number,
  bodyStart: number,
  end: number,
  version: ProtocolVersion,
): PublishPacket {
  const view = new PublishView();
  readPublish(view, buffer, start, bodyStart, end, version);
  const hasProperties = view.propertiesStart < view.propertiesEnd;
  const properties = hasProperties
    ? decodePublishProperties(buffer, view.propertiesStart, view.propertiesEnd)
    : undefined;
  const isAliased = view.topicStart === view.topicEnd && properties?.topicAlias !== undefined;
  return {
    type: PacketType.publish,
    topic: isAliased ? '' : topicFromBytes(buffer, view.topicStart, view.topicEnd),
    payload: buffer.subarray(view.payloadStart, view.payloadEnd),
    qos: view.qos,
    retain: view.retain,
    dup: view.dup,
    ...(view.packetId > 0 && { packetId: view.packetId }),
    ...(properties && { properties }),
  };
}

function decodeConnack(reader: Reader, version: ProtocolVersion): ConnackPacket {
  const flags = reader.byte();
  if (flags > 1) throw malformed('Reserved connect acknowledge flags are set'); // [MQTT-3.2.2-1]
  const reasonCode = reader.byte();
  if (version === 5) checkReasonCode(PacketType.connack, reasonCode);
  else if (reasonCode > 5) throw protocolError(`There is no return code ${reasonCode}`); // 3.1.1 section 3.2.2.3
  const sessionPresent = flags === 1;
  // [MQTT-3.2.2-6]; 3.1.1: [MQTT-3.2.2-4].
  if (sessionPresent && reasonCode !== 0) throw protocolError('A refusal says that a session is present');
  return { type: PacketType.connack, sessionPresent, reasonCode, ...propertiesOf(reader, PacketType.connack, version) };
}

/** The reason code may be left out when it is 0, and the property length when there are none (sections 3.4.2 to 3.7.2). */
function decodeAck(type: AckPacket['type'], reader: Reader, version: ProtocolVersion): AckPacket {
  const packetId = readPacketId(reader);
  if (version === 4 || reader.left === 0) return { type, packetId, reasonCode: 0 };
  const reasonCode = readReasonCode(type, reader);
  if (reader.left === 0) return { type, packetId, reasonCode };
  return { type, packetId, reasonCode, ...propertiesOf(reader, type, version) };
}

function decodeSubscribe(reader: Reader, version: ProtocolVersion): SubscribePacket {
  const packetId = readPacketId(reader);
  const properties = propertiesOf(reader, PacketType.subscribe, version);
  // [MQTT-3.8.3-2]; 3.1.1: [MQTT-3.8.3-3].
  if (reader.left === 0) throw protocolError('A SUBSCRIBE has no filter');
  const subscriptions: SubscriptionRequest[] = [];
  while (reader.left > 0) {
    const filter = readFilter(reader);
    subscriptions.push(version === 5 ? readOptions(filter, reader.byte()) : readRequestedQoS(filter, reader.byte()));
  }
  return { type: PacketType.subscribe, packetId, subscriptions, ...properties };
}

/** The subscription options of section 3.8.3.1. */
function readOptions(filter: string, options: number): SubscriptionRequest {
  const qos = options & 3;
  const noLocal = (options & 4) !== 0;
  const retainHandling = (options >> 4) & 3;
  if (options > 0x3f) throw malformed('Reserved subscription options are set'); // [MQTT-3.8.3-5]
  if (qos === 3) throw protocolError('A subscription asks for QoS 3');
  if (retainHandling === 3) throw protocolError('A subscription asks for retain handling 3');
  if (noLocal && filter.startsWith('$share/')) throw protocolError('A shared subscription asks for no local'); // [MQTT-3.8.3-4]
  return {
    filter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  };
}

/** [MQTT-3-8.3-4] of 3.1.1. */
function readRequestedQoS(filter: string, qos: number): SubscriptionRequest {
  if (qos > 2) throw malformed(`A subscription asks for QoS ${qos}`);
  return { filter, qos: qos as QoS, noLocal: false, retainAsPublished: false, retainHandling: 0 };
}

function decodeSuback(reader: Reader, version: ProtocolVersion): SubackPacket {
  const packetId = readPacketId(reader);
  const properties = propertiesOf(reader, PacketType.suback, version);
  const reasonCodes = readReasonCodes(reader, (code) => {
    if (version === 5) checkReasonCode(PacketType.suback, code);
    else if (code > 2 && code !== 0x80) throw protocolError(`There is no return code ${code}`); // [MQTT-3.9.3-2] of 3.1.1
  });
  return { type: PacketType.suback, packetId, reasonCodes, ...properties };
}

function decodeUnsubscribe(reader: Reader, version: ProtocolVersion): UnsubscribePacket {
  const packetId = readPacketId(reader);
  const properties = propertiesOf(reader, PacketType.unsubscribe, version);
  if (reader.left === 0) throw protocolError('An UNSUBSCRIBE has no filter'); // [MQTT-3.10.3-2]
  const filters: string[] = [];
  while (reader.left > 0) filters.push(readFilter(reader));
  return { type: PacketType.unsubscribe, packetId, filters, ...properties };
}

function decodeUnsuback(reader: Reader, version: ProtocolVersion): UnsubackPacket {
  const packetId = readPacketId(reader);
  if (version === 4) return { type: PacketType.unsuback, packetId, reasonCodes: [] };
  const properties = propertiesOf(reader, PacketType.unsuback, version);
  const reasonCodes = readReasonCodes(reader, (code) => checkReasonCode(PacketType.unsuback, code));
  return { type: PacketType.unsuback, packetId, reasonCodes, ...properties };
}

/** Reason code and properties may be left out (section 3.14.2). */
function decodeDisconnect(reader: Reader, version: ProtocolVersion): DisconnectPacket {
  const type = PacketType.disconnect;
  if (version === 4 || reader.left === 0) return { type, reasonCode: 0 };
  const reasonCode = readReasonCode(type, reader);
  if (reader.left === 0) return { type, reasonCode };
  return { type, reasonCode, ...propertiesOf(reader, type, version) };
}

/** Nothing at all is success; otherwise the authentication method must be there (section 3.15.2.2.2). */
function decodeAuth(reader: Reader): AuthPacket {
  const type = PacketType.auth;
  if (reader.left === 0) return { type, reasonCode: 0 };
  const reasonCode = readReasonCode(type, reader);
  const properties = readProperties(reader, type);
  if (properties?.authenticationMethod === undefined) throw protocolError('An AUTH has no authentication method');
  return { type, reasonCode, properties };
}

/** [MQTT-2.2.1-3], [MQTT-2.2.1-4]; 3.1.1: [MQTT-2.3.1-1]. */
function readPacketId(reader: Reader): number {
  const packetId = reader.uint16();
  if (packetId === 0) throw protocolError('The packet identifier is 0');
  return packetId;
}

/** [MQTT-4.7.3-1]: not empty. The rest of the syntax is the broker's to check. */
function readFilter(reader: Reader): string {
  const filter = reader.text();
  if (filter === '') throw protocolError('A topic filter is empty');
  return filter;
}

function readReasonCode(type: PacketType, reader: Reader): number {
  const code = reader.byte();
  checkReasonCode(type, code);
  return code;
}

function checkReasonCode(type: PacketType, code: number): void {
  if (!isReasonCodeOf(type, code)) throw protocolError(`Reason code 0x${code.toString(16)} is not one of this packet`);
}

/** One for each filter, and there was one filter at least. */
function readReasonCodes(reader: Reader, check: (code: number) => void): number[] {
  if (reader.left === 0) throw protocolError('There is no reason code');
  const codes: number[] = [];
  while (reader.left > 0) {
    const code = reader.byte();
    check(code);
    codes.push(code);
  }
  return codes;
}

/** Ready to spread into the packet: 3.1.1 has none, and none is no member. */
function propertiesOf(
  reader: Reader,
  type: PacketType,
  version: ProtocolVersion,
): { properties: Properties } | undefined {
  const properties = version === 5 ? readProperties(reader, type) : undefined;
  return properties && { properties };
}
