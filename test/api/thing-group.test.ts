/** Thing groups, and the things in them, as AWS clients meet them, over the whole server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  CreateDynamicThingGroupCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteDynamicThingGroupCommand,
  DeletePolicyCommand,
  DeleteThingGroupCommand,
  DescribeThingGroupCommand,
  DetachPolicyCommand,
  InvalidRequestException,
  ListAttachedPoliciesCommand,
  ListTargetsForPolicyCommand,
  ListThingGroupsForThingCommand,
  paginateListThingGroups,
  paginateListThingsInThingGroup,
  RemoveThingFromThingGroupCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateThingGroupCommand,
  UpdateThingGroupsForThingCommand,
  VersionConflictException,
} from '@aws-sdk/client-iot';
import { arnOf, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
const send: TestPlatform['client']['send'] = ((command: never) => platform.client.send(command)) as never;

before(async () => {
  platform = await startPlatform();
});
after(() => platform.stop());

test('a group lives from its creation to its deletion', async () => {
  await send(new CreateThingGroupCommand({ thingGroupName: 'house' }));
  const thingGroupName = 'hall';
  const thingGroupProperties = { thingGroupDescription: 'd', attributePayload: { attributes: { floor: '1' } } };
  const input = { thingGroupName, parentGroupName: 'house', thingGroupProperties };
  const created = await send(new CreateThingGroupCommand(input));
  assert.equal(created.thingGroupArn, arnOf('thinggroup/hall'));
  const merged = { attributePayload: { attributes: { floor: '', side: 'left' }, merge: true } };
  const update = { thingGroupName, thingGroupProperties: merged, expectedVersion: 1 };
  assert.equal((await send(new UpdateThingGroupCommand(update))).version, 2);
  await assert.rejects(send(new UpdateThingGroupCommand(update)), VersionConflictException);
  const { $metadata: _, ...described } = await send(new DescribeThingGroupCommand({ thingGroupName }));
  const { creationDate, ...metadata } = described.thingGroupMetadata!;
  assert.ok(creationDate instanceof Date);
  assert.deepEqual(metadata, {
    parentGroupName: 'house',
    rootToParentThingGroups: [{ groupName: 'house', groupArn: arnOf('thinggroup/house') }],
  });
  const attributePayload = { attributes: { side: 'left' } };
  assert.deepEqual(described.thingGroupProperties, { thingGroupDescription: 'd', attributePayload });
  await assert.rejects(send(new CreateThingGroupCommand({ thingGroupName })), (error) => {
    assert.ok(error instanceof ResourceAlreadyExistsException);
    assert.deepEqual([error.resourceId, error.resourceArn], [created.thingGroupId, created.thingGroupArn]);
    return true;
  });
  await assert.rejects(send(new DeleteThingGroupCommand({ thingGroupName: 'house' })), InvalidRequestException);
  await assert.rejects(
    send(new DeleteThingGroupCommand({ thingGroupName, expectedVersion: 1 })),
    VersionConflictException,
  );
  for (const name of ['hall', 'house', 'house']) await send(new DeleteThingGroupCommand({ thingGroupName: name }));
  await assert.rejects(send(new DescribeThingGroupCommand({ thingGroupName })), ResourceNotFoundException);
});

test('things are put into groups and taken out', async () => {
  for (const thingGroupName of ['one', 'two', 'three']) await send(new CreateThingGroupCommand({ thingGroupName }));
  await send(new CreateThingCommand({ thingName: 'lamp' }));
  const groups = async () => {
    const { thingGroups = [] } = await send(new ListThingGroupsForThingCommand({ thingName: 'lamp' }));
    return thingGroups.map(({ groupName }) => groupName);
  };
  await send(new AddThingToThingGroupCommand({ thingName: 'lamp', thingGroupName: 'one' }));
  await send(
    new AddThingToThingGroupCommand({ thingArn: arnOf('thing/lamp'), thingGroupArn: arnOf('thinggroup/two') }),
  );
  assert.deepEqual(await groups(), ['one', 'two']);
  const change = { thingName: 'lamp', thingGroupsToAdd: ['three'], thingGroupsToRemove: ['one'] };
  await send(new UpdateThingGroupsForThingCommand(change));
  await send(new RemoveThingFromThingGroupCommand({ thingName: 'lamp', thingGroupName: 'two' }));
  assert.deepEqual(await groups(), ['three']);
  await assert.rejects(send(new AddThingToThingGroupCommand({ thingName: 'lamp' })), {
    name: 'InvalidRequestException',
    message: 'Both thingGroupArn and thingGroupName are empty. Need to specify at least one of them',
  });
  await assert.rejects(
    send(new AddThingToThingGroupCommand({ thingName: 'none', thingGroupName: 'one' })),
    ResourceNotFoundException,
  );
});

test("the SDK's paginators see every group and every thing once", async () => {
  await send(new CreateThingGroupCommand({ thingGroupName: 'root' }));
  const names = Array.from({ length: 5 }, (_, i) => `child-${i}`);
  for (const name of names) {
    await send(new CreateThingGroupCommand({ thingGroupName: name, parentGroupName: 'root' }));
    await send(new CreateThingCommand({ thingName: `thing-of-${name}` }));
    await send(new AddThingToThingGroupCommand({ thingName: `thing-of-${name}`, thingGroupName: name }));
  }
  const config = { client: platform.client, pageSize: 2 };
  const groups: (string | undefined)[] = [];
  for await (const { thingGroups = [] } of paginateListThingGroups(config, { parentGroup: 'root' })) {
    groups.push(...thingGroups.map(({ groupName }) => groupName));
  }
  assert.deepEqual(groups, names);
  const things: string[] = [];
  const below = { thingGroupName: 'root', recursive: true };
  for await (const page of paginateListThingsInThingGroup(config, below)) things.push(...(page.things ?? []));
  assert.deepEqual(
    things,
    names.map((name) => `thing-of-${name}`),
  );
});

test('a policy is attached to a group, and neither is deleted before it is detached', async () => {
  const policyName = 'of-the-group';
  const Statement = { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' };
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await send(new CreatePolicyCommand({ policyName, policyDocument }));
  const thingGroupName = 'governed';
  const { thingGroupArn: target } = await send(new CreateThingGroupCommand({ thingGroupName }));
  await send(new CreateThingGroupCommand({ thingGroupName: 'below', parentGroupName: thingGroupName }));
  await assert.rejects(send(new AttachPolicyCommand({ policyName, target: arnOf('thinggroup/none') })), {
    name: 'ResourceNotFoundException',
    message: `No thing group with ARN ${arnOf('thinggroup/none')} exists`,
  });
  await send(new AttachPolicyCommand({ policyName, target }));
  assert.deepEqual((await send(new ListTargetsForPolicyCommand({ policyName }))).targets, [target]);
  const below = { target: arnOf('thinggroup/below') };
  assert.deepEqual((await send(new ListAttachedPoliciesCommand(below))).policies, []);
  assert.deepEqual((await send(new ListAttachedPoliciesCommand({ ...below, recursive: true }))).policies, [
    { policyName, policyArn: arnOf(`policy/${policyName}`) },
  ]);
  await send(new DeleteThingGroupCommand({ thingGroupName: 'below' }));
  await assert.rejects(send(new DeleteThingGroupCommand({ thingGroupName })), InvalidRequestException);
  await assert.rejects(send(new DeletePolicyCommand({ policyName })), { name: 'DeleteConflictException' });
  await send(new DetachPolicyCommand({ policyName, target }));
  await send(new DeleteThingGroupCommand({ thingGroupName }));
  await send(new DeletePolicyCommand({ policyName }));
});

test('a dynamic group needs fleet indexing', async () => {
  const input = { thingGroupName: 'warm', queryString: 'attributes.temperature>60' };
  await assert.rejects(send(new CreateDynamicThingGroupCommand(input)), ResourceNotFoundException);
  await send(new CreateThingGroupCommand({ thingGroupName: 'static' }));
  await assert.rejects(send(new DeleteDynamicThingGroupCommand({ thingGroupName: 'static' })), InvalidRequestException);
});
