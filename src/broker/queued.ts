/** How a queued message is kept in the store: a JSON header and the payload's bytes. */
import type { Properties, QoS } from '../mqtt/packets.ts';
import type { Message, Publisher } from './message.ts';
import type { Outgoing } from './outgoing.ts';
import type { SendOptions } from './subscription.ts';

interface Header {
  readonly topic: string;
  /** Of the delivery. */
  readonly qos: QoS;
  readonly retain?: true;
  readonly retainAsPublished?: true;
  readonly identifiers?: readonly number[];
  readonly properties?: StoredProperties;
  readonly publisher?: Publisher;
  /** The shared subscription it came by. */
  readonly share?: string;
  readonly timestamp: number;
  readonly expiresAt?: number;
}

/** Properties as JSON: binary data in base64. */
export type StoredProperties = Omit<Properties, 'correlationData' | 'authenticationData'> & {
  correlationData?: string;
};

export interface QueuedMessage {
  readonly message: Message;
  readonly subscription: SendOptions;
  readonly qos: QoS;
  readonly share: string | undefined;
}

export function encodeQueued(outgoing: Outgoing, subscription: SendOptions, qos: QoS, share?: string): Buffer {
  const header: Header = {
    topic: outgoing.topic,
    qos,
    timestamp: outgoing.timestamp,
    ...(outgoing.retain && { retain: true }),
    ...(subscription.retainAsPublished && { retainAsPublished: true }),
    ...(subscription.identifiers && { identifiers: subscription.identifiers }),
    ...(outgoing.properties && { properties: storeProperties(outgoing.properties) }),
    ...(outgoing.publisher && { publisher: outgoing.publisher }),
    ...(share !== undefined && { share }),
    ...(outgoing.expiresAt !== 0 && { expiresAt: outgoing.expiresAt }),
  };
  const json = Buffer.from(JSON.stringify(header));
  const item = Buffer.allocUnsafe(4 + json.length + outgoing.payloadSize);
  item.writeUInt32BE(json.length, 0);
  json.copy(item, 4);
  outgoing.payload.copy(item, 4 + json.length);
  return item;
}

export function decodeQueued(item: Buffer): QueuedMessage {
  const headerEnd = 4 + item.readUInt32BE(0);
  const header = JSON.parse(item.toString('utf8', 4, headerEnd)) as Header;
  const message: Message = {
    topic: header.topic,
    payload: item.subarray(headerEnd),
    qos: header.qos,
    retain: header.retain ?? false,
    timestamp: header.timestamp,
    ...(header.properties && { properties: restoreProperties(header.properties) }),
    ...(header.publisher && { publisher: header.publisher }),
    ...(header.expiresAt !== undefined && { expiresAt: header.expiresAt }),
  };
  const subscription = { retainAsPublished: header.retainAsPublished ?? false, identifiers: header.identifiers };
  return { message, subscription, qos: header.qos, share: header.share };
}

export function storeProperties(properties: Properties): StoredProperties {
  const { correlationData, authenticationData: _, ...rest } = properties;
  return correlationData ? { ...rest, correlationData: correlationData.toString('base64') } : rest;
}

export function restoreProperties(stored: StoredProperties): Properties {
  const { correlationData, ...rest } = stored;
  return correlationData === undefined ? rest : { ...rest, correlationData: Buffer.from(correlationData, 'base64') };
}
