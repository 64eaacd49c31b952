/** Shadows over HTTP as AWS clients meet them: through the SDK, the front, the shadow service and the store. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  IoTDataPlaneClient,
  ListNamedShadowsForThingCommand,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import { VirtualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { createShadow } from '../../src/shadow/shadow.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { startApi, type TestServer } from './server.ts';

const place = { region: 'us-east-1', account: '000000000000' };
const timestamp = 1_700_000_000;
let store: Store;
let server: TestServer;
let client: IoTDataPlaneClient;
let topics: string[] = [];
let questions: string[] = [];

before(async () => {
  store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const bus = { publish: async ({ topic }: { topic: string }) => void topics.push(topic), listen: () => () => {} };
  const clock = new VirtualClock(timestamp * 1000);
  const { operations } = createShadow({
    store,
    bus,
    clock,
    place,
    log: silentLog,
    limits: { requestsPerSecond: 1000 },
  });
  server = await startApi({
    services: { 'iot-data': operations },
    authorize: async ({ action, resource }) => void questions.push(`${action} ${resource}`),
  });
  client = new IoTDataPlaneClient({
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

const text = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString();

test('a shadow is updated, read, listed and deleted', async () => {
  topics = [];
  questions = [];
  const name = { thingName: 'lamp', shadowName: '$package' };
  const desired = '{"desired":{"id":12345678901234567890}}';
  const payload = Buffer.from(`{"state":${desired}}`);
  const updated = await client.send(new UpdateThingShadowCommand({ ...name, payload }));
  const metadata = `"metadata":{"desired":{"id":{"timestamp":${timestamp}}}}`;
  assert.equal(text(updated.payload), `{"state":${desired},${metadata},"version":1,"timestamp":${timestamp}}`);
  assert.deepEqual(
    topics,
    ['accepted', 'delta', 'documents'].map((kind) => `$aws/things/lamp/shadow/name/$package/update/${kind}`),
  );
  const got = await client.send(new GetThingShadowCommand(name));
  assert.ok(
    text(got.payload).startsWith(
      '{"state":{"desired":{"id":12345678901234567890},"delta":{"id":12345678901234567890}}',
    ),
  );
  const { results, timestamp: at } = await client.send(new ListNamedShadowsForThingCommand({ thingName: 'lamp' }));
  assert.deepEqual([results, at], [['$package'], timestamp]);
  const deleted = await client.send(new DeleteThingShadowCommand(name));
  assert.deepEqual(JSON.parse(text(deleted.payload)), { version: 1, timestamp });
  const thing = 'arn:aws:iot:us-east-1:000000000000:thing/lamp';
  assert.deepEqual(questions, [
    `iot:UpdateThingShadow ${thing}/$package`,
    `iot:GetThingShadow ${thing}/$package`,
    `iot:ListNamedShadowsForThing ${thing}`,
    `iot:DeleteThingShadow ${thing}/$package`,
  ]);
});

const failures: { title: string; payload: Buffer; name: string; status: number; message: string }[] = [
  {
    title: 'no state',
    payload: Buffer.from('{"clientToken":"t"}'),
    name: 'InvalidRequestException',
    status: 400,
    message: 'Missing required node: state',
  },
  {
    title: 'another version',
    payload: Buffer.from('{"state":{},"version":5,"clientToken":"t"}'),
    name: 'ConflictException',
    status: 409,
    message: 'Version conflict',
  },
  {
    title: 'too much state',
    payload: Buffer.from(`{"state":{"reported":{"a":"${'x'.repeat(9000)}"}},"clientToken":"t"}`),
    name: 'RequestEntityTooLargeException',
    status: 413,
    message: 'The payload exceeds the maximum size allowed',
  },
  {
    title: 'another encoding',
    payload: Buffer.from('{"state":{"reported":{"a":"é"}}}', 'latin1'),
    name: 'UnsupportedDocumentEncodingException',
    status: 415,
    message: 'Unsupported documented encoding; supported encoding is UTF-8',
  },
];

for (const { title, payload, name, status, message } of failures) {
  test(`an update with ${title} fails with ${status} and publishes nothing`, async () => {
    topics = [];
    await assert.rejects(client.send(new UpdateThingShadowCommand({ thingName: 'fan', payload })), (error: unknown) => {
      const failure = error as Error & { $metadata: { httpStatusCode: number } };
      assert.deepEqual([failure.name, failure.$metadata.httpStatusCode, failure.message], [name, status, message]);
      return true;
    });
    assert.deepEqual(topics, []);
  });
}

test('a shadow that is not there is not found', async () => {
  const name = { thingName: 'fan', shadowName: 'x' };
  const missing = { name: 'ResourceNotFoundException', message: "No shadow exists with name: 'x'" };
  await assert.rejects(client.send(new GetThingShadowCommand(name)), missing);
  await assert.rejects(client.send(new DeleteThingShadowCommand(name)), missing);
});

test('a document error carries what the rejected message of MQTT would: code, timestamp and client token', async () => {
  const response = await fetch(`${server.url}/things/sensor/shadow`, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20231114/us-east-1/iotdata/aws4_request' },
    body: JSON.stringify({ state: { desired: 1 }, clientToken: 'mine' }),
  });
  assert.equal(response.status, 400);
  const { code, timestamp: at, clientToken } = (await response.json()) as Record<string, unknown>;
  assert.deepEqual([code, at, clientToken], [400, timestamp, 'mine']);
});
