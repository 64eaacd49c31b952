import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, bench } from '../../test/support/registry-bench.ts';

const arn = 'arn:aws:iot:us-east-1:000000000000:thingtype/bulb';
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const missing = {
  name: 'ServiceError',
  code: 'ResourceNotFoundException',
  message: 'Thing type bulb cannot be found.',
};
const bulb = { thingTypeName: 'bulb' };
const now = new Date(1_700_000_000_000);

test('a created type is described as it was created', async () => {
  const { createThingType, describeThingType, changes } = await bench();
  const propagatingAttributes = [{ userPropertyKey: 'room', thingAttribute: 'room' }];
  const thingTypeProperties = {
    thingTypeDescription: 'gives light',
    searchableAttributes: ['watts', 'colour'],
    mqtt5Configuration: { propagatingAttributes },
  };
  const created = await createThingType({ ...bulb, thingTypeProperties });
  assert.deepEqual(created, { ...bulb, thingTypeArn: arn, thingTypeId: created.thingTypeId });
  assert.deepEqual(await describeThingType(bulb), {
    ...created,
    thingTypeProperties,
    thingTypeMetadata: { deprecated: false, deprecationDate: undefined, creationDate: now },
  });
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['type created'],
  );
});

test('creating a type again is fine when nothing differs and refused otherwise', async () => {
  const { createThingType, changes } = await bench();
  const thingTypeProperties = { thingTypeDescription: 'd', searchableAttributes: ['a', 'b'] };
  const first = await createThingType({ ...bulb, thingTypeProperties });
  const reordered = { ...thingTypeProperties, searchableAttributes: ['b', 'a'] };
  assert.deepEqual(await createThingType({ ...bulb, thingTypeProperties: reordered, tags: [{ Key: 'k' }] }), first);
  const exists = {
    code: 'ResourceAlreadyExistsException',
    fields: { resourceId: first.thingTypeId, resourceArn: arn },
  };
  for (const other of [
    undefined,
    { ...thingTypeProperties, thingTypeDescription: 'e' },
    { ...thingTypeProperties, searchableAttributes: ['a'] },
    {
      ...thingTypeProperties,
      mqtt5Configuration: { propagatingAttributes: [{ userPropertyKey: 'x', thingAttribute: 'a' }] },
    },
  ]) {
    await assert.rejects(createThingType({ ...bulb, thingTypeProperties: other }), exists);
  }
  assert.equal(changes.length, 1);
});

const faulty: { title: string; properties: object }[] = [
  { title: 'four searchable attributes', properties: { searchableAttributes: ['a', 'b', 'c', 'd'] } },
  {
    title: 'twenty-one propagating attributes',
    properties: {
      mqtt5Configuration: {
        propagatingAttributes: Array.from({ length: 21 }, () => ({ userPropertyKey: 'k', thingAttribute: 'a' })),
      },
    },
  },
  {
    title: 'a propagating attribute without a key',
    properties: { mqtt5Configuration: { propagatingAttributes: [{ thingAttribute: 'a' }] } },
  },
  {
    title: 'a propagating attribute without a source',
    properties: { mqtt5Configuration: { propagatingAttributes: [{ userPropertyKey: 'k' }] } },
  },
  {
    title: 'a propagating attribute with two sources',
    properties: {
      mqtt5Configuration: {
        propagatingAttributes: [{ userPropertyKey: 'k', thingAttribute: 'a', connectionAttribute: 'iot:ClientId' }],
      },
    },
  },
];

for (const { title, properties } of faulty) {
  test(`a type with ${title} is refused, at creation and later`, async () => {
    const { createThingType, updateThingType } = await bench();
    await assert.rejects(createThingType({ ...bulb, thingTypeProperties: properties }), invalid);
    await createThingType(bulb);
    await assert.rejects(updateThingType({ ...bulb, thingTypeProperties: properties }), invalid);
  });
}

test('an update changes what is given, but not the searchable attributes', async () => {
  const { createThingType, updateThingType, describeThingType, changes } = await bench();
  await assert.rejects(updateThingType(bulb), missing);
  const properties = { thingTypeDescription: 'd', searchableAttributes: ['a'] };
  await createThingType({ ...bulb, thingTypeProperties: properties });
  const mqtt5Configuration = { propagatingAttributes: [{ userPropertyKey: 'k', connectionAttribute: 'iot:ClientId' }] };
  await updateThingType({ ...bulb, thingTypeProperties: { mqtt5Configuration } });
  const described = async () => (await describeThingType(bulb)).thingTypeProperties;
  assert.deepEqual(await described(), { ...properties, mqtt5Configuration });
  await updateThingType({ ...bulb, thingTypeProperties: { thingTypeDescription: '', searchableAttributes: ['a'] } });
  assert.deepEqual(await described(), { ...properties, thingTypeDescription: '', mqtt5Configuration });
  await updateThingType(bulb);
  await assert.rejects(updateThingType({ ...bulb, thingTypeProperties: { searchableAttributes: ['b'] } }), invalid);
  assert.equal(changes.filter(({ kind }) => kind === 'type updated').length, 3);
});

test('deprecating and taking it back are idempotent, and keep the first date', async () => {
  const { createThingType, deprecateThingType, describeThingType, clock } = await bench();
  await assert.rejects(deprecateThingType(bulb), missing);
  await createThingType(bulb);
  await deprecateThingType(bulb);
  await clock.advance(60_000);
  await deprecateThingType({ ...bulb, undoDeprecate: false });
  const metadata = async () => (await describeThingType(bulb)).thingTypeMetadata;
  assert.deepEqual(await metadata(), { deprecated: true, deprecationDate: now, creationDate: now });
  await deprecateThingType({ ...bulb, undoDeprecate: true });
  await deprecateThingType({ ...bulb, undoDeprecate: true });
  assert.deepEqual(await metadata(), { deprecated: false, deprecationDate: undefined, creationDate: now });
});

test('a type is deleted five minutes after its deprecation, when no thing has it', async () => {
  const r = await bench();
  await assert.rejects(r.deleteThingType(bulb), missing);
  await r.createThingType(bulb);
  await r.createThing({ thingName: 'lamp', ...bulb });
  await assert.rejects(r.deleteThingType(bulb), {
    ...invalid,
    message: 'Cannot delete thing type : bulb. The thing type must be deprecated before it can be deleted',
  });
  await r.deprecateThingType(bulb);
  await r.clock.advance(5 * 60_000 - 1);
  await assert.rejects(r.deleteThingType(bulb), {
    ...invalid,
    message: 'Cannot delete thing type : bulb. Please wait for 5 minutes after deprecation and then retry',
  });
  await r.clock.advance(1);
  await assert.rejects(r.deleteThingType(bulb), {
    ...invalid,
    message: 'Cannot delete thing type : bulb. The thing type is still associated with one or more things',
  });
  await r.updateThing({ thingName: 'lamp', removeThingType: true });
  assert.deepEqual(await r.deleteThingType(bulb), {});
  await assert.rejects(r.describeThingType(bulb), missing);
  assert.equal(r.changes.at(-1)?.kind, 'type deleted');
});

test('types are listed page by page, or those whose names begin as asked', async () => {
  const { createThingType, listThingTypes } = await bench();
  for (const thingTypeName of ['fan', 'bulb-2', 'bulb-1', 'valve']) await createThingType({ thingTypeName });
  const names = (filter: object, size: number) =>
    allPages(size, async (page) => {
      const { thingTypes = [], nextToken } = await listThingTypes({ ...filter, ...page });
      return { items: thingTypes.map(({ thingTypeName }) => thingTypeName), nextToken };
    });
  assert.deepEqual(await names({}, 3), [['bulb-1', 'bulb-2', 'fan'], ['valve']]);
  assert.deepEqual(await names({ thingTypeName: 'bulb' }, 1), [['bulb-1'], ['bulb-2']]);
  const [first] = (await listThingTypes({ thingTypeName: 'fan' })).thingTypes!;
  assert.deepEqual(first.thingTypeMetadata, { deprecated: false, deprecationDate: undefined, creationDate: now });
  const { nextToken } = await listThingTypes({ maxResults: 1 });
  await assert.rejects(listThingTypes({ thingTypeName: 'bulb', nextToken }), invalid);
});

test('of two changes at the same moment neither is lost', async () => {
  const { createThingType, updateThingType, describeThingType, elsewhere, beforeNextCommit } = await bench();
  beforeNextCommit(() => elsewhere.createThingType({ ...bulb, thingTypeProperties: { thingTypeDescription: 'x' } }));
  await assert.rejects(createThingType(bulb), { code: 'ResourceAlreadyExistsException' });
  beforeNextCommit(() => elsewhere.deprecateThingType(bulb));
  await updateThingType({ ...bulb, thingTypeProperties: { thingTypeDescription: 'y' } });
  const { thingTypeProperties, thingTypeMetadata } = await describeThingType(bulb);
  assert.deepEqual([thingTypeProperties?.thingTypeDescription, thingTypeMetadata?.deprecated], ['y', true]);
});
