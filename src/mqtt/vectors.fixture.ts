/**
 * Packets as bytes and as objects, written by hand from the specifications; tests only. `hex` is what `bytes` takes.
 */
import { decode, FrameReader } from './mqtt.ts';
import { type Packet, PacketType, type ProtocolVersion } from './packets.ts';

export interface Vector {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly hex: string;
  readonly packet: Packet;
  /** A longer form than ours: decoded, but not what we would send. */
  readonly isLongForm?: true;
}

/** Bytes from hexadecimal digits and 'quoted text'; spaces are for the reader. */
export function bytes(hex: string): Buffer {
  const digits = hex.replace(/'([^']*)'/g, (_, text: string) => Buffer.from(text).toString('hex')).replace(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`Not whole bytes: ${hex}`);
  return Buffer.from(digits, 'hex');
}

/** All packets in these bytes, which must be whole; a CONNECT needs no version. */
export function decodeAll(input: Buffer, version?: ProtocolVersion): Packet[] {
  const packets: Packet[] = [];
  let consumed = 0;
  new FrameReader(300_000_000).push(input, (buffer, start, bodyStart, end) => {
    packets.push(decode(buffer, start, bodyStart, end, version));
    consumed = end;
    return true;
  });
  if (consumed !== input.length) throw new Error('The last packet is not whole');
  return packets;
}

const { connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe } = PacketType;
const { unsuback, pingreq, pingresp, disconnect, auth } = PacketType;

export const VECTORS: readonly Vector[] = [
  {
    name: 'the smallest CONNECT',
    version: 4,
    hex: "10 0c 0004'MQTT' 04 02 0000 0000",
    packet: { type: connect, protocolVersion: 4, clean: true, keepAlive: 0, clientId: '' },
  },
  {
    name: 'a CONNECT with everything',
    version: 4,
    hex: "10 1b 0004'MQTT' 04 ec 003c 0002'me' 0001't' 0001'w' 0001'u' 0002 ff00",
    packet: {
      type: connect,
      protocolVersion: 4,
      clean: false,
      keepAlive: 60,
      clientId: 'me',
      will: { topic: 't', payload: Buffer.from('w'), qos: 1, retain: true },
      username: 'u',
      password: Buffer.from([0xff, 0]),
    },
  },
  {
    name: 'an accepting CONNACK',
    version: 4,
    hex: '20 02 01 00',
    packet: { type: connack, sessionPresent: true, reasonCode: 0 },
  },
  {
    name: 'a refusing CONNACK',
    version: 4,
    hex: '20 02 00 05',
    packet: { type: connack, sessionPresent: false, reasonCode: 5 },
  },
  {
    name: 'a PUBLISH with QoS 0 and no payload',
    version: 4,
    hex: "30 05 0003'a/b'",
    packet: { type: publish, topic: 'a/b', payload: Buffer.alloc(0), qos: 0, retain: false, dup: false },
  },
  {
    name: 'a PUBLISH with QoS 2, DUP and RETAIN',
    version: 4,
    hex: "3d 08 0001'a' 1234 'xyz'",
    packet: {
      type: publish,
      topic: 'a',
      payload: Buffer.from('xyz'),
      qos: 2,
      retain: true,
      dup: true,
      packetId: 0x1234,
    },
  },
  {
    name: 'a PUBLISH whose topic begins with a byte order mark, which stays [MQTT-1.5.3-3]',
    version: 4,
    hex: "30 06 0004 efbbbf 'a'",
    packet: { type: publish, topic: '\uFEFFa', payload: Buffer.alloc(0), qos: 0, retain: false, dup: false },
  },
  {
    name: 'a PINGREQ whose remaining length has a needless byte, which only 5.0 forbids',
    version: 4,
    hex: 'c0 80 00',
    packet: { type: pingreq },
    isLongForm: true,
  },
  { name: 'a PUBACK', version: 4, hex: '40 02 ffff', packet: { type: puback, packetId: 65535, reasonCode: 0 } },
  { name: 'a PUBREC', version: 4, hex: '50 02 0001', packet: { type: pubrec, packetId: 1, reasonCode: 0 } },
  { name: 'a PUBREL', version: 4, hex: '62 02 0001', packet: { type: pubrel, packetId: 1, reasonCode: 0 } },
  { name: 'a PUBCOMP', version: 4, hex: '70 02 0001', packet: { type: pubcomp, packetId: 1, reasonCode: 0 } },
  {
    name: 'a SUBSCRIBE to two filters',
    version: 4,
    hex: "82 0d 0007 0003'a/#' 01 0002'+b' 00",
    packet: {
      type: subscribe,
      packetId: 7,
      subscriptions: [
        { filter: 'a/#', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 },
        { filter: '+b', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
    },
  },
  {
    name: 'a SUBACK',
    version: 4,
    hex: '90 05 0007 01 02 80',
    packet: { type: suback, packetId: 7, reasonCodes: [1, 2, 0x80] },
  },
  {
    name: 'an UNSUBSCRIBE',
    version: 4,
    hex: "a2 08 0008 0001'a' 0001'b'",
    packet: { type: unsubscribe, packetId: 8, filters: ['a', 'b'] },
  },
  { name: 'an UNSUBACK', version: 4, hex: 'b0 02 0008', packet: { type: unsuback, packetId: 8, reasonCodes: [] } },
  { name: 'a PINGREQ', version: 4, hex: 'c0 00', packet: { type: pingreq } },
  { name: 'a PINGRESP', version: 4, hex: 'd0 00', packet: { type: pingresp } },
  { name: 'a DISCONNECT', version: 4, hex: 'e0 00', packet: { type: disconnect, reasonCode: 0 } },

  {
    name: 'the smallest CONNECT',
    version: 5,
    hex: "10 0d 0004'MQTT' 05 02 0000 00 0000",
    packet: { type: connect, protocolVersion: 5, clean: true, keepAlive: 0, clientId: '' },
  },
  {
    name: 'an empty client id without clean start, which 5.0 allows',
    version: 5,
    hex: "10 0d 0004'MQTT' 05 00 0000 00 0000",
    packet: { type: connect, protocolVersion: 5, clean: false, keepAlive: 0, clientId: '' },
  },
  {
    name: 'a password without user name, which 5.0 allows',
    version: 5,
    hex: "10 10 0004'MQTT' 05 40 0000 00 0000 0001'p'",
    packet: { type: connect, protocolVersion: 5, clean: false, keepAlive: 0, clientId: '', password: Buffer.from('p') },
  },
  {
    name: 'a CONNECT with everything',
    version: 5,
    hex: `10 69 0004'MQTT' 05 f6 ffff
      2a 11 00000e10 15 0001'm' 16 0001'd' 17 00 19 01 21 000a 22 0008 26 0001'k' 0001'1' 26 0001'k' 0001'2' 27 00010000
      0002'id' 1f 01 01 02 00000005 03 0002'ct' 08 0001'r' 09 0001 00 18 0000000a 26 0001'w' 0000
      0004'will' 0002'hi' 0001'u' 0001'p'`,
    packet: {
      type: connect,
      protocolVersion: 5,
      clean: true,
      keepAlive: 65535,
      clientId: 'id',
      will: {
        topic: 'will',
        payload: Buffer.from('hi'),
        qos: 2,
        retain: true,
        properties: {
          payloadFormatIndicator: 1,
          messageExpiryInterval: 5,
          contentType: 'ct',
          responseTopic: 'r',
          correlationData: Buffer.from([0]),
          willDelayInterval: 10,
          userProperties: [['w', '']],
        },
      },
      username: 'u',
      password: Buffer.from('p'),
      properties: {
        sessionExpiryInterval: 3600,
        authenticationMethod: 'm',
        authenticationData: Buffer.from('d'),
        requestProblemInformation: 0,
        requestResponseInformation: 1,
        receiveMaximum: 10,
        topicAliasMaximum: 8,
        userProperties: [
          ['k', '1'],
          ['k', '2'],
        ],
        maximumPacketSize: 65536,
      },
    },
  },
  {
    name: 'a CONNACK with everything',
    version: 5,
    hex: `20 40 00 00 3d 11 00000001 12 0001'c' 13 0258 15 0001'm' 16 0001'd' 1a 0001'i' 1c 0001's' 1f 0002'ok' 21 0064
      22 0008 24 01 25 01 26 0001'k' 0001'v' 27 00024800 28 01 29 00 2a 01`,
    packet: {
      type: connack,
      sessionPresent: false,
      reasonCode: 0,
      properties: {
        sessionExpiryInterval: 1,
        assignedClientIdentifier: 'c',
        serverKeepAlive: 600,
        authenticationMethod: 'm',
        authenticationData: Buffer.from('d'),
        responseInformation: 'i',
        serverReference: 's',
        reasonString: 'ok',
        receiveMaximum: 100,
        topicAliasMaximum: 8,
        maximumQoS: 1,
        retainAvailable: 1,
        userProperties: [['k', 'v']],
        maximumPacketSize: 149504,
        wildcardSubscriptionAvailable: 1,
        subscriptionIdentifiersAvailable: 0,
        sharedSubscriptionAvailable: 1,
      },
    },
  },
  {
    name: 'a refusing CONNACK',
    version: 5,
    hex: '20 03 00 87 00',
    packet: { type: connack, sessionPresent: false, reasonCode: 0x87 },
  },
  {
    name: 'a PUBLISH with QoS 0 and nothing else',
    version: 5,
    hex: "30 04 0001'a' 00",
    packet: { type: publish, topic: 'a', payload: Buffer.alloc(0), qos: 0, retain: false, dup: false },
  },
  {
    name: 'a PUBLISH with every property',
    version: 5,
    hex: `32 32 0003'a/b' 0a0b 28 01 00 02 00000001 03 0002'ct' 08 0003'r/t' 09 0002 0001 0b 01 0b ffffff7f 23 0001
      26 0001'k' 0001'v' 'pp'`,
    packet: {
      type: publish,
      topic: 'a/b',
      payload: Buffer.from('pp'),
      qos: 1,
      retain: false,
      dup: false,
      packetId: 0x0a0b,
      properties: {
        payloadFormatIndicator: 0,
        messageExpiryInterval: 1,
        contentType: 'ct',
        responseTopic: 'r/t',
        correlationData: Buffer.from([0, 1]),
        subscriptionIdentifiers: [1, 268435455],
        topicAlias: 1,
        userProperties: [['k', 'v']],
      },
    },
  },
  {
    name: 'a PUBLISH with a topic alias in place of its topic',
    version: 5,
    hex: "30 07 0000 03 23 0003 'p'",
    packet: {
      type: publish,
      topic: '',
      payload: Buffer.from('p'),
      qos: 0,
      retain: false,
      dup: false,
      properties: { topicAlias: 3 },
    },
  },
  {
    name: 'a PUBACK of two bytes',
    version: 5,
    hex: '40 02 0001',
    packet: { type: puback, packetId: 1, reasonCode: 0 },
  },
  {
    name: 'a PUBACK of three bytes',
    version: 5,
    hex: '40 03 0001 10',
    packet: { type: puback, packetId: 1, reasonCode: 0x10 },
  },
  {
    name: 'a PUBACK with a property length of 0',
    version: 5,
    hex: '40 04 0001 00 00',
    packet: { type: puback, packetId: 1, reasonCode: 0 },
    isLongForm: true,
  },
  {
    name: 'a PUBACK with properties',
    version: 5,
    hex: "40 0f 0001 87 0b 1f 0001'r' 26 0001'k' 0001'v'",
    packet: {
      type: puback,
      packetId: 1,
      reasonCode: 0x87,
      properties: { reasonString: 'r', userProperties: [['k', 'v']] },
    },
  },
  { name: 'a PUBREC', version: 5, hex: '50 03 0001 97', packet: { type: pubrec, packetId: 1, reasonCode: 0x97 } },
  { name: 'a PUBREL', version: 5, hex: '62 03 0001 92', packet: { type: pubrel, packetId: 1, reasonCode: 0x92 } },
  { name: 'a PUBCOMP', version: 5, hex: '70 02 0001', packet: { type: pubcomp, packetId: 1, reasonCode: 0 } },
  {
    name: 'a SUBSCRIBE with all options',
    version: 5,
    hex: "82 18 0001 02 0b 7f 0003'a/#' 2d 000a'$share/g/b' 02",
    packet: {
      type: subscribe,
      packetId: 1,
      subscriptions: [
        { filter: 'a/#', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { filter: '$share/g/b', qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
      properties: { subscriptionIdentifiers: [127] },
    },
  },
  {
    name: 'a SUBACK',
    version: 5,
    hex: '90 06 0001 00 00 8f a2',
    packet: { type: suback, packetId: 1, reasonCodes: [0, 0x8f, 0xa2] },
  },
  {
    name: 'an UNSUBSCRIBE',
    version: 5,
    hex: "a2 0d 0001 07 26 0001'k' 0001'v' 0001'a'",
    packet: { type: unsubscribe, packetId: 1, filters: ['a'], properties: { userProperties: [['k', 'v']] } },
  },
  {
    name: 'an UNSUBACK',
    version: 5,
    hex: 'b0 05 0001 00 00 11',
    packet: { type: unsuback, packetId: 1, reasonCodes: [0, 0x11] },
  },
  { name: 'a PINGREQ', version: 5, hex: 'c0 00', packet: { type: pingreq } },
  { name: 'a PINGRESP', version: 5, hex: 'd0 00', packet: { type: pingresp } },
  { name: 'a DISCONNECT of no bytes', version: 5, hex: 'e0 00', packet: { type: disconnect, reasonCode: 0 } },
  { name: 'a DISCONNECT of one byte', version: 5, hex: 'e0 01 8e', packet: { type: disconnect, reasonCode: 0x8e } },
  {
    name: 'a DISCONNECT with a property length of 0',
    version: 5,
    hex: 'e0 02 04 00',
    packet: { type: disconnect, reasonCode: 4 },
    isLongForm: true,
  },
  {
    name: 'a DISCONNECT with properties',
    version: 5,
    hex: "e0 0f 00 0d 11 00000000 1c 0001's' 1f 0001'r'",
    packet: {
      type: disconnect,
      reasonCode: 0,
      properties: { sessionExpiryInterval: 0, serverReference: 's', reasonString: 'r' },
    },
  },
  { name: 'an AUTH of no bytes', version: 5, hex: 'f0 00', packet: { type: auth, reasonCode: 0 } },
  {
    name: 'an AUTH that goes on',
    version: 5,
    hex: "f0 0a 18 08 15 0001'm' 16 0001'd'",
    packet: {
      type: auth,
      reasonCode: 0x18,
      properties: { authenticationMethod: 'm', authenticationData: Buffer.from('d') },
    },
  },
];
