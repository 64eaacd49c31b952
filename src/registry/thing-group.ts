/** Thing groups whose things are put in by hand, their hierarchies, and the lists of all groups (section 2.3). */
import type { IotOperations, ListThingGroupsRequest } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { invalidRequest } from '../base/errors.ts';
import type { Page, Range, Stored } from '../store/store.ts';
import type { FleetIndex } from './dynamic-thing-group.ts';
import {
  createdBefore,
  createGroup,
  deleteGroup,
  described,
  inGroupTurn,
  newProperties,
  type ThingGroupDeps,
  updatedProperties,
  updateGroup,
} from './thing-group-change.ts';
import {
  checkGroupVersion,
  checkStatic,
  groupArn,
  requireGroup,
  type ThingGroupRecord,
  type ThingGroups,
} from './thing-group-record.ts';

export type ThingGroupOperations = Pick<
  IotOperations,
  'createThingGroup' | 'describeThingGroup' | 'updateThingGroup' | 'deleteThingGroup' | 'listThingGroups'
>;

/** Levels of a hierarchy, the root's included. */
const DEEPEST = 7;
const MOST_CHILDREN = 100;

export function thingGroupOperations(
  deps: ThingGroupDeps & { readonly fleetIndex: Pick<FleetIndex, 'statusOf'> },
): ThingGroupOperations {
  const { groups, turns, place, policies } = deps;

  return {
    /** Repeating it with the same parent and properties is fine and answers the same. */
    createThingGroup: ({ thingGroupName, parentGroupName, thingGroupProperties, tags }) =>
      inGroupTurn(turns, parentGroupName ?? thingGroupName, async () => {
        const wanted = {
          thingGroupName,
          ...(parentGroupName === undefined ? {} : { parentGroupName }),
          ...newProperties(thingGroupProperties),
        };
        const existing = await groups.get(thingGroupName);
        if (existing) return createdBefore(place, existing.value, wanted);
        const parent = parentGroupName === undefined ? undefined : await requireParent(parentGroupName);
        return createGroup(deps, wanted, parent, tags);
      }),

    /** Of either kind. */
    async describeThingGroup({ thingGroupName }) {
      const { value } = await requireGroup(groups, thingGroupName);
      if (value.query === undefined) return described(place, value);
      return { ...described(place, value), ...value.query, status: await deps.fleetIndex.statusOf(value) };
    },

    updateThingGroup: ({ thingGroupName, thingGroupProperties, expectedVersion }) =>
      inGroupTurn(turns, thingGroupName, async () => {
        const stored = await requireGroup(groups, thingGroupName);
        checkStatic(place, stored.value);
        checkGroupVersion(stored, expectedVersion);
        return updateGroup(deps, stored, updatedProperties(stored.value, thingGroupProperties));
      }),

    /** Deleting a group that is not there succeeds; things in it are no hindrance. */
    deleteThingGroup: ({ thingGroupName, expectedVersion }) =>
      inGroupTurn(turns, thingGroupName, async () => {
        const stored = await groups.get(thingGroupName);
        if (!stored) return {};
        checkStatic(place, stored.value);
        checkGroupVersion(stored, expectedVersion);
        if ((await groups.find('parent', thingGroupName, { limit: 1 })).items.length > 0) {
          throw invalidRequest(
            ` Cannot delete thing group : ${thingGroupName} when there are still child groups attached to it`,
          );
        }
        if (await policies.hasPolicies(groupArn(place, thingGroupName))) {
          throw invalidRequest(
            `Cannot delete thing group : ${thingGroupName} when there are still policies attached to it`,
          );
        }
        await deleteGroup(deps, stored);
        return {};
      }),

    /** Groups of either kind; descendants too unless `recursive` is false. */
    async listThingGroups(input) {
      const { parentGroup, namePrefixFilter, recursive = true } = input;
      if (parentGroup !== undefined) await requireGroup(groups, parentGroup);
      const list = `ListThingGroups ${JSON.stringify([parentGroup, namePrefixFilter, recursive])}`;
      const page = await findGroups(groups, input, { prefix: namePrefixFilter ?? '', ...pageRange(list, input) });
      return {
        thingGroups: page.items.map(({ key }) => ({ groupName: key, groupArn: groupArn(place, key) })),
        nextToken: pageToken(list, page),
      };
    },
  };

  /** A group that can have one more child. The operation has no error for what is not found. */
  async function requireParent(name: string): Promise<Stored<ThingGroupRecord>> {
    const parent = await groups.get(name);
    if (!parent) throw invalidRequest(`Parent thing group ${name} cannot be found.`);
    checkStatic(place, parent.value);
    if (parent.value.ancestors.length + 2 > DEEPEST) {
      throw invalidRequest(`A hierarchy of thing groups has at most ${DEEPEST} levels`);
    }
    if ((await groups.count('parent', name)) >= MOST_CHILDREN) {
      throw invalidRequest(`A thing group has at most ${MOST_CHILDREN} child groups`);
    }
    return parent;
  }
}

function findGroups(
  groups: ThingGroups,
  { parentGroup, recursive = true }: ListThingGroupsRequest,
  range: Range,
): Promise<Page<ThingGroupRecord>> {
  if (parentGroup !== undefined) return groups.find(recursive ? 'ancestor' : 'parent', parentGroup, range);
  return recursive ? groups.scan(range) : groups.find('parent', '', range);
}
