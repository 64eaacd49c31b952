/**
 * PUBLISH read in place: where its parts lie, in a view that is filled again for every packet. The broker's hot path, so no allocation, no
 * strings and no properties decoded; the broker asks for those (`topicFromBytes`, `decodePublishProperties`) when it has not
 * seen them before. Strict about everything that can be told without them.
 */
import { PacketType, type Properties, type ProtocolVersion, type QoS } from './packets.ts';
import { readPropertyList } from './properties.ts';
import { Reader, textFromBytes } from './reader.ts';
import { MqttError, malformed, protocolError, ReasonCode } from './reason-codes.ts';

/** Offsets are into the buffer that was read; `…End` is exclusive. */
export class PublishView {
  qos: QoS = 0;
  retain = false;
  dup = false;
  /** Empty when a topic alias stands for the topic (5.0 only). */
  topicStart = 0;
  topicEnd = 0;
  /** 0 when `qos` is 0. */
  packetId = 0;
  /** The properties without their length; empty when there are none and in 3.1.1. */
  propertiesStart = 0;
  propertiesEnd = 0;
  payloadStart = 0;
  payloadEnd = 0;
}

/**
 * Fills the view from the PUBLISH at `buffer[start, end)` whose body begins at `bodyStart`.
 * @throws {MqttError} 0x81 or 0x82; the view is then of no use.
 */
export function readPublish(
  view: PublishView,
  buffer: Buffer,
  start: number,
  bodyStart: number,
  end: number,
  version: ProtocolVersion,
): void {
  const flags = buffer[start];
  const qos = (flags >> 1) & 3;
  if (qos === 3) throw malformed('A PUBLISH has QoS 3'); // [MQTT-3.3.1-4]
  view.qos = qos as QoS;
  view.retain = (flags & 1) !== 0;
  view.dup = (flags & 8) !== 0;
  if (qos === 0 && view.dup) throw malformed('A PUBLISH has DUP with QoS 0'); // [MQTT-3.3.1-2]
  if (version === 5) checkRemainingLength(buffer, start, bodyStart);

  let at = bodyStart + 2;
  if (at > end) throw malformed('The PUBLISH is too short');
  view.topicStart = at;
  at += (buffer[bodyStart] << 8) | buffer[bodyStart + 1];
  view.topicEnd = at;

  view.packetId = 0;
  if (qos > 0) {
    at += 2;
    if (at > end) throw malformed('The PUBLISH is too short');
    view.packetId = (buffer[at - 2] << 8) | buffer[at - 1];
    // [MQTT-2.2.1-3]; 3.1.1: [MQTT-2.3.1-1].
    if (view.packetId === 0) throw protocolError('The packet identifier is 0');
  }

  let length = 0;
  if (version === 5) {
    let byte = 0x80;
    for (let shift = 0; byte > 0x7f; shift += 7) {
      if (at >= end || shift > 21) throw malformed('The property length is cut off or too long');
      byte = buffer[at++];
      length |= (byte & 0x7f) << shift;
      if (byte === 0 && shift > 0) throw malformed('The property length has needless bytes'); // [MQTT-1.5.5-1]
    }
  }
  view.propertiesStart = at;
  at += length;
  view.propertiesEnd = at;
  if (at > end) throw malformed('The PUBLISH is too short');
  view.payloadStart = at;
  view.payloadEnd = end;
}

/**
 * The topic name of a PUBLISH, checked: UTF-8 [MQTT-3.3.2-1], no wildcard [MQTT-3.3.2-2]. Not to be called for the empty
 * topic that a topic alias stands for.
 * @throws {MqttError} 0x81 for what is no text, 0x82 for an empty topic, 0x90 for a wildcard.
 */
export function topicFromBytes(buffer: Buffer, start: number, end: number): string {
  if (start === end) throw protocolError('The topic is empty'); // [MQTT-4.7.3-1], 5.0 section 3.3.2.1
  const topic = textFromBytes(buffer, start, end);
  if (topic.includes('#') || topic.includes('+')) {
    throw new MqttError(ReasonCode.topicNameInvalid, 'A topic to publish to has a wildcard');
  }
  return topic;
}

/** The properties a view delimits. Throws what section 2.2.2 and 3.3.2.3 make malformed (0x81) or forbid (0x82, 0x94). */
export function decodePublishProperties(buffer: Buffer, start: number, end: number): Properties {
  return readPropertyList(new Reader(buffer, start, end), PacketType.publish);
}

/** 5.0 wants the remaining length in as few bytes as it needs [MQTT-1.5.5-1]; 3.1.1 has no such rule (section 2.2.3). */
export function checkRemainingLength(buffer: Buffer, start: number, bodyStart: number): void {
  if (bodyStart - start > 2 && buffer[bodyStart - 1] === 0) throw malformed('The remaining length has needless bytes');
}
