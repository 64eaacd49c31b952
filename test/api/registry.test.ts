/** Things and their principals as AWS clients meet them: through the SDK, the front, the registry and the store. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AttachThingPrincipalCommand,
  CreateThingCommand,
  DeleteThingCommand,
  DescribeThingCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListPrincipalThingsCommand,
  ListThingPrincipalsCommand,
  ListThingPrincipalsV2Command,
  ListThingsCommand,
  paginateListThings,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { startApi, type TestServer } from './server.ts';

const principal = `arn:aws:iot:us-east-1:000000000000:cert/${'a'.repeat(64)}`;
let store: Store;
let server: TestServer;
let client: IoTClient;

before(async () => {
  store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const { operations } = createRegistry({
    store,
    clock: systemClock(),
    random: systemRandom(),
    place: { region: 'us-east-1', account: '000000000000' },
    log: silentLog,
    principals: { exists: async (arn) => arn === principal },
    groupPolicies: { hasPolicies: async () => false, detachAll: async () => [] },
    taggable: {},
    publish: async () => {},
  });
  server = await startApi({ services: { iot: operations } });
  client = new IoTClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
});

after(async () => {
  client.destroy();
  await server.stop();
  await store.close();
});

test('a thing lives from its creation to its deletion', async () => {
  const attributePayload = { attributes: { room: 'a-1', floor: '2' } };
  const created = await client.send(new CreateThingCommand({ thingName: 'lamp', attributePayload }));
  assert.equal(created.thingArn, 'arn:aws:iot:us-east-1:000000000000:thing/lamp');
  await client.send(
    new UpdateThingCommand({
      thingName: 'lamp',
      attributePayload: { attributes: { floor: '' }, merge: true },
      expectedVersion: 1,
    }),
  );
  const { $metadata: _, ...described } = await client.send(new DescribeThingCommand({ thingName: 'lamp' }));
  assert.deepEqual(described, {
    attributes: { room: 'a-1' },
    defaultClientId: 'lamp',
    thingArn: created.thingArn,
    thingId: created.thingId,
    thingName: 'lamp',
    version: 2,
  });
  await client.send(new AttachThingPrincipalCommand({ thingName: 'lamp', principal }));
  assert.deepEqual((await client.send(new ListThingPrincipalsCommand({ thingName: 'lamp' }))).principals, [principal]);
  assert.deepEqual((await client.send(new ListPrincipalThingsCommand({ principal }))).things, ['lamp']);
  assert.deepEqual((await client.send(new ListThingPrincipalsV2Command({ thingName: 'lamp' }))).thingPrincipalObjects, [
    { principal, thingPrincipalType: 'NON_EXCLUSIVE_THING' },
  ]);
  await assert.rejects(client.send(new DeleteThingCommand({ thingName: 'lamp' })), {
    name: 'InvalidRequestException',
    message: 'Cannot delete. Thing lamp is still attached to one or more principals',
  });
  await client.send(new DetachThingPrincipalCommand({ thingName: 'lamp', principal }));
  await client.send(new DeleteThingCommand({ thingName: 'lamp', expectedVersion: 2 }));
  await assert.rejects(client.send(new DescribeThingCommand({ thingName: 'lamp' })), {
    name: 'ResourceNotFoundException',
  });
});

test('errors have their modelled names, statuses and members', async () => {
  const { thingId, thingArn } = await client.send(new CreateThingCommand({ thingName: 'e' }));
  const attributePayload = { attributes: { a: '1' } };
  await assert.rejects(client.send(new CreateThingCommand({ thingName: 'e', attributePayload })), (error: unknown) => {
    const { name, resourceId, resourceArn, $metadata } = error as Record<string, unknown>;
    assert.deepEqual([name, resourceId, resourceArn], ['ResourceAlreadyExistsException', thingId, thingArn]);
    assert.equal(($metadata as { httpStatusCode: number }).httpStatusCode, 409);
    return true;
  });
  await assert.rejects(client.send(new UpdateThingCommand({ thingName: 'e', expectedVersion: 9 })), {
    name: 'VersionConflictException',
  });
  const withSpace = { attributes: { a: 'b c' } };
  await assert.rejects(client.send(new CreateThingCommand({ thingName: 'f', attributePayload: withSpace })), {
    name: 'InvalidRequestException',
  });
  await assert.rejects(client.send(new ListThingsCommand({ attributeName: 'a' })), { name: 'InvalidRequestException' });
  await client.send(new DeleteThingCommand({ thingName: 'e' }));
});

test("the SDK's paginator sees every thing once", async () => {
  const names = Array.from({ length: 7 }, (_, i) => `page-${i}`);
  for (const thingName of names) {
    await client.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { list: thingName } } }));
  }
  const seen: (string | undefined)[] = [];
  const input = { attributeName: 'list', attributeValue: 'page', usePrefixAttributeValue: true, maxResults: 3 };
  for await (const page of paginateListThings({ client }, input)) {
    seen.push(...(page.things ?? []).map(({ thingName }) => thingName));
  }
  assert.deepEqual(seen, names);
});
