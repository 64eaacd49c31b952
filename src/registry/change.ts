/** What the registry tells whoever follows it: policies' caches, the fleet index, event messages. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { MembershipRecord, ThingGroupRecord } from './thing-group-record.ts';
import type { ThingRecord } from './thing-record.ts';
import type { ThingTypeRecord } from './thing-type.ts';

/** Records are as the commit left them, or, of what was deleted, as they were before. */
export type Change = ThingChange | TypeChange | GroupChange;

export type ThingChange = { readonly thingName: string } & (
  | { readonly kind: 'created' | 'deleted'; readonly thing: ThingRecord }
  | { readonly kind: 'updated'; readonly thing: ThingRecord; readonly before: ThingRecord }
  | { readonly kind: 'attached' | 'detached'; readonly principal: string }
  | { readonly kind: 'joined' | 'left'; readonly membership: MembershipRecord }
);

export interface TypeChange {
  readonly kind: 'type created' | 'type updated' | 'type deleted';
  readonly type: ThingTypeRecord;
}

export interface GroupChange {
  readonly kind: 'group created' | 'group updated' | 'group deleted';
  readonly group: ThingGroupRecord;
}

/** `timestamp`: milliseconds since the epoch. */
export type RegistryChange = Change & { readonly timestamp: number };

/** Called after the commit; must not throw and must not wait. */
export type ChangeListener = (change: RegistryChange) => void;

export interface Changes {
  /** To be called once the store has committed. */
  announce(change: Change): void;
  /** Returns how to stop. */
  listen(listener: ChangeListener): () => void;
}

export function createChanges(clock: Clock, log: Log): Changes {
  const listeners = new Set<{ readonly listener: ChangeListener }>();
  return {
    announce(change) {
      log.debug(namesOf(change), `registry: ${change.kind}`);
      const timestamp = clock.now();
      for (const { listener } of listeners) listener({ ...change, timestamp });
    },
    listen(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
}

function namesOf(change: Change): Record<string, string> {
  if ('type' in change) return { thingTypeName: change.type.thingTypeName };
  if ('group' in change) return { thingGroupName: change.group.thingGroupName };
  const { thingName } = change;
  if ('principal' in change) return { thingName, principal: change.principal };
  if ('membership' in change) return { thingName, thingGroupName: change.membership.thingGroupName };
  return { thingName };
}
