/**
 * Event messages (gateway-broker.md section 10): what the registry publishes when things, types and groups change, all
 * kinds off until UpdateEventConfigurations switches them on. Follows the registry's changes and never holds up the
 * operation that made one. Other domains publish their own kinds and ask `isEnabled`.
 */
import type { Configuration, EventType, IotOperations } from '../api/generated/iot.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { CollectionSpec, Store } from '../store/store.ts';
import type { Changes, RegistryChange } from './change.ts';
import { eventsOf, type RegistryEvent } from './event-message.ts';

export interface EventDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly log: Log;
  readonly changes: Changes;
  /** Hands a message of the platform itself to the broker. */
  publish(publication: { readonly topic: string; readonly payload: Buffer }): Promise<void>;
}

export type EventOperations = Pick<IotOperations, 'describeEventConfigurations' | 'updateEventConfigurations'>;

export interface Events {
  readonly operations: EventOperations;
  isEnabled(type: EventType): Promise<boolean>;
  /** Resolves when everything that happened has been published. */
  idle(): Promise<void>;
}

interface EventConfiguration {
  readonly enabled: readonly EventType[];
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly modifiedMs: number;
}

const configurationCollection: CollectionSpec<EventConfiguration> = { name: 'event_configuration' };

/** The one document's key. */
const KEY = 'account';
/** Changes that wait to be published; what comes on top is dropped and counted in the log. */
export const MOST_WAITING = 10_000;

const EVENT_TYPES: readonly EventType[] = [
  'THING',
  'THING_GROUP',
  'THING_TYPE',
  'THING_GROUP_MEMBERSHIP',
  'THING_GROUP_HIERARCHY',
  'THING_TYPE_ASSOCIATION',
  'JOB',
  'JOB_EXECUTION',
  'POLICY',
  'CERTIFICATE',
  'CA_CERTIFICATE',
];

export function createEvents({ store, clock, random, place, log, changes, publish }: EventDeps): Events {
  const configurations = store.collection(configurationCollection);
  const turns = new Turns(MOST_WAITING);
  let dropped = 0;
  changes.listen((change) => {
    if (turns.isFull(KEY)) {
      if (dropped++ === 0)
        log.error({ waiting: MOST_WAITING }, 'too many event messages are waiting: further ones are dropped');
      return;
    }
    if (dropped > 0) log.warn({ dropped }, 'event messages are published again');
    dropped = 0;
    void turns.run(KEY, () => follow(change));
  });

  const enabledTypes = async (): Promise<readonly EventType[]> => (await configurations.get(KEY))?.value.enabled ?? [];

  /** Never rejects: the change is made already, and nobody waits for its message. */
  async function follow(change: RegistryChange): Promise<void> {
    try {
      const enabled = await enabledTypes();
      if (enabled.length === 0) return;
      for (const event of eventsOf(change, place))
        if (enabled.includes(event.type)) await send(event, change.timestamp);
    } catch (error) {
      log.error({ kind: change.kind, error: messageOf(error) }, 'an event message could not be published');
    }
  }

  async function send({ topic, eventType, operation, body, hasAccount }: RegistryEvent, timestamp: number) {
    const account = hasAccount ? { accountId: place.account } : {};
    const message = { eventType, eventId: random.uuid(), timestamp, operation, ...account, ...body };
    await publish({ topic: `$aws/events/${topic}`, payload: Buffer.from(JSON.stringify(message)) });
  }

  return {
    operations: {
      async describeEventConfigurations() {
        const stored = await configurations.get(KEY);
        const enabled = stored?.value.enabled ?? [];
        const entries = EVENT_TYPES.map((type): [EventType, Configuration] => [
          type,
          { Enabled: enabled.includes(type) },
        ]);
        return {
          eventConfigurations: Object.fromEntries(entries),
          creationDate: stored && new Date(stored.value.createdMs),
          lastModifiedDate: stored && new Date(stored.value.modifiedMs),
        };
      },

      /** Kinds that are not named stay as they are. */
      updateEventConfigurations: ({ eventConfigurations = {} }) =>
        retryConflicts(async () => {
          const stored = await configurations.get(KEY);
          const wanted = (type: EventType): boolean =>
            eventConfigurations[type]?.Enabled ?? stored?.value.enabled.includes(type) ?? false;
          const now = clock.now();
          const enabled = EVENT_TYPES.filter(wanted);
          const configuration = { enabled, createdMs: stored?.value.createdMs ?? now, modifiedMs: now };
          await store.commit([configurations.put(KEY, configuration, { ifVersion: stored?.version ?? 0 })]);
          return {};
        }),
    },
    isEnabled: async (type) => (await enabledTypes()).includes(type),
    idle: () => turns.settled(),
  };
}
