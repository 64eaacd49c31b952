/** What static and dynamic thing groups have in common: their properties, and how one is deleted. */
import type { Tag, ThingGroupProperties } from '../api/generated/iot.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Store, Stored, Write } from '../store/store.ts';
import { type Attributes, isSameAttributes, updatedAttributes, withoutEmpty } from './attributes.ts';
import type { Changes } from './change.ts';
import type { TagsFor } from './tag.ts';
import {
  type GroupQuery,
  groupArn,
  type Memberships,
  membershipPrefix,
  parentOf,
  type ThingGroupRecord,
  type ThingGroups,
} from './thing-group-record.ts';

export interface ThingGroupDeps {
  readonly store: Store;
  readonly groups: ThingGroups;
  readonly memberships: Memberships;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly changes: Changes;
  readonly tagsFor: TagsFor;
  readonly policies: GroupPolicies;
}

/** What the deletion of a group needs of policies. */
export interface GroupPolicies {
  hasPolicies(groupArn: string): Promise<boolean>;
  /** Writes that take every policy off the group, for the commit that deletes it. */
  detachAll(groupArn: string): Promise<readonly Write[]>;
}

const MOST_ATTRIBUTES = 50;

/** Orders this process's writes of a group. */
export function inGroupTurn<T>(turns: Turns, thingGroupName: string, work: () => Promise<T>): Promise<T> {
  return turns.run(groupTurn(thingGroupName), () => retryConflicts(work));
}

/** No thing name has a space, so a group's turn is never a thing's. */
export function groupTurn(thingGroupName: string): string {
  return `group ${thingGroupName}`;
}

/** The properties of a group to be created. Throws InvalidRequestException. */
export function newProperties({ thingGroupDescription, attributePayload }: ThingGroupProperties = {}) {
  return properties(thingGroupDescription, withoutEmpty(attributePayload?.attributes ?? {}));
}

/** The properties after an update; what is not given stays. Throws InvalidRequestException. */
export function updatedProperties(group: ThingGroupRecord, given: ThingGroupProperties) {
  const { thingGroupDescription = group.description, attributePayload } = given;
  return properties(thingGroupDescription, updatedAttributes(group.attributes, attributePayload));
}

function properties(description: string | undefined, attributes: Attributes) {
  const count = Object.keys(attributes).length;
  if (count > MOST_ATTRIBUTES) {
    throw invalidRequest(`A thing group has at most ${MOST_ATTRIBUTES} attributes, not ${count}`);
  }
  return { ...(description === undefined ? {} : { description }), attributes };
}

/** What a creation decides of a group, and what makes two creations the same. Tags are not compared. */
export interface GroupConfiguration {
  readonly thingGroupName: string;
  readonly parentGroupName?: string;
  readonly description?: string;
  readonly attributes: Attributes;
  readonly query?: GroupQuery;
}

interface Created {
  readonly thingGroupName: string;
  readonly thingGroupArn: string;
  readonly thingGroupId: string;
}

/** The answer to a creation that was asked again. Throws ResourceAlreadyExistsException when `wanted` differs. */
export function createdBefore(place: Place, existing: ThingGroupRecord, wanted: GroupConfiguration): Created {
  const { thingGroupName, thingGroupId } = existing;
  const thingGroupArn = groupArn(place, thingGroupName);
  if (isSameGroup(existing, wanted)) return { thingGroupName, thingGroupArn, thingGroupId };
  throw alreadyExists(`Thing Group ${thingGroupName} already exists in current account with different properties`, {
    resourceId: thingGroupId,
    resourceArn: thingGroupArn,
  });
}

function isSameGroup(a: ThingGroupRecord, b: GroupConfiguration): boolean {
  return (
    parentOf(a)?.name === b.parentGroupName &&
    a.description === b.description &&
    isSameAttributes(a.attributes, b.attributes) &&
    a.query?.indexName === b.query?.indexName &&
    a.query?.queryString === b.query?.queryString &&
    a.query?.queryVersion === b.query?.queryVersion
  );
}

/** Stores a new group below `parent`. */
export async function createGroup(
  { store, groups, clock, random, place, changes, tagsFor }: ThingGroupDeps,
  { parentGroupName: _, ...wanted }: GroupConfiguration,
  parent: Stored<ThingGroupRecord> | undefined,
  tags: readonly Tag[] | undefined,
): Promise<Created> {
  const { thingGroupName } = wanted;
  const thingGroupArn = groupArn(place, thingGroupName);
  const ancestors = parent ? [...parent.value.ancestors, { name: parent.key, id: parent.value.thingGroupId }] : [];
  const thingGroupId = random.uuid();
  const group: ThingGroupRecord = { ...wanted, thingGroupId, ancestors, version: 1, createdMs: clock.now() };
  await store.commit([
    groups.put(thingGroupName, group, { ifVersion: 0 }),
    ...(parent ? [groups.put(parent.key, parent.value, { ifVersion: parent.version })] : []),
    ...tagsFor(thingGroupArn, tags),
  ]);
  changes.announce({ kind: 'group created', group });
  return { thingGroupName, thingGroupArn, thingGroupId };
}

/** Writes the group with a new version, and answers that. */
export async function updateGroup(
  { store, groups, changes }: ThingGroupDeps,
  stored: Stored<ThingGroupRecord>,
  changed: Partial<ThingGroupRecord>,
): Promise<{ version: number }> {
  const group = { ...stored.value, ...changed, version: stored.value.version + 1 };
  await store.commit([groups.put(stored.key, group, { ifVersion: stored.version })]);
  changes.announce({ kind: 'group updated', group });
  return { version: group.version };
}

/** Takes everything out of the group, in parts so that no commit grows with the fleet, and deletes it. */
export async function deleteGroup(deps: ThingGroupDeps, stored: Stored<ThingGroupRecord>): Promise<void> {
  const { store, groups, memberships, place, changes, tagsFor, policies } = deps;
  const arn = groupArn(place, stored.key);
  for (;;) {
    const { items } = await memberships.scan({ prefix: membershipPrefix(stored.key) });
    if (items.length === 0) break;
    await store.commit(items.map(({ key, version }) => memberships.delete(key, { ifVersion: version })));
    for (const { value } of items) changes.announce({ kind: 'left', thingName: value.thingName, membership: value });
  }
  await store.commit([
    groups.delete(stored.key, { ifVersion: stored.version }),
    ...tagsFor(arn, undefined),
    ...(await policies.detachAll(arn)),
  ]);
  changes.announce({ kind: 'group deleted', group: stored.value });
}

/** What DescribeThingGroup tells of either kind. */
export function described(place: Place, group: ThingGroupRecord) {
  const { thingGroupName, thingGroupId, ancestors, description, attributes, version, createdMs } = group;
  return {
    thingGroupName,
    thingGroupId,
    thingGroupArn: groupArn(place, thingGroupName),
    version,
    thingGroupProperties: {
      thingGroupDescription: description,
      // Without attributes there is no payload: Terraform takes an empty one for a difference.
      ...(Object.keys(attributes).length > 0 && { attributePayload: { attributes } }),
    },
    thingGroupMetadata: {
      parentGroupName: parentOf(group)?.name,
      rootToParentThingGroups:
        ancestors.length === 0
          ? undefined
          : ancestors.map(({ name }) => ({ groupName: name, groupArn: groupArn(place, name) })),
      creationDate: new Date(createdMs),
    },
  };
}
