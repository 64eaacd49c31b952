import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, bench } from '../../test/support/registry-bench.ts';
import { ServiceError } from '../base/errors.ts';
import type { FleetIndex } from './registry.ts';

const arnOf = (name: string): string => `arn:aws:iot:us-east-1:000000000000:thinggroup/${name}`;
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const warm = { thingGroupName: 'warm' };
const queryString = 'attributes.temperature>60';
const query = { indexName: 'AWS_Things', queryString, queryVersion: '2017-09-30' };

const fleetIndex: FleetIndex = {
  isEnabled: async () => true,
  checkQuery: (asked) => {
    if (asked.queryString === '(') throw new ServiceError('InvalidQueryException', 'no');
  },
  statusOf: async ({ version }) => (version === 1 ? 'BUILDING' : 'REBUILDING'),
};

test('without an index there are no dynamic groups', async () => {
  const { createDynamicThingGroup, listThingGroups } = await bench();
  await assert.rejects(createDynamicThingGroup({ ...warm, queryString }), {
    code: 'ResourceNotFoundException',
    message: 'Index AWS_Things cannot be found. Fleet indexing is not enabled.',
  });
  assert.deepEqual((await listThingGroups({})).thingGroups, []);
});

test('a dynamic group is described with its query and status, and listed with the others', async () => {
  const { createDynamicThingGroup, describeThingGroup, listThingGroups } = await bench({ fleetIndex });
  const thingGroupProperties = { thingGroupDescription: 'd' };
  const created = await createDynamicThingGroup({ ...warm, queryString, thingGroupProperties });
  const { thingGroupId } = created;
  assert.deepEqual(created, { ...warm, thingGroupArn: arnOf('warm'), thingGroupId, ...query });
  assert.deepEqual(await describeThingGroup(warm), {
    ...created,
    status: 'BUILDING',
    version: 1,
    thingGroupProperties,
    thingGroupMetadata: {
      parentGroupName: undefined,
      rootToParentThingGroups: undefined,
      creationDate: new Date(1_700_000_000_000),
    },
  });
  assert.deepEqual((await listThingGroups({})).thingGroups, [{ groupName: 'warm', groupArn: arnOf('warm') }]);
  assert.deepEqual(await createDynamicThingGroup({ ...warm, ...query, thingGroupProperties }), created);
  await assert.rejects(createDynamicThingGroup({ ...warm, queryString: 'other', thingGroupProperties }), {
    code: 'ResourceAlreadyExistsException',
  });
});

test('a query that the index cannot answer, another index and another version are refused', async () => {
  const { createDynamicThingGroup, updateDynamicThingGroup } = await bench({ fleetIndex });
  await assert.rejects(createDynamicThingGroup({ ...warm, queryString: '(' }), { code: 'InvalidQueryException' });
  await createDynamicThingGroup({ ...warm, queryString });
  for (const other of [{ indexName: 'AWS_ThingGroups' }, { queryVersion: '2000-01-01' }]) {
    await assert.rejects(createDynamicThingGroup({ thingGroupName: 'x', queryString, ...other }), invalid);
    await assert.rejects(updateDynamicThingGroup({ ...warm, thingGroupProperties: {}, ...other }), invalid);
  }
  await assert.rejects(updateDynamicThingGroup({ ...warm, thingGroupProperties: {}, queryString: '(' }), {
    code: 'InvalidQueryException',
  });
});

test('an update changes the query and counts versions', async () => {
  const { createDynamicThingGroup, updateDynamicThingGroup, describeThingGroup } = await bench({ fleetIndex });
  await assert.rejects(updateDynamicThingGroup({ ...warm, thingGroupProperties: {} }), {
    code: 'ResourceNotFoundException',
  });
  await createDynamicThingGroup({ ...warm, queryString });
  const update = { ...warm, thingGroupProperties: { thingGroupDescription: 'e' }, queryString: 'thingName:a*' };
  await assert.rejects(updateDynamicThingGroup({ ...update, expectedVersion: 3 }), {
    code: 'VersionConflictException',
  });
  assert.deepEqual(await updateDynamicThingGroup({ ...update, expectedVersion: 1 }), { version: 2 });
  const described = await describeThingGroup(warm);
  assert.deepEqual(
    [described.queryString, described.status, described.thingGroupProperties?.thingGroupDescription],
    ['thingName:a*', 'REBUILDING', 'e'],
  );
});

test('operations of the other kind refuse a dynamic group', async () => {
  const r = await bench({ fleetIndex });
  await r.createDynamicThingGroup({ ...warm, queryString });
  await r.createThing({ thingName: 'lamp' });
  const refused = {
    ...invalid,
    message: `This operation does not support dynamic thing groups. Thing group arn: ${arnOf('warm')}`,
  };
  await assert.rejects(r.deleteThingGroup(warm), refused);
  await assert.rejects(r.updateThingGroup({ ...warm, thingGroupProperties: {} }), refused);
  await assert.rejects(r.addThingToThingGroup({ ...warm, thingName: 'lamp' }), refused);
  await assert.rejects(r.removeThingFromThingGroup({ ...warm, thingName: 'lamp' }), refused);
  await assert.rejects(r.createThingGroup({ thingGroupName: 'x', parentGroupName: 'warm' }), refused);
  await assert.rejects(r.createThingGroup(warm), { code: 'ResourceAlreadyExistsException' });
  await r.createThingGroup({ thingGroupName: 'hall' });
  const notDynamic = { ...invalid, message: 'Thing group hall is not a dynamic thing group' };
  await assert.rejects(r.deleteDynamicThingGroup({ thingGroupName: 'hall' }), notDynamic);
  await assert.rejects(r.updateDynamicThingGroup({ thingGroupName: 'hall', thingGroupProperties: {} }), notDynamic);
});

test('a dynamic group is deleted with its memberships, and deleting it again is fine', async () => {
  const r = await bench({ fleetIndex });
  await r.createDynamicThingGroup({ ...warm, queryString });
  await r.createThing({ thingName: 'lamp' });
  assert.equal(await r.registry.dynamicMemberships.join('warm', 'lamp'), true);
  await assert.rejects(r.deleteDynamicThingGroup({ ...warm, expectedVersion: 2 }), {
    code: 'VersionConflictException',
  });
  for (let i = 0; i < 2; i++) assert.deepEqual(await r.deleteDynamicThingGroup(warm), {});
  assert.deepEqual((await r.listThingGroupsForThing({ thingName: 'lamp' })).thingGroups, []);
});

test('there are at most a hundred dynamic groups', async () => {
  const { createDynamicThingGroup } = await bench({ fleetIndex });
  const made = Array.from({ length: 101 }, (_, i) => createDynamicThingGroup({ thingGroupName: `g${i}`, queryString }));
  const outcomes = await Promise.allSettled(made);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 100);
  await assert.rejects(createDynamicThingGroup({ ...warm, queryString }), { code: 'LimitExceededException' });
});

/** The thing `lamp` in nine static groups. The dynamic groups `old`, `middle` and `new`, made one after the other. */
async function fullThing(): Promise<Bench> {
  const r = await bench({ fleetIndex });
  await r.createThing({ thingName: 'lamp' });
  for (let i = 0; i < 10; i++) {
    await r.createThingGroup({ thingGroupName: `s${i}` });
    if (i < 9) await r.addThingToThingGroup({ thingGroupName: `s${i}`, thingName: 'lamp' });
  }
  for (const thingGroupName of ['old', 'middle', 'new']) {
    await r.createDynamicThingGroup({ thingGroupName, queryString });
    await r.clock.advance(1000);
  }
  return r;
}

const dynamicGroups = async (r: Bench) => {
  const { thingGroups = [] } = await r.listThingGroupsForThing({ thingName: 'lamp' });
  return thingGroups.map(({ groupName = '' }) => groupName).filter((name) => !name.startsWith('s'));
};

test('a thing in ten groups joins an older dynamic group in the place of its newest', async () => {
  const r = await fullThing();
  const { join, leave } = r.registry.dynamicMemberships;
  assert.equal(await join('middle', 'lamp'), true);
  assert.equal(await join('middle', 'lamp'), true);
  assert.equal(await join('new', 'lamp'), false);
  assert.deepEqual(await dynamicGroups(r), ['middle']);
  assert.equal(await join('old', 'lamp'), true);
  assert.deepEqual(await dynamicGroups(r), ['old']);
  await leave('old', 'lamp');
  await leave('old', 'lamp');
  assert.deepEqual(await dynamicGroups(r), []);
});

test('a static group takes the place of the newest dynamic one only when it may', async () => {
  const r = await fullThing();
  await r.registry.dynamicMemberships.join('new', 'lamp');
  const input = { thingGroupName: 's9', thingName: 'lamp' };
  await assert.rejects(r.addThingToThingGroup(input), invalid);
  await r.addThingToThingGroup({ ...input, overrideDynamicGroups: true });
  assert.deepEqual(await dynamicGroups(r), []);
  assert.equal(await r.registry.dynamicMemberships.join('old', 'lamp'), false);
});

test('nothing joins what is not there, nor a static group', async () => {
  const r = await fullThing();
  const { join, leave } = r.registry.dynamicMemberships;
  assert.deepEqual(
    [await join('none', 'lamp'), await join('old', 'none'), await join('s9', 'lamp')],
    [false, false, false],
  );
  await leave('s1', 'lamp');
  assert.equal((await r.listThingGroupsForThing({ thingName: 'lamp' })).thingGroups?.length, 9);
});
