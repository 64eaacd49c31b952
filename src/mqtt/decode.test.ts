import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectVersion, decode, encode, MqttError } from './mqtt.ts';
import type { ProtocolVersion } from './packets.ts';
import { bytes, decodeAll, VECTORS } from './vectors.fixture.ts';

for (const { name, version, hex, packet, isLongForm } of VECTORS) {
  test(`${name} is decoded (version ${version})`, () => {
    assert.deepEqual(decodeAll(bytes(hex), version), [packet]);
  });
  if (isLongForm) continue;
  test(`${name} is encoded (version ${version})`, () => {
    assert.equal(encode(packet, version).toString('hex'), bytes(hex).toString('hex'));
  });
}

test('payloads are views into the bytes received', () => {
  const input = bytes("30 05 0001'a' 'xy'");
  const [packet] = decodeAll(input, 4);
  input[5] = 0x7a;
  assert.ok(packet.type === 3);
  assert.equal(packet.payload.toString(), 'zy');
});

/** A 5.0 CONNECT of client `c` up to its flags and keep alive, with what follows. */
const connect5 = (flags: string, rest: string) => framed('10', `0004'MQTT' 05 ${flags} 0000 ${rest}`);
const connect4 = (flags: string, rest: string) => framed('10', `0004'MQTT' 04 ${flags} 0000 ${rest}`);
/** A 5.0 PUBLISH to `a` with QoS 0 and these properties. */
const publish5 = (properties: string) => framed('30', `0001'a' ${sized(properties)}`);

const BAD: readonly (readonly [code: number, version: ProtocolVersion | undefined, hex: string, name: string])[] = [
  // The fixed header.
  [0x81, 4, '00 00', 'packet type 0, section 2.2.1'],
  [0x81, 5, '00 00', 'packet type 0, section 2.1.2'],
  [0x81, 4, 'f0 00', 'an AUTH in 3.1.1, section 2.2.1'],
  [0x82, undefined, 'c0 00', 'another packet before CONNECT [MQTT-3.1.0-1]'],
  [0x81, undefined, '11 00', 'a CONNECT with reserved flags [MQTT-2.1.3-1]'],
  [0x81, 4, '22 02 00 00', 'a CONNACK with reserved flags [MQTT-2.2.2-2]'],
  [0x81, 4, '42 02 0001', 'a PUBACK with reserved flags [MQTT-2.2.2-2]'],
  [0x81, 5, '60 02 0001', 'a PUBREL without its reserved flag [MQTT-3.6.1-1]'],
  [0x81, 4, "80 06 0001 0001'a' 00", 'a SUBSCRIBE without its reserved flag [MQTT-3.8.1-1]'],
  [0x81, 5, "a0 06 0001 00 0001'a'", 'an UNSUBSCRIBE without its reserved flag [MQTT-3.10.1-1]'],
  [0x81, 5, 'c1 00', 'a PINGREQ with reserved flags [MQTT-2.1.3-1]'],
  [0x81, 5, 'e1 00', 'a DISCONNECT with reserved flags [MQTT-3.14.1-1]'],
  [0x81, 5, 'f1 00', 'an AUTH with reserved flags [MQTT-3.15.1-1]'],
  [0x81, 5, 'c0 80 00', 'a remaining length with a needless byte [MQTT-1.5.5-1]'],
  [0x81, 5, "30 84 00 0001'a' 00", 'a PUBLISH whose remaining length has a needless byte [MQTT-1.5.5-1]'],
  [0x81, undefined, "10 8d 00 0004'MQTT' 05 02 0000 00 0000", 'such a CONNECT of 5.0 [MQTT-1.5.5-1]'],
  [0x81, 4, 'c0 80 80 80 80 00', 'a remaining length of five bytes, section 2.2.3'],
  [0x81, 4, 'c0 01 00', 'a PINGREQ with a body'],
  [0x81, 4, 'd0 01 00', 'a PINGRESP with a body'],
  [0x81, 4, 'e0 01 00', 'a DISCONNECT with a body in 3.1.1'],
  // CONNECT.
  [0x81, undefined, '10 00', 'an empty CONNECT'],
  [0x81, undefined, framed('10', "0004'MQTX' 04 02 0000 0000"), 'a wrong protocol name [MQTT-3.1.2-1]'],
  [0x81, undefined, framed('10', "0004'mqtt' 05 02 0000 00 0000"), 'a protocol name in small letters [MQTT-3.1.2-1]'],
  [0x84, undefined, framed('10', "0006'MQIsdp' 03 02 0000 0000"), 'MQTT 3.1 [MQTT-3.1.2-2]'],
  [0x84, undefined, framed('10', "0004'MQTT' 03 02 0000 0000"), 'protocol level 3 [MQTT-3.1.2-2]'],
  [0x84, undefined, framed('10', "0004'MQTT' 06 02 0000 0000"), 'protocol level 6 [MQTT-3.1.2-2]'],
  [0x84, undefined, framed('10', "0004'MQTT' 84 02 0000 0000"), 'the bridge bit of some brokers [MQTT-3.1.2-2]'],
  [0x81, undefined, connect4('03', '0000'), 'the reserved connect flag in 3.1.1 [MQTT-3.1.2-3]'],
  [0x81, undefined, connect5('03', '00 0000'), 'the reserved connect flag in 5.0 [MQTT-3.1.2-3]'],
  [0x81, undefined, connect4('0a', '0000'), 'a will QoS without will in 3.1.1 [MQTT-3.1.2-13]'],
  [0x81, undefined, connect5('0a', '00 0000'), 'a will QoS without will in 5.0 [MQTT-3.1.2-11]'],
  [0x81, undefined, connect4('22', '0000'), 'will retain without will in 3.1.1 [MQTT-3.1.2-15]'],
  [0x81, undefined, connect5('22', '00 0000'), 'will retain without will in 5.0 [MQTT-3.1.2-13]'],
  [0x81, undefined, connect4('1e', "0000 0001't' 0000"), 'a will with QoS 3 in 3.1.1 [MQTT-3.1.2-14]'],
  [0x81, undefined, connect5('1e', "00 0000 00 0001't' 0000"), 'a will with QoS 3 in 5.0 [MQTT-3.1.2-12]'],
  [0x81, undefined, connect4('42', "0000 0001'p'"), 'a password without user name in 3.1.1 [MQTT-3.1.2-22]'],
  [0x85, undefined, connect4('00', '0000'), 'an empty client id without clean session [MQTT-3.1.3-8]'],
  [0x81, undefined, connect4('02', '0001 ff'), 'a client id that is not UTF-8 [MQTT-3.1.3-4]'],
  [0x81, undefined, connect4('02', '0005'), 'a client id cut off'],
  [0x81, undefined, connect4('06', '0000'), 'a will flag without will [MQTT-3.1.2-9]'],
  [0x81, undefined, connect4('06', '0000 0001 c1 0000'), 'a will topic that is not UTF-8 [MQTT-3.1.3-10]'],
  [0x90, undefined, connect4('06', '0000 0000 0000'), 'an empty will topic [MQTT-4.7.3-1]'],
  [0x90, undefined, connect5('06', "00 0000 00 0003'a/+' 0000"), 'a will topic with a wildcard [MQTT-4.7.1-1]'],
  [0x81, undefined, connect4('82', '0000'), 'a user name flag without user name [MQTT-3.1.2-19]'],
  [0x81, undefined, connect4('82', '0000 0002 c328'), 'a user name that is not UTF-8 [MQTT-3.1.3-11]'],
  [0x81, undefined, connect4('02', "0000 0001'p'"), 'a password without its flag [MQTT-3.1.2-20]'],
  [0x81, undefined, connect5('02', '05 2100'), 'a property length beyond the packet'],
  [0x81, undefined, connect5('02', '8000 0000'), 'a property length with a needless byte [MQTT-1.5.5-1]'],
  [0x82, undefined, connect5('02', '03 210000 0000'), 'receive maximum 0, section 3.1.2.11.3'],
  [0x82, undefined, connect5('02', '05 2700000000 0000'), 'maximum packet size 0, section 3.1.2.11.4'],
  [0x82, undefined, connect5('02', '02 1702 0000'), 'request problem information 2, section 3.1.2.11.7'],
  [0x82, undefined, connect5('02', '02 1902 0000'), 'request response information 2, section 3.1.2.11.6'],
  [0x82, undefined, connect5('02', '06 210001 210001 0000'), 'receive maximum twice, section 3.1.2.11.3'],
  [0x82, undefined, connect5('02', "04 16 0001'd' 0000"), 'authentication data without method, section 3.1.2.11.10'],
  [0x81, undefined, connect5('02', '05 18 00000001 0000'), 'a property of wills in CONNECT, section 2.2.2.2'],
  [
    0x81,
    undefined,
    connect5('06', "00 0000 05 11 00000001 0001't' 0000"),
    'a property of CONNECT in a will, section 2.2.2.2',
  ],
  [0x82, undefined, connect5('06', "00 0000 02 01 02 0001't' 0000"), 'payload format 2 of a will, section 3.1.3.2.3'],
  // CONNACK.
  [0x81, 4, '20 02 02 00', 'reserved acknowledge flags in 3.1.1, section 3.2.2.1'],
  [0x81, 5, '20 03 02 00 00', 'reserved acknowledge flags in 5.0 [MQTT-3.2.2-1]'],
  [0x82, 4, '20 02 00 06', 'return code 6, section 3.2.2.3'],
  [0x82, 4, '20 02 01 01', 'a refusal with session present in 3.1.1 [MQTT-3.2.2-4]'],
  [0x82, 5, '20 03 01 80 00', 'a refusal with session present in 5.0 [MQTT-3.2.2-6]'],
  [0x82, 5, '20 03 00 8d 00', 'a reason code that is not of CONNACK [MQTT-3.2.2-8]'],
  [0x81, 5, '20 02 00 00', 'a CONNACK of 5.0 without property length'],
  [0x81, 4, '20 03 00 00 00', 'a CONNACK of 3.1.1 with property length'],
  [0x82, 5, '20 05 00 00 02 24 02', 'maximum QoS 2, section 3.2.2.3.4'],
  [0x82, 5, '20 05 00 00 02 25 02', 'retain available 2, section 3.2.2.3.5'],
  [0x82, 5, '20 05 00 00 02 28 02', 'wildcard subscription available 2, section 3.2.2.3.11'],
  [0x82, 5, '20 05 00 00 02 29 02', 'subscription identifiers available 2, section 3.2.2.3.12'],
  [0x82, 5, '20 05 00 00 02 2a 02', 'shared subscription available 2, section 3.2.2.3.13'],
  // PUBLISH.
  [0x81, 4, "36 05 0001'a' 0001", 'QoS 3 [MQTT-3.3.1-4]'],
  [0x81, 4, "38 03 0001'a'", 'DUP with QoS 0 in 3.1.1 [MQTT-3.3.1-2]'],
  [0x81, 5, "38 04 0001'a' 00", 'DUP with QoS 0 in 5.0 [MQTT-3.3.1-2]'],
  [0x82, 4, "32 05 0001'a' 0000", 'packet identifier 0 in 3.1.1 [MQTT-2.3.1-1]'],
  [0x82, 5, "32 06 0001'a' 0000 00", 'packet identifier 0 in 5.0 [MQTT-2.2.1-3]'],
  [0x81, 4, '30 00', 'a PUBLISH without topic [MQTT-3.3.2-1]'],
  [0x81, 4, "30 03 0002'a'", 'a topic cut off [MQTT-3.3.2-1]'],
  [0x81, 4, "32 04 0001'a' 00", 'a packet identifier cut off'],
  [0x82, 4, '30 02 0000', 'an empty topic in 3.1.1 [MQTT-4.7.3-1]'],
  [0x82, 5, '30 03 0000 00', 'an empty topic without alias in 5.0, section 3.3.2.1'],
  [0x90, 4, "30 05 0003'a/+'", 'a topic with + [MQTT-3.3.2-2]'],
  [0x90, 5, "30 04 0001'#' 00", 'a topic with # [MQTT-3.3.2-2]'],
  [0x81, 4, '30 03 0001 00', 'U+0000 [MQTT-1.5.3-2]'],
  [0x81, 5, '30 06 0003 eda080 00', 'a surrogate [MQTT-1.5.4-1]'],
  [0x81, 4, '30 05 0003 eda080', 'a surrogate in 3.1.1 [MQTT-1.5.3-1]'],
  [0x81, 4, '30 04 0002 c0af', 'an overlong form [MQTT-1.5.3-1]'],
  [0x81, 4, '30 06 0004 f4908080', 'a code point beyond U+10FFFF [MQTT-1.5.3-1]'],
  [0x81, 4, '30 03 0001 c3', 'a character cut off [MQTT-1.5.3-1]'],
  [0x81, 5, "30 03 0001'a'", 'no property length, section 3.3.2.3.1'],
  [0x81, 5, "30 04 0001'a' 01", 'a property length beyond the packet'],
  [0x81, 5, "30 04 0001'a' 80", 'a property length cut off'],
  [0x81, 5, "30 05 0001'a' 8000", 'a property length with a needless byte [MQTT-1.5.5-1]'],
  [0x81, 5, "30 08 0001'a' 8080808000", 'a property length of five bytes [MQTT-1.5.5-1]'],
  [0x81, 5, publish5('7f'), 'an unknown property, section 2.2.2.2'],
  [0x81, 5, publish5('8100 01'), 'a property identifier with a needless byte [MQTT-1.5.5-1]'],
  [0x81, 5, publish5('11 00000001'), 'a property of another packet, section 2.2.2.2'],
  [0x81, 5, publish5('02 000000'), 'a property cut off'],
  [0x81, 5, publish5("26 0001'k'"), 'half of a user property [MQTT-1.5.7-1]'],
  [0x81, 5, publish5("26 0001'k' 0001 00"), 'U+0000 in a user property [MQTT-1.5.7-1]'],
  [0x81, 5, publish5('0b 80808080 01'), 'a subscription identifier of five bytes [MQTT-1.5.5-1]'],
  [0x82, 5, publish5('01 02'), 'payload format 2, section 3.3.2.3.2'],
  [0x82, 5, publish5('01 00 01 00'), 'payload format twice, section 3.3.2.3.2'],
  [0x82, 5, publish5('02 00000001 02 00000001'), 'message expiry twice, section 3.3.2.3.3'],
  [0x94, 5, publish5('23 0000'), 'topic alias 0 [MQTT-3.3.2-8]'],
  [0x82, 5, publish5('23 0001 23 0002'), 'topic alias twice, section 3.3.2.3.4'],
  [0x82, 5, publish5("08 0001'#'"), 'a response topic with a wildcard [MQTT-3.3.2-14]'],
  [0x81, 5, publish5('08 0001 ff'), 'a response topic that is not UTF-8 [MQTT-3.3.2-13]'],
  [0x82, 5, publish5('08 0000'), 'an empty response topic [MQTT-4.7.3-1]'],
  [0x81, 5, publish5('03 0001 ff'), 'a content type that is not UTF-8 [MQTT-3.3.2-19]'],
  [0x82, 5, publish5('09 0000 09 0000'), 'correlation data twice, section 3.3.2.3.6'],
  [0x82, 5, publish5('0b 00'), 'subscription identifier 0, section 3.3.2.3.8'],
  // Acknowledgements.
  [0x82, 4, '40 02 0000', 'a PUBACK with packet identifier 0 [MQTT-2.3.1-1]'],
  [0x81, 4, '40 01 00', 'a PUBACK cut off'],
  [0x81, 4, '40 03 0001 00', 'a PUBACK of 3.1.1 with a reason code'],
  [0x82, 5, '40 03 0001 92', 'a reason code that is not of PUBACK [MQTT-3.4.2-1]'],
  [0x82, 5, '50 03 0001 92', 'a reason code that is not of PUBREC [MQTT-3.5.2-1]'],
  [0x82, 5, '62 03 0001 10', 'a reason code that is not of PUBREL [MQTT-3.6.2-1]'],
  [0x82, 5, '70 03 0001 80', 'a reason code that is not of PUBCOMP [MQTT-3.7.2-1]'],
  [0x81, 5, '40 05 0001 00 00 00', 'a PUBACK with bytes left over'],
  [0x81, 5, '40 06 0001 00 02 01 00', 'a PUBACK with a property of PUBLISH, section 2.2.2.2'],
  [0x82, 5, '40 0a 0001 00 06 1f 0000 1f 0000', 'a reason string twice, section 3.4.2.2.2'],
  // SUBSCRIBE and its like.
  [0x82, 4, "82 06 0000 0001'a' 00", 'a SUBSCRIBE with packet identifier 0 [MQTT-2.3.1-1]'],
  [0x82, 4, '82 02 0001', 'a SUBSCRIBE without filter in 3.1.1 [MQTT-3.8.3-3]'],
  [0x82, 5, '82 03 0001 00', 'a SUBSCRIBE without filter in 5.0 [MQTT-3.8.3-2]'],
  [0x81, 4, "82 05 0001 0001'a'", 'a filter without its QoS'],
  [0x81, 4, "82 06 0001 0001'a' 03", 'a request for QoS 3 in 3.1.1 [MQTT-3-8.3-4]'],
  [0x81, 4, "82 06 0001 0001'a' 04", 'reserved bits in 3.1.1 [MQTT-3-8.3-4]'],
  [0x82, 5, "82 07 0001 00 0001'a' 03", 'a request for QoS 3 in 5.0, section 3.8.3.1'],
  [0x81, 5, "82 07 0001 00 0001'a' 40", 'reserved bits in 5.0 [MQTT-3.8.3-5]'],
  [0x82, 5, "82 07 0001 00 0001'a' 30", 'retain handling 3, section 3.8.3.1'],
  [0x82, 5, framed('82', "0001 00 000a'$share/g/b' 04"), 'no local on a shared subscription [MQTT-3.8.3-4]'],
  [0x82, 4, '82 05 0001 0000 00', 'an empty filter [MQTT-4.7.3-1]'],
  [0x81, 4, '82 06 0001 0001 ff 00', 'a filter that is not UTF-8 [MQTT-3.8.3-1]'],
  [0x81, 4, '82 06 0001 0001 00 00', 'a filter with U+0000 [MQTT-4.7.3-2]'],
  [0x82, 5, "82 09 0001 02 0b00 0001'a' 00", 'subscription identifier 0, section 3.8.2.1.2'],
  [0x82, 5, "82 0b 0001 04 0b01 0b02 0001'a' 00", 'subscription identifier twice, section 3.8.2.1.2'],
  [0x82, 4, '90 02 0001', 'a SUBACK without return code'],
  [0x82, 4, '90 03 0001 03', 'return code 3 in SUBACK [MQTT-3.9.3-2]'],
  [0x82, 5, '90 04 0001 00 03', 'reason code 3 in SUBACK [MQTT-3.9.3-2]'],
  [0x82, 4, '90 03 0000 00', 'a SUBACK with packet identifier 0 [MQTT-2.3.1-1]'],
  [0x82, 4, "a2 05 0000 0001'a'", 'an UNSUBSCRIBE with packet identifier 0 [MQTT-2.3.1-1]'],
  [0x82, 4, 'a2 02 0001', 'an UNSUBSCRIBE without filter in 3.1.1 [MQTT-3.10.3-2]'],
  [0x82, 5, 'a2 03 0001 00', 'an UNSUBSCRIBE without filter in 5.0 [MQTT-3.10.3-2]'],
  [0x81, 4, 'a2 05 0001 0001 ff', 'an UNSUBSCRIBE whose filter is not UTF-8 [MQTT-3.10.3-1]'],
  [0x81, 4, 'b0 03 0001 00', 'an UNSUBACK of 3.1.1 with a reason code'],
  [0x82, 5, 'b0 04 0001 00 01', 'a reason code that is not of UNSUBACK [MQTT-3.11.3-2]'],
  // DISCONNECT and AUTH.
  [0x82, 5, 'e0 01 01', 'a reason code that is not of DISCONNECT [MQTT-3.14.2-1]'],
  [0x82, 5, 'e0 0c 00 0a 11 00000000 11 00000000', 'session expiry twice, section 3.14.2.2.2'],
  [0x81, 5, 'e0 03 00 00 00', 'a DISCONNECT with bytes left over'],
  [0x82, 5, "f0 06 80 04 15 0001'm'", 'a reason code that is not of AUTH [MQTT-3.15.2-1]'],
  [0x82, 5, 'f0 02 18 00', 'an AUTH without method, section 3.15.2.2.2'],
  [0x81, 5, 'f0 01 18', 'an AUTH without property length'],
];

for (const [code, version, hex, name] of BAD) {
  test(`refused with 0x${code.toString(16)}: ${name}`, () => {
    assert.throws(
      () => decodeAll(bytes(hex), version),
      (error) => error instanceof MqttError && error.reasonCode === code && error.message !== '',
    );
  });
}

test('the version of a CONNECT is known even when the rest is broken', () => {
  const versionOf = (hex: string) => connectVersion(bytes(hex), 2, bytes(hex).length);
  assert.equal(versionOf(connect5('03', '')), 5);
  assert.equal(versionOf("10 07 0004'MQTT' 04"), 4);
  assert.equal(versionOf("10 07 0004'MQTT' 03"), undefined);
  assert.equal(versionOf("10 06 0004'MQTT'"), undefined);
  assert.equal(versionOf("10 09 0006'MQIsdp' 03"), undefined);
});

test('decode looks only at the packet it is given, wherever it lies', () => {
  const input = bytes("ffff 30 05 0001'a' 'xy' ffff");
  assert.deepEqual(decode(input, 2, 4, 9, 4), decodeAll(bytes("30 05 0001'a' 'xy'"), 4)[0]);
});

/** Puts a one-byte remaining length in front of the body. */
function framed(firstByte: string, body: string): string {
  return `${firstByte} ${sized(body)}`;
}

/** Puts the length, below 128, in one byte in front. */
function sized(body: string): string {
  return `${bytes(body).length.toString(16).padStart(2, '0')} ${body}`;
}
