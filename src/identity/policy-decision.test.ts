import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../base/clock.ts';
import type { AssociatedThing, Circumstances } from './authority.ts';
import { type CertificateAttributes, policyContext } from './policy-context.ts';
import { BoundPolicies, type NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';

const ARN = 'arn:aws:iot:us-east-1:123456789012:';
const clock = new VirtualClock(Date.parse('2026-01-15T12:00:00Z'));
const plain: Circumstances = { clientId: 'lamp', sourceIp: '192.0.2.7', secure: true };

function named(policyName: string, statements: unknown, version = '2012-10-17'): NamedDocument {
  const document = parsePolicyDocument(JSON.stringify({ Version: version, Statement: statements }));
  return { policyName, policyArn: `${ARN}policy/${policyName}`, document };
}

interface Facts {
  circumstances?: Partial<Circumstances>;
  thing?: AssociatedThing;
  certificate?: CertificateAttributes;
}

function bound(policies: readonly NamedDocument[], facts: Facts = {}): BoundPolicies {
  const { thing, certificate } = facts;
  const circumstances = { ...plain, ...facts.circumstances };
  return new BoundPolicies(policies, policyContext({ circumstances, clock, thing, certificate }));
}

function isAllowed(statements: unknown, action: string, resource: string, facts?: Facts): boolean {
  return bound([named('p', statements)], facts).allows(action, ARN + resource);
}

const statement = (Effect: string, Action: string | string[], ...suffixes: string[]) => ({
  Effect,
  Action,
  Resource: suffixes.map((suffix) => (suffix === '*' ? '*' : ARN + suffix)),
});

const decisions: [statements: unknown, action: string, resource: string, expected: boolean][] = [
  [[statement('Allow', 'iot:Publish', 'topic/a')], 'iot:Publish', 'topic/a', true],
  [[statement('Allow', 'iot:publish', 'topic/a')], 'iot:Publish', 'topic/a', true],
  [[statement('Allow', 'iot:P*', 'topic/a')], 'iot:Publish', 'topic/a', true],
  [[statement('Allow', '*', '*')], 'iot:Publish', 'topic/a', true],
  [[statement('Allow', 'iot:Publish', 'topic/a')], 'iot:Subscribe', 'topic/a', false],
  [[statement('Allow', 'iot:Publish', 'topic/a')], 'iot:PublishX', 'topic/a', false],
  [[statement('Allow', 'iot:Subscribe', 'topic/a')], 'iot:Subscribe', 'topicfilter/a', false],
  [[statement('Allow', 'iot:Subscribe', 'topicfilter/a/*')], 'iot:Subscribe', 'topicfilter/a/#', true],
  [[statement('Allow', 'iot:Publish', 'topic/${iot:ClientId}/x')], 'iot:Publish', 'topic/lamp/x', true],
  [[statement('Allow', 'iot:Publish', 'topic/${iot:Certificate.SerialNumber}')], 'iot:Publish', 'topic/', false],
  [[{ Effect: 'Allow', NotAction: 'iot:Publish', Resource: '*' }], 'iot:Connect', 'client/lamp', true],
  [[{ Effect: 'Allow', NotAction: 'iot:Pub*', Resource: '*' }], 'iot:Publish', 'topic/a', false],
  [[{ Effect: 'Allow', Action: '*', NotResource: `${ARN}topic/a` }], 'iot:Publish', 'topic/a', false],
  [[{ Effect: 'Allow', Action: '*', NotResource: `${ARN}topic/a` }], 'iot:Publish', 'topic/b', true],
  [[{ Effect: 'Allow', Action: '*', NotResource: `${ARN}topic/\${unknown}` }], 'iot:Publish', 'topic/b', false],
  [[statement('Allow', '*', '*'), statement('Deny', 'iot:Publish', 'topic/b')], 'iot:Publish', 'topic/a', true],
  [[statement('Allow', '*', '*'), statement('Deny', 'iot:Publish', 'topic/b')], 'iot:Publish', 'topic/b', false],
  [
    [statement('Allow', '*', '*'), { Effect: 'Deny', Action: '*', NotResource: `${ARN}topic/\${unknown}` }],
    'iot:Publish',
    'topic/b',
    false,
  ],
  [[], 'iot:Publish', 'topic/a', false],
];

test('statements allow and deny what they name', () => {
  for (const [statements, action, resource, expected] of decisions) {
    const policies = (statements as unknown[]).length > 0 ? [named('p', statements)] : [];
    const text = `${JSON.stringify(statements)} ${action} ${resource}`;
    assert.equal(bound(policies).allows(action, ARN + resource), expected, text);
    assert.equal(bound(policies).decide(action, ARN + resource).outcome === 'ALLOWED', expected, text);
  }
});

const PC = 'PersistentConnect';
const LW = 'LastWill';
const connectTable: [
  condition: object | undefined,
  clean: boolean,
  persistent: boolean,
  will: boolean,
  both: boolean,
][] = [
  [undefined, true, true, true, true],
  [{ 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': [PC] } }, true, true, false, false],
  [{ 'ForAllValues:StringNotEquals': { 'iot:ConnectAttributes': [PC] } }, true, false, true, false],
  [{ 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': [PC, LW] } }, true, true, true, true],
  [{ 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': [LW] } }, true, false, true, false],
  [{ 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': [] } }, true, false, false, false],
  [{ 'ForAnyValue:StringEquals': { 'iot:ConnectAttributes': [PC] } }, false, true, false, true],
];

test('iot:ConnectAttributes follows the truth table of the guide', () => {
  const connections: Circumstances['connectAttributes'][] = [[], [PC], [LW], [PC, LW]];
  for (const [Condition, ...expected] of connectTable) {
    const statements = { ...statement('Allow', 'iot:Connect', 'client/*'), Condition };
    const actual = connections.map((connectAttributes) =>
      isAllowed(statements, 'iot:Connect', 'client/lamp', { circumstances: { connectAttributes } }),
    );
    assert.deepEqual(actual, expected, JSON.stringify(Condition));
  }
  const deny = {
    ...statement('Deny', 'iot:Connect', '*'),
    Condition: { 'ForAnyValue:StringEquals': { 'iot:ConnectAttributes': [PC] } },
  };
  const actual = connections.map((connectAttributes) =>
    isAllowed([statement('Allow', '*', '*'), deny], 'iot:Connect', 'client/lamp', {
      circumstances: { connectAttributes },
    }),
  );
  assert.deepEqual(actual, [true, false, true, false]);
});

const thing: AssociatedThing = {
  thingName: 'lamp',
  thingTypeName: 'light',
  attributes: { Room: 'hall' },
  isAttached: true,
  isExclusive: false,
  groupArns: [],
};
const certificate: CertificateAttributes = new Map([
  ['Subject.CommonName', ['first', 'second', 'bad*one']],
  ['Issuer.AlternativeName.DNSName', ['ca.example']],
  ['SerialNumber', ['0a1b']],
]);

const conditions: [operator: string, key: string, value: unknown, expected: boolean, facts?: Facts][] = [
  ['StringEquals', 'iot:ClientId', 'lamp', true],
  ['StringEquals', 'IOT:CLIENTID', 'lamp', true],
  ['StringEquals', 'iot:ClientId', ['x', 'lamp'], true],
  ['StringEquals', 'iot:ClientId', 'l*', false],
  ['StringEquals', 'iot:ClientId', '${iot:Connection.Thing.ThingName}', true, { thing }],
  ['StringEquals', 'iot:ClientId', '${iot:Connection.Thing.ThingName}', false],
  ['StringNotEquals', 'iot:ClientId', ['x', 'lamp'], false],
  ['StringNotEquals', 'iot:ClientId', ['x', 'y'], true],
  ['StringNotEquals', 'iot:ClientId', ['x', '${iot:Connection.Thing.ThingName}'], false],
  ['StringEqualsIgnoreCase', 'iot:ClientId', 'LAMP', true],
  ['StringNotEqualsIgnoreCase', 'iot:ClientId', 'LAMP', false],
  ['StringLike', 'iot:ClientId', 'l?m*', true],
  ['StringNotLike', 'iot:ClientId', 'l?m*', false],
  ['StringEquals', 'unknown', 'x', false],
  ['StringNotEquals', 'unknown', 'x', true],
  ['StringEqualsIfExists', 'unknown', 'x', true],
  ['StringEqualsIfExists', 'iot:ClientId', 'x', false],
  ['ForAllValues:StringEquals', 'unknown', 'x', true],
  ['ForAnyValue:StringEquals', 'unknown', 'x', false],
  ['ForAnyValue:StringNotEquals', 'unknown', 'x', false],
  ['ForAnyValue:StringEqualsIfExists', 'unknown', 'x', true],
  ['Null', 'unknown', true, true],
  ['Null', 'unknown', 'false', false],
  ['Null', 'iot:ClientId', 'false', true],
  ['Bool', 'aws:SecureTransport', true, true],
  ['Bool', 'aws:SecureTransport', 'False', false],
  ['IpAddress', 'aws:SourceIp', '192.0.2.0/24', true],
  ['IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '192.0.2.7'], true],
  ['IpAddress', 'aws:SourceIp', '10.0.0.0/8', false],
  ['NotIpAddress', 'aws:SourceIp', ['10.0.0.0/8', '192.0.2.0/24'], false],
  ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8', true],
  ['IpAddress', 'aws:SourceIp', '192.0.2.0/24', true, { circumstances: { sourceIp: '::ffff:192.0.2.7' } }],
  ['IpAddress', 'aws:SourceIp', '2001:db8::/32', true, { circumstances: { sourceIp: '2001:db8::1' } }],
  ['IpAddress', 'aws:SourceIp', '2001:db8::/32', false],
  ['NumericEquals', 'aws:EpochTime', 1768478400, true],
  ['NumericNotEquals', 'aws:EpochTime', 1768478400, false],
  ['NumericLessThan', 'aws:EpochTime', '1768478400', false],
  ['NumericLessThanEquals', 'aws:EpochTime', '1768478400', true],
  ['NumericGreaterThan', 'aws:EpochTime', '1.5', true],
  ['NumericGreaterThanEquals', 'aws:EpochTime', '1e99', false],
  ['DateLessThan', 'aws:CurrentTime', '2026-01-15T12:00:01Z', true],
  ['DateGreaterThan', 'aws:CurrentTime', '2026-01-15T12:00:01Z', false],
  ['DateEquals', 'aws:CurrentTime', '1768478400', true],
  ['BinaryEquals', 'iot:ClientId', 'lamp', true],
  ['ArnLike', 'iot:ClientId', '*', true],
  ['ArnNotLike', 'iot:ClientId', 'arn:aws:iot:*:*:thing/x', true],
  ['StringEquals', 'iot:Connection.Thing.ThingTypeName', 'light', true, { thing }],
  ['StringEquals', 'iot:Connection.Thing.Attributes[Room]', 'hall', true, { thing }],
  ['StringEquals', 'iot:Connection.Thing.Attributes[room]', 'hall', false, { thing }],
  ['Null', 'iot:Connection.Thing.Attributes[toString]', true, true, { thing }],
  ['Bool', 'iot:Connection.Thing.IsAttached', 'true', true, { thing }],
  ['Bool', 'iot:Connection.Thing.IsAttached', 'false', true, { thing: { ...thing, isAttached: false } }],
  ['Bool', 'iot:Connection.Thing.IsAttached', 'true', false],
  ['Null', 'iot:Connection.Thing.ThingName', true, true, { thing: { ...thing, isAttached: false } }],
  ['StringEquals', 'iot:Certificate.Subject.CommonName', 'first', true, { certificate }],
  ['StringEquals', 'iot:Certificate.Subject.CommonName.1', 'second', true, { certificate }],
  ['Null', 'iot:Certificate.Subject.CommonName.2', true, true, { certificate }],
  ['ForAnyValue:StringEquals', 'iot:Certificate.Subject.CommonName.List', 'second', true, { certificate }],
  ['StringEquals', 'iot:Certificate.Issuer.AlternativeName.DNSName', 'ca.example', true, { certificate }],
  ['ForAnyValue:StringEquals', 'iot:Certificate.AvailableKeys', 'iot:Certificate.SerialNumber', true, { certificate }],
];

test('each condition operator and key means what the reference says', () => {
  for (const [operator, key, value, expected, facts] of conditions) {
    const statements = { ...statement('Allow', 'iot:Connect', '*'), Condition: { [operator]: { [key]: value } } };
    const text = `${operator} ${key} ${JSON.stringify(value)}`;
    assert.equal(isAllowed(statements, 'iot:Connect', 'client/lamp', facts), expected, text);
  }
});

test('a wildcard in an ARN condition does not reach over a colon', () => {
  const facts = { circumstances: { clientId: 'arn:aws:iot:r:1:thing/a:b' } };
  for (const [value, expected] of [
    ['arn:aws:iot:*:1:thing/*', true],
    ['arn:*:thing/*', false],
    ['arn:*:*:*:*:${iot:Connection.Thing.ThingName}', false],
  ] as const) {
    const statements = { ...statement('Allow', '*', '*'), Condition: { ArnEquals: { 'iot:ClientId': value } } };
    assert.equal(isAllowed(statements, 'iot:Connect', 'client/x', facts), expected, value);
  }
});

test('all operators and keys of a condition must hold', () => {
  const Condition = {
    StringEquals: { 'iot:ClientId': 'lamp', 'aws:SourceIp': '192.0.2.7' },
    Bool: { 'aws:SecureTransport': true },
  };
  const statements = { ...statement('Allow', '*', '*'), Condition };
  assert.equal(isAllowed(statements, 'iot:Connect', 'x'), true);
  assert.equal(isAllowed(statements, 'iot:Connect', 'x', { circumstances: { secure: false } }), false);
  assert.equal(isAllowed(statements, 'iot:Connect', 'x', { circumstances: { sourceIp: '192.0.2.8' } }), false);
});

test('a decision names the statements that made it and the variables it lacked', () => {
  const policies = [
    named('one', [
      { ...statement('Allow', 'iot:Publish', 'topic/*'), Sid: 'everything' },
      statement('Allow', 'iot:Publish', 'topic/${iot:Connection.Thing.ThingName}'),
    ]),
    named('two', {
      ...statement('Deny', 'iot:Publish', 'topic/secret'),
      Condition: { StringNotEquals: { 'iot:DomainName': 'x' } },
    }),
  ];
  const denied = bound(policies).decide('iot:Publish', `${ARN}topic/secret`);
  assert.equal(denied.outcome, 'EXPLICIT_DENY');
  assert.deepEqual(
    denied.deniedBy.map(({ policy, statement: { index } }) => [policy.policyName, index]),
    [['two', 0]],
  );
  assert.equal(denied.allowedBy[0].statement.sid, 'everything');
  assert.deepEqual(denied.missing, ['iot:DomainName', 'iot:Connection.Thing.ThingName']);
  assert.equal(bound(policies).decide('iot:Connect', `${ARN}client/lamp`).outcome, 'IMPLICIT_DENY');
});

test('a document of 2008 does not put in variables', () => {
  const policies = [named('old', statement('Allow', 'iot:Publish', 'topic/${iot:ClientId}'), '2008-10-17')];
  assert.equal(bound(policies).allows('iot:Publish', `${ARN}topic/lamp`), false);
  assert.equal(bound(policies).allows('iot:Publish', `${ARN}topic/\${iot:ClientId}`), true);
});

const anyStatement = fc.record(
  {
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom('iot:Publish', 'iot:*', 'iot:Connect'),
    Resource: fc.constantFrom('*', `${ARN}topic/a`, `${ARN}topic/*`, `${ARN}topic/\${iot:ClientId}`, `${ARN}\${x}`),
    Condition: fc.constantFrom(
      { StringEquals: { 'iot:ClientId': 'lamp' } },
      { StringNotEquals: { 'iot:ClientId': '${x}' } },
      { Null: { x: true } },
    ),
  },
  { requiredKeys: ['Effect', 'Action', 'Resource'] },
);

test('another Deny never turns a refusal into a permission, and verdict and reasons agree', () => {
  fc.assert(
    fc.property(
      fc.array(anyStatement, { minLength: 1, maxLength: 6 }),
      anyStatement,
      fc.constantFrom('topic/a', 'topic/lamp', 'topic/b'),
      (statements, other, resource) => {
        const before = bound([named('p', statements)]);
        const deny = named('q', { ...other, Effect: 'Deny' });
        const after = bound([named('p', statements), deny]).allows('iot:Publish', ARN + resource);
        const isAllowedBefore = before.allows('iot:Publish', ARN + resource);
        assert.equal(before.decide('iot:Publish', ARN + resource).outcome === 'ALLOWED', isAllowedBefore);
        assert.ok(isAllowedBefore || !after);
      },
    ),
    { numRuns: 1000 },
  );
});
