/**
 * The properties of MQTT 5.0 (section 2.2.2): one table says for each its identifier, its form, the values it may have and which
 * packets may carry it; decoding and encoding follow the table. Used by the codec only. Which side may send a property (a
 * subscription identifier never comes from a client) is for those who know which side they are.
 */
import { PacketType, type Properties, type UserProperties } from './packets.ts';
import type { Reader } from './reader.ts';
import { MqttError, malformed, protocolError, ReasonCode } from './reason-codes.ts';
import { Writer } from './writer.ts';

/** What carries properties: a packet, or the will inside a CONNECT. */
export type PropertyCarrier = PacketType | 'will';

type Form = 'byte' | 'uint16' | 'uint32' | 'varint' | 'text' | 'binary' | 'pair';

interface PropertyRule {
  readonly id: number;
  readonly name: keyof Properties;
  readonly form: Form;
  readonly carriers: readonly PropertyCarrier[];
  /** Limits of a number that are narrower than its form's. */
  readonly least?: number;
  readonly most?: number;
}

const { connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback } =
  PacketType;
const { disconnect, auth } = PacketType;
const ACKS: readonly PropertyCarrier[] = [puback, pubrec, pubrel, pubcomp, suback, unsuback];

/** Section 2.2.2.2 and the property sections of each packet. */
export const PROPERTY_RULES: readonly PropertyRule[] = [
  { id: 0x01, name: 'payloadFormatIndicator', form: 'byte', most: 1, carriers: [publish, 'will'] },
  { id: 0x02, name: 'messageExpiryInterval', form: 'uint32', carriers: [publish, 'will'] },
  { id: 0x03, name: 'contentType', form: 'text', carriers: [publish, 'will'] },
  { id: 0x08, name: 'responseTopic', form: 'text', carriers: [publish, 'will'] },
  { id: 0x09, name: 'correlationData', form: 'binary', carriers: [publish, 'will'] },
  { id: 0x0b, name: 'subscriptionIdentifiers', form: 'varint', least: 1, carriers: [publish, subscribe] },
  { id: 0x11, name: 'sessionExpiryInterval', form: 'uint32', carriers: [connect, connack, disconnect] },
  { id: 0x12, name: 'assignedClientIdentifier', form: 'text', carriers: [connack] },
  { id: 0x13, name: 'serverKeepAlive', form: 'uint16', carriers: [connack] },
  { id: 0x15, name: 'authenticationMethod', form: 'text', carriers: [connect, connack, auth] },
  { id: 0x16, name: 'authenticationData', form: 'binary', carriers: [connect, connack, auth] },
  { id: 0x17, name: 'requestProblemInformation', form: 'byte', most: 1, carriers: [connect] },
  { id: 0x18, name: 'willDelayInterval', form: 'uint32', carriers: ['will'] },
  { id: 0x19, name: 'requestResponseInformation', form: 'byte', most: 1, carriers: [connect] },
  { id: 0x1a, name: 'responseInformation', form: 'text', carriers: [connack] },
  { id: 0x1c, name: 'serverReference', form: 'text', carriers: [connack, disconnect] },
  { id: 0x1f, name: 'reasonString', form: 'text', carriers: [connack, ...ACKS, disconnect, auth] },
  { id: 0x21, name: 'receiveMaximum', form: 'uint16', least: 1, carriers: [connect, connack] },
  { id: 0x22, name: 'topicAliasMaximum', form: 'uint16', carriers: [connect, connack] },
  { id: 0x23, name: 'topicAlias', form: 'uint16', least: 1, carriers: [publish] },
  { id: 0x24, name: 'maximumQoS', form: 'byte', most: 1, carriers: [connack] },
  { id: 0x25, name: 'retainAvailable', form: 'byte', most: 1, carriers: [connack] },
  {
    id: 0x26,
    name: 'userProperties',
    form: 'pair',
    carriers: [connect, connack, publish, 'will', ...ACKS, subscribe, unsubscribe, disconnect, auth],
  },
  { id: 0x27, name: 'maximumPacketSize', form: 'uint32', least: 1, carriers: [connect, connack] },
  { id: 0x28, name: 'wildcardSubscriptionAvailable', form: 'byte', most: 1, carriers: [connack] },
  { id: 0x29, name: 'subscriptionIdentifiersAvailable', form: 'byte', most: 1, carriers: [connack] },
  { id: 0x2a, name: 'sharedSubscriptionAvailable', form: 'byte', most: 1, carriers: [connack] },
];

const RULE_BY_ID: readonly (PropertyRule | undefined)[] = Array.from({ length: 0x2b }, (_, id) =>
  PROPERTY_RULES.find((rule) => rule.id === id),
);

/** Reads a property length and as many bytes of properties. Undefined when there are none. */
export function readProperties(reader: Reader, carrier: PropertyCarrier): Properties | undefined {
  const length = reader.varint();
  return length === 0 ? undefined : readPropertyList(reader.part(length), carrier);
}

/**
 * Reads properties until the reader's end.
 * @throws {MqttError} 0x81 for bytes that are no property of this carrier (section 2.2.2.2); 0x82 for one given twice or a value out of
 *   range, 0x94 for topic alias 0 [MQTT-3.3.2-8].
 */
export function readPropertyList(reader: Reader, carrier: PropertyCarrier): Properties {
  const found: Record<string, unknown> = {};
  while (reader.left > 0) {
    const id = reader.varint();
    const rule = RULE_BY_ID[id];
    if (rule === undefined || !rule.carriers.includes(carrier)) {
      throw malformed(`Property 0x${id.toString(16)} is not one of this packet`);
    }
    if (rule.form === 'pair') {
      found.userProperties ??= [];
      (found.userProperties as [string, string][]).push([reader.text(), reader.text()]);
      continue;
    }
    const value = reader[rule.form]();
    if (typeof value === 'number') checkNumber(rule, value);
    if (rule.name === 'subscriptionIdentifiers' && carrier === publish) {
      found.subscriptionIdentifiers ??= [];
      (found.subscriptionIdentifiers as number[]).push(value as number);
      continue;
    }
    if (found[rule.name] !== undefined) throw protocolError(`Property ${rule.name} is there twice`);
    found[rule.name] = rule.name === 'subscriptionIdentifiers' ? [value] : value;
  }
  const properties = found as Properties;
  checkTogether(properties);
  return properties;
}

/** Writes the property length and the properties; none is length 0 [MQTT-2.2.2-1]. Throws as `readPropertyList` does. */
export function writeProperties(writer: Writer, properties: Properties | undefined, carrier: PropertyCarrier): void {
  if (properties === undefined) {
    writer.byte(0);
    return;
  }
  const list = new Writer();
  writePropertyList(list, properties, carrier);
  const body = list.body();
  writer.varint(body.length);
  writer.bytes(body);
}

function writePropertyList(writer: Writer, properties: Properties, carrier: PropertyCarrier): void {
  checkTogether(properties);
  for (const rule of PROPERTY_RULES) {
    const value = properties[rule.name];
    if (value === undefined) continue;
    if (!rule.carriers.includes(carrier)) throw malformed(`Property ${rule.name} is not one of this packet`);
    if (rule.name === 'userProperties') {
      for (const [name, text] of value as UserProperties) {
        writer.varint(rule.id);
        writer.text(name);
        writer.text(text);
      }
    } else if (rule.name === 'subscriptionIdentifiers') {
      const identifiers = value as readonly number[];
      if (carrier !== publish && identifiers.length > 1)
        throw protocolError('A SUBSCRIBE has one subscription identifier');
      for (const identifier of identifiers) writeValue(writer, rule, identifier);
    } else {
      writeValue(writer, rule, value as number | string | Buffer);
    }
  }
}

function writeValue(writer: Writer, rule: PropertyRule, value: number | string | Buffer): void {
  writer.varint(rule.id);
  if (rule.form === 'text') {
    writer.text(value as string);
  } else if (rule.form === 'binary') {
    writer.binary(value as Buffer);
  } else if (rule.form !== 'pair') {
    checkNumber(rule, value as number);
    writer[rule.form](value as number);
  }
}

function checkNumber(rule: PropertyRule, value: number): void {
  const { least, most } = rule;
  if ((least === undefined || value >= least) && (most === undefined || value <= most)) return;
  const code = rule.name === 'topicAlias' ? ReasonCode.topicAliasInvalid : ReasonCode.protocolError;
  throw new MqttError(code, `Property ${rule.name} must not be ${value}`);
}

/** Rules on properties that need more than the one value. */
function checkTogether(properties: Properties): void {
  // Sections 3.1.2.11.10 and 3.15.2.2.3.
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw protocolError('Authentication data without an authentication method');
  }
  // A response topic is a topic name: [MQTT-3.3.2-14], [MQTT-4.7.3-1].
  if (
    properties.responseTopic !== undefined &&
    (properties.responseTopic === '' || /[+#]/.test(properties.responseTopic))
  ) {
    throw protocolError('The response topic is not a topic name');
  }
}
