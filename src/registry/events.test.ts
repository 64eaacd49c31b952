import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, bench, place } from '../../test/support/registry-bench.ts';
import type { EventType } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createChanges } from './change.ts';
import { createEvents, MOST_WAITING } from './events.ts';

const arnOf = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const timestamp = 1_700_000_000_000;

/** Event messages of these kinds are on. */
async function benchWith(...types: EventType[]): Promise<Bench> {
  const r = await bench();
  const eventConfigurations = Object.fromEntries(types.map((type) => [type, { Enabled: true }]));
  await r.updateEventConfigurations({ eventConfigurations });
  return r;
}

/** Topics and messages, without the ids of the events. */
async function published(r: Bench): Promise<[string, object][]> {
  const seen = await r.published();
  return seen.map(({ topic, message: { eventId, ...message } }) => {
    assert.match(String(eventId), /^[0-9a-f-]{36}$/);
    return [topic, message];
  });
}

test('all kinds of event messages are off, and nothing is published', async () => {
  const r = await bench();
  const { eventConfigurations, creationDate, lastModifiedDate } = await r.describeEventConfigurations({});
  assert.equal(Object.keys(eventConfigurations!).length, 11);
  assert.ok(Object.values(eventConfigurations!).every(({ Enabled }) => Enabled === false));
  assert.deepEqual([creationDate, lastModifiedDate], [undefined, undefined]);
  await r.createThing({ thingName: 'lamp' });
  assert.deepEqual(await r.published(), []);
});

test('kinds are switched one by one, and the rest stays', async () => {
  const r = await benchWith('THING', 'JOB');
  await r.clock.advance(5000);
  await r.updateEventConfigurations({ eventConfigurations: { THING: { Enabled: false }, POLICY: { Enabled: true } } });
  await r.updateEventConfigurations({});
  const { eventConfigurations, creationDate, lastModifiedDate } = await r.describeEventConfigurations({});
  const on = Object.entries(eventConfigurations!).flatMap(([type, { Enabled }]) => (Enabled ? [type] : []));
  assert.deepEqual(on.sort(), ['JOB', 'POLICY']);
  assert.deepEqual([creationDate, lastModifiedDate], [new Date(timestamp), new Date(timestamp + 5000)]);
  assert.deepEqual([await r.registry.isEventEnabled('JOB'), await r.registry.isEventEnabled('THING')], [true, false]);
  await r.createThing({ thingName: 'lamp' });
  assert.deepEqual(await r.published(), []);
});

test('a thing is announced when it is made, changed and deleted', async () => {
  const r = await benchWith('THING');
  await r.createThingType({ thingTypeName: 'bulb' });
  await r.createBillingGroup({ billingGroupName: 'floor' });
  const { thingId } = await r.createThing({ thingName: 'lamp', attributePayload: { attributes: { a: '1' } } });
  await r.updateThing({ thingName: 'lamp', thingTypeName: 'bulb' });
  await r.addThingToBillingGroup({ thingName: 'lamp', billingGroupName: 'floor' });
  await r.deleteThing({ thingName: 'lamp' });
  const common = { eventType: 'THING_EVENT', timestamp, accountId: '000000000000' };
  const thing = { thingId, thingName: 'lamp', versionNumber: 1, thingTypeName: null, attributes: { a: '1' } };
  const typed = { ...thing, versionNumber: 2, thingTypeName: 'bulb' };
  const billed = { ...typed, billingGroupName: 'floor' };
  assert.deepEqual(await published(r), [
    ['$aws/events/thing/lamp/created', { ...common, operation: 'CREATED', ...thing }],
    ['$aws/events/thing/lamp/updated', { ...common, operation: 'UPDATED', ...typed }],
    ['$aws/events/thing/lamp/updated', { ...common, operation: 'UPDATED', ...billed }],
    ['$aws/events/thing/lamp/deleted', { ...common, operation: 'DELETED', ...billed }],
  ]);
});

test('the type of a thing is announced as it comes and goes', async () => {
  const r = await benchWith('THING_TYPE_ASSOCIATION');
  for (const thingTypeName of ['bulb', 'fan']) await r.createThingType({ thingTypeName });
  const { thingId } = await r.createThing({ thingName: 'lamp', thingTypeName: 'bulb' });
  await r.updateThing({ thingName: 'lamp' });
  await r.updateThing({ thingName: 'lamp', thingTypeName: 'fan' });
  await r.deleteThing({ thingName: 'lamp' });
  const told = (thingTypeName: string, operation: string): [string, object] => [
    `$aws/events/thingTypeAssociation/thing/lamp/thingType/${thingTypeName}/${operation.toLowerCase()}`,
    { eventType: 'THING_TYPE_ASSOCIATION_EVENT', timestamp, operation, thingId, thingName: 'lamp', thingTypeName },
  ];
  assert.deepEqual(await published(r), [
    told('bulb', 'ADDED'),
    told('bulb', 'REMOVED'),
    told('fan', 'ADDED'),
    told('fan', 'REMOVED'),
  ]);
});

test('a type is announced when it is made, deprecated and deleted', async () => {
  const r = await benchWith('THING_TYPE');
  const thingTypeName = 'bulb';
  const propagatingAttributes = [{ userPropertyKey: 'k', thingAttribute: 'a' }];
  const { thingTypeId } = await r.createThingType({
    thingTypeName,
    thingTypeProperties: { searchableAttributes: ['a'], mqtt5Configuration: { propagatingAttributes } },
  });
  await r.deprecateThingType({ thingTypeName });
  await r.clock.advance(300_000);
  await r.deleteThingType({ thingTypeName });
  const type = { thingTypeId, thingTypeName, searchableAttributes: ['a'], propagatingAttributes, description: null };
  const told = (operation: string, at: number, deprecationDate: number | null): [string, object] => [
    `$aws/events/thingType/bulb/${operation.toLowerCase()}`,
    {
      eventType: 'THING_TYPE_EVENT',
      timestamp: at,
      operation,
      accountId: '000000000000',
      ...type,
      isDeprecated: deprecationDate !== null,
      deprecationDate,
    },
  ];
  assert.deepEqual(await published(r), [
    told('CREATED', timestamp, null),
    told('UPDATED', timestamp, timestamp),
    told('DELETED', timestamp + 300_000, timestamp),
  ]);
});

test('a group and its place in the hierarchy are announced', async () => {
  const r = await benchWith('THING_GROUP', 'THING_GROUP_HIERARCHY');
  const { thingGroupId: houseId } = await r.createThingGroup({ thingGroupName: 'house' });
  const hall = { thingGroupName: 'hall', parentGroupName: 'house' };
  const properties = { thingGroupDescription: 'd', attributePayload: { attributes: { a: '1' } } };
  const { thingGroupId } = await r.createThingGroup({ ...hall, thingGroupProperties: properties });
  await r.updateThingGroup({ thingGroupName: 'hall', thingGroupProperties: {} });
  await r.deleteThingGroup({ thingGroupName: 'hall' });
  const seen = (await published(r)).slice(1);
  const common = { timestamp, accountId: '000000000000' };
  const group = {
    thingGroupId,
    thingGroupName: 'hall',
    versionNumber: 1,
    parentGroupName: 'house',
    parentGroupId: houseId,
    description: 'd',
    rootToParentThingGroups: [{ groupArn: arnOf('thinggroup/house'), groupId: houseId }],
    attributes: { a: '1' },
    dynamicGroupMappingId: null,
  };
  const hierarchy = {
    thingGroupId: houseId,
    thingGroupName: 'house',
    childGroupId: thingGroupId,
    childGroupName: 'hall',
  };
  const own = { eventType: 'THING_GROUP_EVENT', ...common };
  const between = { eventType: 'THING_GROUP_HIERARCHY_EVENT', ...common };
  const topic = '$aws/events/thingGroupHierarchy/thingGroup/house/childThingGroup/hall';
  assert.deepEqual(seen, [
    ['$aws/events/thingGroup/hall/created', { ...own, operation: 'CREATED', ...group }],
    [`${topic}/added`, { ...between, operation: 'ADDED', ...hierarchy }],
    ['$aws/events/thingGroup/hall/updated', { ...own, operation: 'UPDATED', ...group, versionNumber: 2 }],
    ['$aws/events/thingGroup/hall/deleted', { ...own, operation: 'DELETED', ...group, versionNumber: 2 }],
    [`${topic}/removed`, { ...between, operation: 'REMOVED', ...hierarchy }],
  ]);
});

test('things that join and leave a group are announced', async () => {
  const r = await benchWith('THING_GROUP_MEMBERSHIP');
  const { thingId } = await r.createThing({ thingName: 'lamp' });
  const { thingGroupId } = await r.createThingGroup({ thingGroupName: 'hall' });
  await r.addThingToThingGroup({ thingName: 'lamp', thingGroupName: 'hall' });
  await r.removeThingFromThingGroup({ thingName: 'lamp', thingGroupName: 'hall' });
  const [joined, left] = await published(r);
  const { membershipId, ...message } = joined[1] as { membershipId: string };
  assert.match(membershipId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(message, {
    eventType: 'THING_GROUP_MEMBERSHIP_EVENT',
    timestamp,
    operation: 'ADDED',
    accountId: '000000000000',
    groupArn: arnOf('thinggroup/hall'),
    groupId: thingGroupId,
    thingArn: arnOf('thing/lamp'),
    thingId,
  });
  const topic = '$aws/events/thingGroupMembership/thingGroup/hall/thing/lamp';
  assert.deepEqual([joined[0], left[0]], [`${topic}/added`, `${topic}/removed`]);
  assert.deepEqual(left[1], { ...message, operation: 'REMOVED', membershipId });
});

test('attachments of principals are no event messages', async () => {
  const r = await benchWith('THING', 'CERTIFICATE');
  await r.createThing({ thingName: 'lamp' });
  await r.attachThingPrincipal({ thingName: 'lamp', principal: `${arnOf('cert')}/${'1'.padStart(64, '0')}` });
  assert.equal((await r.published()).length, 1);
});

test('a message that cannot be published does not stop the next one', async () => {
  let failures = 1;
  const topics: string[] = [];
  const publish = async ({ topic }: { topic: string }): Promise<void> => {
    if (failures-- > 0) throw new Error('the broker is gone');
    topics.push(topic);
  };
  const r = await bench({ publish });
  await r.updateEventConfigurations({ eventConfigurations: { THING: { Enabled: true } } });
  for (const thingName of ['a', 'b']) await r.createThing({ thingName });
  await r.registry.idle();
  assert.deepEqual(topics, ['$aws/events/thing/b/created']);
});

test('messages that cannot be published in time are dropped, and it goes on after that', async () => {
  const held: (() => void)[] = [];
  let count = 0;
  const clock = new VirtualClock(0);
  const changes = createChanges(clock, silentLog);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const publish = async (): Promise<void> => {
    if (count++ === 0) await new Promise<void>((resolve) => held.push(resolve));
  };
  const events = createEvents({ store, clock, random: seededRandom(1), place, log: silentLog, changes, publish });
  const { updateEventConfigurations } = events.operations;
  await updateEventConfigurations({ eventConfigurations: { THING: { Enabled: true } } }, {} as RequestContext);
  const thing = { thingName: 'lamp', thingId: 'x', attributes: {}, version: 1 };
  const announce = () => changes.announce({ kind: 'created', thingName: 'lamp', thing });
  for (let i = 0; i < MOST_WAITING + 5; i++) announce();
  while (held.length === 0) await new Promise(setImmediate);
  held[0]();
  await events.idle();
  assert.equal(count, MOST_WAITING);
  announce();
  await events.idle();
  assert.equal(count, MOST_WAITING + 1);
});
