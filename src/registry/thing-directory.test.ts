import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, bench, certificate } from '../../test/support/registry-bench.ts';
import type { ThingChange } from '../identity/authority.ts';
import type { FleetIndex } from './registry.ts';

const principal = certificate(1);

async function withThings(): Promise<Bench> {
  const registry = await bench();
  await registry.createThing({ thingName: 'a', attributePayload: { attributes: { room: '1' } } });
  await registry.createThing({ thingName: 'b' });
  return registry;
}

test('the thing of a connection is the one named as the client, attached or not', async () => {
  const { registry, attachThingPrincipal } = await withThings();
  const thing = { thingName: 'a', attributes: { room: '1' }, isExclusive: false, groupArns: [] };
  assert.deepEqual(await registry.directory.associatedThing(principal, 'a'), { ...thing, isAttached: false });
  await attachThingPrincipal({ thingName: 'a', principal });
  await attachThingPrincipal({ thingName: 'b', principal });
  assert.deepEqual(await registry.directory.associatedThing(principal, 'a'), { ...thing, isAttached: true });
  assert.equal((await registry.directory.associatedThing(certificate(2), 'a'))?.isAttached, false);
});

test("a certificate's exclusive thing is its thing whatever the client id", async () => {
  const { registry, attachThingPrincipal } = await withThings();
  await attachThingPrincipal({ thingName: 'a', principal, thingPrincipalType: 'EXCLUSIVE_THING' });
  const thing = { thingName: 'a', attributes: { room: '1' }, isAttached: true, isExclusive: true, groupArns: [] };
  for (const clientId of ['a', 'b', 'other', 'x/y', 'x'.repeat(5000)]) {
    assert.deepEqual(await registry.directory.associatedThing(principal, clientId), thing);
  }
});

test('a client id that names no thing has none', async () => {
  const { registry } = await withThings();
  for (const clientId of ['', 'other', 'a/b', 'ü', 'x'.repeat(5000)]) {
    assert.equal(await registry.directory.associatedThing(principal, clientId), undefined);
  }
});

test('a principal has things while any is attached', async () => {
  const { registry, attachThingPrincipal, detachThingPrincipal } = await withThings();
  const { directory } = registry;
  assert.equal(await directory.hasThings(principal), false);
  await attachThingPrincipal({ thingName: 'a', principal });
  await attachThingPrincipal({ thingName: 'b', principal });
  await detachThingPrincipal({ thingName: 'a', principal });
  assert.equal(await directory.hasThings(principal), true);
  await detachThingPrincipal({ thingName: 'b', principal });
  assert.equal(await directory.hasThings(principal), false);
});

test('every change of a thing or an attachment is told until the listener stops', async () => {
  const r = await withThings();
  let count = 0;
  const stop = r.registry.directory.onChange(() => count++);
  await r.updateThing({ thingName: 'a' });
  await r.attachThingPrincipal({ thingName: 'a', principal });
  await r.detachThingPrincipal({ thingName: 'a', principal });
  await r.deleteThing({ thingName: 'a' });
  await r.createThing({ thingName: 'a' });
  await assert.rejects(r.updateThing({ thingName: 'x' }));
  assert.equal(count, 5);
  stop();
  await r.updateThing({ thingName: 'a' });
  assert.equal(count, 5);
});

test('an attached thing has its groups and all above them, dynamic ones aside', async () => {
  const fleetIndex: FleetIndex = {
    isEnabled: async () => true,
    checkQuery: () => {},
    statusOf: async () => 'ACTIVE',
  };
  const r = await bench({ fleetIndex });
  const { directory } = r.registry;
  for (const thingGroupName of ['site', 'roof']) await r.createThingGroup({ thingGroupName });
  await r.createThingGroup({ thingGroupName: 'house', parentGroupName: 'site' });
  await r.createDynamicThingGroup({ thingGroupName: 'warm', queryString: 'x' });
  await r.createThing({ thingName: 'a' });
  await r.updateThingGroupsForThing({ thingName: 'a', thingGroupsToAdd: ['house', 'roof'] });
  await r.registry.dynamicMemberships.join('warm', 'a');
  const arns = ['site', 'house', 'roof'].map((name) => `arn:aws:iot:us-east-1:000000000000:thinggroup/${name}`);
  assert.deepEqual(await directory.groupsOf('a'), arns);
  assert.equal(await directory.groupsOf('none'), undefined);
  assert.deepEqual((await directory.associatedThing(principal, 'a'))?.groupArns, []);
  await r.attachThingPrincipal({ thingName: 'a', principal });
  assert.deepEqual((await directory.associatedThing(principal, 'a'))?.groupArns, arns);
  assert.deepEqual(await directory.thingGroup(arns[1]), { isDynamic: false, lineageArns: arns.slice(0, 2) });
  assert.equal((await directory.thingGroup('arn:aws:iot:us-east-1:000000000000:thinggroup/warm'))?.isDynamic, true);
  for (const arn of ['arn:aws:iot:us-east-1:111111111111:thinggroup/site', `${arns[0]}x`, 'site', '']) {
    assert.equal(await directory.thingGroup(arn), undefined);
  }
});

test('who listens is told which thing joined or left a group, and of nothing that concerns no thing', async () => {
  const r = await withThings();
  const told: ThingChange[] = [];
  r.registry.directory.onChange(({ thingName, principal: whom }) =>
    told.push({ thingName, ...(whom && { principal: whom }) }),
  );
  await r.createThingGroup({ thingGroupName: 'hall' });
  await r.createThingType({ thingTypeName: 'bulb' });
  assert.deepEqual(told, []);
  await r.addThingToThingGroup({ thingName: 'a', thingGroupName: 'hall' });
  await r.attachThingPrincipal({ thingName: 'b', principal });
  await r.deleteThingGroup({ thingGroupName: 'hall' });
  assert.deepEqual(told, [{ thingName: 'a' }, { thingName: 'b', principal }, { thingName: 'a' }]);
});
