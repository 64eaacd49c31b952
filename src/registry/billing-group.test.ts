import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, bench } from '../../test/support/registry-bench.ts';

const arnOf = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const missing = {
  name: 'ServiceError',
  code: 'ResourceNotFoundException',
  message: 'Billing group floor cannot be found.',
};
const floor = { billingGroupName: 'floor' };
const lamp = { thingName: 'lamp' };

test('a billing group is created, described, updated and deleted', async () => {
  const r = await bench();
  await assert.rejects(r.describeBillingGroup(floor), missing);
  await assert.rejects(r.updateBillingGroup({ ...floor, billingGroupProperties: {} }), missing);
  const billingGroupProperties = { billingGroupDescription: 'd' };
  const created = await r.createBillingGroup({ ...floor, billingGroupProperties });
  const { billingGroupId } = created;
  assert.deepEqual(created, { ...floor, billingGroupArn: arnOf('billinggroup/floor'), billingGroupId });
  assert.deepEqual(await r.describeBillingGroup(floor), {
    ...created,
    version: 1,
    billingGroupProperties,
    billingGroupMetadata: { creationDate: new Date(1_700_000_000_000) },
  });
  const stale = {
    code: 'VersionConflictException',
    message: 'The version for billing group floor does not match the expected version.',
  };
  await assert.rejects(r.updateBillingGroup({ ...floor, billingGroupProperties: {}, expectedVersion: 2 }), stale);
  const changed = { billingGroupProperties: { billingGroupDescription: 'e' }, expectedVersion: 1 };
  assert.deepEqual(await r.updateBillingGroup({ ...floor, ...changed }), { version: 2 });
  assert.deepEqual(await r.updateBillingGroup({ ...floor, billingGroupProperties: {} }), { version: 3 });
  assert.equal((await r.describeBillingGroup(floor)).billingGroupProperties?.billingGroupDescription, 'e');
  await assert.rejects(r.deleteBillingGroup({ ...floor, expectedVersion: 1 }), stale);
  assert.deepEqual(await r.deleteBillingGroup({ ...floor, expectedVersion: 3 }), {});
  assert.deepEqual(await r.deleteBillingGroup(floor), {});
  await assert.rejects(r.describeBillingGroup(floor), missing);
});

test('creating a billing group again is fine when nothing differs and refused otherwise', async () => {
  const { createBillingGroup } = await bench();
  const first = await createBillingGroup(floor);
  assert.deepEqual(await createBillingGroup(floor), first);
  await assert.rejects(createBillingGroup({ ...floor, billingGroupProperties: { billingGroupDescription: 'd' } }), {
    code: 'ResourceAlreadyExistsException',
    message: 'Billing Group floor already exists in current account with different properties',
    fields: { resourceId: first.billingGroupId, resourceArn: arnOf('billinggroup/floor') },
  });
});

test('a thing is in one billing group, by name or ARN, and keeps its version', async () => {
  const r = await bench();
  for (const billingGroupName of ['floor', 'roof']) await r.createBillingGroup({ billingGroupName });
  await r.createThing(lamp);
  const described = async () => {
    const { billingGroupName, version } = await r.describeThing(lamp);
    return [billingGroupName, version];
  };
  await r.addThingToBillingGroup({ ...lamp, ...floor });
  await r.addThingToBillingGroup({ ...lamp, ...floor });
  assert.deepEqual(await described(), ['floor', 1]);
  await r.addThingToBillingGroup({ thingArn: arnOf('thing/lamp'), billingGroupArn: arnOf('billinggroup/roof') });
  assert.deepEqual(await described(), ['roof', 1]);
  await r.removeThingFromBillingGroup({ ...lamp, ...floor });
  assert.deepEqual(await described(), ['roof', 1]);
  await r.removeThingFromBillingGroup({ ...lamp, billingGroupName: 'roof' });
  assert.deepEqual(await described(), [undefined, 1]);
  assert.equal(r.changes.filter(({ kind }) => kind === 'updated').length, 3);
});

test('adding and removing are refused for what is missing', async () => {
  const r = await bench();
  await r.createBillingGroup(floor);
  for (const operation of [r.addThingToBillingGroup, r.removeThingFromBillingGroup]) {
    await assert.rejects(operation(lamp), {
      ...invalid,
      message: 'Both billingGroupArn and billingGroupName are empty. Need to specify at least one of them',
    });
    await assert.rejects(operation(floor), {
      ...invalid,
      message: 'Both thingArn and thingName are empty. Need to specify at least one of them',
    });
    await assert.rejects(operation({ ...lamp, ...floor }), { message: 'Thing lamp cannot be found.' });
  }
  await r.createThing(lamp);
  for (const operation of [r.addThingToBillingGroup, r.removeThingFromBillingGroup]) {
    await assert.rejects(operation({ ...lamp, billingGroupName: 'none' }), { code: 'ResourceNotFoundException' });
  }
});

test('deleting a billing group leaves its things without one, however many they are', async () => {
  const r = await bench();
  await r.createBillingGroup(floor);
  const names = Array.from({ length: 260 }, (_, i) => `t${i}`);
  await Promise.all(names.map((thingName) => r.createThing({ thingName, ...floor })));
  assert.equal((await r.listThingsInBillingGroup(floor)).things?.length, 250);
  await r.deleteBillingGroup(floor);
  assert.equal((await r.describeThing({ thingName: 't259' })).billingGroupName, undefined);
  await r.createBillingGroup(floor);
  assert.deepEqual((await r.listThingsInBillingGroup(floor)).things, []);
});

test('billing groups and their things are listed page by page', async () => {
  const r = await bench();
  for (const billingGroupName of ['roof', 'floor-2', 'floor-1']) await r.createBillingGroup({ billingGroupName });
  const groups = (filter: object, size: number) =>
    allPages(size, async (page) => {
      const { billingGroups = [], nextToken } = await r.listBillingGroups({ ...filter, ...page });
      return { items: billingGroups.map(({ groupName }) => groupName), nextToken };
    });
  assert.deepEqual(await groups({}, 2), [['floor-1', 'floor-2'], ['roof']]);
  assert.deepEqual(await groups({ namePrefixFilter: 'floor' }, 1), [['floor-1'], ['floor-2']]);
  assert.deepEqual((await r.listBillingGroups({ namePrefixFilter: 'roof' })).billingGroups, [
    { groupName: 'roof', groupArn: arnOf('billinggroup/roof') },
  ]);
  for (const thingName of ['a', 'b', 'c']) await r.createThing({ thingName, billingGroupName: 'roof' });
  const things = await allPages(2, async (page) => {
    const listed = await r.listThingsInBillingGroup({ billingGroupName: 'roof', ...page });
    return { items: listed.things!, nextToken: listed.nextToken };
  });
  assert.deepEqual(things, [['a', 'b'], ['c']]);
  await assert.rejects(r.listThingsInBillingGroup({ billingGroupName: 'none' }), { code: 'ResourceNotFoundException' });
});

test('no thing is left in a billing group that is deleted at the same moment', async () => {
  const r = await bench();
  await r.createBillingGroup(floor);
  r.beforeNextCommit(() => r.elsewhere.deleteBillingGroup(floor));
  await assert.rejects(r.createThing({ ...lamp, ...floor }), missing);
  await r.createThing(lamp);
  await r.createBillingGroup(floor);
  r.beforeNextCommit(() => r.elsewhere.addThingToBillingGroup({ ...lamp, ...floor }));
  await r.deleteBillingGroup(floor);
  assert.equal((await r.describeThing(lamp)).billingGroupName, undefined);
});
