import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { memoryKeyFiles, sealedKeyFiles } from './key-files.ts';
import { createSecretBox } from './secret-box.ts';

const random = seededRandom(1);
const hexKey = '0a'.repeat(32);
const base64Key = Buffer.alloc(32, 7).toString('base64');

test('without a key secrets stay as they are', () => {
  const box = createSecretBox(undefined, random);
  assert.equal(box.seal('s', 'place'), 's');
  assert.equal(box.open('s', 'place'), 's');
  assert.equal(box.isCurrent('s'), true);
});

test('a sealed secret is opened for its own place alone', () => {
  const box = createSecretBox(hexKey, random);
  const sealed = box.seal('s', 'place');
  assert.equal(box.open(sealed, 'place'), 's');
  assert.equal(box.isCurrent(sealed), true);
  assert.equal(box.isCurrent('s'), false);
  assert.throws(() => box.open(sealed, 'elsewhere'), { name: 'SecretsKeyError', message: /copied from another place/ });
  assert.throws(() => box.open(sealed.slice(0, -8), 'place'), /cannot be decrypted/);
});

test('a missing and a wrong key are told apart, and what to do is said', () => {
  const sealed = createSecretBox(hexKey, random).seal('s', 'file/root-ca.pem');
  assert.throws(() => createSecretBox(undefined, random).open(sealed, 'file/root-ca.pem'), {
    message: /^file\/root-ca\.pem is encrypted and no key is there: give it with --secrets-key FILE/,
  });
  assert.throws(() => createSecretBox(base64Key, random).open(sealed, 'file/root-ca.pem'), /none of those given/);
});

test('the first of several keys seals, all open', () => {
  const old = createSecretBox(hexKey, random).seal('s', 'place');
  const box = createSecretBox(`# new\n${base64Key}\n\n# old\n${hexKey}\n`, random);
  assert.equal(box.open(old, 'place'), 's');
  assert.equal(box.isCurrent(old), false);
  assert.equal(createSecretBox(base64Key, random).open(box.seal('s', 'place'), 'place'), 's');
});

for (const bad of ['', '  \n# nothing\n', 'short', 'zz'.repeat(32), Buffer.alloc(33).toString('base64')]) {
  test(`${JSON.stringify(bad)} is no key`, () => {
    assert.throws(() => createSecretBox(bad, random), { name: 'SecretsKeyError', message: /openssl rand -base64 32/ });
  });
}

test('key files are sealed when they are next read, but for the public ones', async () => {
  const files = memoryKeyFiles();
  await files.write('root-ca.pem', 'private', 0o600);
  await files.write('ca.pem', 'public', 0o600);
  const sealed = sealedKeyFiles(files, createSecretBox(hexKey, random), (name) => name === 'ca.pem');
  assert.equal((await sealed.read('root-ca.pem'))!.toString(), 'private');
  assert.equal((await sealed.read('ca.pem'))!.toString(), 'public');
  await sealed.write('server.pem', 'also private', 0o600);
  assert.match((await files.read('root-ca.pem'))!.toString(), /^sealed:/);
  assert.match((await files.read('server.pem'))!.toString(), /^sealed:/);
  assert.equal((await files.read('ca.pem'))!.toString(), 'public');
  assert.equal((await sealed.read('root-ca.pem'))!.toString(), 'private');
  assert.equal(await sealed.read('none'), undefined);
});
