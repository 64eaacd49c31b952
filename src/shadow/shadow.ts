/**
 * The Device Shadow service (shadow.md): one JSON document a shadow, kept in step between devices and applications,
 * over MQTT and HTTP. `server.ts` creates it; `shadow-topics.ts` is its MQTT face, `shadow-operations.ts` its HTTP face.
 *
 * A request is answered only after the store has committed what it changed. Never asks a policy for MQTT: who may
 * publish to a shadow's topics is the broker's decision.
 */
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { MessageBus } from '../broker/message.ts';
import type { Store } from '../store/store.ts';
import { defaultShadowLimits, type ShadowLimits } from './request-limits.ts';
import { counted, newShadowCounters, type ShadowCounters } from './shadow-counters.ts';
import { type ShadowOperations, shadowOperations } from './shadow-operations.ts';
import { createShadowService } from './shadow-service.ts';
import { serveTopics } from './shadow-topics.ts';

export type { ShadowCounters } from './shadow-counters.ts';

export interface ShadowDeps {
  readonly store: Store;
  readonly bus: Pick<MessageBus, 'publish' | 'listen'>;
  readonly clock: Clock;
  readonly place: Place;
  readonly log: Log;
  readonly limits?: Partial<ShadowLimits>;
}

export interface Shadow {
  readonly counters: ShadowCounters;
  readonly operations: ShadowOperations;
  /**
   * The JSON that a get answers, for other parts of the platform (the rules engine's `get_thing_shadow`): no policy is
   * asked and no limit counts. Rejects with ResourceNotFoundException when there is no such shadow.
   */
  read(thingName: string, shadowName?: string): Promise<string>;
  /** Resolves when every request that came before is answered; before the store is cleared or closed. */
  idle(): Promise<void>;
  /** Takes no more requests from MQTT. */
  stop(): void;
}

/** Declares the `shadow` collection and listens to the reserved topics from now on. */
export function createShadow(deps: ShadowDeps): Shadow {
  const limits = { ...defaultShadowLimits, ...deps.limits };
  const counters = newShadowCounters();
  const service = counted(createShadowService({ ...deps, limits }), counters);
  const topics = serveTopics({ ...deps, limits, service });
  return {
    counters,
    operations: shadowOperations({ ...deps, limits, service }),
    read: async (thingName, shadowName) => {
      const document = await service.read(shadowName === undefined ? { thingName } : { thingName, shadowName });
      return document.toString();
    },
    idle: async () => {
      await topics.idle();
      await service.idle();
    },
    stop: () => topics.stop(),
  };
}
