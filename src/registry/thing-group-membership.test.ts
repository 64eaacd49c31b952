import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, type Bench, bench } from '../../test/support/registry-bench.ts';

const arnOf = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const lamp = { thingName: 'lamp' };

/** The things `lamp` and `fan`; the hierarchy house > hall > desk, and garden and roof alone. */
async function withGroups(): Promise<Bench> {
  const r = await bench();
  for (const thingName of ['lamp', 'fan']) await r.createThing({ thingName });
  for (const thingGroupName of ['house', 'garden', 'roof']) await r.createThingGroup({ thingGroupName });
  await r.createThingGroup({ thingGroupName: 'hall', parentGroupName: 'house' });
  await r.createThingGroup({ thingGroupName: 'desk', parentGroupName: 'hall' });
  return r;
}

async function groupsOf(r: Bench, thingName = 'lamp'): Promise<(string | undefined)[]> {
  return (await r.listThingGroupsForThing({ thingName })).thingGroups!.map(({ groupName }) => groupName);
}

test('a thing is added and removed by names and by ARNs, as often as one likes', async () => {
  const r = await withGroups();
  assert.deepEqual(await r.addThingToThingGroup({ ...lamp, thingGroupName: 'hall' }), {});
  await r.addThingToThingGroup({ thingArn: arnOf('thing/lamp'), thingGroupArn: arnOf('thinggroup/hall') });
  await r.addThingToThingGroup({ ...lamp, thingGroupName: 'garden', thingGroupArn: arnOf('thinggroup/garden') });
  assert.deepEqual((await r.listThingGroupsForThing(lamp)).thingGroups, [
    { groupName: 'garden', groupArn: arnOf('thinggroup/garden') },
    { groupName: 'hall', groupArn: arnOf('thinggroup/hall') },
  ]);
  for (let i = 0; i < 2; i++) {
    await r.removeThingFromThingGroup({ thingArn: arnOf('thing/lamp'), thingGroupName: 'hall' });
    assert.deepEqual(await groupsOf(r), ['garden']);
  }
  const moves = r.changes.flatMap((change) => ('membership' in change ? [change.kind] : []));
  assert.deepEqual(moves, ['joined', 'joined', 'left']);
});

const faulty: { title: string; input: object; error: object }[] = [
  {
    title: 'no thing',
    input: { thingGroupName: 'hall' },
    error: { ...invalid, message: 'Both thingArn and thingName are empty. Need to specify at least one of them' },
  },
  {
    title: 'no group',
    input: { ...lamp, thingGroupArn: '' },
    error: {
      ...invalid,
      message: 'Both thingGroupArn and thingGroupName are empty. Need to specify at least one of them',
    },
  },
  {
    title: 'an unknown thing',
    input: { thingName: 'none', thingGroupName: 'hall' },
    error: { code: 'ResourceNotFoundException', message: 'Thing none cannot be found.' },
  },
  {
    title: 'an unknown group',
    input: { ...lamp, thingGroupName: 'none' },
    error: { code: 'ResourceNotFoundException', message: 'Thing group none cannot be found.' },
  },
  {
    title: 'a name and the ARN of another',
    input: { ...lamp, thingGroupName: 'hall', thingGroupArn: arnOf('thinggroup/roof') },
    error: invalid,
  },
  { title: 'an ARN of another kind', input: { ...lamp, thingGroupArn: arnOf('thing/hall') }, error: invalid },
  { title: 'an ARN with a slash', input: { ...lamp, thingGroupArn: arnOf('thinggroup/a/b') }, error: invalid },
  {
    title: 'an ARN of another account',
    input: { thingArn: 'arn:aws:iot:us-east-1:111111111111:thing/lamp', thingGroupName: 'hall' },
    error: invalid,
  },
];

for (const { title, input, error } of faulty) {
  test(`adding and removing are refused for ${title}`, async () => {
    const r = await withGroups();
    await assert.rejects(r.addThingToThingGroup(input), error);
    await assert.rejects(r.removeThingFromThingGroup(input), error);
  });
}

test('a thing is in one group of a hierarchy only', async () => {
  const r = await withGroups();
  await r.addThingToThingGroup({ ...lamp, thingGroupName: 'desk' });
  await r.addThingToThingGroup({ ...lamp, thingGroupName: 'garden' });
  for (const thingGroupName of ['house', 'hall']) {
    await assert.rejects(r.addThingToThingGroup({ ...lamp, thingGroupName }), {
      ...invalid,
      message: `Thing lamp cannot be in desk and ${thingGroupName}: both belong to the hierarchy of house`,
    });
  }
  await assert.rejects(r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: ['hall', 'roof'] }), invalid);
  assert.deepEqual(await groupsOf(r), ['desk', 'garden']);
  await r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: ['hall', 'roof'], thingGroupsToRemove: ['desk'] });
  assert.deepEqual(await groupsOf(r), ['garden', 'hall', 'roof']);
  await assert.rejects(r.updateThingGroupsForThing({ thingName: 'fan', thingGroupsToAdd: ['hall', 'desk'] }), invalid);
});

test('a thing is in at most ten groups', async () => {
  const r = await withGroups();
  const names = Array.from({ length: 11 }, (_, i) => `g${`${i}`.padStart(2, '0')}`);
  for (const thingGroupName of names) await r.createThingGroup({ thingGroupName });
  const refused = { ...invalid, message: 'Thing lamp cannot be in more than 10 thing groups' };
  await assert.rejects(r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: names }), refused);
  await r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: names.slice(1) });
  await assert.rejects(r.addThingToThingGroup({ ...lamp, thingGroupName: 'g00' }), refused);
  const override = { ...lamp, thingGroupName: 'g00', overrideDynamicGroups: true };
  await assert.rejects(r.addThingToThingGroup(override), refused);
  await r.addThingToThingGroup({ ...lamp, thingGroupName: 'g10' });
  await r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: ['g00'], thingGroupsToRemove: ['g10'] });
  assert.deepEqual(await groupsOf(r), names.slice(0, 10));
});

test("an update of a thing's groups does all or nothing", async () => {
  const r = await withGroups();
  await r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: ['roof', 'roof'], thingGroupsToRemove: ['garden'] });
  assert.deepEqual(await groupsOf(r), ['roof']);
  await assert.rejects(
    r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: ['garden'], thingGroupsToRemove: ['none'] }),
    { code: 'ResourceNotFoundException' },
  );
  await assert.rejects(r.updateThingGroupsForThing({ ...lamp, thingGroupsToAdd: ['x'], thingGroupsToRemove: ['x'] }), {
    ...invalid,
    message: 'Thing group x is both to be added and to be removed',
  });
  await assert.rejects(r.updateThingGroupsForThing({ thingGroupsToAdd: ['garden'] }), invalid);
  await assert.rejects(r.updateThingGroupsForThing({ thingName: 'none' }), { code: 'ResourceNotFoundException' });
  await r.updateThingGroupsForThing(lamp);
  assert.deepEqual(await groupsOf(r), ['roof']);
});

test('the things of a group are listed, with those of the groups below it when asked for', async () => {
  const r = await withGroups();
  for (const thingName of ['a', 'b', 'c']) {
    await r.createThing({ thingName });
    await r.addThingToThingGroup({ thingName, thingGroupName: 'desk' });
  }
  await r.addThingToThingGroup({ ...lamp, thingGroupName: 'house' });
  await r.addThingToThingGroup({ thingName: 'fan', thingGroupName: 'garden' });
  const names = (thingGroupName: string, recursive: boolean, size: number) =>
    allPages(size, async (page) => {
      const { things = [], nextToken } = await r.listThingsInThingGroup({ thingGroupName, recursive, ...page });
      return { items: things, nextToken };
    });
  assert.deepEqual(await names('house', false, 5), [['lamp']]);
  assert.deepEqual(await names('house', true, 3), [['a', 'b', 'c'], ['lamp']]);
  assert.deepEqual(await names('desk', false, 2), [['a', 'b'], ['c']]);
  assert.deepEqual(await names('hall', true, 5), [['a', 'b', 'c']]);
  assert.deepEqual((await r.listThingsInThingGroup({ thingGroupName: 'hall' })).things, []);
  await assert.rejects(r.listThingsInThingGroup({ thingGroupName: 'none' }), { code: 'ResourceNotFoundException' });
  await assert.rejects(r.listThingGroupsForThing({ thingName: 'none' }), { code: 'ResourceNotFoundException' });
  const { nextToken } = await r.listThingsInThingGroup({ thingGroupName: 'desk', maxResults: 1 });
  await assert.rejects(r.listThingsInThingGroup({ thingGroupName: 'desk', recursive: true, nextToken }), invalid);
});

test('a deleted thing leaves its groups', async () => {
  const r = await withGroups();
  await r.addThingToThingGroup({ ...lamp, thingGroupName: 'hall' });
  await r.deleteThing(lamp);
  await r.createThing(lamp);
  assert.deepEqual(await groupsOf(r), []);
  assert.deepEqual((await r.listThingsInThingGroup({ thingGroupName: 'hall' })).things, []);
  const kinds = r.changes.map(({ kind }) => kind).slice(-3);
  assert.deepEqual(kinds, ['left', 'deleted', 'created']);
});

test('rules hold when somebody else acts at the same moment', async () => {
  const r = await withGroups();
  r.beforeNextCommit(() => r.elsewhere.addThingToThingGroup({ ...lamp, thingGroupName: 'house' }));
  await assert.rejects(r.addThingToThingGroup({ ...lamp, thingGroupName: 'desk' }), invalid);
  r.beforeNextCommit(() => r.elsewhere.deleteThingGroup({ thingGroupName: 'roof' }));
  await assert.rejects(r.addThingToThingGroup({ ...lamp, thingGroupName: 'roof' }), {
    code: 'ResourceNotFoundException',
  });
  r.beforeNextCommit(() => r.elsewhere.addThingToThingGroup({ ...lamp, thingGroupName: 'garden' }));
  await r.deleteThingGroup({ thingGroupName: 'garden' });
  assert.deepEqual(await groupsOf(r), ['house']);
  r.beforeNextCommit(() => r.elsewhere.deleteThing({ thingName: 'fan' }));
  await assert.rejects(r.addThingToThingGroup({ thingName: 'fan', thingGroupName: 'hall' }), {
    code: 'ResourceNotFoundException',
  });
});

test('many things join one group at once', async () => {
  const r = await withGroups();
  const names = Array.from({ length: 40 }, (_, i) => `t${i}`);
  await Promise.all(names.map((thingName) => r.createThing({ thingName })));
  await Promise.all(names.map((thingName) => r.addThingToThingGroup({ thingName, thingGroupName: 'hall' })));
  assert.equal((await r.listThingsInThingGroup({ thingGroupName: 'hall' })).things?.length, 40);
});
