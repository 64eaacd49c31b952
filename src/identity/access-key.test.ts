import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createAccessKeys } from './access-key.ts';

async function setUp() {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const random = seededRandom(1);
  return createAccessKeys({ store, clock: new VirtualClock(0), random, account: '123456789012' });
}

test('the first start makes an admin key of the usual form, later ones find it', async () => {
  const keys = await setUp();
  const made = await keys.ensureAdminKey();
  assert.match(made.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.match(made.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
  assert.deepEqual(await keys.ensureAdminKey(), made);
});

test('a key tells whose it is', async () => {
  const keys = await setUp();
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
  const keys = await setUp();
  const [first, second] = await Promise.all([keys.ensureAdminKey(), keys.ensureAdminKey()]);
  assert.deepEqual(first, second);
});

test('an empty store takes the admin key of before as it was', async () => {
  const before = await (await setUp()).ensureAdminKey();
  const keys = await setUp();
  assert.equal(await keys.findAccessKey(before.accessKeyId), undefined);
  assert.deepEqual(await keys.ensureAdminKey(before), before);
  assert.equal((await keys.findAccessKey(before.accessKeyId))!.secretAccessKey, before.secretAccessKey);
});
