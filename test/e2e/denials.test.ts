/** Why was I denied: what the operator learns of refusals of every kind, and who else does not. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  IoTClient,
  ListThingsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Denial } from '../../src/identity/refusal.ts';
import { signV4 } from '../../src/identity/sigv4-sign.ts';
import { type Device, type Fleet, makeDevice, startFleet } from './fleet.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000:';

let fleet: Fleet;
let lamp: Device;
before(async () => {
  fleet = await startFleet({ mqttPort: 0 });
  lamp = await makeDevice(fleet, 'lamp');
});
after(() => fleet.stop());

async function denials(query = ''): Promise<Denial[]> {
  const response = await fetch(`${fleet.server.endpoints.http}/_tsunagu/denials${query}`);
  assert.equal(response.status, 200);
  return ((await response.json()) as { denials: Denial[] }).denials;
}

async function newest(reason: string, query = ''): Promise<Denial> {
  const found = (await denials(query)).find((denial) => denial.reason === reason);
  return found ?? assert.fail(`no denial for ${reason} in ${JSON.stringify(await denials())}`);
}

function clientOf(device: Device | undefined, options: IClientOptions = {}): MqttClient {
  const identity = device && { cert: device.certificatePem, key: device.privateKey };
  const url = `mqtts://localhost:${fleet.ports.mqtts}`;
  return connect(url, { ca: fleet.ca, ...identity, clientId: 'lamp', reconnectPeriod: 0, ...options });
}

/** Resolves when the client's connection has ended, for whatever reason. */
async function ended(client: MqttClient): Promise<void> {
  client.on('error', () => {});
  await new Promise<void>((resolve) => client.once('close', () => resolve()));
}

async function connected(client: MqttClient): Promise<MqttClient> {
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject));
  return client;
}

test('a refused publish is explained, and the suggested statement repairs it', async () => {
  const first = await connected(clientOf(lamp));
  const end = ended(first);
  first.publish('kitchen/light', 'on');
  await end;
  const denial = await newest('policy', '?clientId=lamp');
  assert.equal(denial.action, 'iot:Publish');
  assert.equal(denial.resource, `${ARN}topic/kitchen/light`);
  assert.equal(denial.principal, lamp.certificateArn);
  assert.equal(denial.sourceIp, '127.0.0.1');
  assert.equal(denial.detail, 'no statement of lamp allows it');
  assert.equal(denial.explanation?.passedOver[0].statement, 'Statement[1]');

  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: denial.explanation?.suggestion });
  await fleet.control.send(new CreatePolicyCommand({ policyName: 'repair', policyDocument }));
  await fleet.control.send(new AttachPolicyCommand({ policyName: 'repair', target: lamp.certificateArn }));
  const message = fleet.server.nextMessage('kitchen/#');
  const second = await connected(clientOf(lamp));
  second.publish('kitchen/light', 'on');
  assert.equal((await message).topic, 'kitchen/light');
  await second.endAsync();
});

test('a refused connect, subscribe and receive are explained', async () => {
  await ended(clientOf(lamp, { clientId: 'somebody' }));
  const refusedConnect = await newest('policy', '?clientId=somebody');
  assert.equal(refusedConnect.resource, `${ARN}client/somebody`);
  assert.deepEqual(refusedConnect.explanation?.missing, ['iot:Connection.Thing.ThingName']);

  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['iot:Connect', 'iot:Subscribe', 'iot:Publish'], Resource: '*' },
      { Effect: 'Deny', Action: ['iot:Subscribe'], Resource: `${ARN}topicfilter/secret`, Sid: 'Secret' },
    ],
  });
  const fan = await makeDevice(fleet, 'fan', policyDocument);
  const client = await connected(clientOf(fan, { clientId: 'fan' }));
  await client.subscribeAsync('secret').catch(() => undefined);
  await client.subscribeAsync('news');
  for (let n = 0; n < 3; n++) await client.publishAsync('news', 'x', { qos: 1 });
  await client.endAsync();
  const found = await denials('?clientId=fan');
  assert.deepEqual(found.map(({ action, detail, count }) => [action, detail, count]).sort(), [
    ['iot:Receive', 'no statement of fan allows it', 1],
    ['iot:Subscribe', 'denied by fan Secret', 1],
  ]);
});

test('certificates that are unknown, inactive or not there at all', async () => {
  const unknown = await startFleet();
  const stranger = await makeDevice(unknown, 'stranger');
  await unknown.stop();
  await ended(clientOf(stranger));
  assert.equal((await newest('certificate-unknown')).certificateId, stranger.certificateId);
  const old = await makeDevice(fleet, 'old');
  const { certificateId } = old;
  await fleet.control.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
  await ended(clientOf(old));
  assert.equal((await newest('certificate-inactive')).certificateId, certificateId);
  await ended(clientOf(undefined));
  assert.equal((await newest('certificate-missing')).sourceIp, '127.0.0.1');
});

test('bad signatures, by key id alone', async () => {
  const { http } = fleet.server.endpoints;
  const { accessKeyId } = fleet.server.credentials;
  const credentials = { accessKeyId, secretAccessKey: 'GuessedSecret' };
  const client = new IoTClient({ endpoint: http, region: 'us-east-1', credentials, maxAttempts: 1 });
  await assert.rejects(client.send(new ListThingsCommand({})));
  client.destroy();
  const denial = await newest('invalid-signature');
  assert.equal(denial.accessKeyId, accessKeyId);
  assert.equal(denial.resource, '/things');
  assert.doesNotMatch(JSON.stringify(denial), /GuessedSecret|Signature=/);
});

test('client ids and topics that nobody may use', async () => {
  const { port } = new URL(fleet.server.endpoints.mqtt ?? '');
  const plain = (clientId: string) => connect(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 0 });
  await ended(plain('$reserved'));
  assert.equal((await newest('client-identifier-not-valid')).clientId, '$reserved');
  const client = await connected(plain('plain'));
  const end = ended(client);
  await client.subscribeAsync('$aws/nothing').catch(() => undefined);
  client.publish('$aws/nothing', 'x');
  await end;
  const found = await denials('?clientId=plain');
  assert.deepEqual(found.map(({ reason, action, resource }) => [reason, action, resource]).sort(), [
    ['topic-filter-invalid', 'iot:Subscribe', '$aws/nothing'],
    ['topic-name-invalid', 'iot:Publish', '$aws/nothing'],
  ]);
});

test('as many are told as are asked for, and nothing to a page that rebound its name or came by a proxy', async () => {
  assert.equal((await denials('?limit=1')).length, 1);
  const statusOf = (headers: Record<string, string>, query = ''): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const url = `${fleet.server.endpoints.http}/_tsunagu/denials${query}`;
      request(url, { headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  assert.equal(await statusOf({}, '?limit=0'), 400);
  assert.equal(await statusOf({ host: 'localhost:1' }), 200);
  assert.equal(await statusOf({ host: 'evil.example' }), 403);
  assert.equal(await statusOf({ 'x-forwarded-for': '192.0.2.1' }), 403);
});

describe('where others can reach the server', () => {
  let open: Fleet;
  before(async () => {
    open = await startFleet({ host: '0.0.0.0' });
  });
  after(() => open.stop());

  const ask = (secretAccessKey?: string): Promise<Response> => {
    const url = new URL('/_tsunagu/denials?limit=5', open.server.endpoints.http.replace('0.0.0.0', '127.0.0.1'));
    if (secretAccessKey === undefined) return fetch(url);
    const { accessKeyId } = open.server.credentials;
    const headers = signV4(
      {
        method: 'GET',
        rawPath: url.pathname,
        rawQuery: 'limit=5',
        headers: [['host', url.host]],
        body: Buffer.alloc(0),
      },
      { accessKeyId, secretAccessKey },
      { region: 'us-east-1', service: 'iot', nowMs: Date.now() },
    );
    return fetch(url, { headers });
  };

  test('only the admin key is told', async () => {
    assert.equal((await ask()).status, 403);
    assert.equal((await ask('wrong')).status, 403);
    const told = await ask(open.server.credentials.secretAccessKey);
    assert.equal(told.status, 200);
    const { denials } = (await told.json()) as { denials: Denial[] };
    assert.deepEqual(denials.map(({ reason }) => reason).sort(), ['invalid-signature', 'missing-authentication-token']);
  });
});
