/** The audit log as a file, and what the server writes into it. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateThingCommand, DescribeThingCommand, IoTClient } from '@aws-sdk/client-iot';
import type { AuditEvent } from '../../src/api/api.ts';
import { openAuditLog } from '../../src/audit-log.ts';
import { silentLog } from '../../src/base/log.ts';
import { startServer } from '../../src/server.ts';
import { iamCall } from '../support/iam-call.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsunagu-audit-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const event = (requestId: string): AuditEvent => ({
  time: '2026-01-15T12:00:00.000Z',
  requestId,
  service: 'iot',
  operation: 'CreateThing',
  resources: [],
  sourceIp: '192.0.2.1',
  secure: true,
  status: 200,
});
const linesOf = async (file: string): Promise<AuditEvent[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent);

test('entries are kept in order, over restarts, for the owner only', async () => {
  const file = join(folder, 'kept', 'audit.log');
  for (const start of [0, 50]) {
    const audit = await openAuditLog({ file, log: silentLog });
    for (let n = start; n < start + 50; n++) audit.write(event(String(n)));
    await audit.close();
  }
  const ids = (await linesOf(file)).map(({ requestId }) => Number(requestId));
  assert.deepEqual(
    ids,
    Array.from({ length: 100 }, (_, n) => n),
  );
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('the file is rotated by size, and only so many old ones stay', async () => {
  const file = join(folder, 'rotated', 'audit.log');
  for (let n = 0; n < 6; n++) {
    const audit = await openAuditLog({ file, log: silentLog, rotateBytes: 300, keep: 2 });
    audit.write(event(String(n)));
    await audit.close();
  }
  assert.deepEqual((await readdir(join(folder, 'rotated'))).sort(), ['audit.log', 'audit.log.1', 'audit.log.2']);
  assert.equal((await linesOf(file)).at(-1)?.requestId, '5');
});

test('a server writes down every call of the control plane, refused ones too, and nothing that was sent', async () => {
  const file = join(folder, 'server.log');
  const ports = { httpPort: 0, tlsPort: 0, mqttsPort: 0 };
  const server = await startServer({ ephemeral: true, logLevel: 'silent', ...ports, auditLog: file });
  const { http } = server.endpoints;
  const client = new IoTClient({ endpoint: http, region: 'us-east-1', credentials: { ...server.credentials } });
  await client.send(new CreateThingCommand({ thingName: 'lamp', attributePayload: { attributes: { a: 'hidden' } } }));
  await assert.rejects(client.send(new DescribeThingCommand({ thingName: 'none' })));
  await fetch(`${http}/things/lamp`);
  await iamCall(http, server.credentials, 'iam', 'CreateUser', { UserName: 'ann' });
  const made = await iamCall(http, server.credentials, 'iam', 'CreateAccessKey', { UserName: 'ann' });
  client.destroy();
  await server.stop();
  const entries = await linesOf(file);
  const summary = entries.map(({ service, operation, resources, status, error, principal }) => [
    `${service}:${operation}`,
    ...resources,
    status,
    error,
    principal?.arn,
  ]);
  const admin = 'arn:aws:iam::000000000000:user/admin';
  const thing = 'arn:aws:iot:us-east-1:000000000000:thing/';
  assert.deepEqual(summary, [
    ['iot:CreateThing', `${thing}lamp`, 200, undefined, admin],
    ['iot:DescribeThing', `${thing}none`, 404, 'ResourceNotFoundException', admin],
    ['iot:DescribeThing', 403, 'MissingAuthenticationTokenException', undefined],
    ['iam:CreateUser', 'arn:aws:iam::000000000000:user/ann', 200, undefined, admin],
    ['iam:CreateAccessKey', 'arn:aws:iam::000000000000:user/ann', 200, undefined, admin],
  ]);
  assert.equal(entries[0].principal?.accessKeyId, server.credentials.accessKeyId);
  assert.equal(entries[0].sourceIp, '127.0.0.1');
  const text = await readFile(file, 'utf8');
  const { SecretAccessKey: secret } = made['AccessKey'] as { readonly SecretAccessKey: string };
  for (const hidden of ['hidden', secret, server.credentials.secretAccessKey]) assert.ok(!text.includes(hidden));
});
