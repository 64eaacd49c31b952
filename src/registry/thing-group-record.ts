/**
 * Thing groups and who is in them, as they are stored (identity-registry-provisioning.md section 2.3). Rules that span
 * documents are kept by commits that write a document both sides write, as `attachment.ts` does:
 *
 * - a group with children is not deleted, and none has more than 100: a child's creation writes its parent anew;
 * - nothing joins a group that is being deleted, nor a thing that is: joining writes both anew;
 * - a thing is in few groups and in one of each hierarchy: joining writes the thing anew.
 *
 * A group's place in its hierarchy never changes and its parents outlive it, so records carry the whole way up.
 */
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest, notFound, versionConflict } from '../base/errors.ts';
import type { Collection, CollectionSpec, Stored } from '../store/store.ts';
import type { Attributes } from './attributes.ts';

/** Its key is the group's name. */
export interface ThingGroupRecord {
  readonly thingGroupName: string;
  /** A UUID, new for each group that ever had the name. */
  readonly thingGroupId: string;
  /** From the root to the parent; empty for a root. */
  readonly ancestors: readonly { readonly name: string; readonly id: string }[];
  readonly description?: string;
  readonly attributes: Attributes;
  /** What clients see: 1, and one more with every update. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** Of a dynamic group: what finds its things. */
  readonly query?: GroupQuery;
}

export interface GroupQuery {
  readonly indexName: string;
  readonly queryString: string;
  readonly queryVersion: string;
}

export type ThingGroups = Collection<ThingGroupRecord>;

export const thingGroupCollection: CollectionSpec<ThingGroupRecord> = {
  name: 'thing_group',
  indexes: {
    /** The empty name is every root's parent. */
    parent: (group) => [parentOf(group)?.name ?? ''],
    ancestor: ({ ancestors }) => ancestors.map(({ name }) => name),
    /** All dynamic groups, under one key. */
    dynamic: ({ query }) => (query === undefined ? [] : ['']),
  },
};

/** Its key is `membershipKey`. */
export interface MembershipRecord {
  /** A UUID. */
  readonly membershipId: string;
  readonly thingName: string;
  readonly thingId: string;
  readonly thingGroupName: string;
  readonly thingGroupId: string;
  /** The names of the groups from the root to this one. */
  readonly lineage: readonly string[];
  /** Of a dynamic group: when that was made, ms since the epoch; a thing in too many leaves the newest first. */
  readonly dynamicSinceMs?: number;
}

export type Memberships = Collection<MembershipRecord>;

export const membershipCollection: CollectionSpec<MembershipRecord> = {
  name: 'thing_group_member',
  indexes: {
    thing: ({ thingName }) => [thingName],
    /** Found under its group and under every group above. */
    lineage: ({ lineage }) => lineage,
  },
};

/** No name has a slash: the members of a group are those under `membershipPrefix`, in the order of their names. */
export function membershipKey(thingGroupName: string, thingName: string): string {
  return `${membershipPrefix(thingGroupName)}${thingName}`;
}

export function membershipPrefix(thingGroupName: string): string {
  return `${thingGroupName}/`;
}

export function groupArn(place: Place, thingGroupName: string): string {
  return iotArn(place, `thinggroup/${thingGroupName}`);
}

export function parentOf({ ancestors }: ThingGroupRecord): ThingGroupRecord['ancestors'][number] | undefined {
  return ancestors.at(-1);
}

/** The names from the root to the group itself. */
export function lineageOf({ ancestors, thingGroupName }: ThingGroupRecord): readonly string[] {
  return [...ancestors.map(({ name }) => name), thingGroupName];
}

/** The group, or ResourceNotFoundException. */
export async function requireGroup(groups: ThingGroups, name: string): Promise<Stored<ThingGroupRecord>> {
  const stored = await groups.get(name);
  if (!stored) throw notFound(`Thing group ${name} cannot be found.`);
  return stored;
}

/** Throws InvalidRequestException for a dynamic group. */
export function checkStatic(place: Place, { query, thingGroupName }: ThingGroupRecord): void {
  if (query === undefined) return;
  const arn = groupArn(place, thingGroupName);
  throw invalidRequest(`This operation does not support dynamic thing groups. Thing group arn: ${arn}`);
}

export function checkGroupVersion({ value }: Stored<ThingGroupRecord>, expectedVersion: number | undefined): void {
  if (expectedVersion !== undefined && expectedVersion !== value.version) {
    throw versionConflict(`The version for thing group ${value.thingGroupName} does not match the expected version.`);
  }
}
