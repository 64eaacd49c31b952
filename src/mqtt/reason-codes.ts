/**
 * The reason codes of MQTT 5.0 (section 2.4), their phrases, which packet may carry which, and what becomes of them
 * in 3.1.1. `MqttError` is what the codec throws about bytes or values it must refuse; the broker turns its reason
 * code into a CONNACK or DISCONNECT (5.0) or just closes (3.1.1).
 */
import { PacketType } from './packets.ts';

export const ReasonCode = {
  /** Also "normal disconnection" and "granted QoS 0". */
  success: 0x00,
  grantedQoS1: 0x01,
  grantedQoS2: 0x02,
  disconnectWithWill: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  continueAuthentication: 0x18,
  reAuthenticate: 0x19,
  unspecifiedError: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierInUse: 0x91,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  sharedSubscriptionsNotSupported: 0x9e,
  connectionRateExceeded: 0x9f,
  maximumConnectTime: 0xa0,
  subscriptionIdentifiersNotSupported: 0xa1,
  wildcardSubscriptionsNotSupported: 0xa2,
} as const;
export type ReasonCode = (typeof ReasonCode)[keyof typeof ReasonCode];

/** Thrown by the codec for what it must refuse; `reasonCode` is the one of MQTT 5.0 that tells why. */
export class MqttError extends Error {
  override readonly name = 'MqttError';
  readonly reasonCode: number;

  constructor(reasonCode: number, message: string = phraseOf(reasonCode)) {
    super(message);
    this.reasonCode = reasonCode;
  }
}

/** The bytes cannot be parsed (0x81). */
export function malformed(message: string): MqttError {
  return new MqttError(ReasonCode.malformedPacket, message);
}

/** The bytes can be parsed, but what they say is not allowed (0x82). */
export function protocolError(message: string): MqttError {
  return new MqttError(ReasonCode.protocolError, message);
}

/** A code in words for logs and reason strings, e.g. `topic filter invalid`; an unknown one as `reason code 0xee`. */
export function phraseOf(code: number): string {
  return PHRASES.get(code) ?? `reason code 0x${code.toString(16).padStart(2, '0')}`;
}

/** Whether a packet of this type may carry the code in MQTT 5.0. False for packets that carry none. */
export function isReasonCodeOf(type: PacketType, code: number): boolean {
  return CARRIED.get(type)?.has(code) ?? false;
}

/** The CONNACK return code of 3.1.1 (section 3.2.2.3) that stands for a reason code of 5.0. */
export function connackReturnCode(reasonCode: number): 0 | 1 | 2 | 3 | 4 | 5 {
  switch (reasonCode) {
    case ReasonCode.success:
      return 0;
    case ReasonCode.unsupportedProtocolVersion:
      return 1;
    case ReasonCode.clientIdentifierNotValid:
      return 2;
    case ReasonCode.badUserNameOrPassword:
    case ReasonCode.badAuthenticationMethod:
      return 4;
    case ReasonCode.unspecifiedError:
    case ReasonCode.implementationSpecificError:
    case ReasonCode.serverUnavailable:
    case ReasonCode.serverBusy:
    case ReasonCode.serverShuttingDown:
    case ReasonCode.quotaExceeded:
    case ReasonCode.useAnotherServer:
    case ReasonCode.serverMoved:
    case ReasonCode.connectionRateExceeded:
      return 3;
    default:
      return 5;
  }
}

/** `topicFilterInvalid` becomes `topic filter invalid`, `grantedQoS1` `granted QoS 1`. */
const PHRASES: ReadonlyMap<number, string> = new Map(
  Object.entries(ReasonCode).map(([name, code]) => {
    const words = name.split(/(?=[A-Z][a-z])/).join(' ');
    return [
      code,
      words
        .toLowerCase()
        .replace(/ ?qos ?/, ' QoS ')
        .trim(),
    ];
  }),
);

const PUBACK_CODES = new Set([0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);
const PUBREL_CODES = new Set([0x00, 0x92]);

/** MQTT 5.0 section 2.4 and the table of each packet. */
const CARRIED: ReadonlyMap<PacketType, ReadonlySet<number>> = new Map<PacketType, ReadonlySet<number>>([
  [
    PacketType.connack,
    new Set([
      0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
      0x9c, 0x9d, 0x9f,
    ]),
  ],
  [PacketType.puback, PUBACK_CODES],
  [PacketType.pubrec, PUBACK_CODES],
  [PacketType.pubrel, PUBREL_CODES],
  [PacketType.pubcomp, PUBREL_CODES],
  [PacketType.suback, new Set([0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2])],
  [PacketType.unsuback, new Set([0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91])],
  [
    PacketType.disconnect,
    new Set([
      0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
      0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
    ]),
  ],
  [PacketType.auth, new Set([0x00, 0x18, 0x19])],
]);
