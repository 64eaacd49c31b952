/**
 * The broker's operations of the data plane API (gateway-broker.md section 8): publishing over HTTP, reading retained
 * messages. Those about one client are in `connection-operations.ts`.
 */

import type { IotDataOperations, PublishRequest } from '../api/generated/iot-data.ts';
import type { RequestContext } from '../api/operation.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest, notFound, ServiceError } from '../base/errors.ts';
import { isValidTopic } from '../mqtt/mqtt.ts';
import type { Properties, QoS } from '../mqtt/packets.ts';
import { topicRefusal } from './admission.ts';
import { type ConnectionOperations, createConnectionOperations } from './connection-operations.ts';
import type { Core } from './core.ts';
import type { Message } from './message.ts';
import type { Profile } from './profile.ts';
import { propertiesOf } from './publish-input.ts';

export type DataPlaneOperations = ConnectionOperations &
  Pick<IotDataOperations, 'publish' | 'getRetainedMessage' | 'listRetainedMessages'>;

/** `profile`: whose limits count for publishes over HTTP. */
export function createDataPlane(core: Core, profile: Profile, place: Place): DataPlaneOperations {
  return {
    ...createConnectionOperations(core, profile, place),

    publish: (input, context) => publish(core, profile, place, input, context),

    async getRetainedMessage({ topic }, context) {
      await context.authorize('iot:GetRetainedMessage', iotArn(place, `topic/${topic}`));
      const message = core.retained.get(topic);
      if (!message) throw notFound(`No retained message exists for topic '${topic}'`);
      const { userProperties } = message.properties ?? {};
      return {
        topic,
        payload: message.payload,
        qos: message.qos,
        lastModifiedTime: message.timestamp,
        ...(userProperties && { userProperties: Buffer.from(JSON.stringify(toObjects(userProperties))) }),
      };
    },

    async listRetainedMessages({ maxResults = 200, nextToken }, context) {
      await context.authorize('iot:ListRetainedMessages', '*');
      const all = core.retained.all();
      const after = nextToken === undefined ? '' : topicOfToken(nextToken);
      const page = all.filter((message) => message.topic > after).slice(0, maxResults + 1);
      const shown = page.slice(0, maxResults);
      return {
        retainedTopics: shown.map(summaryOf),
        ...(page.length > maxResults && {
          nextToken: Buffer.from(shown[shown.length - 1].topic).toString('base64url'),
        }),
      };
    },
  };
}

async function publish(
  core: Core,
  profile: Profile,
  place: Place,
  input: PublishRequest,
  context: RequestContext,
): Promise<Record<string, never>> {
  const { topic, qos = 0, retain = false, payload = Buffer.alloc(0) } = input;
  if (!isValidTopic(topic)) throw invalidRequest(`'${topic}' is not a topic to publish to`);
  if (topicRefusal(topic, profile) !== 0) throw invalidRequest(`Publishing to topic '${topic}' is not possible`);
  if (qos > 1) throw invalidRequest('qos must be 0 or 1');
  if (payload.length > profile.limits.payloadBytes) {
    throw new ServiceError(
      'RequestEntityTooLargeException',
      `The payload is larger than ${profile.limits.payloadBytes} bytes`,
    );
  }
  await context.authorize('iot:Publish', iotArn(place, `topic/${topic}`));
  if (retain) {
    if (topic.startsWith('$')) throw invalidRequest('Messages on reserved topics cannot be retained');
    await context.authorize('iot:RetainPublish', iotArn(place, `topic/${topic}`));
  }
  const { retainedMessages } = profile.limits;
  if (retain && payload.length > 0 && !core.retained.hasRoomFor(topic, retainedMessages)) {
    throw new ServiceError('ThrottlingException', `There are ${retainedMessages} retained messages already`);
  }
  const properties = propertiesOf(input, profile);
  const isDurable = await core.publish({
    topic,
    payload,
    qos: qos as QoS,
    retain,
    ...(properties && { properties }),
    publisher: { principal: context.principal.id, sourceIp: context.sourceIp, protocol: 'HTTP' },
  });
  if (!isDurable) throw new ServiceError('InternalFailureException', 'The message could not be stored');
  return {};
}

function toObjects(pairs: NonNullable<Properties['userProperties']>): Record<string, string>[] {
  return pairs.map(([name, value]) => ({ [name]: value }));
}

function topicOfToken(token: string): string {
  const topic = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(topic).toString('base64url') !== token) throw invalidRequest('Invalid nextToken');
  return topic;
}

function summaryOf(message: Message) {
  const { topic, payload, qos, timestamp } = message;
  return { topic, payloadSize: payload.length, qos, lastModifiedTime: timestamp };
}
