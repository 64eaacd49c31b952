/**
 * PUBLISH from a client: the hot path (ARCHITECTURE.md, "A publish, end to end"). Reads the packet in place, asks
 * the admission of its topic, routes, and acknowledges once everything that must be durable is.
 */
import { decodePublishProperties, MqttError, PublishView, ReasonCode, readPublish } from '../../mqtt/mqtt.ts';
import type { Properties, QoS } from '../../mqtt/packets.ts';
import type { Admission } from '../admission.ts';
import type { Congestion } from '../congestion.ts';
import type { Client, Connection } from '../connection.ts';
import { Pause } from '../pause.ts';
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
  else if (qos === 1) core.counters.received.qos1++;
  else core.counters.received.qos2++;
  if (qos > 0 && connection.version === 5) checkReceiveMaximum(connection);
  if (qos === 2 && client.session.received.has(packetId)) return acknowledgeAgain(connection, client, packetId);
  const now = core.clock.now();
  if (!connection.publishRate.take(now, profile.limits.publishesPerSecond)) return throttle(connection, qos, packetId);
  const refusal = admission.refusal || (retain ? connection.admissions.retainRefusal(admission) : 0);
  if (refusal !== 0) return refuse(connection, admission, refusal, qos, packetId);
  if (
    retain &&
    payloadEnd > payloadStart &&
    !core.retained.hasRoomFor(admission.topic, profile.limits.retainedMessages)
  )
    return exceedRetained(connection, admission, qos, packetId);

  outgoing.reset(admission.topic, qos, retain, buffer, payloadStart, payloadEnd);
  outgoing.timestamp = now;
  outgoing.publisher = client.publisher;
  outgoing.origin = client.session;
  if (properties !== undefined) setProperties(connection, properties);
  else if (!view.dup && isShortest(buffer, start, bodyStart)) {
    outgoing.setReceived(connection.version, buffer, start, end, qos === 0 ? -1 : view.topicEnd);
  }
  if (qos === 2) client.session.received.add(packetId, outgoing.writes);
  const durable = core.forward(outgoing, admission.route);
  if (outgoing.congestion !== undefined) waitFor(connection, outgoing.congestion);
  if (qos > 0) acknowledge(connection, client, qos, packetId, reasonOf(connection, admission), durable);
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

/** Whoever is told that 100 may be outstanding and sends the 101st is wrong [MQTT-3.3.4-9]; 3.1.1 clients are paused. */
function checkReceiveMaximum(connection: Connection): void {
  const { inflightInbound } = connection.profile.limits;
  if (connection.acks.size + connection.unreleased >= inflightInbound) {
    throw new MqttError(ReasonCode.receiveMaximumExceeded, `more than ${inflightInbound} messages not acknowledged`);
  }
}

/** Stops reading from a publisher while `congestion` holds, unless it is its own: what it reads is its own affair. */
function waitFor(connection: Connection, congestion: Congestion): void {
  if (congestion === (connection.client as Client).sender.congestion) return;
  connection.pauseReading(Pause.congestion);
  congestion.wait(() => connection.resumeReading(Pause.congestion));
}

function reasonOf(connection: Connection, admission: Admission): number {
  const { version, profile } = connection;
  const { subscriptions, groups } = admission.route;
  const reachesNobody = subscriptions.length === 0 && groups.length === 0;
  return reachesNobody && version === 5 && profile.tellsNoSubscribers ? ReasonCode.noMatchingSubscribers : 0;
}

function acknowledge(
  connection: Connection,
  client: Client,
  qos: QoS,
  packetId: number,
  reasonCode: number,
  durable: Promise<boolean> | undefined,
): void {
  if (durable === undefined) return connection.acks.ready(packetId, qos, reasonCode);
  const done = connection.acks.wait(packetId, qos);
  const { inflightInbound } = connection.profile.limits;
  if (connection.acks.size >= inflightInbound && connection.version === 4) connection.pauseReading(Pause.acks);
  void durable.then((isDurable) => {
    if (!isDurable && qos === 2) client.session.received.forget(packetId);
    // Not acknowledged: an MQTT 5 client is told, a 3.1.1 client can only be made to send it again.
    if (!isDurable && connection.version === 4)
      connection.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'a message could not be stored');
    else done(isDurable ? reasonCode : ReasonCode.unspecifiedError);
    if (connection.acks.size < inflightInbound) connection.resumeReading(Pause.acks);
  });
}

/** A QoS 2 message that came before: only the answer is given again, once the first is durable [MQTT-4.3.3-10]. */
function acknowledgeAgain(connection: Connection, client: Client, packetId: number): void {
  if (client.session.durable === undefined) return connection.acks.ready(packetId, 2, 0);
  const done = connection.acks.wait(packetId, 2);
  // Commits are made in order: when this one is durable, so is what the message itself wrote.
  connection.core.store.commit([client.session.received.barrier()]).then(
    () => done(0),
    () => connection.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'a message could not be stored'),
  );
}

/** Beyond the rate: discarded. Only an MQTT 5 client can be told (gateway-broker.md section 7, PUBACK 0x97). */
function throttle(connection: Connection, qos: QoS, packetId: number): void {
  connection.core.counters.drop('throttled', connection.client?.clientId);
  if (qos > 0 && connection.version === 5) connection.acks.ready(packetId, qos, ReasonCode.quotaExceeded);
}

/** One more retained message than there may be: refused as a publish that is throttled. */
function exceedRetained(connection: Connection, admission: Admission, qos: QoS, packetId: number): void {
  const { core, client, profile, version } = connection;
  const reasonCode = ReasonCode.quotaExceeded;
  core.counters.drop('throttled', client?.clientId);
  const detail = `there are ${profile.limits.retainedMessages} retained messages, and there may be no more`;
  reportRefusal(connection, { action: 'iot:RetainPublish', resource: admission.topic, reasonCode, detail });
  if (qos > 0 && version === 5) connection.acks.ready(packetId, qos, reasonCode);
}

/**
 * A refused PUBLISH ends the connection, as at AWS; only an MQTT 5 client with QoS 1 or 2 is told in the answer instead
 * (gateway-broker.md sections 6 and 7).
 */
function refuse(connection: Connection, admission: Admission, reasonCode: number, qos: QoS, packetId: number): void {
  connection.core.counters.dropped.refused++;
  const isInvalid = reasonCode === ReasonCode.topicNameInvalid;
  const detail = isInvalid
    ? `publishing to topic '${admission.topic}' is not possible`
    : `not authorized to publish to topic '${admission.topic}'`;
  if (isInvalid) reportRefusal(connection, { action: 'iot:Publish', resource: admission.topic, reasonCode, detail });
  if (qos > 0 && connection.version === 5) return connection.acks.ready(packetId, qos, reasonCode);
  connection.close(isInvalid ? 'CLIENT_ERROR' : 'AUTH_ERROR', reasonCode, detail);
}
