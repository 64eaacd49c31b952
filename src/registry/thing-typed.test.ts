/** Things with a type or a billing group. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, type Bench, bench } from '../../test/support/registry-bench.ts';

/** There are the types `bulb` and `fan`, a deprecated type `valve`, and the billing group `floor`. */
async function operations(): Promise<Bench> {
  const made = await bench();
  for (const thingTypeName of ['bulb', 'fan', 'valve']) await made.createThingType({ thingTypeName });
  await made.deprecateThingType({ thingTypeName: 'valve' });
  await made.createBillingGroup({ billingGroupName: 'floor' });
  return made;
}

function attributes(count: number): { attributes: Record<string, string> } {
  return { attributes: Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x'])) };
}

const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };

test('a thing with a type has up to fifty attributes, and keeps the type while it has more than three', async () => {
  const { createThing, updateThing, describeThing } = await operations();
  const thing = { thingName: 'lamp', thingTypeName: 'bulb' };
  await assert.rejects(createThing({ ...thing, attributePayload: attributes(51) }), {
    ...invalid,
    message: 'A thing with a thing type has at most 50 attributes, not 51',
  });
  await createThing({ ...thing, attributePayload: attributes(50), billingGroupName: 'floor' });
  const described = await describeThing({ thingName: 'lamp' });
  assert.deepEqual([described.thingTypeName, described.billingGroupName], ['bulb', 'floor']);
  await assert.rejects(updateThing({ thingName: 'lamp', removeThingType: true }), invalid);
  await updateThing({ thingName: 'lamp', removeThingType: true, attributePayload: attributes(3) });
  const untyped = await describeThing({ thingName: 'lamp' });
  assert.deepEqual([untyped.thingTypeName, untyped.billingGroupName], [undefined, 'floor']);
  await updateThing({ thingName: 'lamp', thingTypeName: 'fan', attributePayload: attributes(4) });
  assert.equal((await describeThing({ thingName: 'lamp' })).thingTypeName, 'fan');
});

test('no thing is given a deprecated type', async () => {
  const { createThing, updateThing } = await operations();
  const refused = { ...invalid, message: 'Can not create new thing with deprecated thing type:valve' };
  await assert.rejects(createThing({ thingName: 'lamp', thingTypeName: 'valve' }), refused);
  await createThing({ thingName: 'lamp', thingTypeName: 'bulb' });
  await assert.rejects(updateThing({ thingName: 'lamp', thingTypeName: 'valve' }), refused);
});

test('things are found by type, and by type and attribute together with full pages', async () => {
  const { createThing, listThings } = await operations();
  for (let i = 0; i < 30; i++) {
    await createThing({
      thingName: `t${`${i}`.padStart(2, '0')}`,
      thingTypeName: i % 5 === 0 ? 'fan' : 'bulb',
      attributePayload: { attributes: { room: i % 2 ? 'hall' : 'attic' } },
    });
  }
  const names = (filters: object, size: number) =>
    allPages(size, async (page) => {
      const { things = [], nextToken } = await listThings({ ...filters, ...page });
      return { items: things.map(({ thingName }) => thingName), nextToken };
    });
  assert.deepEqual(await names({ thingTypeName: 'fan' }, 4), [
    ['t00', 't05', 't10', 't15'],
    ['t20', 't25'],
  ]);
  const both = { thingTypeName: 'fan', attributeName: 'room', attributeValue: 'attic' };
  assert.deepEqual(await names(both, 10), [['t00', 't10', 't20']]);
  assert.deepEqual((await names(both, 2)).flat(), ['t00', 't10', 't20']);
  const byPrefix = { ...both, attributeValue: '', usePrefixAttributeValue: true };
  assert.deepEqual((await names(byPrefix, 4)).flat(), ['t00', 't10', 't20', 't05', 't15', 't25']);
});

test('a list that finds little answers short pages with a token instead of reading everything', async () => {
  const { createThing, listThings } = await operations();
  for (let i = 0; i < 60; i++) {
    const thingTypeName = i === 59 ? 'fan' : 'bulb';
    await createThing({ thingName: `t${i}`, thingTypeName, attributePayload: { attributes: { room: 'hall' } } });
  }
  const filters = { thingTypeName: 'fan', attributeName: 'room', attributeValue: 'hall', maxResults: 1 };
  const first = await listThings(filters);
  assert.deepEqual(first.things, []);
  assert.ok(first.nextToken);
  const second = await listThings({ ...filters, nextToken: first.nextToken });
  const third = await listThings({ ...filters, nextToken: second.nextToken });
  const found = [...second.things!, ...third.things!].map(({ thingName }) => thingName);
  assert.deepEqual(found, ['t59']);
});
