/** Terraform's AWS provider manages the registry: apply, a plan without differences, destroy. Skipped where Terraform or the provider is absent. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DescribeThingCommand, ListThingsCommand } from '@aws-sdk/client-iot';
import { startFleet } from './fleet.ts';

const run = promisify(execFile);
/** Where providers are installed for use without a registry. */
const PLUGINS = '/opt/tf-plugins';
const SIX_MINUTES_MS = 360_000;

test('terraform applies, plans no differences and destroys', { timeout: 240_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tsunagu-terraform-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(join(import.meta.dirname, 'terraform'), folder, { recursive: true });
  const fleet = await startFleet({ clock: 'virtual' });
  t.after(() => fleet.stop());
  const { endpoints, credentials } = fleet.server;
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_VAR_endpoint: endpoints.http,
    TF_VAR_key: credentials.accessKeyId,
    TF_VAR_secret: credentials.secretAccessKey,
  };
  const terraform = (...args: string[]) =>
    run('terraform', [...args, '-no-color'], { cwd: folder, env, maxBuffer: 1 << 24 });
  try {
    await terraform('init', `-plugin-dir=${PLUGINS}`);
  } catch (error) {
    return t.skip(`terraform cannot be initialised here: ${(error as Error).message.split('\n', 1)[0]}`);
  }

  await terraform('apply', '-auto-approve');
  const thing = await fleet.control.send(new DescribeThingCommand({ thingName: 'lamp-1' }));
  assert.deepEqual([thing.thingTypeName, thing.attributes], ['lamp', { room: 'attic' }]);
  // 0: nothing to do; 2, which rejects, is a difference.
  await terraform('plan', '-detailed-exitcode');

  // A thing type can be deleted five minutes after its deprecation, and the provider waits for that: let them pass.
  const deprecated = fleet.server.nextMessage('$aws/events/thingType/lamp/updated', 120_000);
  const destroyed = terraform('destroy', '-auto-approve');
  await deprecated;
  await fleet.server.clock.advance(SIX_MINUTES_MS);
  await destroyed;
  assert.deepEqual((await fleet.control.send(new ListThingsCommand({}))).things, []);
});
