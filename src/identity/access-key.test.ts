import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createAccessKeys } from './access-key.ts';

async function setUp() {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const clock = new VirtualClock(0);
  const keys = createAccessKeys({ store, clock, random: seededRandom(1), account: '123456789012' });
  return { keys, store };
}

test('the first start makes an admin key of the usual form, later ones find it', async () => {
  const { keys } = await setUp();
  const made = await keys.ensureAdminKey();
  assert.match(made.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.match(made.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
  assert.deepEqual(await keys.ensureAdminKey(), made);
  keys.forgetAll();
  assert.deepEqual(await keys.ensureAdminKey(), made);
});

test('a key tells whose it is', async () => {
  const { keys } = await setUp();
  const { accessKeyId, secretAccessKey } = await keys.ensureAdminKey();
  const found = await keys.findAccessKey(accessKeyId);
  assert.match(found!.principal.id, /^AIDA[A-Z2-7]{16}$/);
  assert.deepEqual(found, {
    accessKeyId,
    secretAccessKey,
    status: 'Active',
    principal: {
      kind: 'user',
      id: found!.principal.id,
      arn: 'arn:aws:iam::123456789012:user/admin',
      accessKeyId,
      isAdmin: true,
    },
  });
  assert.equal(await keys.findAccessKey('AKIAUNKNOWN'), undefined);
});

test('two starts at once make one key', async () => {
  const { keys } = await setUp();
  const [first, second] = await Promise.all([keys.ensureAdminKey(), keys.ensureAdminKey()]);
  assert.deepEqual(first, second);
});

test('after a reset the admin key is put back as it was', async () => {
  const { keys, store } = await setUp();
  const made = await keys.ensureAdminKey();
  await store.clear();
  keys.forgetAll();
  assert.equal(await keys.findAccessKey(made.accessKeyId), undefined);
  assert.deepEqual(await keys.ensureAdminKey(made), made);
  assert.equal((await keys.findAccessKey(made.accessKeyId))!.secretAccessKey, made.secretAccessKey);
});
