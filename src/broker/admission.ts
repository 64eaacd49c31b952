/**
 * May this client publish to this topic? Decided once for each topic and kept by its bytes, so that a repeated
 * publish costs one look-up; decided again when policies or subscriptions have changed.
 */
import { isValidTopic, ReasonCode, topicFromBytes } from '../mqtt/mqtt.ts';
import type { Client, Connection } from './connection.ts';
import type { Profile } from './profile.ts';
import { basicIngest, isPublishable } from './reserved.ts';
import type { Route } from './router.ts';
import { isSysTopic } from './sys-tree.ts';

/** The standing of one client towards one topic. */
export interface Admission {
  readonly topic: string;
  /** 0: allowed; else why not. */
  refusal: number;
  /** 0: may retain; else why not. Undefined: not decided yet. */
  retainRefusal: number | undefined;
  /** Where its messages go. */
  route: Route;
  /** Of the authority, when this was decided. */
  epoch: number;
}

/** More topics than this of one client are not remembered at a time. */
const MOST_TOPICS = 2000;

export class TopicAdmissions {
  readonly #connection: Connection;
  #byBytes: Map<string, Admission> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The admission of the topic at `buffer[start, end)`; throws MqttError when that is no topic. */
  of(buffer: Buffer, start: number, end: number): Admission {
    // Latin-1 maps bytes to characters one to one, so this is a cheap key for any topic.
    const key = buffer.toString('latin1', start, end);
    const known = this.#byBytes?.get(key);
    if (known !== undefined) return this.refresh(known);
    const admission = this.#decide(topicFromBytes(buffer, start, end));
    this.#byBytes ??= new Map();
    if (this.#byBytes.size >= MOST_TOPICS) this.#byBytes.clear();
    this.#byBytes.set(key, admission);
    return admission;
  }

  /** Decides again what may have changed since. */
  refresh(admission: Admission): Admission {
    const { core, client } = this.#connection;
    const { authority } = client as Client;
    if (admission.epoch !== authority.epoch) {
      admission.refusal = this.#refusal(admission.topic);
      admission.retainRefusal = undefined;
      admission.epoch = authority.epoch;
    }
    if (!core.router.isCurrent(admission.route)) admission.route = core.router.routeOf(admission.topic);
    return admission;
  }

  /** Why the client may not set the retain flag on this topic; 0 when it may. */
  retainRefusal(admission: Admission): number {
    if (admission.retainRefusal === undefined) {
      const { authority } = this.#connection.client as Client;
      const isReserved = this.#connection.profile.reservesDollarTopics && admission.topic.startsWith('$');
      if (isReserved) admission.retainRefusal = ReasonCode.topicNameInvalid;
      else
        admission.retainRefusal = authority.allows('iot:RetainPublish', `topic/${admission.topic}`)
          ? 0
          : ReasonCode.notAuthorized;
    }
    return admission.retainRefusal;
  }

  #decide(topic: string): Admission {
    const { core, client } = this.#connection;
    const { epoch } = (client as Client).authority;
    return { topic, refusal: this.#refusal(topic), retainRefusal: undefined, route: core.router.routeOf(topic), epoch };
  }

  #refusal(topic: string): number {
    const { profile, client } = this.#connection;
    const invalid = topicRefusal(topic, profile);
    if (invalid !== 0) return invalid;
    return (client as Client).authority.allows('iot:Publish', `topic/${topic}`) ? 0 : ReasonCode.notAuthorized;
  }
}

/** Why nobody may publish to this topic under `profile`; 0 when somebody may. */
export function topicRefusal(topic: string, profile: Profile): number {
  if (!isValidTopic(topic)) return ReasonCode.topicNameInvalid;
  const counted = basicIngest(topic)?.topic ?? topic;
  if (exceedsLimits(counted, profile)) return ReasonCode.topicNameInvalid;
  if (topic.charCodeAt(0) !== 0x24) return 0;
  if (profile.reservesDollarTopics ? !isPublishable(topic) : isSysTopic(topic)) return ReasonCode.topicNameInvalid;
  return 0;
}

/** Whether a topic or filter (without prefixes that do not count) is too long or too deep. */
export function exceedsLimits(topic: string, profile: Profile): boolean {
  const { topicBytes, topicSlashes } = profile.limits;
  if (topic.length > topicBytes || Buffer.byteLength(topic) > topicBytes) return true;
  let slashes = 0;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) slashes++;
  return slashes > topicSlashes;
}
