/**
 * The MQTT face of shadows: hears requests on the reserved topics and answers on theirs (shadow.md section 5).
 * The broker calls the listeners within the publisher's turn, so they only start the work and never throw.
 */
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Message, MessageBus } from '../broker/message.ts';
import { InFlight, type ShadowLimits } from './request-limits.ts';
import { clientTokenOf } from './shadow-document.ts';
import { errorDocument, tooManyRequests } from './shadow-error.ts';
import type { ShadowName } from './shadow-record.ts';
import { publishJson, type ShadowService, topicPrefix } from './shadow-service.ts';

export interface ShadowTopicsDeps {
  readonly bus: Pick<MessageBus, 'publish' | 'listen'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ShadowLimits;
  readonly service: ShadowService;
}

export interface ShadowTopics {
  /** Hears no more requests. */
  stop(): void;
  /** Resolves when every request heard has been answered. */
  idle(): Promise<void>;
}

const ACTIONS = ['get', 'update', 'delete'] as const;
type Action = (typeof ACTIONS)[number];

const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const SHADOW_NAME = /^[$a-zA-Z0-9:_-]{1,64}$/;

export function serveTopics({ bus, clock, log, limits, service }: ShadowTopicsDeps): ShadowTopics {
  const inFlight = new InFlight(limits.inFlight);
  const underWay = new Set<Promise<void>>();

  function hear(action: Action, message: Message): void {
    // The vendor's service does not act on a message that a dead client left behind.
    if (message.isWill) return;
    const work = serve(action, message).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** Answers one request; reads the payload before its first wait. Never rejects. */
  async function serve(action: Action, message: Message): Promise<void> {
    const name = nameIn(message.topic);
    const clientToken = clientTokenOf(message.payload, limits);
    const connection = message.publisher?.clientId;
    // Publishers without a connection (HTTPS, rules) are held by the thing's request rate alone.
    const slot = connection === undefined ? undefined : `${name.thingName}/${connection}`;
    const isAdmitted = slot === undefined || inFlight.enter(slot);
    try {
      if (!isAdmitted) throw tooManyRequests();
      checkName(name);
      const answer = await service[action](name, message.payload);
      // `update` and `delete` have announced themselves: they do so for HTTP as well.
      if (action === 'get') await bus.publish({ topic: `${topicPrefix(name)}/get/accepted`, payload: answer, qos: 1 });
    } catch (error) {
      await reject(action, name, error, clientToken);
    } finally {
      if (slot !== undefined && isAdmitted) inFlight.leave(slot);
    }
  }

  async function reject(action: Action, name: ShadowName, error: unknown, clientToken?: string): Promise<void> {
    const document = errorDocument(error, Math.floor(clock.now() / 1000), clientToken);
    if (document.code >= 500) log.error({ err: error, ...name }, `shadow ${action} failed`);
    else if (error instanceof ServiceError) log.debug({ code: document.code, ...name }, `shadow ${action} rejected`);
    try {
      await publishJson(bus, `${topicPrefix(name)}/${action}/rejected`, document);
    } catch (failure) {
      log.error({ err: failure, ...name }, 'a shadow rejection was not published');
    }
  }

  const stops = ACTIONS.flatMap((action) =>
    [`$aws/things/+/shadow/${action}`, `$aws/things/+/shadow/name/+/${action}`].map((filter) =>
      bus.listen(filter, (message) => hear(action, message)),
    ),
  );

  return {
    stop: () => {
      for (const stop of stops) stop();
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** `$aws/things/<thing>/shadow/<action>` or `$aws/things/<thing>/shadow/name/<shadow>/<action>`. */
function nameIn(topic: string): ShadowName {
  const levels = topic.split('/');
  return levels.length === 5 ? { thingName: levels[2] } : { thingName: levels[2], shadowName: levels[5] };
}

function checkName({ thingName, shadowName }: ShadowName): void {
  if (!THING_NAME.test(thingName)) throw new ServiceError('InvalidRequestException', 'Invalid thing name');
  if (shadowName !== undefined && !SHADOW_NAME.test(shadowName)) {
    throw new ServiceError('InvalidRequestException', 'Invalid shadow name');
  }
}
