/**
 * The registry: which things there are, of which types, in which groups, and which principals are attached to them
 * (identity-registry-provisioning.md section 2); the tags of every resource; the event messages of all this.
 * `server.ts` creates it; policies and the broker see its `directory`. One file for each resource.
 */
import type { EventType } from '../api/generated/iot.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Turns } from '../base/turns.ts';
import type { ThingDirectory } from '../identity/authority.ts';
import type { Store } from '../store/store.ts';
import { attachmentCollection, principalMarkCollection } from './attachment.ts';
import { type BillingGroupOperations, billingGroupCollection, billingGroupOperations } from './billing-group.ts';
import { type ChangeListener, createChanges } from './change.ts';
import {
  type DynamicThingGroupOperations,
  dynamicThingGroupOperations,
  type FleetIndex,
  noFleetIndex,
} from './dynamic-thing-group.ts';
import { createEvents, type EventDeps, type EventOperations } from './events.ts';
import { createTags, type Taggable, type TagOperations, type Tags, type TagsFor } from './tag.ts';
import { type ThingOperations, thingOperations } from './thing.ts';
import { thingDirectory } from './thing-directory.ts';
import { type ThingGroupOperations, thingGroupOperations } from './thing-group.ts';
import type { GroupPolicies } from './thing-group-change.ts';
import {
  type DynamicMemberships,
  dynamicMemberships,
  type MembershipOperations,
  membershipOperations,
} from './thing-group-membership.ts';
import { membershipCollection, thingGroupCollection } from './thing-group-record.ts';
import { type Principals, type ThingPrincipalOperations, thingPrincipalOperations } from './thing-principal.ts';
import { thingCollection } from './thing-record.ts';
import { type ThingTypeOperations, thingTypeCollection, thingTypeOperations } from './thing-type.ts';

export type { RegistryChange } from './change.ts';
export type { FleetIndex } from './dynamic-thing-group.ts';
export type { Taggable, TagsFor } from './tag.ts';
export type { GroupPolicies } from './thing-group-change.ts';
export type { DynamicMemberships } from './thing-group-membership.ts';

export interface RegistryDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly log: Log;
  readonly principals: Principals;
  /** The policies attached to thing groups. */
  readonly groupPolicies: GroupPolicies;
  /** The resources of other domains that can have tags. */
  readonly taggable: Taggable;
  /** Where event messages go. */
  readonly publish: EventDeps['publish'];
  /** Absent: fleet indexing is never on, so that no dynamic thing group can be made. */
  readonly fleetIndex?: FleetIndex;
}

export type RegistryOperations = ThingOperations &
  ThingPrincipalOperations &
  ThingTypeOperations &
  ThingGroupOperations &
  DynamicThingGroupOperations &
  MembershipOperations &
  BillingGroupOperations &
  TagOperations &
  EventOperations;

export interface Registry {
  readonly operations: RegistryOperations;
  readonly directory: ThingDirectory;
  /** For other domains' commits that create or delete a resource with tags. */
  readonly tagsFor: TagsFor;
  /** For conditions of policies on `aws:ResourceTag/…`. */
  readonly tagsOf: Tags['tagsOf'];
  /** For the fleet index. */
  readonly dynamicMemberships: DynamicMemberships;
  /** For other domains' event messages: whether clients want them. */
  isEventEnabled(type: EventType): Promise<boolean>;
  /** Calls `listener` after each change is committed; it must not throw and must not wait. Returns how to stop. */
  onChange(listener: ChangeListener): () => void;
  /** Resolves when the event messages of everything that happened are published. */
  idle(): Promise<void>;
}

/** Declares the collections `thing…`, `billing_group`, `tag` and `event_configuration`. */
export function createRegistry(deps: RegistryDeps): Registry {
  const { store, clock, random, place, log, principals, groupPolicies, fleetIndex = noFleetIndex } = deps;
  const things = store.collection(thingCollection);
  const attachments = store.collection(attachmentCollection);
  const marks = store.collection(principalMarkCollection);
  const types = store.collection(thingTypeCollection);
  const groups = store.collection(thingGroupCollection);
  const memberships = store.collection(membershipCollection);
  const billingGroups = store.collection(billingGroupCollection);
  const changes = createChanges(clock, log);
  const turns = new Turns();
  const base = { store, clock, random, place, turns, changes, things };
  const exists = async (documents: { get(key: string): Promise<unknown> }, arn: string): Promise<boolean> =>
    (await documents.get(arn.slice(arn.indexOf('/') + 1))) !== undefined;
  const tags = createTags({
    store,
    place,
    taggable: {
      ...deps.taggable,
      thingtype: (arn) => exists(types, arn),
      thinggroup: (arn) => exists(groups, arn),
      billinggroup: (arn) => exists(billingGroups, arn),
    },
  });
  const { tagsFor } = tags;
  const groupDeps = { ...base, groups, memberships, tagsFor, policies: groupPolicies, fleetIndex };
  const events = createEvents({ store, clock, random, place, log, changes, publish: deps.publish });

  return {
    operations: {
      ...thingOperations({ ...base, attachments, memberships, types, billingGroups }),
      ...thingPrincipalOperations({ ...base, attachments, marks, principals }),
      ...thingTypeOperations({ ...base, types, tagsFor }),
      ...thingGroupOperations(groupDeps),
      ...dynamicThingGroupOperations(groupDeps),
      ...membershipOperations({ ...base, groups, memberships }),
      ...billingGroupOperations({ ...base, groups: billingGroups, tagsFor }),
      ...tags.operations,
      ...events.operations,
    },
    directory: thingDirectory({ things, attachments, groups, memberships, changes, place }),
    tagsFor,
    tagsOf: tags.tagsOf,
    dynamicMemberships: dynamicMemberships({ ...base, groups, memberships }),
    isEventEnabled: events.isEnabled,
    onChange: changes.listen,
    idle: events.idle,
  };
}
