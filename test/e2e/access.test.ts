/** Users, roles and temporary credentials end to end: restricted users, devices that get credentials, what these may. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  CreateRoleAliasCommand,
  CreateThingCommand,
  DescribeThingCommand,
  IoTClient,
  ListThingsCommand,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { connectAsync } from 'mqtt';
import { presignV4 } from '../../src/identity/sigv4-sign.ts';
import { iamCall, type Keys } from '../support/iam-call.ts';
import { type Device, type Fleet, makeDevice, startFleet } from './fleet.ts';

const run = promisify(execFile);
const arn = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const document = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) });
const trust = document({ Principal: { Service: 'credentials.iot.amazonaws.com' }, Action: 'sts:AssumeRole' });

let fleet: Fleet;
let device: Device;
const admin = <T extends object>(
  action: string,
  parameters: Record<string, string>,
  service: 'iam' | 'sts' = 'iam',
): Promise<T> => iamCall(fleet.server.endpoints.http, fleet.server.credentials, service, action, parameters) as never;

function clientFor(credentials: Keys): IoTClient {
  return new IoTClient({ endpoint: fleet.server.endpoints.http, region: 'us-east-1', credentials, maxAttempts: 1 });
}

async function keysOf(UserName: string, PolicyDocument: string): Promise<Keys> {
  await admin('CreateUser', { UserName });
  await admin('PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument });
  const { AccessKey } = await admin<{ AccessKey: Record<string, string> }>('CreateAccessKey', { UserName });
  return { accessKeyId: AccessKey['AccessKeyId'], secretAccessKey: AccessKey['SecretAccessKey'] };
}

interface Answer {
  readonly status: number;
  readonly body: { readonly message?: string; readonly credentials?: Keys & { readonly expiration: string } };
}

/** What the credential provider answers a device, or somebody without a certificate. */
function askForCredentials(
  alias: string,
  from: Device | undefined,
  thingName?: string,
  at: Fleet = fleet,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: 'localhost',
      port: at.ports.tls,
      path: `/role-aliases/${alias}/credentials`,
      ca: at.ca,
      ...(from && { cert: from.certificatePem, key: from.privateKey }),
      headers: thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName },
    };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
    })
      .on('error', reject)
      .end();
  });
}

before(async () => {
  fleet = await startFleet({ clock: 'virtual' });
  const mayAssume = { Action: 'iot:AssumeRoleWithCertificate', Resource: arn('rolealias/fleet*') };
  device = await makeDevice(fleet, 'lamp', document(mayAssume));
  await admin('CreateRole', { RoleName: 'device', AssumeRolePolicyDocument: trust });
  const own = '${credentials-iot:ThingName}';
  const PolicyDocument = document(
    { Action: 'iot:DescribeThing', Resource: arn(`thing/${own}`) },
    { Action: 'iot:Connect', Resource: arn(`client/${own}*`) },
    { Action: 'iot:Publish', Resource: arn(`topic/devices/${own}/*`) },
  );
  await admin('PutRolePolicy', { RoleName: 'device', PolicyName: 'own', PolicyDocument });
  const roleArn = 'arn:aws:iam::000000000000:role/device';
  await fleet.control.send(new CreateRoleAliasCommand({ roleAlias: 'fleet', roleArn }));
  await fleet.control.send(new CreateThingCommand({ thingName: 'other' }));
});
after(() => fleet.stop());

describe('a restricted user', () => {
  test('may what its policy says and nothing else, and reads why not', async () => {
    const control = clientFor(
      await keysOf('reader', document({ Action: 'iot:Describe*', Resource: arn('thing/lam*') })),
    );
    assert.equal((await control.send(new DescribeThingCommand({ thingName: 'lamp' }))).thingName, 'lamp');
    const message = (action: string, resource: string): string =>
      `User: arn:aws:iam::000000000000:user/reader is not authorized to perform: iot:${action} on resource: ${resource}`;
    await assert.rejects(control.send(new DescribeThingCommand({ thingName: 'other' })), {
      name: 'AccessDeniedException',
      message: message('DescribeThing', arn('thing/other')),
    });
    await assert.rejects(control.send(new ListThingsCommand({})), { message: message('ListThings', '*') });
    control.destroy();
  });

  test('cannot give itself more, by IAM or by a role alias', async () => {
    const keys = await keysOf('climber', document({ Action: 'iot:*', Resource: '*' }));
    const { http } = fleet.server.endpoints;
    const grab = { UserName: 'climber', PolicyName: 'q', PolicyDocument: document({ Action: '*', Resource: '*' }) };
    await assert.rejects(iamCall(http, keys, 'iam', 'PutUserPolicy', grab), { code: 'AccessDenied' });
    const control = clientFor(keys);
    const roleArn = 'arn:aws:iam::000000000000:role/device';
    await assert.rejects(control.send(new CreateRoleAliasCommand({ roleAlias: 'mine', roleArn })), /iam:PassRole/);
    control.destroy();
  });

  test('is told nothing on the data plane', async () => {
    const credentials = await keysOf('mute', document({ Action: 'iot:Publish', Resource: arn('topic/a') }));
    const options = { endpoint: fleet.server.endpoints.http, region: 'us-east-1', credentials, maxAttempts: 1 };
    const data = new IoTDataPlaneClient(options);
    await data.send(new PublishCommand({ topic: 'a' }));
    await assert.rejects(data.send(new PublishCommand({ topic: 'b' })), { name: 'ForbiddenException' });
    data.destroy();
  });
});

describe('a device with a certificate', () => {
  test('gets credentials that may what the role says for its own thing', async () => {
    const { status, body } = await askForCredentials('fleet', device, 'lamp');
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body.credentials!).sort(), [
      'accessKeyId',
      'expiration',
      'secretAccessKey',
      'sessionToken',
    ]);
    assert.match(body.credentials!.expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const { accessKeyId, secretAccessKey, sessionToken } = body.credentials!;
    const control = clientFor({ accessKeyId, secretAccessKey, sessionToken });
    assert.equal((await control.send(new DescribeThingCommand({ thingName: 'lamp' }))).thingName, 'lamp');
    await assert.rejects(control.send(new DescribeThingCommand({ thingName: 'other' })), {
      name: 'AccessDeniedException',
    });
    control.destroy();
    const withoutToken = clientFor({ accessKeyId, secretAccessKey });
    await assert.rejects(withoutToken.send(new ListThingsCommand({})), { name: 'UnrecognizedClientException' });
    withoutToken.destroy();
  });

  test('connects over WebSocket with them, the token appended after signing, and publishes as the role may', async () => {
    const { credentials } = (await askForCredentials('fleet', device, 'lamp')).body;
    const host = `localhost:${fleet.ports.tls}`;
    const query = presignV4(
      { method: 'GET', rawPath: '/mqtt', rawQuery: '', headers: [['host', host]], body: Buffer.alloc(0) },
      credentials!,
      { region: 'us-east-1', service: 'iotdevicegateway', nowMs: Date.now() },
      300,
    );
    const url = `wss://${host}/mqtt?${query}&X-Amz-Security-Token=${encodeURIComponent(credentials!.sessionToken!)}`;
    const options = { clientId: 'lamp-1', ca: fleet.ca, reconnectPeriod: 0, protocolVersion: 5 } as const;
    const client = await connectAsync(url, options);
    const received = fleet.server.nextMessage('devices/#');
    await client.publishAsync('devices/lamp/x', 'on', { qos: 1 });
    const { publisher } = await received;
    assert.match(String(publisher?.principal), /^AROA[A-Z2-7]{16}:[0-9a-f]{64}$/);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await client.publishAsync('devices/other/x', 'on', { qos: 1 }).catch(() => undefined);
    client.end(true);
    await closed;
    const stranger = connectAsync(url, { ...options, clientId: 'other' });
    await assert.rejects(stranger);
  });

  test('is refused without a certificate, for another thing, an unknown alias, or by its policy', async () => {
    const denied: Answer = { status: 403, body: { message: 'Access Denied' } };
    assert.deepEqual(await askForCredentials('fleet', undefined), denied);
    assert.deepEqual(await askForCredentials('fleet', device, 'other'), denied);
    const unknown: Answer = { status: 404, body: { message: 'Role alias does not exist' } };
    assert.deepEqual(await askForCredentials('fleet-2', device), unknown);
    const roleArn = 'arn:aws:iam::000000000000:role/none';
    await fleet.control.send(new CreateRoleAliasCommand({ roleAlias: 'fleet-3', roleArn }));
    assert.deepEqual(await askForCredentials('fleet-3', device), denied, 'a role that is not there');
    await fleet.control.send(new CreateRoleAliasCommand({ roleAlias: 'forbidden', roleArn }));
    assert.deepEqual(await askForCredentials('forbidden', device), denied, 'not in the policy');
    assert.equal((await askForCredentials('a%20b', device)).status, 400);
    assert.equal((await askForCredentials('%ff', device)).status, 400);
  });

  test('has to ask again when its credentials have expired', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = (await askForCredentials('fleet', device, 'lamp')).body
      .credentials!;
    const control = clientFor({ accessKeyId, secretAccessKey, sessionToken });
    await control.send(new DescribeThingCommand({ thingName: 'lamp' }));
    await fleet.server.clock.advance(3_600_000);
    await assert.rejects(control.send(new DescribeThingCommand({ thingName: 'lamp' })), {
      name: 'ExpiredTokenException',
    });
    control.destroy();
  });
});

test('a server with an STS elsewhere hands out the credentials of its roles', async () => {
  const roleArn = 'arn:aws:iam::000000000000:role/outside';
  const UserArn = 'arn:aws:iam::000000000000:user/passer';
  const keys = await keysOf('passer', document({ Action: 'sts:AssumeRole', Resource: roleArn }));
  const AssumeRolePolicyDocument = document({ Principal: { AWS: UserArn }, Action: 'sts:AssumeRole' });
  await admin('CreateRole', { RoleName: 'outside', AssumeRolePolicyDocument });
  const { accessKeyId: stsAccessKeyId, secretAccessKey: stsSecretAccessKey } = keys;
  const stsEndpoint = fleet.server.endpoints.http;
  const near = await startFleet({ stsEndpoint, stsAccessKeyId, stsSecretAccessKey });
  try {
    const policy = document({ Action: 'iot:AssumeRoleWithCertificate', Resource: '*' });
    const fan = await makeDevice(near, 'fan', policy);
    await near.control.send(new CreateRoleAliasCommand({ roleAlias: 'far', roleArn }));
    const { status, body } = await askForCredentials('far', fan, 'fan', near);
    assert.equal(status, 200);
    const who = await iamCall(fleet.server.endpoints.http, body.credentials!, 'sts', 'GetCallerIdentity');
    assert.equal(who['Arn'], `arn:aws:sts::000000000000:assumed-role/outside/${fan.certificateId}`);
    await near.control.send(new CreateRoleAliasCommand({ roleAlias: 'none', roleArn: `${roleArn}2` }));
    assert.deepEqual(await askForCredentials('none', fan, 'fan', near), {
      status: 403,
      body: { message: 'Access Denied' },
    });
  } finally {
    await near.stop();
  }
});

const hasAws = await run('sh', ['-c', 'command -v aws']).then(
  () => true,
  () => false,
);

test('the AWS CLI learns who it is and manages a user', hasAws ? {} : { skip: 'aws is not installed' }, async () => {
  const { endpoints, credentials } = fleet.server;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoints.http,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_PAGER: '',
    AWS_MAX_ATTEMPTS: '1',
  };
  const aws = async (...args: string[]) => {
    const { stdout } = await run('aws', [...args, '--output', 'json'], { env });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };
  const { Arn } = await aws('sts', 'get-caller-identity');
  assert.equal(Arn, 'arn:aws:iam::000000000000:user/admin');
  await aws('iam', 'create-user', '--user-name', 'cli');
  const policy = document({ Action: 'iot:*', Resource: '*' });
  await aws('iam', 'put-user-policy', '--user-name', 'cli', '--policy-name', 'p', '--policy-document', policy);
  const read = await aws('iam', 'get-user-policy', '--user-name', 'cli', '--policy-name', 'p');
  assert.deepEqual(read.PolicyDocument, JSON.parse(policy));
  assert.ok((await aws('iam', 'list-users')).Users.some((user: { UserName: string }) => user.UserName === 'cli'));
  await assert.rejects(aws('iam', 'delete-user', '--user-name', 'cli'), /DeleteConflict/);
  await assert.rejects(aws('iam', 'list-groups'), /InvalidAction/);
});
