/**
 * The MQTT control packets of 3.1.1 and 5.0 as plain objects: what `decode` returns and `encode` takes.
 * Payloads and other binary data stay Buffers, views into the bytes received; whoever keeps one longer than the
 * current turn of the event loop copies it. Text is always a validated string.
 */

export type QoS = 0 | 1 | 2;

/** 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type ProtocolVersion = 4 | 5;

export const PacketType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/**
 * The low half of the first byte, of all packets but PUBLISH, where it carries QoS, DUP and RETAIN: 2 for PUBREL, SUBSCRIBE and
 * UNSUBSCRIBE [MQTT-3.6.1-1], [MQTT-3.8.1-1], [MQTT-3.10.1-1], else 0.
 */
export function fixedHeaderFlags(type: number): 0 | 2 {
  return type === PacketType.pubrel || type === PacketType.subscribe || type === PacketType.unsubscribe ? 2 : 0;
}

export type UserProperties = readonly (readonly [name: string, value: string])[];

/** All properties of MQTT 5.0 section 2.2.2.2. Which packet may carry which is the codec's table. */
export interface Properties {
  readonly payloadFormatIndicator?: number;
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
  readonly subscriptionIdentifiers?: readonly number[];
  readonly sessionExpiryInterval?: number;
  readonly assignedClientIdentifier?: string;
  readonly serverKeepAlive?: number;
  readonly authenticationMethod?: string;
  readonly authenticationData?: Buffer;
  readonly requestProblemInformation?: number;
  readonly willDelayInterval?: number;
  readonly requestResponseInformation?: number;
  readonly responseInformation?: string;
  readonly serverReference?: string;
  readonly reasonString?: string;
  readonly receiveMaximum?: number;
  readonly topicAliasMaximum?: number;
  readonly topicAlias?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: number;
  readonly userProperties?: UserProperties;
  readonly maximumPacketSize?: number;
  readonly wildcardSubscriptionAvailable?: number;
  readonly subscriptionIdentifiersAvailable?: number;
  readonly sharedSubscriptionAvailable?: number;
}

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties?: Properties;
}

export interface ConnectPacket {
  readonly type: typeof PacketType.connect;
  readonly protocolVersion: ProtocolVersion;
  /** Clean session (3.1.1), clean start (5). */
  readonly clean: boolean;
  /** Seconds; 0 turns it off. */
  readonly keepAlive: number;
  readonly clientId: string;
  readonly will?: Will;
  readonly username?: string;
  readonly password?: Buffer;
  readonly properties?: Properties;
}

export interface ConnackPacket {
  readonly type: typeof PacketType.connack;
  readonly sessionPresent: boolean;
  /** A return code in 3.1.1, a reason code in 5. */
  readonly reasonCode: number;
  readonly properties?: Properties;
}

export interface PublishPacket {
  readonly type: typeof PacketType.publish;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Present when `qos` is above 0. */
  readonly packetId?: number;
  readonly properties?: Properties;
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP. In 3.1.1 the reason code is always 0. */
export interface AckPacket {
  readonly type:
    | typeof PacketType.puback
    | typeof PacketType.pubrec
    | typeof PacketType.pubrel
    | typeof PacketType.pubcomp;
  readonly packetId: number;
  readonly reasonCode: number;
  readonly properties?: Properties;
}

export interface SubscriptionRequest {
  readonly filter: string;
  readonly qos: QoS;
  /** The options of 5.0 section 3.8.3.1; false and 0 in 3.1.1. */
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
}

export interface SubscribePacket {
  readonly type: typeof PacketType.subscribe;
  readonly packetId: number;
  readonly subscriptions: readonly SubscriptionRequest[];
  readonly properties?: Properties;
}

export interface SubackPacket {
  readonly type: typeof PacketType.suback;
  readonly packetId: number;
  readonly reasonCodes: readonly number[];
  readonly properties?: Properties;
}

export interface UnsubscribePacket {
  readonly type: typeof PacketType.unsubscribe;
  readonly packetId: number;
  readonly filters: readonly string[];
  readonly properties?: Properties;
}

export interface UnsubackPacket {
  readonly type: typeof PacketType.unsuback;
  readonly packetId: number;
  /** Empty in 3.1.1, one for each filter in 5. */
  readonly reasonCodes: readonly number[];
  readonly properties?: Properties;
}

export interface PingPacket {
  readonly type: typeof PacketType.pingreq | typeof PacketType.pingresp;
}

export interface DisconnectPacket {
  readonly type: typeof PacketType.disconnect;
  /** Always 0 in 3.1.1. */
  readonly reasonCode: number;
  readonly properties?: Properties;
}

export interface AuthPacket {
  readonly type: typeof PacketType.auth;
  readonly reasonCode: number;
  readonly properties?: Properties;
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket;
