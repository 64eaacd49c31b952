/** Functions of the message and the connection it came over (rules-engine.md section 6.5). */
import { toTruncatedInt } from '../convert.ts';
import type { Value } from '../value.ts';
import { type FunctionTable, since2015, since2016 } from './function.ts';

export const messageFunctions: FunctionTable = {
  topic: since2015(0, 1, (args, { incoming }) => {
    if (args.length === 0) return incoming.topic;
    const level = toTruncatedInt(args[0]);
    return typeof level === 'number' ? incoming.topic.split('/')[level - 1] : undefined;
  }),
  clientid: since2015(0, 0, (_, { incoming }) => incoming.message.publisher?.clientId ?? 'n/a'),
  principal: since2015(0, 0, (_, { incoming }) => incoming.message.publisher?.principal),
  traceid: since2015(0, 0, (_, { incoming, surroundings }) =>
    incoming.message.publisher?.protocol === 'MQTT' ? incoming.traceId(surroundings.random) : undefined,
  ),
  sourceip: since2016(0, 0, (_, { incoming }) => incoming.message.publisher?.sourceIp),
  accountid: since2015(0, 0, (_, { surroundings }) => surroundings.account),
  sql_version: since2015(0, 0, (_, { version }) => version),
  get_mqtt_property: since2016(1, 1, ([name], { incoming }) => {
    const properties = incoming.message.properties;
    switch (name) {
      case 'content_type':
        return properties?.contentType;
      case 'response_topic':
        return properties?.responseTopic;
      case 'correlation_data':
        return properties?.correlationData?.toString('base64');
      case 'format_indicator':
        return properties?.payloadFormatIndicator === 1 ? 'UTF8_DATA' : 'UNSPECIFIED_BYTES';
      default:
        return undefined;
    }
  }),
  get_user_properties: since2016(0, 1, (args, { incoming }): Value => {
    const pairs = incoming.message.properties?.userProperties ?? [];
    const found = args.length === 0 ? pairs : pairs.filter(([name]) => name === args[0]);
    if (found.length === 0) return undefined;
    return found.map(([name, value]) => (args.length === 0 ? new Map([[name, value]]) : value));
  }),
};
