import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, bench, certificate } from '../../test/support/registry-bench.ts';

const arn = 'arn:aws:iot:us-east-1:000000000000:thing/lamp';
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const missing = {
  name: 'ServiceError',
  code: 'ResourceNotFoundException',
  message: 'Thing lamp cannot be found.',
};
const stale = {
  name: 'ServiceError',
  code: 'VersionConflictException',
  message: 'The version for thing lamp does not match the expected version.',
};

test('a created thing is described as it was created', async () => {
  const { createThing, describeThing, changes } = await bench();
  const created = await createThing({ thingName: 'lamp', attributePayload: { attributes: { room: 'b', empty: '' } } });
  assert.deepEqual(created, { thingName: 'lamp', thingArn: arn, thingId: created.thingId });
  assert.match(created.thingId!, /^[0-9a-f-]{36}$/);
  assert.deepEqual(await describeThing({ thingName: 'lamp' }), {
    defaultClientId: 'lamp',
    thingName: 'lamp',
    thingId: created.thingId,
    thingArn: arn,
    thingTypeName: undefined,
    attributes: { room: 'b' },
    version: 1,
    billingGroupName: undefined,
  });
  const thing = { thingName: 'lamp', thingId: created.thingId, attributes: { room: 'b' }, version: 1 };
  assert.deepEqual(changes, [{ kind: 'created', thingName: 'lamp', thing, timestamp: 1_700_000_000_000 }]);
});

test('creating a thing again is fine when nothing differs and refused otherwise', async () => {
  const { createThing, describeThing, changes } = await bench();
  const attributePayload = { attributes: { a: '1', b: '2' } };
  const first = await createThing({ thingName: 'lamp', attributePayload });
  assert.deepEqual(
    await createThing({ thingName: 'lamp', attributePayload: { attributes: { b: '2', a: '1' } } }),
    first,
  );
  const exists = {
    name: 'ServiceError',
    code: 'ResourceAlreadyExistsException',
    message: 'Thing lamp already exists in account with different attributes',
    fields: { resourceId: first.thingId, resourceArn: arn },
  };
  await assert.rejects(createThing({ thingName: 'lamp' }), exists);
  await assert.rejects(
    createThing({ thingName: 'lamp', attributePayload: { attributes: { a: '1', b: '3' } } }),
    exists,
  );
  await assert.rejects(createThing({ thingName: 'lamp', attributePayload, thingTypeName: 't' }), exists);
  await assert.rejects(createThing({ thingName: 'lamp', attributePayload, billingGroupName: 'g' }), exists);
  assert.equal((await describeThing({ thingName: 'lamp' })).version, 1);
  assert.equal(changes.length, 1);
});

test('a thing cannot have a type or a billing group that is not there', async () => {
  const { createThing, updateThing, describeThing } = await bench();
  await assert.rejects(createThing({ thingName: 'lamp', thingTypeName: 'bulb' }), {
    code: 'ResourceNotFoundException',
    message: 'Thing type bulb cannot be found.',
  });
  await assert.rejects(createThing({ thingName: 'lamp', billingGroupName: 'b' }), {
    code: 'ResourceNotFoundException',
    message: 'Billing group b cannot be found.',
  });
  await assert.rejects(describeThing({ thingName: 'lamp' }), missing);
  await createThing({ thingName: 'lamp' });
  await assert.rejects(updateThing({ thingName: 'lamp', thingTypeName: 'bulb' }), {
    code: 'ResourceNotFoundException',
  });
});

test('a thing without a type has at most three attributes', async () => {
  const { createThing, updateThing, describeThing } = await bench();
  const four = { a: '1', b: '2', c: '3', d: '4' };
  await assert.rejects(createThing({ thingName: 'lamp', attributePayload: { attributes: four } }), invalid);
  await createThing({ thingName: 'lamp', attributePayload: { attributes: { ...four, d: '' } } });
  await assert.rejects(updateThing({ thingName: 'lamp', attributePayload: { attributes: { e: '5' }, merge: true } }), {
    ...invalid,
    message: 'A thing without a thing type has at most 3 attributes, not 4',
  });
  await assert.rejects(updateThing({ thingName: 'lamp', attributePayload: { attributes: four } }), invalid);
  assert.equal((await describeThing({ thingName: 'lamp' })).version, 1);
});

const updates: { title: string; payload: object | undefined; attributes: object }[] = [
  { title: 'replaces all attributes', payload: { attributes: { c: '3' } }, attributes: { c: '3' } },
  { title: 'without a value keeps none of them', payload: { attributes: { a: '' } }, attributes: {} },
  { title: 'with no attributes removes them', payload: { attributes: {} }, attributes: {} },
  { title: 'merges', payload: { attributes: { b: '9', c: '3' }, merge: true }, attributes: { a: '1', b: '9', c: '3' } },
  { title: 'merges and removes', payload: { attributes: { a: '', x: '' }, merge: true }, attributes: { b: '2' } },
  { title: 'says nothing of attributes', payload: undefined, attributes: { a: '1', b: '2' } },
  { title: 'has an empty payload', payload: {}, attributes: { a: '1', b: '2' } },
];

for (const { title, payload, attributes } of updates) {
  test(`an update that ${title}`, async () => {
    const { createThing, updateThing, describeThing, changes } = await bench();
    await createThing({ thingName: 'lamp', attributePayload: { attributes: { a: '1', b: '2' } } });
    assert.deepEqual(await updateThing({ thingName: 'lamp', attributePayload: payload }), {});
    const thing = await describeThing({ thingName: 'lamp' });
    assert.deepEqual([thing.attributes, thing.version], [attributes, 2]);
    assert.equal(changes.at(-1)?.kind, 'updated');
  });
}

test('an attribute named __proto__ is an attribute like any other', async () => {
  const { createThing, describeThing, listThings } = await bench();
  await createThing({ thingName: 'lamp', attributePayload: { attributes: JSON.parse('{"__proto__":"x"}') } });
  assert.equal(JSON.stringify((await describeThing({ thingName: 'lamp' })).attributes), '{"__proto__":"x"}');
  assert.equal((await listThings({ attributeName: '__proto__', attributeValue: 'x' })).things?.length, 1);
});

test('an update is refused for an unknown thing, a stale version and a type both set and removed', async () => {
  const { createThing, updateThing } = await bench();
  await assert.rejects(updateThing({ thingName: 'lamp' }), missing);
  await createThing({ thingName: 'lamp' });
  await assert.rejects(updateThing({ thingName: 'lamp', expectedVersion: 2 }), stale);
  await updateThing({ thingName: 'lamp', expectedVersion: 1 });
  await assert.rejects(updateThing({ thingName: 'lamp', expectedVersion: 1 }), stale);
  await assert.rejects(updateThing({ thingName: 'lamp', removeThingType: true, thingTypeName: 't' }), invalid);
  await updateThing({ thingName: 'lamp', removeThingType: true });
});

test('a deleted thing is gone, and deleting an unknown one succeeds', async () => {
  const { createThing, deleteThing, describeThing, changes } = await bench();
  assert.deepEqual(await deleteThing({ thingName: 'lamp', expectedVersion: 7 }), {});
  const { thingId } = await createThing({ thingName: 'lamp' });
  await assert.rejects(deleteThing({ thingName: 'lamp', expectedVersion: 2 }), stale);
  assert.deepEqual(await deleteThing({ thingName: 'lamp', expectedVersion: 1 }), {});
  await assert.rejects(describeThing({ thingName: 'lamp' }), missing);
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['created', 'deleted'],
  );
  assert.notEqual((await createThing({ thingName: 'lamp' })).thingId, thingId);
});

test('a thing with principals is not deleted', async () => {
  const { createThing, deleteThing, attachThingPrincipal, detachThingPrincipal } = await bench();
  const attachment = { thingName: 'lamp', principal: certificate(1) };
  await createThing({ thingName: 'lamp' });
  await attachThingPrincipal(attachment);
  await assert.rejects(deleteThing({ thingName: 'lamp' }), {
    ...invalid,
    message: 'Cannot delete. Thing lamp is still attached to one or more principals',
  });
  await detachThingPrincipal(attachment);
  await deleteThing({ thingName: 'lamp' });
});

test("attaching does not move a thing's version", async () => {
  const { createThing, attachThingPrincipal, describeThing, updateThing } = await bench();
  await createThing({ thingName: 'lamp' });
  await attachThingPrincipal({ thingName: 'lamp', principal: certificate(1) });
  assert.equal((await describeThing({ thingName: 'lamp' })).version, 1);
  await updateThing({ thingName: 'lamp', expectedVersion: 1 });
});

test('of two creations at once that differ one wins, and two that are the same both do', async () => {
  const { createThing, elsewhere, beforeNextCommit } = await bench();
  beforeNextCommit(() => elsewhere.createThing({ thingName: 'lamp', attributePayload: { attributes: { a: '1' } } }));
  await assert.rejects(createThing({ thingName: 'lamp' }), { code: 'ResourceAlreadyExistsException' });
  let other: { thingId?: string } = {};
  beforeNextCommit(async () => {
    other = await elsewhere.createThing({ thingName: 'lantern' });
  });
  const own = await createThing({ thingName: 'lantern' });
  assert.equal(own.thingId, other.thingId);
});

test('updates at once are all applied, here and on another node', async () => {
  const { createThing, updateThing, describeThing, elsewhere, beforeNextCommit } = await bench();
  await createThing({ thingName: 'lamp' });
  const merge = (name: string, value = '1') => ({
    thingName: 'lamp',
    attributePayload: { attributes: { [name]: value }, merge: true },
  });
  await Promise.all(Array.from({ length: 30 }, (_, i) => updateThing(merge(i % 2 ? 'a' : 'b', `${i}`))));
  beforeNextCommit(() => elsewhere.updateThing(merge('c')));
  await updateThing(merge('a'));
  const thing = await describeThing({ thingName: 'lamp' });
  assert.deepEqual([thing.attributes, thing.version], [{ a: '1', b: '28', c: '1' }, 33]);
});

test('an update that expects a version loses to one that was faster', async () => {
  const { createThing, updateThing, deleteThing, elsewhere, beforeNextCommit } = await bench();
  await createThing({ thingName: 'lamp' });
  beforeNextCommit(() => elsewhere.updateThing({ thingName: 'lamp' }));
  await assert.rejects(updateThing({ thingName: 'lamp', expectedVersion: 1 }), stale);
  beforeNextCommit(() => elsewhere.updateThing({ thingName: 'lamp' }));
  await assert.rejects(deleteThing({ thingName: 'lamp', expectedVersion: 2 }), stale);
  beforeNextCommit(() => elsewhere.deleteThing({ thingName: 'lamp' }));
  await assert.rejects(updateThing({ thingName: 'lamp' }), missing);
});

test('a write that loses again and again is refused with an error that clients retry', async () => {
  const { createThing, loseCommits } = await bench();
  loseCommits(100);
  await assert.rejects(createThing({ thingName: 'lamp' }), { code: 'ServiceUnavailableException' });
});

test('things are listed in the order of their names, page by page', async () => {
  const { createThing, listThings } = await bench();
  assert.deepEqual(await listThings({}), { things: [], nextToken: undefined });
  for (const thingName of ['c', 'a', 'B', 'd', 'e']) await createThing({ thingName });
  const list = async (page: object) => {
    const { things = [], nextToken } = await listThings(page);
    return { items: things.map((thing) => thing.thingName), nextToken };
  };
  assert.deepEqual(await allPages(2, list), [['B', 'a'], ['c', 'd'], ['e']]);
  assert.deepEqual(await allPages(5, list), [['B', 'a', 'c', 'd', 'e']]);
  assert.deepEqual((await listThings({ maxResults: 1 })).things, [
    {
      thingName: 'B',
      thingTypeName: undefined,
      thingArn: 'arn:aws:iot:us-east-1:000000000000:thing/B',
      attributes: {},
      version: 1,
    },
  ]);
});

test('things are found by an attribute, exactly or by the beginning of its value', async () => {
  const { createThing, updateThing, listThings } = await bench();
  const rooms = { a: 'room-1', b: 'room-12', c: 'room-2', d: 'hall', e: 'room-1' };
  for (const [thingName, room] of Object.entries(rooms)) {
    await createThing({ thingName, attributePayload: { attributes: { room, other: 'room-1' } } });
  }
  const find = async (input: object) => (await listThings(input)).things?.map(({ thingName }) => thingName);
  assert.deepEqual(await find({ attributeName: 'room', attributeValue: 'room-1' }), ['a', 'e']);
  assert.deepEqual(await find({ attributeName: 'room', attributeValue: 'room' }), []);
  const byPrefix = { attributeName: 'room', attributeValue: 'room-1', usePrefixAttributeValue: true };
  assert.deepEqual(await find(byPrefix), ['a', 'e', 'b']);
  assert.deepEqual(await find({ ...byPrefix, attributeValue: '' }), ['d', 'a', 'e', 'b', 'c']);
  assert.deepEqual(await find({ attributeName: 'roo', attributeValue: 'm', usePrefixAttributeValue: true }), []);
  assert.deepEqual(await find({ ...byPrefix, thingTypeName: 't' }), []);
  assert.deepEqual(await find({ thingTypeName: 't' }), []);
  await updateThing({ thingName: 'a', attributePayload: { attributes: { room: 'hall' } } });
  assert.deepEqual(await find({ attributeName: 'room', attributeValue: 'room-1' }), ['e']);
  const pages = await allPages(2, async (page) => {
    const { things = [], nextToken } = await listThings({ ...page, ...byPrefix, attributeValue: '' });
    return { items: things.map(({ thingName }) => thingName), nextToken };
  });
  assert.deepEqual(pages, [['a', 'd'], ['e', 'b'], ['c']]);
});

test('a list is refused for half an attribute filter and for a token of another list', async () => {
  const { createThing, listThings } = await bench();
  for (const thingName of ['a', 'b']) await createThing({ thingName, attributePayload: { attributes: { x: '1' } } });
  await assert.rejects(listThings({ attributeName: 'x' }), invalid);
  await assert.rejects(listThings({ attributeValue: '1' }), invalid);
  await assert.rejects(listThings({ nextToken: 'nonsense' }), invalid);
  const { nextToken } = await listThings({ maxResults: 1 });
  await assert.rejects(listThings({ nextToken, attributeName: 'x', attributeValue: '1' }), invalid);
});
