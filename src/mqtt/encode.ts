/**
 * Packets to bytes, every type, both versions. `encode` is for what is sent now and then; `publishTemplate` and `writeAck` are for
 * the broker's hot path, which copies a template into the batch of each subscriber and patches the packet identifier.
 *
 * What 3.1.1 has no room for (properties, reason codes, subscription options) is left out; failures become its return
 * codes. A value that does not fit throws MqttError; whether a topic or filter is a valid one is for the caller to know.
 */
import {
  type AckPacket,
  type ConnectPacket,
  fixedHeaderFlags,
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type QoS,
  type SubackPacket,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubackPacket,
  type UnsubscribePacket,
  type Will,
} from './packets.ts';
import { writeProperties } from './properties.ts';
import { connackReturnCode, isReasonCodeOf, malformed, protocolError } from './reason-codes.ts';
import { checkPacketLength, checkText, varintSize, Writer, writeVarint } from './writer.ts';

export interface PublishFields {
  /** As bytes it must be valid already. Empty with a topic alias. */
  readonly topic: string | Buffer;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup?: boolean;
  readonly properties?: Properties;
  /** These two take the place of those in `properties`. */
  readonly subscriptionIdentifiers?: readonly number[];
  readonly topicAlias?: number;
}

export interface PublishTemplate {
  /** The whole PUBLISH, with packet identifier 0. */
  readonly bytes: Buffer;
  /** Where the two bytes of the packet identifier are; -1 with QoS 0. */
  readonly packetIdOffset: number;
}

/** @throws {MqttError} for a value that has no encoding (0x81, 0x95) or that its packet must not have (0x82, 0x94). */
export function encode(packet: Packet, version: ProtocolVersion): Buffer {
  if (packet.type === PacketType.publish) {
    const { bytes, packetIdOffset } = publishTemplate(packet, version);
    if (packetIdOffset >= 0) bytes.writeUInt16BE(checkedPacketId(packet.packetId ?? 0), packetIdOffset);
    return bytes;
  }
  const writer = new Writer();
  writeBody(writer, packet, version);
  return writer.packet((packet.type << 4) | fixedHeaderFlags(packet.type));
}

/** The bytes of a PUBLISH in a buffer of its own. Throws as `encode` does. */
export function publishTemplate(fields: PublishFields, version: ProtocolVersion): PublishTemplate {
  const { topic, payload, qos } = fields;
  if (qos === 0 && fields.dup) throw malformed('A PUBLISH has DUP with QoS 0'); // [MQTT-3.3.1-2]
  if (typeof topic === 'string') checkText(topic);
  const topicLength = typeof topic === 'string' ? Buffer.byteLength(topic) : topic.length;
  if (topicLength > 0xffff) throw malformed(`A topic cannot have ${topicLength} bytes`);
  const properties = version === 5 ? encodedProperties(fields) : undefined;
  const length = 2 + topicLength + (qos > 0 ? 2 : 0) + (properties?.length ?? 0) + payload.length;
  checkPacketLength(length);

  const bytes = Buffer.allocUnsafe(1 + varintSize(length) + length);
  bytes[0] = (PacketType.publish << 4) | (fields.dup ? 8 : 0) | (qos << 1) | (fields.retain ? 1 : 0);
  let at = writeVarint(bytes, 1, length);
  at = bytes.writeUInt16BE(topicLength, at);
  if (typeof topic === 'string') bytes.write(topic, at);
  else topic.copy(bytes, at);
  at += topicLength;
  const packetIdOffset = qos > 0 ? at : -1;
  if (qos > 0) at = bytes.writeUInt16BE(0, at);
  if (properties !== undefined) at += properties.copy(bytes, at);
  payload.copy(bytes, at);
  return { bytes, packetIdOffset };
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP of success, 4 bytes, the same in both versions. Returns the offset behind it. */
export function writeAck(target: Buffer, offset: number, type: AckPacket['type'], packetId: number): number {
  target[offset] = type === PacketType.pubrel ? 0x62 : type << 4;
  target[offset + 1] = 2;
  target[offset + 2] = packetId >> 8;
  target[offset + 3] = packetId & 0xff;
  return offset + 4;
}

const NO_PROPERTIES = Buffer.from([0]);

function encodedProperties(fields: PublishFields): Buffer {
  const { properties, subscriptionIdentifiers, topicAlias } = fields;
  if (properties === undefined && subscriptionIdentifiers === undefined && topicAlias === undefined)
    return NO_PROPERTIES;
  const writer = new Writer();
  const all = {
    ...properties,
    ...(subscriptionIdentifiers && { subscriptionIdentifiers }),
    ...(topicAlias !== undefined && { topicAlias }),
  };
  writeProperties(writer, all, PacketType.publish);
  return writer.body();
}

type OtherPacket = Exclude<Packet, { type: typeof PacketType.publish }>;

function writeBody(writer: Writer, packet: OtherPacket, version: ProtocolVersion): void {
  switch (packet.type) {
    case PacketType.connect:
      writeConnect(writer, packet);
      break;
    case PacketType.connack:
      writer.byte(packet.sessionPresent ? 1 : 0);
      writer.byte(version === 5 ? checkedReasonCode(packet.type, packet.reasonCode) : returnCode(packet.reasonCode));
      if (version === 5) writeProperties(writer, packet.properties, packet.type);
      break;
    case PacketType.puback:
    case PacketType.pubrec:
    case PacketType.pubrel:
    case PacketType.pubcomp:
      writer.uint16(checkedPacketId(packet.packetId));
      writeReason(writer, packet, version);
      break;
    case PacketType.subscribe:
    case PacketType.suback:
    case PacketType.unsubscribe:
    case PacketType.unsuback:
      writer.uint16(checkedPacketId(packet.packetId));
      if (version === 5) writeProperties(writer, packet.properties, packet.type);
      writeList(writer, packet, version);
      break;
    case PacketType.disconnect:
      writeReason(writer, packet, version);
      break;
    case PacketType.auth:
      if (version === 4) throw protocolError('3.1.1 has no AUTH');
      writeReason(writer, packet, version);
      break;
    case PacketType.pingreq:
    case PacketType.pingresp:
      break;
  }
}

/** What each filter asked for, or was answered with. */
function writeList(
  writer: Writer,
  packet: SubscribePacket | SubackPacket | UnsubscribePacket | UnsubackPacket,
  version: ProtocolVersion,
): void {
  if (packet.type === PacketType.subscribe) {
    for (const subscription of nonEmpty(packet.subscriptions)) writeSubscription(writer, subscription, version);
  } else if (packet.type === PacketType.unsubscribe) {
    for (const filter of nonEmpty(packet.filters)) writer.text(filter);
  } else if (version === 5) {
    for (const code of nonEmpty(packet.reasonCodes)) writer.byte(checkedReasonCode(packet.type, code));
  } else if (packet.type === PacketType.suback) {
    // [MQTT-3.9.3-2] of 3.1.1: one code for every failure; an UNSUBACK has none.
    for (const code of nonEmpty(packet.reasonCodes)) writer.byte(Math.min(code, 0x80));
  }
}

function writeConnect(writer: Writer, packet: ConnectPacket): void {
  const { protocolVersion: version, will, username, password } = packet;
  writer.text('MQTT');
  writer.byte(version);
  writer.byte(
    (packet.clean ? 0x02 : 0) |
      (will ? 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0) : 0) |
      (password ? 0x40 : 0) |
      (username !== undefined ? 0x80 : 0),
  );
  writer.uint16(packet.keepAlive);
  if (version === 5) writeProperties(writer, packet.properties, packet.type);
  writer.text(packet.clientId);
  if (will) writeWill(writer, will, version);
  if (username !== undefined) writer.text(username);
  if (password) writer.binary(password);
}

function writeWill(writer: Writer, will: Will, version: ProtocolVersion): void {
  if (version === 5) writeProperties(writer, will.properties, 'will');
  writer.text(will.topic);
  writer.binary(will.payload);
}

/** In the shortest form: nothing for success without properties (sections 3.4.2.1, 3.14.2.1, 3.15.2.1). */
function writeReason(
  writer: Writer,
  packet: { type: PacketType; reasonCode: number; properties?: Properties },
  version: ProtocolVersion,
): void {
  if (version === 4 || (packet.reasonCode === 0 && packet.properties === undefined)) return;
  writer.byte(checkedReasonCode(packet.type, packet.reasonCode));
  if (packet.properties !== undefined || packet.type === PacketType.auth) {
    writeProperties(writer, packet.properties, packet.type);
  }
}

function writeSubscription(writer: Writer, request: SubscriptionRequest, version: ProtocolVersion): void {
  writer.text(request.filter);
  const options = (request.noLocal ? 4 : 0) | (request.retainAsPublished ? 8 : 0) | (request.retainHandling << 4);
  writer.byte(version === 5 ? request.qos | options : request.qos);
}

/** Takes a reason code as well: those of CONNACK that mean a failure are 0x80 and above, return codes are 5 at most. */
function returnCode(reasonCode: number): number {
  return reasonCode <= 5 ? reasonCode : connackReturnCode(reasonCode);
}

function checkedReasonCode(type: PacketType, code: number): number {
  if (!isReasonCodeOf(type, code)) throw protocolError(`Reason code ${code} is not one of this packet`);
  return code;
}

function checkedPacketId(packetId: number): number {
  if (packetId >= 1 && packetId <= 0xffff) return packetId;
  throw protocolError(`The packet identifier is ${packetId}`);
}

function nonEmpty<T>(list: readonly T[]): readonly T[] {
  if (list.length === 0) throw protocolError('The packet has an empty list');
  return list;
}
