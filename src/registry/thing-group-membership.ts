/**
 * Which things are in which groups (identity-registry-provisioning.md section 2.3): at most ten for each thing, dynamic
 * ones included, and only one of each hierarchy. `thing-group-record.ts` tells how this stays true. The fleet index
 * uses `DynamicMemberships`, everybody else the operations.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import { type PageInput, pageRange, pageToken } from '../api/pagination.ts';
import type { Place } from '../base/arn.ts';
import { invalidRequest } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Store, Stored, Write } from '../store/store.ts';
import type { Changes } from './change.ts';
import { nameFrom } from './resource-name.ts';
import { groupTurn } from './thing-group-change.ts';
import {
  checkStatic,
  groupArn,
  lineageOf,
  type MembershipRecord,
  type Memberships,
  membershipKey,
  membershipPrefix,
  requireGroup,
  type ThingGroupRecord,
  type ThingGroups,
} from './thing-group-record.ts';
import { requireThing, type ThingRecord, type Things } from './thing-record.ts';

export interface MembershipDeps {
  readonly store: Store;
  readonly things: Things;
  readonly groups: ThingGroups;
  readonly memberships: Memberships;
  /** Orders this process's writes: first the thing's turn, then the groups' by name. */
  readonly turns: Turns;
  readonly random: Random;
  readonly place: Place;
  readonly changes: Changes;
}

export type MembershipOperations = Pick<
  IotOperations,
  | 'addThingToThingGroup'
  | 'removeThingFromThingGroup'
  | 'updateThingGroupsForThing'
  | 'listThingGroupsForThing'
  | 'listThingsInThingGroup'
>;

/** For the fleet index, which alone fills dynamic groups. */
export interface DynamicMemberships {
  /**
   * False when the thing does not join: it or the group is gone, or it is in as many groups as it may be and none of
   * its dynamic groups is newer than this one (the newest would make room).
   */
  join(thingGroupName: string, thingName: string): Promise<boolean>;
  leave(thingGroupName: string, thingName: string): Promise<void>;
}

const MOST_GROUPS = 10;

/** What a thing's memberships are to become. */
interface Move {
  readonly thing: Stored<ThingRecord>;
  readonly leaving: readonly Stored<MembershipRecord>[];
  readonly joining: readonly Stored<ThingGroupRecord>[];
}

export function membershipOperations(deps: MembershipDeps): MembershipOperations {
  const { things, groups, memberships, place } = deps;

  /** Names may be repeated. */
  function change(thingName: string, toAdd: readonly string[], toRemove: readonly string[], mayEvict = false) {
    const names = [...new Set([...toAdd, ...toRemove])].sort();
    return inTurns(deps, thingName, names, async () => {
      const thing = await requireThing(things, thingName);
      const named = new Map<string, Stored<ThingGroupRecord>>();
      for (const name of names) {
        const group = await requireGroup(groups, name);
        checkStatic(place, group.value);
        named.set(name, group);
      }
      const current = await membershipsOf(memberships, thingName);
      const removed = current.filter(({ value }) => toRemove.includes(value.thingGroupName));
      const kept = current.filter((membership) => !removed.includes(membership));
      const isIn = new Set(kept.map(({ value }) => value.thingGroupName));
      const joining = [...named.values()].filter(({ key }) => toAdd.includes(key) && !isIn.has(key));
      checkHierarchies(thingName, kept, joining);
      const excess = Math.max(0, kept.length + joining.length - MOST_GROUPS);
      const evicted = mayEvict ? newestDynamic(kept).slice(0, excess) : [];
      if (joining.length > 0 && excess > evicted.length) throw tooMany(thingName);
      await commitMove(deps, { thing, leaving: [...removed, ...evicted], joining });
      return {};
    });
  }

  return {
    /** Adding again is fine. */
    async addThingToThingGroup({ thingName, thingArn, thingGroupName, thingGroupArn, overrideDynamicGroups }) {
      const group = nameFrom(place, 'thinggroup', thingGroupName, thingGroupArn);
      const thing = nameFrom(place, 'thing', thingName, thingArn);
      return change(thing, [group], [], overrideDynamicGroups);
    },

    /** Removing what is not in the group is fine. */
    async removeThingFromThingGroup({ thingName, thingArn, thingGroupName, thingGroupArn }) {
      const group = nameFrom(place, 'thinggroup', thingGroupName, thingGroupArn);
      return change(nameFrom(place, 'thing', thingName, thingArn), [], [group]);
    },

    /** All or nothing; groups to leave make room for those to join. */
    async updateThingGroupsForThing({ thingName, thingGroupsToAdd = [], thingGroupsToRemove = [], ...options }) {
      if (thingName === undefined) throw invalidRequest('thingName is missing');
      const twice = thingGroupsToAdd.find((name) => thingGroupsToRemove.includes(name));
      if (twice !== undefined) throw invalidRequest(`Thing group ${twice} is both to be added and to be removed`);
      if (new Set(thingGroupsToAdd).size > MOST_GROUPS) throw tooMany(thingName);
      return change(thingName, thingGroupsToAdd, thingGroupsToRemove, options.overrideDynamicGroups);
    },

    /** The groups that the thing itself is in, of either kind. */
    async listThingGroupsForThing(input) {
      const { thingName } = input;
      await requireThing(things, thingName);
      const list = `ListThingGroupsForThing ${thingName}`;
      const page = await memberships.find('thing', thingName, pageRange(list, input));
      const names = page.items.map(({ value }) => value.thingGroupName);
      return {
        thingGroups: names.map((groupName) => ({ groupName, groupArn: groupArn(place, groupName) })),
        nextToken: pageToken(list, page),
      };
    },

    /** Recursively: group by group, each thing once, since it can be in one group of a hierarchy only. */
    async listThingsInThingGroup(input) {
      const { thingGroupName, recursive = false } = input;
      await requireGroup(groups, thingGroupName);
      const list = `ListThingsInThingGroup ${thingGroupName} ${recursive}`;
      const page = await members(thingGroupName, recursive, pageRange(list, input satisfies PageInput));
      return { things: page.items.map(({ value }) => value.thingName), nextToken: pageToken(list, page) };
    },
  };

  function members(thingGroupName: string, recursive: boolean, range: ReturnType<typeof pageRange>) {
    if (recursive) return memberships.find('lineage', thingGroupName, range);
    return memberships.scan({ prefix: membershipPrefix(thingGroupName), ...range });
  }
}

export function dynamicMemberships(deps: MembershipDeps): DynamicMemberships {
  const { things, groups, memberships } = deps;
  return {
    join: (thingGroupName, thingName) =>
      inTurns(deps, thingName, [thingGroupName], async () => {
        const [thing, group] = [await things.get(thingName), await groups.get(thingGroupName)];
        if (!thing || group?.value.query === undefined) return false;
        const current = await membershipsOf(memberships, thingName);
        if (current.some(({ value }) => value.thingGroupName === thingGroupName)) return true;
        const leaving = current.length < MOST_GROUPS ? [] : newestDynamic(current).slice(0, 1);
        if (current.length - leaving.length >= MOST_GROUPS) return false;
        if (leaving.some(({ value }) => (value.dynamicSinceMs ?? 0) <= group.value.createdMs)) return false;
        await commitMove(deps, { thing, leaving, joining: [group] });
        return true;
      }),

    leave: (thingGroupName, thingName) =>
      inTurns(deps, thingName, [thingGroupName], async () => {
        const membership = await memberships.get(membershipKey(thingGroupName, thingName));
        const thing = await things.get(thingName);
        if (membership?.value.dynamicSinceMs === undefined || !thing) return;
        await commitMove(deps, { thing, leaving: [membership], joining: [] });
      }),
  };
}

/** All memberships of a thing: few. */
export async function membershipsOf(
  memberships: Memberships,
  thingName: string,
): Promise<readonly Stored<MembershipRecord>[]> {
  return (await memberships.find('thing', thingName)).items;
}

async function commitMove(deps: MembershipDeps, { thing, leaving, joining }: Move): Promise<void> {
  const { store, things, groups, memberships, random, changes } = deps;
  if (leaving.length + joining.length === 0) return;
  const { thingName, thingId } = thing.value;
  const joined = joining.map(({ value }): MembershipRecord => {
    const { thingGroupName, thingGroupId, query, createdMs } = value;
    const since = query === undefined ? {} : { dynamicSinceMs: createdMs };
    const membershipId = random.uuid();
    return { membershipId, thingName, thingId, thingGroupName, thingGroupId, lineage: lineageOf(value), ...since };
  });
  const held: readonly Write[] = [
    things.put(thingName, thing.value, { ifVersion: thing.version }),
    ...joining.map(({ key, value, version }) => groups.put(key, value, { ifVersion: version })),
  ];
  await store.commit([
    ...(joining.length > 0 ? held : []),
    ...leaving.map(({ key, version }) => memberships.delete(key, { ifVersion: version })),
    ...joined.map((one) => memberships.put(membershipKey(one.thingGroupName, thingName), one, { ifVersion: 0 })),
  ]);
  for (const { value } of leaving) changes.announce({ kind: 'left', thingName, membership: value });
  for (const membership of joined) changes.announce({ kind: 'joined', thingName, membership });
}

/** The thing's turn, then each group's; `names` are in order. */
function inTurns<T>(
  { turns }: MembershipDeps,
  thingName: string,
  names: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const inner = names.reduceRight<() => Promise<T>>(
    (next, name) => () => turns.run(groupTurn(name), next),
    () => retryConflicts(work),
  );
  return turns.run(thingName, inner);
}

/** Throws InvalidRequestException when the thing would be in two groups with the same root. */
function checkHierarchies(
  thingName: string,
  kept: readonly Stored<MembershipRecord>[],
  joining: readonly Stored<ThingGroupRecord>[],
): void {
  const byRoot = new Map(kept.map(({ value }) => [value.lineage[0], value.thingGroupName]));
  for (const { value } of joining) {
    const [root] = lineageOf(value);
    const other = byRoot.get(root);
    if (other !== undefined) {
      throw invalidRequest(
        `Thing ${thingName} cannot be in ${other} and ${value.thingGroupName}: both belong to the hierarchy of ${root}`,
      );
    }
    byRoot.set(root, value.thingGroupName);
  }
}

/** The memberships of dynamic groups, those of the newest groups first. */
function newestDynamic(all: readonly Stored<MembershipRecord>[]): readonly Stored<MembershipRecord>[] {
  return all
    .filter(({ value }) => value.dynamicSinceMs !== undefined)
    .sort((a, b) => (b.value.dynamicSinceMs ?? 0) - (a.value.dynamicSinceMs ?? 0));
}

function tooMany(thingName: string) {
  return invalidRequest(`Thing ${thingName} cannot be in more than ${MOST_GROUPS} thing groups`);
}
