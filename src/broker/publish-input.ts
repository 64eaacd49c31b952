/** The MQTT 5 properties of a message that comes over the HTTP API (gateway-broker.md section 8, Publish). */
import type { PublishRequest } from '../api/generated/iot-data.ts';
import type { JsonValue } from '../api/json.ts';
import { invalidRequest } from '../base/errors.ts';
import { isValidTopic } from '../mqtt/mqtt.ts';
import type { Properties } from '../mqtt/packets.ts';
import type { Profile } from './profile.ts';

type MessageInput = Pick<
  PublishRequest,
  'contentType' | 'responseTopic' | 'correlationData' | 'messageExpiry' | 'payloadFormatIndicator' | 'userProperties'
>;

/** Throws InvalidRequestException for what has no form in MQTT. */
export function propertiesOf(input: MessageInput, profile: Profile): Properties | undefined {
  const { contentType, responseTopic, correlationData, messageExpiry, payloadFormatIndicator, userProperties } = input;
  if (responseTopic !== undefined && !isValidTopic(responseTopic)) {
    throw invalidRequest('responseTopic must be a topic without wildcards');
  }
  const properties: Properties = {
    ...(payloadFormatIndicator !== undefined && {
      payloadFormatIndicator: payloadFormatIndicator === 'UTF8_DATA' ? 1 : 0,
    }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && { correlationData: base64(correlationData, 'correlationData') }),
    ...(userProperties !== undefined && { userProperties: fromObjects(userProperties) }),
    ...(messageExpiry !== undefined && {
      messageExpiryInterval: Math.min(Math.max(messageExpiry, 1), profile.limits.messageExpiryMaximum),
    }),
  };
  return Object.keys(properties).length > 0 ? properties : undefined;
}

/** `[{"name":"value"},…]`, as user properties travel in the HTTP API. */
function fromObjects(json: JsonValue): [string, string][] {
  const isPairs =
    Array.isArray(json) && json.every((it) => it !== null && typeof it === 'object' && !Array.isArray(it));
  if (!isPairs) throw invalidRequest('userProperties must be a JSON array of objects with one member each');
  return (json as Record<string, unknown>[]).flatMap((pair) =>
    Object.entries(pair).map(([name, value]): [string, string] => {
      if (typeof value !== 'string') throw invalidRequest(`the user property '${name}' must be a string`);
      return [name, value];
    }),
  );
}

function base64(text: string, member: string): Buffer {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw invalidRequest(`${member} must be base64`);
  }
  return Buffer.from(text, 'base64');
}
