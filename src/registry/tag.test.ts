import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, bench } from '../../test/support/registry-bench.ts';

const arnOf = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const missing = {
  name: 'ServiceError',
  code: 'ResourceNotFoundException',
  message: 'The specified resource does not exist',
};
const bulb = arnOf('thingtype/bulb');

const many = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));

async function withType(): Promise<Bench> {
  const r = await bench();
  await r.createThingType({ thingTypeName: 'bulb', tags: [{ Key: 'team', Value: 'light' }] });
  return r;
}

async function tagsOf(r: Bench, resourceArn = bulb) {
  return (await r.listTagsForResource({ resourceArn })).tags;
}

test('tags are given at creation, added, overwritten and taken away', async () => {
  const r = await withType();
  assert.deepEqual(await tagsOf(r), [{ Key: 'team', Value: 'light' }]);
  const tags = [{ Key: 'Team', Value: 'b' }, { Key: 'team', Value: 'c' }, { Key: 'bare' }];
  assert.deepEqual(await r.tagResource({ resourceArn: bulb, tags }), {});
  assert.deepEqual(await tagsOf(r), [
    { Key: 'team', Value: 'c' },
    { Key: 'Team', Value: 'b' },
    { Key: 'bare', Value: '' },
  ]);
  assert.deepEqual(await r.untagResource({ resourceArn: bulb, tagKeys: ['Team', 'bare', 'other'] }), {});
  assert.deepEqual(await tagsOf(r), [{ Key: 'team', Value: 'c' }]);
});

test('every kind of resource of the registry can have tags but a thing', async () => {
  const r = await bench();
  const tags = [{ Key: 'k', Value: 'v' }];
  await r.createThingGroup({ thingGroupName: 'hall', tags });
  await r.createBillingGroup({ billingGroupName: 'floor', tags });
  await r.createThing({ thingName: 'lamp' });
  for (const resource of ['thinggroup/hall', 'billinggroup/floor']) {
    assert.deepEqual(await tagsOf(r, arnOf(resource)), tags);
  }
  await r.tagResource({ resourceArn: arnOf('policy/known'), tags });
  assert.deepEqual(await tagsOf(r, arnOf('policy/known')), tags);
  await assert.rejects(r.tagResource({ resourceArn: arnOf('thing/lamp'), tags }), invalid);
});

test('what is not there, elsewhere or no ARN has no tags', async () => {
  const r = await withType();
  for (const [resourceArn, error] of [
    [arnOf('thingtype/none'), missing],
    [arnOf('policy/none'), missing],
    ['arn:aws:iot:us-east-1:111111111111:thingtype/bulb', missing],
    [arnOf(`thingtype/${'x'.repeat(5000)}`), missing],
    [arnOf('cert/1'), invalid],
    [arnOf('toString/x'), invalid],
    ['bulb', invalid],
  ] as const) {
    await assert.rejects(r.listTagsForResource({ resourceArn }), error);
    await assert.rejects(r.tagResource({ resourceArn, tags: [] }), error);
    await assert.rejects(r.untagResource({ resourceArn, tagKeys: [] }), error);
  }
  await assert.rejects(r.listTagsForResource({ resourceArn: bulb, nextToken: 'x' }), invalid);
});

test('a resource has at most fifty tags and none of the vendor', async () => {
  const r = await withType();
  await assert.rejects(r.createThingType({ thingTypeName: 'fan', tags: many(51) }), invalid);
  await r.createThingType({ thingTypeName: 'fan', tags: many(50) });
  const resourceArn = arnOf('thingtype/fan');
  await r.tagResource({ resourceArn, tags: [{ Key: 'k7', Value: 'other' }] });
  await assert.rejects(r.tagResource({ resourceArn, tags: [{ Key: 'one more' }] }), {
    code: 'LimitExceededException',
    message: 'A resource can have at most 50 tags',
  });
  for (const Key of ['aws:x', 'AWS:x']) {
    await assert.rejects(r.tagResource({ resourceArn: bulb, tags: [{ Key }] }), invalid);
    await assert.rejects(r.createThingType({ thingTypeName: 'x', tags: [{ Key }] }), invalid);
  }
  await assert.rejects(r.describeThingType({ thingTypeName: 'x' }), { code: 'ResourceNotFoundException' });
});

test('a resource made anew has none of the tags of its predecessor', async () => {
  const r = await bench();
  const group = { thingGroupName: 'hall' };
  await r.createThingGroup({ ...group, tags: many(2) });
  await r.deleteThingGroup(group);
  await r.createThingGroup(group);
  assert.deepEqual(await tagsOf(r, arnOf('thinggroup/hall')), []);
});

test('of two changes at the same moment neither is lost', async () => {
  const r = await withType();
  r.beforeNextCommit(() => r.elsewhere.tagResource({ resourceArn: bulb, tags: [{ Key: 'a', Value: '1' }] }));
  await r.tagResource({ resourceArn: bulb, tags: [{ Key: 'b', Value: '2' }] });
  assert.deepEqual(
    (await tagsOf(r))?.map(({ Key }) => Key),
    ['team', 'a', 'b'],
  );
});
