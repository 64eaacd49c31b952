/**
 * SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 sections 3.8 to 3.11). Each filter is judged for itself; the answer goes out
 * once a persistent session's subscriptions are stored, with the retained messages that are queued for it. Retained
 * messages follow the answer.
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
import type { Message } from '../message.ts';
import { Outgoing } from '../outgoing.ts';
import { reportRefusal } from '../refusal-report.ts';
import { isSubscribable } from '../reserved.ts';
import { takeSharedWork } from '../shared-work.ts';
import { fromStored, type Subscription } from '../subscription.ts';

interface Granted {
  readonly subscription: Subscription;
  readonly retainHandling: 0 | 1 | 2;
  /** It did not replace one to the same filter. */
  readonly isNew: boolean;
}

export function handleSubscribe(connection: Connection, packet: SubscribePacket): void {
  const { core } = connection;
  const client = connection.client as Client;
  const identifier = checkRequest(connection, packet);
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
  if (granted.length > 0) {
    const filters = granted.map((it) => it.subscription.filter);
    core.lifecycle.subscribed(client.subject, filters);
  }
  const writes = granted.length > 0 ? core.sessions.save(client.session) : [];
  const retained = granted.flatMap((it) => retainedFor(connection, client, it, writes));
  whenStored(connection, writes, () => {
    if (connection.client !== client || !connection.isOpen) return;
    connection.send({ type: PacketType.suback, packetId: packet.packetId, reasonCodes });
    for (const send of retained) send();
    takeSharedWork(core, client.session);
  });
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
    if (!connection.isOpen) return;
    connection.send({ type: PacketType.unsuback, packetId, reasonCodes: connection.version === 5 ? reasonCodes : [] });
  });
}

/** What makes the whole packet unacceptable. Returns the subscription identifier, if there is one. */
function checkRequest(connection: Connection, packet: SubscribePacket): number | undefined {
  const { limits, subscriptionIdentifiers } = connection.profile;
  if (packet.subscriptions.length > limits.filtersPerSubscribe) {
    const detail = `more than ${limits.filtersPerSubscribe} filters in one SUBSCRIBE`;
    throw new MqttError(ReasonCode.quotaExceeded, detail);
  }
  for (const { filter, noLocal } of packet.subscriptions) {
    // [MQTT-3.8.3-4]
    if (noLocal && parseShared(filter))
      throw new MqttError(ReasonCode.protocolError, 'No Local on a shared subscription');
  }
  const identifier = packet.properties?.subscriptionIdentifiers?.[0];
  if (identifier !== undefined && !subscriptionIdentifiers) {
    throw new MqttError(ReasonCode.subscriptionIdentifiersNotSupported, 'subscription identifiers are not supported');
  }
  return identifier;
}

/** Why a filter is refused; 0 when it is not. */
function refusalOf(connection: Connection, client: Client, request: SubscriptionRequest): number {
  const { profile, core } = connection;
  const { limits } = profile;
  const { filter, qos } = request;
  if (!isValidFilter(filter)) return ReasonCode.topicFilterInvalid;
  const shared = parseShared(filter);
  const bare = shared?.filter ?? filter;
  if (exceedsLimits(bare, profile)) return ReasonCode.topicFilterInvalid;
  if (shared && shared.group.length > limits.shareNameLength) return ReasonCode.topicFilterInvalid;
  if (profile.name === 'aws' && qos > profile.maximumQoS) {
    throw new MqttError(ReasonCode.qosNotSupported, `QoS ${qos} is not supported`);
  }
  const isReserved = profile.reservesDollarTopics && bare.startsWith('$') && !isSubscribable(bare);
  if (isReserved) return ReasonCode.topicFilterInvalid;
  if (!client.authority.allows('iot:Subscribe', `topicfilter/${filter}`)) return ReasonCode.notAuthorized;
  if (client.session.subscriptions.has(filter)) return 0;
  const isTooMany = client.session.subscriptions.size >= limits.subscriptionsPerConnection;
  if (!isTooMany && core.subscriptionRate.take(core.clock.now(), limits.subscriptionsPerSecond)) return 0;
  return ReasonCode.quotaExceeded;
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

/**
 * The retained messages for a new subscription (MQTT 5.0 section 3.8.3.1, Retain Handling; shared subscriptions get
 * none): what sends them once the SUBACK is out. Those that a persistent session must not lose are queued in `writes`.
 */
function retainedFor(connection: Connection, client: Client, granted: Granted, writes: Write[]): (() => void)[] {
  const { subscription, retainHandling, isNew } = granted;
  if (retainHandling === 2 || (retainHandling === 1 && !isNew) || parseShared(subscription.filter)) return [];
  const options = { ...subscription, retainAsPublished: true };
  const { durable } = client.session;
  return retainedMessages(connection, subscription).flatMap((message) => {
    if (!client.sender.mayReceive(message.topic)) return [];
    const outgoing = Outgoing.of(message);
    const qos = Math.min(message.qos, subscription.qos) as QoS;
    if (qos === 0 || durable === undefined) return [() => client.sender.sendRetained(outgoing, options, qos)];
    durable.add(outgoing, options, qos, undefined, true);
    writes.push(...outgoing.writes);
    return outgoing.callbacks.map((callback) => () => callback(true));
  });
}

function retainedMessages(connection: Connection, { filter, hashMatchesParent }: Subscription): Message[] {
  const { profile, core } = connection;
  if (!profile.reservesDollarTopics && filter.startsWith('$')) {
    const figures = core.sysTree.matching(filter);
    if (figures.length > 0) return figures;
  }
  if (hasWildcard(filter)) return profile.wildcardsGetRetained ? core.retained.matching(filter, hashMatchesParent) : [];
  const message = core.retained.get(filter);
  return message ? [message] : [];
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
