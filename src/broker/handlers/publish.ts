/**
 * PUBLISH from a client: the hot path (ARCHITECTURE.md, "A publish, end to end"). Reads the packet in place, asks
 * the admission of its topic, routes, and acknowledges once everything that must be durable is.
 */
import { decodePublishProperties, MqttError, PublishView, ReasonCode, readPublish } from '../../mqtt/mqtt.ts';
import type { Properties, Will } from '../../mqtt/packets.ts';
import type { Admission } from '../admission.ts';
import type { Client, Connection } from '../connection.ts';
import { reportRefusal } from '../refusal-report.ts';

/** Only read and written within one synchronous call of `handlePublish`. */
const view = new PublishView();

export function handlePublish(
  connection: Connection,
  buffer: Buffer,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const { core, profile, outgoing } = connection;
  const client = connection.client as Client;
  readPublish(view, buffer, start, bodyStart, end, connection.version);
  const { qos, retain, packetId, payloadStart, payloadEnd } = view;
  if (qos > profile.maximumQoS) throw new MqttError(ReasonCode.qosNotSupported, `QoS ${qos} is not supported`);
  if (payloadEnd - payloadStart > profile.limits.payloadBytes) {
    throw new MqttError(ReasonCode.packetTooLarge, `the payload is larger than ${profile.limits.payloadBytes} bytes`);
  }
  const properties =
    view.propertiesEnd > view.propertiesStart
      ? decodePublishProperties(buffer, view.propertiesStart, view.propertiesEnd)
      : undefined;
  if (properties?.subscriptionIdentifiers) {
    throw new MqttError(ReasonCode.protocolError, 'a client may not send subscription identifiers [MQTT-3.3.4-6]');
  }
  const admission = admissionOf(connection, buffer, properties);
  if (qos === 0) core.counters.received.qos0++;
  else core.counters.received.qos1++;
  if (isThrottled(connection)) {
    core.counters.drop('throttled', client.clientId);
    return;
  }
  const refusal = admission.refusal || (retain ? connection.admissions.retainRefusal(admission) : 0);
  if (refusal !== 0) return refuse(connection, admission, refusal, qos, packetId);

  outgoing.reset(admission.topic, qos, retain, buffer, payloadStart, payloadEnd);
  outgoing.timestamp = core.clock.now();
  outgoing.publisher = client.publisher;
  outgoing.origin = client.session;
  if (properties !== undefined) setProperties(connection, properties);
  else if (!view.dup && isShortest(buffer, start, bodyStart)) {
    outgoing.setReceived(connection.version, buffer, start, end, qos === 0 ? -1 : view.topicEnd);
  }
  acknowledge(connection, qos, packetId, core.forward(outgoing, admission.route));
}

/** The will of a client that is gone. It was admitted when the client connected. */
export function publishWill(connection: Connection, will: Will, client: Client): void {
  const { willDelayInterval: _, ...properties } = will.properties ?? {};
  connection.core.publishLater({
    topic: will.topic,
    payload: will.payload,
    qos: will.qos,
    retain: will.retain,
    properties,
    publisher: client.publisher,
    isWill: true,
  });
}

/** Whether the remaining length is written without needless bytes, as a packet that goes to others as it is must be. */
function isShortest(buffer: Buffer, start: number, bodyStart: number): boolean {
  return bodyStart - start === 2 || buffer[bodyStart - 1] !== 0;
}

function admissionOf(connection: Connection, buffer: Buffer, properties: Properties | undefined): Admission {
  const alias = properties?.topicAlias;
  const hasTopic = view.topicEnd > view.topicStart;
  if (alias === undefined) {
    if (!hasTopic) throw new MqttError(ReasonCode.protocolError, 'no topic and no topic alias');
    return connection.admissions.of(buffer, view.topicStart, view.topicEnd);
  }
  if (alias === 0 || alias > connection.profile.limits.topicAliasMaximum) {
    throw new MqttError(ReasonCode.topicAliasInvalid, `topic alias ${alias} is above the maximum`);
  }
  if (hasTopic) {
    const admission = connection.admissions.of(buffer, view.topicStart, view.topicEnd);
    connection.aliases ??= new Map();
    connection.aliases.set(alias, admission);
    return admission;
  }
  const known = connection.aliases?.get(alias);
  if (!known) throw new MqttError(ReasonCode.protocolError, `topic alias ${alias} was never set`);
  return connection.admissions.refresh(known);
}

/** What of the publisher's properties travels on, and until when. */
function setProperties(connection: Connection, properties: Properties): void {
  const { outgoing, profile } = connection;
  const { topicAlias: _, messageExpiryInterval, ...travelling } = properties;
  if (Object.keys(travelling).length > 0) outgoing.properties = travelling;
  if (messageExpiryInterval === undefined) return;
  // In the aws profile 0 counts as 1 and large values are cut (gateway-broker.md section 7); in the specification 0 is allowed.
  const minimum = profile.name === 'aws' ? 1 : 0;
  const seconds = Math.min(Math.max(messageExpiryInterval, minimum), profile.limits.messageExpiryMaximum);
  outgoing.expiresAt = outgoing.timestamp + seconds * 1000;
}

function isThrottled(connection: Connection): boolean {
  const limit = connection.profile.limits.publishesPerSecond;
  if (limit === Number.MAX_SAFE_INTEGER) return false;
  const now = connection.core.clock.now();
  if (now - connection.rateWindow >= 1000) {
    connection.rateWindow = now;
    connection.publishesInWindow = 0;
  }
  return ++connection.publishesInWindow > limit;
}

function acknowledge(
  connection: Connection,
  qos: number,
  packetId: number,
  durable: Promise<boolean> | undefined,
): void {
  if (qos === 0) return;
  if (durable === undefined) return connection.acks.ready(packetId, 0);
  const done = connection.acks.wait(packetId);
  const { inflightInbound } = connection.profile.limits;
  if (connection.acks.size >= inflightInbound) connection.pauseReading();
  void durable.then((isDurable) => {
    // Not acknowledged: an MQTT 5 client is told, a 3.1.1 client can only be made to send it again.
    if (!isDurable && connection.version === 4)
      connection.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'a message could not be stored');
    else done(isDurable ? 0 : ReasonCode.unspecifiedError);
    if (connection.isPaused && connection.acks.size < inflightInbound) connection.resumeReading();
  });
}

/**
 * A refused PUBLISH ends the connection, as at AWS; only an MQTT 5 client with QoS 1 is told in the PUBACK instead
 * (gateway-broker.md sections 6 and 7).
 */
function refuse(connection: Connection, admission: Admission, reasonCode: number, qos: number, packetId: number): void {
  connection.core.counters.dropped.refused++;
  const isInvalid = reasonCode === ReasonCode.topicNameInvalid;
  const detail = isInvalid
    ? `publishing to topic '${admission.topic}' is not possible`
    : `not authorized to publish to topic '${admission.topic}'`;
  if (isInvalid) reportRefusal(connection, { action: 'iot:Publish', resource: admission.topic, reasonCode, detail });
  if (qos === 1 && connection.version === 5) return connection.acks.ready(packetId, reasonCode);
  connection.close(isInvalid ? 'CLIENT_ERROR' : 'AUTH_ERROR', reasonCode, detail);
}
