import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../api/json.ts';
import { readAuthorizerAnswer } from './authorizer-answer.ts';

const document = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' } };
const good = {
  isAuthenticated: true,
  principalId: 'user1',
  refreshAfterInSeconds: 300,
  disconnectAfterInSeconds: 86_400,
  policyDocuments: [document, JSON.stringify(document)],
};

function without(name: keyof typeof good): JsonValue {
  const { [name]: _left, ...rest } = good;
  return rest as JsonValue;
}

test('an answer with documents as objects and as texts is taken, and what else it has is passed over', () => {
  const read = readAuthorizerAnswer({ ...good, context: { more: 1 } }, 'auth', undefined);
  assert.ok('policies' in read);
  assert.deepEqual(read.policyTexts, [JSON.stringify(document), JSON.stringify(document)]);
  assert.equal(read.policies.length, 2);
  assert.equal(read.policies[0].document.statements[0].effect, 'Allow');
  const { principalId, refreshAfterSeconds, disconnectAfterSeconds } = read;
  assert.deepEqual([principalId, refreshAfterSeconds, disconnectAfterSeconds], ['user1', 300, 86_400]);
});

test('an answer that says no needs nothing else', () => {
  assert.deepEqual(readAuthorizerAnswer({ isAuthenticated: false }, 'auth', undefined), { isAuthenticated: false });
});

const large = (size: number): JsonValue => ({ ...document, Id: 'x'.repeat(size) });
const wrong: readonly [what: string, answer: JsonValue, pattern: RegExp][] = [
  ['null', null, /not an object/],
  ['a text', 'yes', /not an object/],
  ['a list', [good], /not an object/],
  ['no isAuthenticated', without('isAuthenticated'), /isAuthenticated/],
  ['isAuthenticated as text', { ...good, isAuthenticated: 'true' }, /isAuthenticated/],
  ['isAuthenticated as number', { ...good, isAuthenticated: 1 }, /isAuthenticated/],
  ['no principalId', without('principalId'), /principalId/],
  ['an empty principalId', { ...good, principalId: '' }, /principalId/],
  ['a principalId with other characters', { ...good, principalId: 'user-1' }, /principalId/],
  ['a principalId with a line end', { ...good, principalId: 'user1\n' }, /principalId/],
  ['a principalId that is too long', { ...good, principalId: 'a'.repeat(129) }, /principalId/],
  ['no refresh', without('refreshAfterInSeconds'), /refreshAfterInSeconds/],
  ['a refresh too early', { ...good, refreshAfterInSeconds: 299 }, /refreshAfterInSeconds.*300 to 86400/],
  ['a refresh too late', { ...good, refreshAfterInSeconds: 86_401 }, /refreshAfterInSeconds/],
  ['a refresh as text', { ...good, refreshAfterInSeconds: '300' }, /refreshAfterInSeconds/],
  ['half a second', { ...good, disconnectAfterInSeconds: 300.5 }, /disconnectAfterInSeconds/],
  ['no disconnect', without('disconnectAfterInSeconds'), /disconnectAfterInSeconds/],
  ['a disconnect too early', { ...good, disconnectAfterInSeconds: 0 }, /disconnectAfterInSeconds/],
  ['no documents', without('policyDocuments'), /policyDocuments must be a list/],
  ['documents that are no list', { ...good, policyDocuments: document }, /policyDocuments must be a list/],
  ['too many documents', { ...good, policyDocuments: Array(11).fill(document) }, /at most 10/],
  ['a document that is no JSON', { ...good, policyDocuments: ['{'] }, /policyDocuments\[0\].*not JSON/],
  ['a document that is no policy', { ...good, policyDocuments: [document, {}] }, /policyDocuments\[1\].*no Statement/],
  ['a document that is a number', { ...good, policyDocuments: [1] }, /policyDocuments\[0\]/],
  ['a document that is too long', { ...good, policyDocuments: [large(2048)] }, /policyDocuments\[0\].*2048/],
  ['a document that is far too long', { ...good, policyDocuments: [large(500_000)] }, /too long/],
];
for (const [what, answer, pattern] of wrong) {
  test(`an answer with ${what} is refused`, () => {
    const read = readAuthorizerAnswer(answer, 'auth', undefined);
    assert.ok('problem' in read);
    assert.match(read.problem, pattern);
  });
}

test('ten documents are taken, and none at all', () => {
  for (const count of [0, 10]) {
    const read = readAuthorizerAnswer({ ...good, policyDocuments: Array(count).fill(document) }, 'auth', undefined);
    assert.equal('policies' in read && read.policies.length, count);
  }
});

test('with a demanded certificate the principal is the certificate, and documents may be missing', () => {
  const read = readAuthorizerAnswer({ ...(without('policyDocuments') as object), principalId: 'abc1' }, 'auth', 'abc1');
  assert.deepEqual('policies' in read && read.policies, []);
  const other = readAuthorizerAnswer(good, 'auth', 'abc1');
  assert.match('problem' in other ? other.problem : '', /certificate/);
});

test('any answer is read without a failure', () => {
  fc.assert(fc.property(fc.jsonValue(), (answer) => void readAuthorizerAnswer(answer as JsonValue, 'auth', undefined)));
  const fields = { isAuthenticated: fc.constant(true), principalId: fc.constant('a'), policyDocuments: fc.jsonValue() };
  const seconds = { refreshAfterInSeconds: fc.constant(300), disconnectAfterInSeconds: fc.constant(300) };
  fc.assert(
    fc.property(fc.record({ ...fields, ...seconds }), (answer) => {
      readAuthorizerAnswer(answer as JsonValue, 'auth', undefined);
    }),
  );
});
