import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { ACCOUNT, openAccess } from './access.fixture.ts';

test('the first start makes an admin key of the usual form, later ones find it', async () => {
  const { access, store } = await openAccess();
  assert.match(access.adminKey.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.match(access.adminKey.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
  const again = await openAccess({ store, seed: 2 });
  assert.deepEqual(again.access.adminKey, access.adminKey);
});

test('a key tells whose it is', async () => {
  const { access } = await openAccess();
  const { accessKeyId, secretAccessKey } = access.adminKey;
  const found = await access.findAccessKey(accessKeyId, undefined);
  assert.match(found!.principal.id, /^AIDA[A-Z2-7]{16}$/);
  const id = found!.principal.id;
  const arn = `arn:aws:iam::${ACCOUNT}:user/admin`;
  const principal = { kind: 'user', id, arn, accessKeyId, isAdmin: true };
  assert.deepEqual(found, { accessKeyId, secretAccessKey, status: 'Active', principal });
  assert.equal(await access.findAccessKey('AKIAUNKNOWN', undefined), undefined);
});

test('two starts at once make one key', async () => {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const [first, second] = await Promise.all([openAccess({ store }), openAccess({ store, seed: 2 })]);
  assert.deepEqual(first.access.adminKey, second.access.adminKey);
});

test('an empty store takes the admin key of before as it was', async () => {
  const { adminKey } = (await openAccess()).access;
  const { access } = await openAccess({ adminKey, seed: 2 });
  assert.deepEqual(access.adminKey, adminKey);
  assert.equal(
    (await access.findAccessKey(adminKey.accessKeyId, undefined))!.secretAccessKey,
    adminKey.secretAccessKey,
  );
});

test('after the told key was replaced, a start tells the one that is left', async () => {
  const { access, store, call } = await openAccess();
  const made = (await call('CreateAccessKey', { UserName: 'admin' })).AccessKey as Record<string, string>;
  await call('DeleteAccessKey', { UserName: 'admin', AccessKeyId: access.adminKey.accessKeyId });
  const again = await openAccess({ store, seed: 2 });
  assert.equal(again.access.adminKey.accessKeyId, made['AccessKeyId']);
  assert.equal(again.access.adminKey.secretAccessKey, made['SecretAccessKey']);
});

test('the admin cannot lock the door from inside', async () => {
  const { access, call } = await openAccess();
  const { accessKeyId: AccessKeyId } = access.adminKey;
  await assert.rejects(call('DeleteAccessKey', { AccessKeyId }), { code: 'DeleteConflict' });
  await assert.rejects(call('UpdateAccessKey', { AccessKeyId, Status: 'Inactive' }), { code: 'DeleteConflict' });
  await assert.rejects(call('DeleteUser', { UserName: 'admin' }), { code: 'DeleteConflict' });
});

test('secrets of keys are sealed when a secrets key comes, and opened by it alone', async () => {
  const first = await openAccess();
  const { accessKeyId, secretAccessKey } = first.access.adminKey;
  const { store } = first;
  assert.equal((await first.access.records.keys.get(accessKeyId))!.value.secretAccessKey, secretAccessKey);
  const [oldKey, newKey] = ['11'.repeat(32), '22'.repeat(32)];
  const sealed = await openAccess({ store, secretsKey: oldKey });
  const stored = (await sealed.access.records.keys.get(accessKeyId))!.value.secretAccessKey;
  assert.match(stored, /^sealed:/);
  assert.equal(sealed.access.adminKey.secretAccessKey, secretAccessKey);
  await assert.rejects(openAccess({ store }), { name: 'SecretsKeyError', message: /no key is there: give it with/ });
  await assert.rejects(openAccess({ store, secretsKey: newKey }), {
    name: 'SecretsKeyError',
    message: /none of those/,
  });
  await openAccess({ store, secretsKey: `${newKey}\n${oldKey}\n` });
  const changed = await openAccess({ store, secretsKey: newKey });
  assert.equal(changed.access.adminKey.secretAccessKey, secretAccessKey);
});
