/**
 * Every operation of every model through the official SDK clients and a real socket: what the SDK sends arrives in the
 * handler as it was, what the handler returns comes out of the SDK as it was, and every modelled error is raised as
 * itself. An operation that cannot be routed or is misread fails here.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as iot from '@aws-sdk/client-iot';
import * as iotData from '@aws-sdk/client-iot-data-plane';
import * as iotJobsData from '@aws-sdk/client-iot-jobs-data-plane';
import * as tunneling from '@aws-sdk/client-iotsecuretunneling';
import type { ServiceName } from '../../src/api/services.ts';
import { ServiceError } from '../../src/base/errors.ts';
import { idempotencyTokens, jsonMembers, type Model, readModel, type Sample, sampleStructure } from './samples.ts';
import { handledBy, startApi, type TestServer } from './server.ts';

interface Client {
  send(command: object): Promise<object>;
  destroy(): void;
}
type ClientClass = new (config: object) => Client;
type CommandClass = new (input: object) => object;

const sdks: Readonly<Record<ServiceName, { module: Record<string, unknown>; client: string }>> = {
  iot: { module: iot, client: 'IoTClient' },
  'iot-data': { module: iotData, client: 'IoTDataPlaneClient' },
  'iot-jobs-data': { module: iotJobsData, client: 'IoTJobsDataPlaneClient' },
  iotsecuretunneling: { module: tunneling, client: 'IoTSecureTunnelingClient' },
};

let received: { operation: string; input: object } | undefined;
let answer: () => object = () => ({});
let server: TestServer;

before(async () => {
  const services = handledBy(async (operation, input) => {
    received = { operation, input };
    return answer();
  });
  server = await startApi({ services });
});
after(() => server.stop());

for (const service of Object.keys(sdks) as ServiceName[]) {
  const model = readModel(service);
  const { module, client: clientName } = sdks[service];
  describe(service, () => {
    let client: Client;
    before(() => {
      client = new (module[clientName] as ClientClass)({
        endpoint: server.url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
        maxAttempts: 1,
      });
    });
    after(() => client.destroy());
    const send = (operation: string, input: object): Promise<object> =>
      client.send(new (module[`${operation}Command`] as CommandClass)(input));

    test('the SDK has every operation of the model', () => {
      const unknown = Object.keys(model.operations).filter((name) => !(`${name}Command` in module));
      assert.deepEqual(unknown, []);
    });

    for (const which of ['all', 'required'] as const) {
      test(`inputs with ${which} members arrive as they were sent`, async () => {
        answer = () => ({});
        for (const [name, operation] of Object.entries(model.operations)) {
          const input = operation.input ? sampleStructure(model, operation.input.shape, which, name.length) : {};
          await send(name, input);
          assert.equal(received?.operation, name);
          assert.deepEqual(plain(received?.input), plain(expectedInput(model, name, input, received?.input)), name);
        }
      });

      test(`outputs with ${which} members come back as they were returned`, async () => {
        for (const [name, operation] of Object.entries(model.operations)) {
          const input = operation.input ? sampleStructure(model, operation.input.shape, 'required', 1) : {};
          const output = operation.output ? sampleStructure(model, operation.output.shape, which, name.length) : {};
          answer = () => output;
          const { $metadata, ...result } = (await send(name, input)) as { $metadata: Sample };
          assert.equal($metadata['httpStatusCode'], output['statusCode'] ?? 200, name);
          assert.match(String($metadata['requestId']), /^[0-9a-f-]{36}$/, name);
          // The SDK fills in the status of the response where the output has a member for it.
          const filled = 'statusCode' in result ? { statusCode: 200, ...output } : output;
          assert.deepEqual(plain(result), plain(filled), name);
        }
      });
    }

    test('every modelled error is raised as itself', async () => {
      for (const [name, operation] of Object.entries(model.operations)) {
        const input = operation.input ? sampleStructure(model, operation.input.shape, 'required', 1) : {};
        for (const { shape: code } of operation.errors ?? []) {
          const { message, ...fields } = sampleStructure(model, code, 'all', 3);
          answer = () => {
            throw new ServiceError(code, `what ${code} says`, { fields });
          };
          const error = await send(name, input).then(
            () => assert.fail(`${name} did not fail`),
            (thrown: Sample) => thrown,
          );
          assert.equal(error['name'], code, name);
          assert.equal(error['message'], `what ${code} says`);
          const shape = model.shapes[code];
          const metadata = error['$metadata'] as Sample;
          assert.equal(metadata['httpStatusCode'], shape.error?.httpStatusCode ?? (shape.fault ? 500 : 400), code);
          assert.match(String(metadata['requestId']), /^[0-9a-f-]{36}$/);
          for (const [field, value] of Object.entries(fields))
            assert.deepEqual(plain(error[field]), plain(value), code);
        }
      }
    });
  });
}

/** What the handler should have got: JSON headers parsed, tokens of the SDK's own making as they came. */
function expectedInput(model: Model, operation: string, sent: Sample, got: object | undefined): Sample {
  const { input } = model.operations[operation];
  if (!input) return sent;
  const expected = { ...sent };
  for (const member of jsonMembers(model, input.shape))
    if (member in sent) expected[member] = JSON.parse(String(sent[member]));
  for (const member of idempotencyTokens(model, input.shape))
    expected[member] ??= (got as Sample | undefined)?.[member];
  return expected;
}

/** Bytes, whatever class they are of, and dates as text; nulls (the SDK's absent payloads) left out. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}
