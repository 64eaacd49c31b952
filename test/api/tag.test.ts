/** Tags of resources of several domains, as AWS clients meet them, over the whole server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateBillingGroupCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  CreateThingTypeCommand,
  CreateTopicRuleCommand,
  DeletePolicyCommand,
  DeleteTopicRuleCommand,
  InvalidRequestException,
  LimitExceededException,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-iot';
import { arnOf, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
const send: TestPlatform['client']['send'] = ((command: never) => platform.client.send(command)) as never;

before(async () => {
  platform = await startPlatform();
});
after(() => platform.stop());

const tags = [{ Key: 'team', Value: 'light' }];
const Statement = { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' };
const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
const topicRulePayload = { sql: "SELECT * FROM 'a'", actions: [{ republish: { roleArn: arnOf('x'), topic: 'b' } }] };

test('resources are created with tags, whatever they are', async () => {
  await send(new CreateThingTypeCommand({ thingTypeName: 'bulb', tags }));
  await send(new CreateThingGroupCommand({ thingGroupName: 'hall', tags }));
  await send(new CreateBillingGroupCommand({ billingGroupName: 'floor', tags }));
  await send(new CreatePolicyCommand({ policyName: 'p', policyDocument, tags }));
  await send(new CreateTopicRuleCommand({ ruleName: 'r', topicRulePayload, tags: 'team=light' }));
  for (const resource of ['thingtype/bulb', 'thinggroup/hall', 'billinggroup/floor', 'policy/p', 'rule/r']) {
    const listed = await send(new ListTagsForResourceCommand({ resourceArn: arnOf(resource) }));
    assert.deepEqual(listed.tags, tags, resource);
  }
  await send(new DeletePolicyCommand({ policyName: 'p' }));
  await send(new DeleteTopicRuleCommand({ ruleName: 'r' }));
  for (const resource of ['policy/p', 'rule/r']) {
    await assert.rejects(
      send(new ListTagsForResourceCommand({ resourceArn: arnOf(resource) })),
      ResourceNotFoundException,
    );
  }
});

test('tags are added, overwritten and taken away', async () => {
  await send(new CreatePolicyCommand({ policyName: 'tagged', policyDocument }));
  const resourceArn = arnOf('policy/tagged');
  const listed = async () => (await send(new ListTagsForResourceCommand({ resourceArn }))).tags;
  assert.deepEqual(await listed(), []);
  await send(new TagResourceCommand({ resourceArn, tags: [...tags, { Key: 'Ünïcode /key', Value: '' }] }));
  await send(new TagResourceCommand({ resourceArn, tags: [{ Key: 'team', Value: 'heat' }] }));
  assert.deepEqual(await listed(), [
    { Key: 'team', Value: 'heat' },
    { Key: 'Ünïcode /key', Value: '' },
  ]);
  await send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'other'] }));
  assert.deepEqual(await listed(), [{ Key: 'Ünïcode /key', Value: '' }]);
  const many = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
  await assert.rejects(send(new TagResourceCommand({ resourceArn, tags: many })), LimitExceededException);
  await assert.rejects(
    send(new TagResourceCommand({ resourceArn, tags: [{ Key: 'aws:x', Value: '' }] })),
    InvalidRequestException,
  );
});

test('things have no tags', async () => {
  await send(new CreateThingCommand({ thingName: 'lamp' }));
  const resourceArn = arnOf('thing/lamp');
  await assert.rejects(send(new TagResourceCommand({ resourceArn, tags })), InvalidRequestException);
  await assert.rejects(send(new ListTagsForResourceCommand({ resourceArn })), InvalidRequestException);
});
