/**
 * The republish action (rules-engine.md section 13): the outgoing payload as a new message of the platform. Rules that
 * feed each other end after `hopLimit` messages.
 */
import type { MqttHeaders, RepublishAction } from '../../api/generated/iot.ts';
import { invalidRequest, messageOf } from '../../base/errors.ts';
import type { MessageBus } from '../../broker/message.ts';
import { isValidTopic } from '../../mqtt/mqtt.ts';
import type { Properties } from '../../mqtt/packets.ts';
import type { Template } from '../template.ts';
import { ActionFailure, type ActionKind, type CompileTemplate, type Invocation } from './action.ts';

/** Rules a message may come through. */
export const hopLimit = 10;
const headerLimit = 1024;
const topicLimit = 256;
const longestExpiry = 0xffff_ffff;

export function republish(bus: Pick<MessageBus, 'publish'>): ActionKind<'republish'> {
  return {
    name: 'republish',
    label: 'RepublishAction',
    prepare: (settings, compile) => prepare(settings, compile, bus),
  };
}

function prepare(settings: RepublishAction, compile: CompileTemplate, bus: Pick<MessageBus, 'publish'>) {
  const topicTemplate = compile(settings.topic, 'republish.topic');
  if (topicTemplate.literal !== undefined) refuse(topicProblem(publishTopic(topicTemplate.literal)), 'topic');
  const headers = settings.headers && prepareHeaders(settings.headers, compile);
  const qos = settings.qos === 1 ? 1 : 0;
  return {
    perform: async (invocation: Invocation): Promise<void> => {
      const topic = publishTopic(await invocation.text(topicTemplate));
      const fail = (problem: string, cause?: unknown): ActionFailure =>
        new ActionFailure(
          topic,
          `Failed to republish to topic. The error received was ${problem}. ` +
            `Message arrived on: ${invocation.topic}, Action: republish, topic: ${topic}`,
          { cause },
        );
      const hops = (invocation.message.hops ?? 0) + 1;
      if (hops > hopLimit)
        throw fail(`the message has already come through ${hopLimit} rules, which looks like a loop`);
      const problem = topicProblem(topic);
      if (problem) throw fail(problem);
      try {
        const properties = headers && (await headers(invocation));
        await bus.publish({ topic, payload: invocation.payload, qos, hops, ...(properties && { properties }) });
      } catch (error) {
        throw fail(messageOf(error), error);
      }
    },
  };
}

/** Reserved topics are written with `$$`. */
function publishTopic(text: string): string {
  return text.startsWith('$$') ? text.slice(1) : text;
}

/** Why nothing can be republished to `topic`; undefined when it can. */
function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'an empty topic';
  if (!isValidTopic(topic)) return `that '${topic}' is not a topic`;
  if (Buffer.byteLength(topic) > topicLimit) return `a topic of more than ${topicLimit} bytes`;
  if (/^\$aws\/things\/[^/]+\/(jobs|defender)\//.test(topic)) return `that rules may not publish to '${topic}'`;
  return undefined;
}

type Header = keyof Properties;

/** Each header is a template, read when it is known: at once when it is literal, else for each message. */
function prepareHeaders(
  headers: MqttHeaders,
  compile: CompileTemplate,
): (invocation: Invocation) => Promise<Properties | undefined> {
  const fields: { template: Template; name: string; read: ReadHeader }[] = [];
  for (const [name, read] of Object.entries(headerReaders)) {
    const text = headers[name as keyof typeof headerReaders];
    if (text === undefined) continue;
    const template = compile(text, `republish.headers.${name}`);
    if (template.literal !== undefined) {
      const { problem } = readHeader(template.literal, read);
      refuse(problem, `headers.${name}`);
    }
    fields.push({ template, name, read });
  }
  const pairs = (headers.userProperties ?? []).map(({ key, value }) => ({
    key: compile(key, 'republish.headers.userProperties.key'),
    value: compile(value, 'republish.headers.userProperties.value'),
  }));
  return async (invocation) => {
    const properties: Record<string, unknown> = {};
    for (const { template, name, read } of fields) {
      const text = await invocation.text(template);
      const { problem, value } = readHeader(text, read);
      if (problem) throw new Error(`${problem} in the header ${name}`);
      properties[read.property] = value;
    }
    const userProperties: (readonly [string, string])[] = [];
    for (const { key, value } of pairs) {
      userProperties.push([await headerText(invocation, key), await headerText(invocation, value)]);
    }
    return userProperties.length > 0 ? { ...properties, userProperties } : properties;
  };
}

interface ReadHeader {
  readonly property: Header;
  /** Undefined: the text is not one for this header. */
  readonly parse: (text: string) => string | number | Buffer | undefined;
}

const headerReaders: Readonly<Record<Exclude<keyof MqttHeaders, 'userProperties'>, ReadHeader>> = {
  payloadFormatIndicator: {
    property: 'payloadFormatIndicator',
    parse: (text) => ({ UNSPECIFIED_BYTES: 0, UTF8_DATA: 1 })[text],
  },
  contentType: { property: 'contentType', parse: (text) => text },
  responseTopic: { property: 'responseTopic', parse: (text) => (isValidTopic(text) ? text : undefined) },
  correlationData: {
    property: 'correlationData',
    parse: (text) => (/^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined),
  },
  messageExpiry: {
    property: 'messageExpiryInterval',
    parse: (text) => (/^\d{1,10}$/.test(text) && Number(text) <= longestExpiry ? Number(text) : undefined),
  },
};

function readHeader(text: string, { parse }: ReadHeader): { value?: string | number | Buffer; problem?: string } {
  if (Buffer.byteLength(text) > headerLimit) return { problem: `more than ${headerLimit} bytes` };
  const value = parse(text);
  return value === undefined ? { problem: `the value '${text}'` } : { value };
}

async function headerText(invocation: Invocation, template: Template): Promise<string> {
  const text = await invocation.text(template);
  if (Buffer.byteLength(text) > headerLimit) throw new Error(`a user property of more than ${headerLimit} bytes`);
  return text;
}

function refuse(problem: string | undefined, field: string): void {
  if (problem) throw invalidRequest(`The republish action cannot be used because of ${problem} (${field})`);
}
