/** Thing types as AWS clients meet them, over the whole server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateThingCommand,
  CreateThingTypeCommand,
  DeleteThingCommand,
  DeleteThingTypeCommand,
  DeprecateThingTypeCommand,
  DescribeThingTypeCommand,
  InvalidRequestException,
  paginateListThingTypes,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateThingCommand,
  UpdateThingTypeCommand,
} from '@aws-sdk/client-iot';
import { arnOf, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
const send: TestPlatform['client']['send'] = ((command: never) => platform.client.send(command)) as never;

before(async () => {
  platform = await startPlatform();
});
after(() => platform.stop());

test('a type lives from its creation over its deprecation to its deletion', async () => {
  const thingTypeName = 'bulb';
  const thingTypeProperties = { thingTypeDescription: 'gives light', searchableAttributes: ['watts'] };
  const created = await send(new CreateThingTypeCommand({ thingTypeName, thingTypeProperties }));
  assert.equal(created.thingTypeArn, arnOf('thingtype/bulb'));
  const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`a${i}`, 'x']));
  const attributePayload = { attributes };
  await send(new CreateThingCommand({ thingName: 'lamp', thingTypeName, attributePayload }));
  const mqtt5Configuration = {
    propagatingAttributes: [{ userPropertyKey: 'id', connectionAttribute: 'iot:ClientId' }],
  };
  await send(new UpdateThingTypeCommand({ thingTypeName, thingTypeProperties: { mqtt5Configuration } }));
  await send(new DeprecateThingTypeCommand({ thingTypeName }));
  const described = await send(new DescribeThingTypeCommand({ thingTypeName }));
  assert.deepEqual(described.thingTypeProperties, { ...thingTypeProperties, mqtt5Configuration });
  assert.equal(described.thingTypeMetadata?.deprecated, true);
  assert.ok(described.thingTypeMetadata?.deprecationDate instanceof Date);
  await assert.rejects(send(new CreateThingCommand({ thingName: 'other', thingTypeName })), {
    name: 'InvalidRequestException',
    message: 'Can not create new thing with deprecated thing type:bulb',
  });
  await assert.rejects(send(new UpdateThingCommand({ thingName: 'lamp', removeThingType: true })), {
    name: 'InvalidRequestException',
  });
  await assert.rejects(send(new DeleteThingTypeCommand({ thingTypeName })), {
    name: 'InvalidRequestException',
    message: 'Cannot delete thing type : bulb. Please wait for 5 minutes after deprecation and then retry',
  });
  await platform.server.clock.advance(5 * 60_000);
  await assert.rejects(send(new DeleteThingTypeCommand({ thingTypeName })), InvalidRequestException);
  await send(new DeleteThingCommand({ thingName: 'lamp' }));
  await send(new DeleteThingTypeCommand({ thingTypeName }));
  await assert.rejects(send(new DescribeThingTypeCommand({ thingTypeName })), ResourceNotFoundException);
});

test('errors of types have their modelled names and members', async () => {
  const thingTypeName = 'fan';
  const { thingTypeId, thingTypeArn } = await send(new CreateThingTypeCommand({ thingTypeName }));
  const thingTypeProperties = { thingTypeDescription: 'other' };
  await assert.rejects(send(new CreateThingTypeCommand({ thingTypeName, thingTypeProperties })), (error) => {
    assert.ok(error instanceof ResourceAlreadyExistsException);
    assert.deepEqual([error.resourceId, error.resourceArn], [thingTypeId, thingTypeArn]);
    return true;
  });
  for (const command of [
    new UpdateThingTypeCommand({ thingTypeName: 'none' }),
    new DeprecateThingTypeCommand({ thingTypeName: 'none' }),
    new DeleteThingTypeCommand({ thingTypeName: 'none' }),
    new CreateThingCommand({ thingName: 'x', thingTypeName: 'none' }),
  ]) {
    await assert.rejects(send(command as UpdateThingTypeCommand), ResourceNotFoundException);
  }
  await assert.rejects(send(new CreateThingTypeCommand({ thingTypeName: 'with space' })), InvalidRequestException);
});

test("the SDK's paginator sees every type once", async () => {
  const names = Array.from({ length: 5 }, (_, i) => `page-${i}`);
  for (const thingTypeName of names) await send(new CreateThingTypeCommand({ thingTypeName }));
  const seen: (string | undefined)[] = [];
  const config = { client: platform.client, pageSize: 2 };
  for await (const { thingTypes = [] } of paginateListThingTypes(config, { thingTypeName: 'page' })) {
    seen.push(...thingTypes.map(({ thingTypeName }) => thingTypeName));
  }
  assert.deepEqual(seen, names);
});
