/**
 * SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 sections 3.8 to 3.11). Each filter is judged for itself; the answer goes out
 * once a persistent session's subscriptions are stored, and retained messages follow it.
 */
import { messageOf } from '../../base/errors.ts';
import { isValidFilter, MqttError, parseShared, ReasonCode } from '../../mqtt/mqtt.ts';
import {
  PacketType,
  type QoS,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubscribePacket,
} from '../../mqtt/packets.ts';
import type { Write } from '../../store/store.ts';
import { exceedsLimits } from '../admission.ts';
import type { Client, Connection } from '../connection.ts';
import { hasWildcard } from '../filter-index.ts';
import { reportRefusal } from '../refusal-report.ts';
import { isSubscribable } from '../reserved.ts';
import { fromStored, type Subscription } from '../subscription.ts';

export function handleSubscribe(connection: Connection, packet: SubscribePacket): void {
  const { core, profile } = connection;
  const client = connection.client as Client;
  if (packet.subscriptions.length > profile.limits.filtersPerSubscribe) {
    throw new MqttError(
      ReasonCode.quotaExceeded,
      `more than ${profile.limits.filtersPerSubscribe} filters in one SUBSCRIBE`,
    );
  }
  const identifier = packet.properties?.subscriptionIdentifiers?.[0];
  if (identifier !== undefined && !profile.subscriptionIdentifiers) {
    throw new MqttError(ReasonCode.subscriptionIdentifiersNotSupported, 'subscription identifiers are not supported');
  }
  const granted: Granted[] = [];
  const reasonCodes = packet.subscriptions.map((request) => {
    const refusal = refusalOf(connection, client, request);
    if (refusal !== 0) return refused(connection, request.filter, refusal);
    const isNew = !client.session.subscriptions.has(request.filter);
    const subscription = subscriptionTo(connection, client, request, identifier);
    core.sessions.subscribe(subscription);
    granted.push({ subscription, retainHandling: request.retainHandling, isNew });
    return subscription.qos;
  });
  const answer = (): void => {
    if (connection.client !== client || !connection.isOpen) return;
    connection.send({ type: PacketType.suback, packetId: packet.packetId, reasonCodes });
    for (const it of granted) sendRetained(connection, client, it);
  };
  if (granted.length > 0)
    core.lifecycle.subscribed(
      client.subject,
      granted.map((it) => it.subscription.filter),
    );
  whenStored(connection, granted.length > 0 ? core.sessions.save(client.session) : [], answer);
}

export function handleUnsubscribe(connection: Connection, packet: UnsubscribePacket): void {
  const { core, profile } = connection;
  const client = connection.client as Client;
  const removed: string[] = [];
  const reasonCodes = packet.filters.map((filter) => {
    if (!isValidFilter(filter)) return ReasonCode.topicFilterInvalid;
    if (core.sessions.unsubscribe(client.session, filter)) removed.push(filter);
    // 0x11, no subscription existed, is not among AWS's codes (gateway-broker.md section 7).
    else if (profile.name === 'standard') return ReasonCode.noSubscriptionExisted;
    return 0;
  });
  if (removed.length > 0) core.lifecycle.unsubscribed(client.subject, removed);
  const { packetId } = packet;
  whenStored(connection, removed.length > 0 ? core.sessions.save(client.session) : [], () => {
    connection.send({ type: PacketType.unsuback, packetId, reasonCodes: connection.version === 5 ? reasonCodes : [] });
  });
}

interface Granted {
  readonly subscription: Subscription;
  readonly retainHandling: 0 | 1 | 2;
  /** It did not replace one to the same filter. */
  readonly isNew: boolean;
}

/** Why a filter is refused; 0 when it is not. */
function refusalOf(connection: Connection, client: Client, request: SubscriptionRequest): number {
  const { profile } = connection;
  const { filter, qos } = request;
  if (!isValidFilter(filter)) return ReasonCode.topicFilterInvalid;
  const bare = parseShared(filter)?.filter ?? filter;
  if (exceedsLimits(bare, profile)) return ReasonCode.topicFilterInvalid;
  if (profile.name === 'aws' && qos > profile.maximumQoS) {
    throw new MqttError(ReasonCode.qosNotSupported, `QoS ${qos} is not supported`);
  }
  const isReserved = profile.reservesDollarTopics && bare.startsWith('$') && !isSubscribable(bare);
  if (isReserved) return ReasonCode.topicFilterInvalid;
  if (!client.authority.allows('iot:Subscribe', `topicfilter/${filter}`)) return ReasonCode.notAuthorized;
  const isNew = !client.session.subscriptions.has(filter);
  if (isNew && client.session.subscriptions.size >= profile.limits.subscriptionsPerConnection)
    return ReasonCode.quotaExceeded;
  return 0;
}

/** Policies have told the operator why, the rest is told here. Returns the code for the SUBACK. */
function refused(connection: Connection, filter: string, reasonCode: number): number {
  if (reasonCode !== ReasonCode.notAuthorized) {
    const detail = `subscribing to '${filter}' is not possible`;
    reportRefusal(connection, { action: 'iot:Subscribe', resource: filter, reasonCode, detail });
  }
  return connection.version === 5 ? reasonCode : 0x80;
}

function subscriptionTo(
  connection: Connection,
  client: Client,
  request: SubscriptionRequest,
  identifier: number | undefined,
): Subscription {
  const { profile } = connection;
  const { filter, noLocal, retainAsPublished } = request;
  const qos = Math.min(request.qos, profile.maximumQoS) as QoS;
  const { hashMatchesParent } = profile;
  return fromStored(client.session, {
    filter,
    qos,
    noLocal,
    retainAsPublished,
    hashMatchesParent,
    ...(identifier !== undefined && { identifier }),
  });
}

/** MQTT 5.0 section 3.8.3.1, Retain Handling; shared subscriptions get none. */
function sendRetained(connection: Connection, client: Client, granted: Granted): void {
  const { subscription, retainHandling, isNew } = granted;
  const { retained } = connection.core;
  const { filter } = subscription;
  if (retainHandling === 2 || (retainHandling === 1 && !isNew) || parseShared(filter)) return;
  if (!hasWildcard(filter)) {
    const message = retained.get(filter);
    if (message) give(client, subscription, message);
  } else if (connection.profile.wildcardsGetRetained) {
    for (const message of retained.matching(filter, subscription.hashMatchesParent))
      give(client, subscription, message);
  }
}

function give(
  client: Client,
  subscription: Subscription,
  message: Parameters<Client['sender']['sendRetained']>[0],
): void {
  if (!client.sender.mayReceive(message.topic)) return;
  client.sender.sendRetained(message, subscription, Math.min(message.qos, subscription.qos) as QoS);
}

/** Answers now, or once what must survive a crash does; a store that fails ends the connection. */
function whenStored(connection: Connection, writes: Write[], answer: () => void): void {
  if (writes.length === 0) return answer();
  connection.core.store.commit(writes).then(answer, (error: unknown) => {
    const { clientId } = connection.client as Client;
    connection.core.log.error({ clientId, cause: messageOf(error) }, 'subscriptions could not be stored');
    connection.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'subscriptions could not be stored');
  });
}
