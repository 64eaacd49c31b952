import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from './api-client.ts';
import { FleetBuilder } from './fleet.ts';

/** An API that remembers what it was asked and refuses what `refuses` names. */
function recorder(refuses: (call: Call) => boolean = () => false) {
  const calls: string[] = [];
  const api = async (call: Call): Promise<Record<string, unknown>> => {
    const written = `${call.method} ${call.path}`;
    if (refuses(call)) throw new Error(`${written} was refused`);
    calls.push(written);
    if (!call.path.startsWith('/keys-and-certificate')) return {};
    return { certificateArn: 'arn:cert', certificateId: 'c1', certificatePem: 'PEM', keyPair: { PrivateKey: 'KEY' } };
  };
  return { calls, api };
}

test('everything that was made is undone, the last first', async () => {
  const { calls, api } = recorder();
  const fleet = new FleetBuilder(api, 'demo');
  const policy = await fleet.policy();
  const device = await fleet.device('fan', policy);
  await fleet.alarm(26);
  fleet.hasShadow('fan');
  assert.deepEqual(device, { thingName: 'fan', certificate: 'PEM', privateKey: 'KEY' });
  calls.length = 0;
  assert.deepEqual(await fleet.remove(), []);
  assert.deepEqual(calls, [
    'DELETE /things/fan/shadow',
    'DELETE /rules/demo_too_warm',
    'DELETE /things/fan/principals',
    'POST /target-policies/demo_device',
    'PUT /certificates/c1?newStatus=INACTIVE',
    'DELETE /certificates/c1',
    'DELETE /things/fan',
    'DELETE /policies/demo_device',
  ]);
});

test('what was made before a failure is undone, and nothing else', async () => {
  const { calls, api } = recorder(({ path }) => path.startsWith('/keys-and-certificate'));
  const fleet = new FleetBuilder(api, 'demo');
  await assert.rejects(fleet.device('fan', 'p'), /keys-and-certificate/);
  calls.length = 0;
  await fleet.remove();
  assert.deepEqual(calls, ['DELETE /things/fan']);
});

test('what cannot be undone is told, and does not keep the rest', async () => {
  const { calls, api } = recorder(({ method, path }) => method === 'DELETE' && path.startsWith('/rules/'));
  const fleet = new FleetBuilder(api, 'demo');
  await fleet.policy();
  await fleet.alarm(26);
  assert.deepEqual(await fleet.remove(), ['DELETE /rules/demo_too_warm was refused']);
  assert.equal(calls.at(-1), 'DELETE /policies/demo_device');
});
