/** Billing groups as AWS clients meet them, over the whole server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddThingToBillingGroupCommand,
  CreateBillingGroupCommand,
  CreateThingCommand,
  DeleteBillingGroupCommand,
  DescribeBillingGroupCommand,
  DescribeThingCommand,
  InvalidRequestException,
  paginateListBillingGroups,
  paginateListThingsInBillingGroup,
  RemoveThingFromBillingGroupCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateBillingGroupCommand,
  VersionConflictException,
} from '@aws-sdk/client-iot';
import { arnOf, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
const send: TestPlatform['client']['send'] = ((command: never) => platform.client.send(command)) as never;

before(async () => {
  platform = await startPlatform();
});
after(() => platform.stop());

test('a billing group lives from its creation to its deletion', async () => {
  const billingGroupName = 'floor';
  const billingGroupProperties = { billingGroupDescription: 'd' };
  const created = await send(new CreateBillingGroupCommand({ billingGroupName, billingGroupProperties }));
  assert.equal(created.billingGroupArn, arnOf('billinggroup/floor'));
  await assert.rejects(send(new CreateBillingGroupCommand({ billingGroupName })), ResourceAlreadyExistsException);
  const update = { billingGroupName, billingGroupProperties: { billingGroupDescription: 'e' }, expectedVersion: 1 };
  assert.equal((await send(new UpdateBillingGroupCommand(update))).version, 2);
  await assert.rejects(send(new UpdateBillingGroupCommand(update)), VersionConflictException);
  const described = await send(new DescribeBillingGroupCommand({ billingGroupName }));
  assert.deepEqual([described.version, described.billingGroupProperties?.billingGroupDescription], [2, 'e']);
  assert.ok(described.billingGroupMetadata?.creationDate instanceof Date);
  await send(new CreateThingCommand({ thingName: 'lamp', billingGroupName }));
  const group = async () => (await send(new DescribeThingCommand({ thingName: 'lamp' }))).billingGroupName;
  assert.equal(await group(), 'floor');
  await send(new RemoveThingFromBillingGroupCommand({ thingName: 'lamp', billingGroupName }));
  assert.equal(await group(), undefined);
  const byArn = { thingArn: arnOf('thing/lamp'), billingGroupArn: created.billingGroupArn };
  await send(new AddThingToBillingGroupCommand(byArn));
  assert.equal(await group(), 'floor');
  await assert.rejects(
    send(new DeleteBillingGroupCommand({ billingGroupName, expectedVersion: 1 })),
    VersionConflictException,
  );
  await send(new DeleteBillingGroupCommand({ billingGroupName }));
  assert.equal(await group(), undefined);
  await assert.rejects(send(new DescribeBillingGroupCommand({ billingGroupName })), ResourceNotFoundException);
  await assert.rejects(send(new AddThingToBillingGroupCommand({ thingName: 'lamp' })), InvalidRequestException);
});

test("the SDK's paginators see every billing group and every thing once", async () => {
  const names = Array.from({ length: 5 }, (_, i) => `page-${i}`);
  for (const billingGroupName of names) await send(new CreateBillingGroupCommand({ billingGroupName }));
  for (const thingName of names) await send(new CreateThingCommand({ thingName, billingGroupName: 'page-0' }));
  const config = { client: platform.client, pageSize: 2 };
  const groups: (string | undefined)[] = [];
  for await (const page of paginateListBillingGroups(config, { namePrefixFilter: 'page' })) {
    groups.push(...(page.billingGroups ?? []).map(({ groupName }) => groupName));
  }
  const things: string[] = [];
  for await (const page of paginateListThingsInBillingGroup(config, { billingGroupName: 'page-0' })) {
    things.push(...(page.things ?? []));
  }
  assert.deepEqual([groups, things], [names, names]);
});
