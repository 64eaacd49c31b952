/** What the log of a whole run holds: refusals and drops on a few lines with the client's id, and never a secret. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import { presignV4, signV4 } from '../../src/identity/sigv4-sign.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const secrets = {
  wrong: 'WrongSecretKeyOfAClientThatIsMistaken000',
  swapped: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx',
  token: 'SessionTokenThatNobodyShouldSee',
  password: 'PasswordInAConnectPacket',
};

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly reason?: string;
  readonly clientId?: string;
  readonly count?: number;
}

let folder: string;
let server: ReturnType<typeof spawn>;
let log = '';
let ready: {
  endpoints: { http: string; mqtt: string };
  credentials: { accessKeyId: string; secretAccessKey: string };
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsunagu-log-'));
  const policy = join(folder, 'policy.json');
  const statements = [
    { Effect: 'Allow', Action: ['iot:Connect'], Resource: ['*'] },
    { Effect: 'Allow', Action: ['iot:Publish'], Resource: 'arn:aws:iot:us-east-1:000000000000:topic/mine' },
    { Effect: 'Deny', Action: ['iot:Connect'], Resource: 'arn:aws:iot:us-east-1:000000000000:client/nobody' },
  ];
  await writeFile(policy, JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  const ports = ['--http-port', '0', '--tls-port', '0', '--mqtts-port', '0', '--mqtt-port', '0'];
  const options = ['--ephemeral', '--json', '--log-level', 'debug', '--mqtt-anonymous-policy', policy];
  server = spawn(process.execPath, [main, 'start', ...options, ...ports]);
  server.stderr?.setEncoding('utf8').on('data', (text) => (log += text));
  const [line] = (await once(server.stdout!.setEncoding('utf8'), 'data')) as [string];
  ready = JSON.parse(line);
});
after(async () => {
  if (server.exitCode === null) server.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function client(options: IClientOptions): MqttClient {
  const client = connect(ready.endpoints.mqtt, { reconnectPeriod: 0, ...options });
  client.on('error', () => {});
  return client;
}

const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => void client.once('close', () => resolve()));

async function callWith(accessKeyId: string, secretAccessKey: string, token?: string): Promise<string> {
  const url = new URL('/things', ready.endpoints.http);
  const headers: Record<string, string> = token === undefined ? {} : { 'x-amz-security-token': token };
  const signature = signV4(
    {
      method: 'GET',
      rawPath: url.pathname,
      rawQuery: '',
      headers: [['host', url.host], ...Object.entries(headers)],
      body: Buffer.alloc(0),
    },
    { accessKeyId, secretAccessKey },
    { region: 'us-east-1', service: 'iot', nowMs: Date.now() },
  );
  assert.equal((await fetch(url, { headers: { ...headers, ...signature } })).status, 403);
  return signature.authorization.split('Signature=')[1];
}

async function upgradeWith(accessKeyId: string, secretAccessKey: string): Promise<string> {
  const { host } = new URL(ready.endpoints.http);
  const query = presignV4(
    { method: 'GET', rawPath: '/mqtt', rawQuery: '', headers: [['host', host]], body: Buffer.alloc(0) },
    { accessKeyId, secretAccessKey },
    { region: 'us-east-1', service: 'iotdevicegateway', nowMs: Date.now() },
    60,
  );
  const socket = new WebSocket(`ws://${host}/mqtt?${query}&X-Amz-Security-Token=${secrets.token}`, 'mqtt');
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /403/);
  return query.split('X-Amz-Signature=')[1];
}

test('refusals and drops are logged by client and reason, with counts, and no secret is', async () => {
  const { accessKeyId, secretAccessKey } = ready.credentials;
  const signatures = [
    await callWith(accessKeyId, secrets.wrong),
    await callWith(accessKeyId, secrets.wrong, secrets.token),
    await callWith(secrets.swapped, accessKeyId),
    await upgradeWith(accessKeyId, secrets.wrong),
    await upgradeWith(secrets.swapped, accessKeyId),
  ];
  await closed(client({ clientId: 'nobody', username: 'someone', password: secrets.password }));
  const busy = client({ clientId: 'busy', username: 'someone', password: secrets.password });
  await once(busy as never, 'connect');
  for (let n = 0; n < 300; n++) busy.publish('mine', 'x');
  await busy.endAsync();
  const curious = client({ clientId: 'curious' });
  const end = closed(curious);
  curious.publish('not-mine', 'x');
  await end;
  server.kill('SIGTERM');
  assert.deepEqual(await once(server, 'close'), [0, null]);

  for (const secret of [...Object.values(secrets), ...signatures, secretAccessKey]) {
    assert.ok(!log.includes(secret), `the log holds ${secret}`);
  }
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const of = (reason: string, clientId: string): Line[] =>
    lines.filter((line) => line.reason === reason && line.clientId === clientId);
  assert.deepEqual(
    of('policy', 'nobody').map(({ level, msg }) => [level, msg]),
    [['warn', 'refused']],
  );
  assert.equal(of('policy', 'curious').length, 1);
  const drops = of('throttled', 'busy');
  assert.equal(drops.length, 2, 'one at once, one for all others');
  assert.ok((drops[1].count ?? 0) > 100);
  assert.ok(lines.some(({ reason }) => reason === 'invalid-signature'));
});
