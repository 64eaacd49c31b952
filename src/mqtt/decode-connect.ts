/**
 * CONNECT (section 3.1 of both versions), the one packet that says itself which version it is. Used by `decode.ts`; the broker calls
 * `connectVersion` to choose the form of its answer to a CONNECT it could not decode.
 */
import { type ConnectPacket, PacketType, type ProtocolVersion, type QoS, type Will } from './packets.ts';
import { readProperties } from './properties.ts';
import { Reader } from './reader.ts';
import { MqttError, malformed, ReasonCode } from './reason-codes.ts';
import { isValidTopic } from './topic.ts';

const Flag = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, username: 0x80 } as const;

/** Decodes the body of a CONNECT. Throws what `decode` throws. */
export function decodeConnect(buffer: Buffer, bodyStart: number, end: number): ConnectPacket {
  const reader = new Reader(buffer, bodyStart, end);
  const protocolVersion = readProtocol(reader);
  const flags = reader.byte();
  checkFlags(flags, protocolVersion);
  const keepAlive = reader.uint16();
  const properties = protocolVersion === 5 ? readProperties(reader, PacketType.connect) : undefined;
  const clientId = reader.text();
  const clean = (flags & Flag.clean) !== 0;
  if (protocolVersion === 4 && clientId === '' && !clean) {
    // [MQTT-3.1.3-8] of 3.1.1, answered with return code 2.
    throw new MqttError(ReasonCode.clientIdentifierNotValid, 'An empty client id needs a clean session');
  }
  const will = (flags & Flag.will) !== 0 ? readWill(reader, flags, protocolVersion) : undefined;
  const username = (flags & Flag.username) !== 0 ? reader.text() : undefined;
  const password = (flags & Flag.password) !== 0 ? reader.binary() : undefined;
  reader.finish();
  return {
    type: PacketType.connect,
    protocolVersion,
    clean,
    keepAlive,
    clientId,
    ...(will && { will }),
    ...(username !== undefined && { username }),
    ...(password && { password }),
    ...(properties && { properties }),
  };
}

/** The version a CONNECT asks for, however broken it is otherwise; undefined when it is none we speak. Never throws. */
export function connectVersion(buffer: Buffer, bodyStart: number, end: number): ProtocolVersion | undefined {
  if (end - bodyStart < 7 || buffer.toString('latin1', bodyStart, bodyStart + 6) !== '\0\x04MQTT') return undefined;
  const level = buffer[bodyStart + 6];
  return level === 4 || level === 5 ? level : undefined;
}

function readProtocol(reader: Reader): ProtocolVersion {
  const name = reader.text();
  const level = reader.byte();
  // [MQTT-3.1.2-1]; MQIsdp is what 3.1 called itself, whose clients understand a refusal.
  if (name !== 'MQTT' && name !== 'MQIsdp') throw malformed('The protocol name is not MQTT');
  if (name !== 'MQTT' || (level !== 4 && level !== 5)) {
    throw new MqttError(ReasonCode.unsupportedProtocolVersion, `Protocol ${name} level ${level} is not spoken here`); // [MQTT-3.1.2-2]
  }
  return level;
}

function checkFlags(flags: number, version: ProtocolVersion): void {
  if ((flags & Flag.reserved) !== 0) throw malformed('The reserved connect flag is set'); // [MQTT-3.1.2-3]
  const willQoS = willQoSOf(flags);
  // [MQTT-3.1.2-12]; 3.1.1: [MQTT-3.1.2-14].
  if (willQoS === 3) throw malformed('The will has QoS 3');
  // [MQTT-3.1.2-11], [MQTT-3.1.2-13]; 3.1.1: [MQTT-3.1.2-13], [MQTT-3.1.2-15].
  if ((flags & Flag.will) === 0 && (willQoS !== 0 || (flags & Flag.willRetain) !== 0)) {
    throw malformed('Will QoS or will retain without a will');
  }
  // [MQTT-3.1.2-22] of 3.1.1; 5.0 allows it.
  if (version === 4 && (flags & Flag.password) !== 0 && (flags & Flag.username) === 0) {
    throw malformed('A password without a user name');
  }
}

function readWill(reader: Reader, flags: number, version: ProtocolVersion): Will {
  const properties = version === 5 ? readProperties(reader, 'will') : undefined;
  const topic = reader.text();
  if (!isValidTopic(topic)) throw new MqttError(ReasonCode.topicNameInvalid, 'The will topic is not a topic name');
  const payload = reader.binary();
  return {
    topic,
    payload,
    qos: willQoSOf(flags) as QoS,
    retain: (flags & Flag.willRetain) !== 0,
    ...(properties && { properties }),
  };
}

function willQoSOf(flags: number): number {
  return (flags >> 3) & 3;
}
