/** `tsunagu users` and `tsunagu keys` against a running server, and a data folder whose secrets are encrypted. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DescribeThingCommand, IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { type RunningServer, startServer } from '../../src/server.ts';
import { iamCall } from '../support/iam-call.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const free = { httpPort: 0, tlsPort: 0, mqttsPort: 0, logLevel: 'silent' } as const;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsunagu-access-'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('tsunagu users and tsunagu keys', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ ephemeral: true, ...free });
  });
  after(() => server.stop());

  const tsunagu = async (...argv: string[]): Promise<Record<string, never>> => {
    const { accessKeyId, secretAccessKey } = server.credentials;
    const env = { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const flags = ['--endpoint', server.endpoints.http, '--json'];
    return JSON.parse((await run(process.execPath, [main, ...argv, ...flags], { env })).stdout);
  };
  const listThings = async (accessKeyId: string, secretAccessKey: string) => {
    const credentials = { accessKeyId, secretAccessKey };
    const client = new IoTClient({ endpoint: server.endpoints.http, region: 'us-east-1', credentials, maxAttempts: 1 });
    try {
      return await client.send(new ListThingsCommand({}));
    } finally {
      client.destroy();
    }
  };

  test('a user is made with a policy and a key, the key is rotated and disabled, the user deleted', async () => {
    const policy = join(folder, 'policy.json');
    const statement = { Effect: 'Allow', Action: 'iot:List*', Resource: '*' };
    await writeFile(policy, JSON.stringify({ Version: '2012-10-17', Statement: statement }));
    const made = await tsunagu('users', 'create', 'ann', '--policy', policy);
    await listThings(made['key'], made['secret']);
    const rotated = await tsunagu('keys', 'rotate', made['key']);
    await listThings(rotated['key'], rotated['secret']);
    await assert.rejects(listThings(made['key'], made['secret']), { name: 'UnrecognizedClientException' });
    const keys = (await tsunagu('keys', 'list', 'ann'))['keys'] as { key: string; status: string }[];
    assert.deepEqual(new Map(keys.map(({ key, status }) => [key, status])).get(made['key']), 'Inactive');
    assert.ok(!JSON.stringify(keys).includes(rotated['secret']));
    assert.deepEqual(await tsunagu('users', 'disable', 'ann'), { user: 'ann', disabled: keys.map(({ key }) => key) });
    await assert.rejects(listThings(rotated['key'], rotated['secret']), { name: 'UnrecognizedClientException' });
    await tsunagu('users', 'delete', 'ann');
    const users = (await tsunagu('users', 'list'))['users'] as { user: string }[];
    assert.deepEqual(
      users.map(({ user }) => user),
      ['admin'],
    );
  });

  test('mistakes are one sentence and the right exit code', async () => {
    await assert.rejects(tsunagu('users', 'delete', 'nobody'), { code: 1, stderr: /NoSuchEntity/ });
    await assert.rejects(tsunagu('keys', 'delete', server.credentials.accessKeyId), { code: 1, stderr: /last active/ });
    await assert.rejects(tsunagu('users', 'frobnicate'), { code: 2, stderr: /Usage: tsunagu users create NAME/ });
    await assert.rejects(tsunagu('users', 'create'), { code: 2 });
  });
});

describe('secrets on disk', () => {
  const key = Buffer.alloc(32, 5).toString('base64');
  const secretsIn = async (data: string): Promise<string> => {
    const names = (await readdir(data)).filter((name) => name.endsWith('.pem') || name.endsWith('.key'));
    return (await Promise.all(names.map((name) => readFile(join(data, name), 'latin1')))).join('');
  };

  test('are encrypted from the start with a key on, and the same server comes back with the key alone', async () => {
    const data = join(folder, 'data');
    const file = join(folder, 'secrets.key');
    await writeFile(file, key, { mode: 0o600 });
    const plain = await startServer({ data, ...free });
    const { credentials } = plain;
    await plain.stop();
    assert.match(await secretsIn(data), /PRIVATE KEY/);

    const sealed = await startServer({ data, secretsKey: file, ...free });
    assert.deepEqual(sealed.credentials, credentials);
    const { http } = sealed.endpoints;
    const made = await iamCall(http, sealed.credentials, 'iam', 'CreateAccessKey', { UserName: 'admin' });
    const client = new IoTClient({ endpoint: http, region: 'us-east-1', credentials: { ...credentials } });
    await assert.rejects(client.send(new DescribeThingCommand({ thingName: 'x' })), /cannot be found|not/i);
    client.destroy();
    await sealed.stop();
    assert.doesNotMatch(await secretsIn(data), /PRIVATE KEY/);
    const { SecretAccessKey: secret } = made['AccessKey'] as { readonly SecretAccessKey: string };
    const everything = await Promise.all((await readdir(data)).map((name) => readFile(join(data, name), 'latin1')));
    assert.ok(!everything.join('').includes(secret), 'a key made now is nowhere in the folder');

    await assert.rejects(startServer({ data, ...free }), { name: 'SecretsKeyError', message: /--secrets-key FILE/ });
    await writeFile(file, Buffer.alloc(32, 6).toString('base64'));
    await assert.rejects(startServer({ data, secretsKey: file, ...free }), { name: 'SecretsKeyError' });
    await writeFile(file, `${Buffer.alloc(32, 6).toString('base64')}\n${key}\n`);
    const rekeyed = await startServer({ data, secretsKey: file, ...free });
    assert.deepEqual(rekeyed.credentials, credentials);
    await rekeyed.stop();
  });
});
