import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, type Bench, bench } from '../../test/support/registry-bench.ts';

const arnOf = (name: string): string => `arn:aws:iot:us-east-1:000000000000:thinggroup/${name}`;
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const missing = {
  name: 'ServiceError',
  code: 'ResourceNotFoundException',
  message: 'Thing group hall cannot be found.',
};
const hall = { thingGroupName: 'hall' };
const now = new Date(1_700_000_000_000);

/** Each group below the one before it. */
async function chain(r: Bench, ...names: string[]): Promise<void> {
  for (const [i, thingGroupName] of names.entries()) {
    await r.createThingGroup(i === 0 ? { thingGroupName } : { thingGroupName, parentGroupName: names[i - 1] });
  }
}

test('a created group is described as it was created', async () => {
  const { createThingGroup, describeThingGroup } = await bench();
  const attributePayload = { attributes: { floor: '2', empty: '' } };
  const thingGroupProperties = { thingGroupDescription: 'd', attributePayload };
  const created = await createThingGroup({ ...hall, thingGroupProperties });
  assert.deepEqual(created, { ...hall, thingGroupArn: arnOf('hall'), thingGroupId: created.thingGroupId });
  assert.deepEqual(await describeThingGroup(hall), {
    ...created,
    version: 1,
    thingGroupProperties: { thingGroupDescription: 'd', attributePayload: { attributes: { floor: '2' } } },
    thingGroupMetadata: { parentGroupName: undefined, rootToParentThingGroups: undefined, creationDate: now },
  });
  await assert.rejects(describeThingGroup({ thingGroupName: 'none' }), { code: 'ResourceNotFoundException' });
});

test('a group knows the whole way up to its root', async () => {
  const r = await bench();
  await chain(r, 'site', 'house', 'hall');
  const { thingGroupMetadata } = await r.describeThingGroup(hall);
  assert.deepEqual(thingGroupMetadata, {
    parentGroupName: 'house',
    rootToParentThingGroups: ['site', 'house'].map((groupName) => ({ groupName, groupArn: arnOf(groupName) })),
    creationDate: now,
  });
});

test('creating a group again is fine when nothing differs and refused otherwise', async () => {
  const { createThingGroup } = await bench();
  for (const thingGroupName of ['house', 'barn']) await createThingGroup({ thingGroupName });
  const input = {
    ...hall,
    parentGroupName: 'house',
    thingGroupProperties: { thingGroupDescription: 'd', attributePayload: { attributes: { a: '1' } } },
  };
  const first = await createThingGroup(input);
  assert.deepEqual(await createThingGroup({ ...input, tags: [{ Key: 'k', Value: 'v' }] }), first);
  const exists = {
    name: 'ServiceError',
    code: 'ResourceAlreadyExistsException',
    message: 'Thing Group hall already exists in current account with different properties',
    fields: { resourceId: first.thingGroupId, resourceArn: arnOf('hall') },
  };
  await assert.rejects(createThingGroup(hall), exists);
  await assert.rejects(createThingGroup({ ...input, parentGroupName: 'barn' }), exists);
  await assert.rejects(createThingGroup({ ...input, thingGroupProperties: {} }), exists);
});

test('a group has a parent that is there, at most seven levels and a hundred children', async () => {
  const r = await bench();
  await assert.rejects(r.createThingGroup({ ...hall, parentGroupName: 'none' }), {
    ...invalid,
    message: 'Parent thing group none cannot be found.',
  });
  await chain(r, 'g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'g7');
  await assert.rejects(r.createThingGroup({ ...hall, parentGroupName: 'g7' }), {
    ...invalid,
    message: 'A hierarchy of thing groups has at most 7 levels',
  });
  await Promise.all(
    Array.from({ length: 100 }, (_, i) => r.createThingGroup({ thingGroupName: `c${i}`, parentGroupName: 'g7' })).map(
      (one) => assert.rejects(one),
    ),
  );
  for (let i = 1; i < 100; i++) await r.createThingGroup({ thingGroupName: `c${i}`, parentGroupName: 'g6' });
  await assert.rejects(r.createThingGroup({ ...hall, parentGroupName: 'g6' }), {
    ...invalid,
    message: 'A thing group has at most 100 child groups',
  });
});

test('a group has at most fifty attributes', async () => {
  const { createThingGroup, updateThingGroup } = await bench();
  const attributes = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${i}`, 'x']));
  const refused = { ...invalid, message: 'A thing group has at most 50 attributes, not 51' };
  const thingGroupProperties = { attributePayload: { attributes } };
  await assert.rejects(createThingGroup({ ...hall, thingGroupProperties }), refused);
  await createThingGroup(hall);
  await assert.rejects(updateThingGroup({ ...hall, thingGroupProperties }), refused);
});

test('an update merges or replaces attributes, keeps what is not given, and counts versions', async () => {
  const { createThingGroup, updateThingGroup, describeThingGroup, changes } = await bench();
  await assert.rejects(updateThingGroup({ ...hall, thingGroupProperties: {} }), missing);
  await createThingGroup({
    ...hall,
    thingGroupProperties: { thingGroupDescription: 'd', attributePayload: { attributes: { a: '1', b: '2' } } },
  });
  const properties = async () => {
    const { thingGroupProperties = {} } = await describeThingGroup(hall);
    return [thingGroupProperties.thingGroupDescription, thingGroupProperties.attributePayload?.attributes];
  };
  const merged = { attributePayload: { attributes: { b: '', c: '3' }, merge: true } };
  assert.deepEqual(await updateThingGroup({ ...hall, thingGroupProperties: merged }), { version: 2 });
  assert.deepEqual(await properties(), ['d', { a: '1', c: '3' }]);
  const replaced = { thingGroupDescription: 'e', attributePayload: { attributes: { x: '9' } } };
  await assert.rejects(updateThingGroup({ ...hall, thingGroupProperties: replaced, expectedVersion: 1 }), {
    code: 'VersionConflictException',
    message: 'The version for thing group hall does not match the expected version.',
  });
  assert.deepEqual(await updateThingGroup({ ...hall, thingGroupProperties: replaced, expectedVersion: 2 }), {
    version: 3,
  });
  assert.deepEqual(await properties(), ['e', { x: '9' }]);
  assert.equal(changes.filter(({ kind }) => kind === 'group updated').length, 2);
});

test('a group with children or policies is not deleted; its things only leave it', async () => {
  const r = await bench();
  assert.deepEqual(await r.deleteThingGroup(hall), {});
  await chain(r, 'house', 'hall');
  await assert.rejects(r.deleteThingGroup({ thingGroupName: 'house' }), {
    ...invalid,
    message: ' Cannot delete thing group : house when there are still child groups attached to it',
  });
  await assert.rejects(r.deleteThingGroup({ ...hall, expectedVersion: 2 }), { code: 'VersionConflictException' });
  r.withPolicies.add(arnOf('hall'));
  await assert.rejects(r.deleteThingGroup(hall), {
    ...invalid,
    message: 'Cannot delete thing group : hall when there are still policies attached to it',
  });
  r.withPolicies.clear();
  for (const thingName of ['a', 'b']) {
    await r.createThing({ thingName });
    await r.addThingToThingGroup({ thingName, ...hall });
  }
  await r.deleteThingGroup({ ...hall, expectedVersion: 1 });
  await assert.rejects(r.describeThingGroup(hall), missing);
  assert.deepEqual((await r.listThingGroupsForThing({ thingName: 'a' })).thingGroups, []);
  await r.createThingGroup(hall);
  assert.deepEqual((await r.listThingsInThingGroup(hall)).things, []);
  assert.deepEqual(r.changes.map(({ kind }) => kind).slice(-4), ['left', 'left', 'group deleted', 'group created']);
});

test('groups are listed whole, below a group, level by level and by the beginning of their names', async () => {
  const r = await bench();
  await chain(r, 'site', 'house', 'hall');
  await chain(r, 'barn', 'hay');
  await r.createThingGroup({ thingGroupName: 'hut', parentGroupName: 'site' });
  const names = (filter: object, size: number) =>
    allPages(size, async (page) => {
      const { thingGroups = [], nextToken } = await r.listThingGroups({ ...filter, ...page });
      return { items: thingGroups.map(({ groupName }) => groupName), nextToken };
    });
  const all = ['barn', 'hall', 'hay', 'house', 'hut', 'site'];
  assert.deepEqual(await names({}, 4), [all.slice(0, 4), all.slice(4)]);
  assert.deepEqual(await names({ recursive: false }, 10), [['barn', 'site']]);
  assert.deepEqual(await names({ parentGroup: 'site' }, 2), [['hall', 'house'], ['hut']]);
  assert.deepEqual(await names({ parentGroup: 'site', recursive: false }, 2), [['house', 'hut']]);
  assert.deepEqual(await names({ namePrefixFilter: 'ha' }, 10), [['hall', 'hay']]);
  assert.deepEqual(await names({ parentGroup: 'site', namePrefixFilter: 'h', recursive: true }, 10), [
    ['hall', 'house', 'hut'],
  ]);
  assert.deepEqual((await r.listThingGroups({ maxResults: 1 })).thingGroups, [
    { groupName: 'barn', groupArn: arnOf('barn') },
  ]);
  await assert.rejects(r.listThingGroups({ parentGroup: 'none' }), { code: 'ResourceNotFoundException' });
  await assert.rejects(r.listThingGroups({ nextToken: 'x' }), invalid);
});

test('a child made elsewhere meanwhile keeps its parent', async () => {
  const r = await bench();
  await r.createThingGroup({ thingGroupName: 'house' });
  r.beforeNextCommit(() => r.elsewhere.createThingGroup({ ...hall, parentGroupName: 'house' }));
  await assert.rejects(r.deleteThingGroup({ thingGroupName: 'house' }), invalid);
  await r.deleteThingGroup(hall);
  r.beforeNextCommit(() => r.elsewhere.deleteThingGroup({ thingGroupName: 'house' }));
  await assert.rejects(r.createThingGroup({ ...hall, parentGroupName: 'house' }), invalid);
});
