import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import { ACCOUNT, trusting } from './access.fixture.ts';
import { type Candidate, parseTrustPolicy, type Trust, trustOf } from './trust-policy.ts';

const ann: Candidate = { kind: 'principal', arns: [`arn:aws:iam::${ACCOUNT}:user/ann`], account: ACCOUNT };
const provider: Candidate = { kind: 'service', name: 'credentials.iot.amazonaws.com' };
const nothing = () => undefined;
const both = (first: string, second: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [first, second].flatMap((text) => JSON.parse(text).Statement) });

const cases: readonly (readonly [string, string, Candidate, Trust])[] = [
  ['a user by its ARN', trusting({ AWS: `arn:aws:iam::${ACCOUNT}:user/ann` }), ann, 'DIRECT'],
  ['another user', trusting({ AWS: [`arn:aws:iam::${ACCOUNT}:user/bob`] }), ann, 'NONE'],
  ['the account by its number', trusting({ AWS: ACCOUNT }), ann, 'ACCOUNT'],
  ['the account by its root', trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), ann, 'ACCOUNT'],
  ['everybody', trusting('*'), ann, 'ACCOUNT'],
  ['everybody, asked by a service', trusting('*'), provider, 'NONE'],
  ['a service', trusting({ Service: ['x.amazonaws.com', 'credentials.iot.amazonaws.com'] }), provider, 'DIRECT'],
  ['a service, asked by a user', trusting({ Service: 'credentials.iot.amazonaws.com' }), ann, 'NONE'],
  ['another action', trusting('*', { Action: 'sts:TagSession' }), ann, 'NONE'],
  ['a pattern of actions', trusting('*', { Action: 'sts:*' }), ann, 'ACCOUNT'],
  ['a condition that does not hold', trusting('*', { Condition: { Bool: { 'aws:X': 'true' } } }), ann, 'NONE'],
  ['a denial beside', both(trusting('*'), trusting({ AWS: ACCOUNT }, { Effect: 'Deny' })), ann, 'NONE'],
];

for (const [what, document, candidate, expected] of cases) {
  test(`trust in ${what}: ${expected}`, () => {
    assert.equal(trustOf(parseTrustPolicy(document), candidate, 'sts:AssumeRole', nothing), expected);
  });
}

const bad: readonly (readonly [string, string])[] = [
  ['not JSON', '{'],
  ['no statement', '{"Version":"2012-10-17"}'],
  ['no principal', trusting('*').replace('"Principal":"*",', '')],
  ['a principal of nobody', trusting({})],
  ['a federated principal', trusting({ Federated: 'x' })],
  ['a resource', trusting('*', { Resource: '*' })],
  ['an effect there is not', trusting('*', { Effect: 'Maybe' })],
  ['an unknown operator', trusting('*', { Condition: { Odd: { a: 'b' } } })],
  ['a document too long', trusting('*', { Sid: 'x'.repeat(5000) })],
];

for (const [what, document] of bad) {
  test(`a trust policy with ${what} is refused`, () => {
    assert.throws(() => parseTrustPolicy(document), { code: 'MalformedPolicyException' });
  });
}

test('whatever is given is read or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      try {
        parseTrustPolicy(text);
      } catch (error) {
        assert.ok(error instanceof ServiceError);
      }
    }),
  );
});
