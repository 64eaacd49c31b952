import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { createSessionTokens, type Session } from './session-token.ts';

const tokens = createSessionTokens(seededRandom(1).bytes(32), seededRandom(2));
const session: Session = {
  secretAccessKey: 'secret',
  roleName: 'r',
  roleId: 'AROAX',
  sessionName: 's',
  issuedMs: 1,
  expiresMs: 2,
  context: { 'credentials-iot:thingname': 'lamp' },
};
const token = tokens.seal('ASIAX', session);

test('a token gives back the session it was made of, to its own key id alone', () => {
  assert.deepEqual(tokens.open('ASIAX', token), session);
  assert.equal(tokens.open('ASIAY', token), undefined);
  const other = createSessionTokens(seededRandom(3).bytes(32), seededRandom(2));
  assert.equal(other.open('ASIAX', token), undefined);
});

test('a token says nothing of what it holds, and is another one each time', () => {
  assert.ok(!Buffer.from(token, 'base64').toString('latin1').includes('secret'));
  assert.notEqual(tokens.seal('ASIAX', session), token);
});

test('nothing else is a token: any text, any bytes', () => {
  fc.assert(fc.property(fc.string(), (text) => tokens.open('ASIAX', text) === undefined));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.equal(tokens.open('ASIAX', Buffer.from(bytes).toString('base64')), undefined);
    }),
  );
});

test('a token with any bit changed, cut or lengthened is none', () => {
  const bytes = Buffer.from(token, 'base64');
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] ^= 1 << (bit & 7);
      assert.equal(tokens.open('ASIAX', changed.toString('base64')), undefined);
    }),
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      assert.equal(tokens.open('ASIAX', bytes.subarray(0, length).toString('base64')), undefined);
    }),
  );
  assert.equal(tokens.open('ASIAX', Buffer.concat([bytes, Buffer.of(0)]).toString('base64')), undefined);
  assert.equal(tokens.open('ASIAX', `${token.slice(0, -4)}${'A'.repeat(20_000)}`), undefined);
});
