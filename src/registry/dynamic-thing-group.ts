/**
 * Dynamic thing groups: groups that a query of the fleet index fills (identity-registry-provisioning.md section 2.3,
 * fleet-management.md section 2). Here are their definitions; the fleet index, which the platform plugs in as
 * `FleetIndex`, finds their things and brings them in and out through `DynamicGroups`.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import { invalidRequest, limitExceeded, notFound } from '../base/errors.ts';
import {
  createdBefore,
  createGroup,
  deleteGroup,
  inGroupTurn,
  newProperties,
  type ThingGroupDeps,
  updatedProperties,
  updateGroup,
} from './thing-group-change.ts';
import { checkGroupVersion, type GroupQuery, requireGroup, type ThingGroupRecord } from './thing-group-record.ts';

/** What dynamic groups need of the fleet index. */
export interface FleetIndex {
  /** Whether there is such an index: fleet indexing is on. */
  isEnabled(indexName: string): Promise<boolean>;
  /** Throws InvalidQueryException for what the index cannot answer. */
  checkQuery(query: GroupQuery): void;
  /** Whether the things of the query are all found yet. */
  statusOf(group: ThingGroupRecord): Promise<'ACTIVE' | 'BUILDING' | 'REBUILDING'>;
}

/** No index: no dynamic group can be made. */
export const noFleetIndex: FleetIndex = {
  isEnabled: async () => false,
  checkQuery: () => {},
  statusOf: async () => 'BUILDING',
};

export type DynamicThingGroupOperations = Pick<
  IotOperations,
  'createDynamicThingGroup' | 'updateDynamicThingGroup' | 'deleteDynamicThingGroup'
>;

const DEFAULT_INDEX = 'AWS_Things';
const QUERY_VERSION = '2017-09-30';
const MOST_DYNAMIC_GROUPS = 100;

export function dynamicThingGroupOperations(
  deps: ThingGroupDeps & { readonly fleetIndex: FleetIndex },
): DynamicThingGroupOperations {
  const { groups, turns, place, fleetIndex } = deps;

  /** Throws ResourceNotFoundException without an index, InvalidQueryException for a bad query. */
  async function checkedQuery(query: GroupQuery): Promise<GroupQuery> {
    if (query.indexName !== DEFAULT_INDEX) {
      throw invalidRequest(`Dynamic thing groups use the index ${DEFAULT_INDEX}, not ${query.indexName}`);
    }
    if (query.queryVersion !== QUERY_VERSION) throw invalidRequest(`Unknown query version ${query.queryVersion}`);
    if (!(await fleetIndex.isEnabled(query.indexName))) {
      throw notFound(`Index ${query.indexName} cannot be found. Fleet indexing is not enabled.`);
    }
    fleetIndex.checkQuery(query);
    return query;
  }

  return {
    /** Repeating it with the same query and properties is fine and answers the same. */
    createDynamicThingGroup: (input) =>
      turns.run('dynamic groups', () =>
        inGroupTurn(turns, input.thingGroupName, async () => {
          const { thingGroupName, queryString, indexName = DEFAULT_INDEX, queryVersion = QUERY_VERSION } = input;
          const query = await checkedQuery({ indexName, queryString, queryVersion });
          const wanted = { thingGroupName, ...newProperties(input.thingGroupProperties), query };
          const existing = await groups.get(thingGroupName);
          if (existing) return { ...createdBefore(place, existing.value, wanted), ...query };
          if ((await groups.count('dynamic', '')) >= MOST_DYNAMIC_GROUPS) {
            throw limitExceeded(`There can be at most ${MOST_DYNAMIC_GROUPS} dynamic thing groups`);
          }
          return { ...(await createGroup(deps, wanted, undefined, input.tags)), ...query };
        }),
      ),

    /** What is not given stays. */
    updateDynamicThingGroup: ({ thingGroupName, thingGroupProperties, expectedVersion, ...given }) =>
      inGroupTurn(turns, thingGroupName, async () => {
        const stored = await requireGroup(groups, thingGroupName);
        const { query } = stored.value;
        if (query === undefined) throw notDynamic(thingGroupName);
        checkGroupVersion(stored, expectedVersion);
        const {
          indexName = query.indexName,
          queryString = query.queryString,
          queryVersion = query.queryVersion,
        } = given;
        const checked = await checkedQuery({ indexName, queryString, queryVersion });
        return updateGroup(deps, stored, { ...updatedProperties(stored.value, thingGroupProperties), query: checked });
      }),

    /** Deleting a group that is not there succeeds. */
    deleteDynamicThingGroup: ({ thingGroupName, expectedVersion }) =>
      inGroupTurn(turns, thingGroupName, async () => {
        const stored = await groups.get(thingGroupName);
        if (!stored) return {};
        if (stored.value.query === undefined) throw notDynamic(thingGroupName);
        checkGroupVersion(stored, expectedVersion);
        await deleteGroup(deps, stored);
        return {};
      }),
  };
}

function notDynamic(thingGroupName: string) {
  return invalidRequest(`Thing group ${thingGroupName} is not a dynamic thing group`);
}
