/**
 * CONNECT: who is it, may it, which session (MQTT 5.0 section 3.1, gateway-broker.md sections 5 to 7). Ends in a
 * CONNACK and an established client, or in a refusal and a closed connection.
 */
import type { Authority, Circumstances } from '../../identity/authority.ts';
import type { Principal } from '../../identity/principal.ts';
import { connackReturnCode, encode, type MqttError, ReasonCode } from '../../mqtt/mqtt.ts';
import { type ConnectPacket, PacketType, type Properties, type Will } from '../../mqtt/packets.ts';
import { topicRefusal } from '../admission.ts';
import type { Connection } from '../connection.ts';
import type { DisconnectReason, EventSubject } from '../lifecycle.ts';
import { reportRefusal } from '../refusal-report.ts';
import { Sender } from '../sender.ts';
import type { Session } from '../session.ts';
import { takeSharedWork } from '../shared-work.ts';

/** Why a CONNECT is refused: the reason code, and for the log what exactly. */
interface Refusal {
  readonly reasonCode: number;
  readonly detail: string;
}

/** Refusals of the codec that have a 3.1.1 return code; all clients understand a CONNACK in that form [MQTT-3.1.2-2]. */
const RETURN_CODES = new Map<number, number>([
  [ReasonCode.unsupportedProtocolVersion, 1],
  [ReasonCode.clientIdentifierNotValid, 2],
]);

const END_OF_REFUSED = new Map<number, DisconnectReason>([
  [ReasonCode.notAuthorized, 'AUTH_ERROR'],
  [ReasonCode.quotaExceeded, 'THROTTLED'],
  [ReasonCode.serverUnavailable, 'SERVER_INITIATED_DISCONNECT'],
]);

/** A first packet that could not be read: answered where the protocol has an answer, else the connection just ends. */
export function refuseUnreadable(connection: Connection, error: MqttError): void {
  const returnCode = RETURN_CODES.get(error.reasonCode);
  if (connection.version === 5) {
    const connack = { type: PacketType.connack, sessionPresent: false, reasonCode: error.reasonCode };
    connection.outbox.append(encode(connack, 5));
  } else if (returnCode !== undefined) {
    connection.outbox.append(Buffer.from([0x20, 2, 0, returnCode]));
  }
  connection.core.counters.connections.refused++;
  reportRefusal(connection, { action: 'connect', reasonCode: error.reasonCode, detail: error.message });
  connection.close('CLIENT_ERROR', error.reasonCode, error.message);
}

export async function handleConnect(connection: Connection, packet: ConnectPacket): Promise<void> {
  const { core, door } = connection;
  connection.wantsProblemInformation = packet.properties?.requestProblemInformation !== 0;
  connection.maximumPacketBytes = packet.properties?.maximumPacketSize ?? Number.MAX_SAFE_INTEGER;
  if (core.isStopping) {
    const detail = 'the server is shutting down';
    return refuse(connection, packet.clientId, { reasonCode: ReasonCode.serverUnavailable, detail });
  }
  const principal = await door.authenticate(packet);
  if (!principal)
    return refuse(connection, packet.clientId, { reasonCode: ReasonCode.notAuthorized, detail: 'not authenticated' });
  const assigned = packet.clientId === '' ? `$GEN/${core.random.uuid()}` : undefined;
  const clientId = assigned ?? packet.clientId;
  const { connectsPerClientPerSecond } = connection.profile.limits;
  const isWithinRate = core.connectRates.take(clientId, core.clock.now(), connectsPerClientPerSecond);
  const invalid = isWithinRate ? invalidConnect(connection, packet) : tooOften(connectsPerClientPerSecond);
  if (invalid) return refuse(connection, clientId, invalid);

  // Two CONNECTs of one client id follow one another, so that there is one session and one winner.
  const before = core.connecting.get(clientId);
  const turn = (before ?? Promise.resolve()).then(() => admit(connection, packet, principal, clientId, assigned));
  const settled = turn.then(undefined, () => undefined);
  core.connecting.set(clientId, settled);
  try {
    await turn;
  } finally {
    if (core.connecting.get(clientId) === settled) core.connecting.delete(clientId);
  }
}

async function admit(
  connection: Connection,
  packet: ConnectPacket,
  principal: Principal,
  clientId: string,
  assigned: string | undefined,
): Promise<void> {
  const { core, door } = connection;
  if (!connection.isOpen) return;
  const authority = await core.openAuthority(principal, circumstancesOf(connection, packet, clientId));
  const thingName = await core.exclusiveThing(principal, clientId);
  const subject: EventSubject = {
    clientId,
    principalId: principal.id,
    sessionIdentifier: core.random.uuid(),
    ipAddress: door.sourceIp,
    versionNumber: core.presences.nextVersion(clientId),
    ...(thingName !== undefined && { thingName }),
  };
  const denied = deniedConnect(authority, packet.will, clientId);
  if (denied) {
    authority.release();
    core.lifecycle.connectFailed(subject);
    return refuse(connection, clientId, denied);
  }
  core.clients
    .get(clientId)
    ?.close('DUPLICATE_CLIENTID', ReasonCode.sessionTakenOver, 'another client connected with the same client id');
  const { session, isPresent } = await sessionFor(connection, packet, clientId);
  if (!connection.isOpen) {
    authority.release();
    core.commitLater(core.sessions.disconnected(session), 'the end of a connection');
    return;
  }
  core.presences.came(clientId, subject.versionNumber);
  connection.will = packet.will;
  connection.keepAlive = effectiveKeepAlive(connection, packet.keepAlive);
  const properties =
    packet.protocolVersion === 5 ? connackProperties(connection, packet, session, assigned) : undefined;
  connection.send({
    type: PacketType.connack,
    sessionPresent: isPresent,
    reasonCode: 0,
    ...(properties && { properties }),
  });
  establish(connection, packet, principal, authority, session, subject);
}

function establish(
  connection: Connection,
  packet: ConnectPacket,
  principal: Principal,
  authority: Authority,
  session: Session,
  subject: EventSubject,
): void {
  const { core, door } = connection;
  const { clientId } = subject;
  const sender = senderFor(connection, packet, authority, clientId);
  core.clients.set(clientId, connection);
  core.counters.connections.accepted++;
  core.counters.connections.current++;
  core.lifecycle.connected(subject);
  core.log.info(
    { clientId, principalId: principal.id, sourceIp: door.sourceIp, version: packet.protocolVersion },
    'client connected',
  );
  const publisher = { clientId, principal: principal.id, sourceIp: door.sourceIp, protocol: 'MQTT' as const };
  session.attach(sender);
  connection.established({
    clientId,
    authority,
    session,
    sender,
    subject,
    publisher,
    cleanStart: packet.clean,
    connectedAt: core.clock.now(),
  });
  takeSharedWork(core, session);
}

function tooOften(limit: number): Refusal {
  return { reasonCode: ReasonCode.quotaExceeded, detail: `the client id connects more than ${limit} times a second` };
}

/** What makes a CONNECT unacceptable whoever sends it. */
function invalidConnect(connection: Connection, packet: ConnectPacket): Refusal | undefined {
  const { profile } = connection;
  const { clientId, will } = packet;
  if (clientId === '' && !packet.clean && packet.protocolVersion === 4) {
    return {
      reasonCode: ReasonCode.clientIdentifierNotValid,
      detail: 'an empty client id needs a clean session [MQTT-3.1.3-8]',
    };
  }
  if (Buffer.byteLength(clientId) > profile.limits.clientIdBytes) {
    return {
      reasonCode: ReasonCode.clientIdentifierNotValid,
      detail: `the client id is longer than ${profile.limits.clientIdBytes} bytes`,
    };
  }
  if (profile.reservesDollarTopics && clientId.startsWith('$')) {
    return { reasonCode: ReasonCode.clientIdentifierNotValid, detail: 'client ids that begin with $ are reserved' };
  }
  if (packet.properties?.authenticationMethod !== undefined) {
    return { reasonCode: ReasonCode.badAuthenticationMethod, detail: 'enhanced authentication is not supported' };
  }
  if (!will) return undefined;
  if (will.qos > profile.maximumQoS)
    return { reasonCode: ReasonCode.qosNotSupported, detail: `will QoS ${will.qos} is not supported` };
  if (will.payload.length > profile.limits.payloadBytes)
    return { reasonCode: ReasonCode.packetTooLarge, detail: 'the will payload is too large' };
  if (
    topicRefusal(will.topic, profile) !== 0 ||
    (will.retain && profile.reservesDollarTopics && will.topic.startsWith('$'))
  ) {
    return { reasonCode: ReasonCode.topicNameInvalid, detail: `'${will.topic}' cannot be a will topic` };
  }
  return undefined;
}

function deniedConnect(authority: Authority, will: Will | undefined, clientId: string): Refusal | undefined {
  const reasonCode = ReasonCode.notAuthorized;
  if (!authority.allows('iot:Connect', `client/${clientId}`))
    return { reasonCode, detail: `not authorized to connect as '${clientId}'` };
  if (!will) return undefined;
  const resource = `topic/${will.topic}`;
  if (!authority.allows('iot:Publish', resource))
    return { reasonCode, detail: `not authorized to publish the will to '${will.topic}'` };
  if (will.retain && !authority.allows('iot:RetainPublish', resource))
    return { reasonCode, detail: `not authorized to retain the will on '${will.topic}'` };
  return undefined;
}

function circumstancesOf(connection: Connection, packet: ConnectPacket, clientId: string): Circumstances {
  const isPersistent = sessionExpiry(connection, packet) > 0;
  return {
    clientId,
    sourceIp: connection.door.sourceIp,
    secure: connection.door.secure,
    connectAttributes: [
      ...(isPersistent ? (['PersistentConnect'] as const) : []),
      ...(packet.will ? (['LastWill'] as const) : []),
    ],
  };
}

/** Resumes the client's session or makes a new one; resolves once that is durable. */
async function sessionFor(
  connection: Connection,
  packet: ConnectPacket,
  clientId: string,
): Promise<{ session: Session; isPresent: boolean }> {
  const { core, profile } = connection;
  const expiry = sessionExpiry(connection, packet);
  const older = core.sessions.get(clientId);
  const canResume =
    older && !packet.clean && (profile.sessionsCrossVersions || older.version === packet.protocolVersion);
  // One that is not kept in the store has ended with its connection.
  if (canResume && older.durable) {
    core.sessions.resumed(older);
    older.expirySeconds = expiry;
    await core.store.commit(core.sessions.save(older));
    return { session: older, isPresent: true };
  }
  const { session, writes } = core.sessions.create(clientId, packet.protocolVersion, expiry, {
    queueLimit: profile.limits.queuedMessages,
    perSecond: profile.limits.storedMessagesPerSecond,
  });
  if (writes.length > 0) await core.store.commit(writes);
  return { session, isPresent: false };
}

function sessionExpiry(connection: Connection, packet: ConnectPacket): number {
  const { limits, persistentSessionExpiry } = connection.profile;
  if (packet.protocolVersion === 4) return packet.clean ? 0 : persistentSessionExpiry;
  return Math.min(packet.properties?.sessionExpiryInterval ?? 0, limits.sessionExpiryMaximum);
}

function effectiveKeepAlive(connection: Connection, asked: number): number {
  const { keepAliveMinimum, keepAliveMaximum } = connection.profile.limits;
  if (asked === 0) return keepAliveMaximum;
  const atLeast = Math.max(asked, keepAliveMinimum);
  return keepAliveMaximum === 0 ? atLeast : Math.min(atLeast, keepAliveMaximum);
}

function senderFor(connection: Connection, packet: ConnectPacket, authority: Authority, clientId: string): Sender {
  const { core, profile, outbox } = connection;
  const { limits } = profile;
  const receivable = new Map<string, boolean>();
  let epoch = authority.epoch;
  const mayReceive = (topic: string): boolean => {
    if (epoch !== authority.epoch || receivable.size > MOST_TOPICS) {
      receivable.clear();
      epoch = authority.epoch;
    }
    const known = receivable.get(topic);
    if (known !== undefined) return known;
    const allowed = authority.allows('iot:Receive', `topic/${topic}`);
    receivable.set(topic, allowed);
    return allowed;
  };
  return new Sender({
    clientId,
    outbox,
    version: packet.protocolVersion,
    counters: core.counters,
    limits,
    marksDuplicates: profile.marksDuplicates,
    inflight: Math.min(packet.properties?.receiveMaximum ?? 65_535, limits.inflightOutbound),
    maximumPacketBytes: packet.properties?.maximumPacketSize ?? Number.MAX_SAFE_INTEGER,
    mayReceive,
    now: () => core.clock.now(),
  });
}

/** More topics than this of one client are not remembered at a time. */
const MOST_TOPICS = 2000;

function connackProperties(
  connection: Connection,
  packet: ConnectPacket,
  session: Session,
  assigned: string | undefined,
): Properties {
  const { profile } = connection;
  const { limits } = profile;
  return {
    ...(packet.properties?.sessionExpiryInterval !== undefined && { sessionExpiryInterval: session.expirySeconds }),
    receiveMaximum: limits.inflightInbound,
    ...(profile.maximumQoS === 1 && { maximumQoS: 1 }),
    retainAvailable: 1,
    maximumPacketSize: limits.packetBytes,
    ...(assigned !== undefined && { assignedClientIdentifier: assigned }),
    topicAliasMaximum: limits.topicAliasMaximum,
    wildcardSubscriptionAvailable: 1,
    subscriptionIdentifiersAvailable: profile.subscriptionIdentifiers ? 1 : 0,
    sharedSubscriptionAvailable: 1,
    ...(connection.keepAlive !== packet.keepAlive && { serverKeepAlive: connection.keepAlive }),
  };
}

function refuse(connection: Connection, clientId: string, refusal: Refusal): void {
  if (!connection.isOpen) return;
  const { core, version } = connection;
  const { reasonCode, detail } = refusal;
  core.counters.connections.refused++;
  // Policies and whoever authenticates have told why.
  if (reasonCode !== ReasonCode.notAuthorized)
    reportRefusal(connection, { action: 'connect', clientId, reasonCode, detail });
  const code = version === 5 ? reasonCode : connackReturnCode(reasonCode);
  const properties = version === 5 && connection.wantsProblemInformation ? { reasonString: detail } : undefined;
  connection.send({
    type: PacketType.connack,
    sessionPresent: false,
    reasonCode: code,
    ...(properties && { properties }),
  });
  connection.close(END_OF_REFUSED.get(reasonCode) ?? 'CLIENT_ERROR', reasonCode, detail);
}
