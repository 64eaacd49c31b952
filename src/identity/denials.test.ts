import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { RepeatedWarnings } from '../base/repeated-warnings.ts';
import { Denials, explain } from './denials.ts';
import { policyContext } from './policy-context.ts';
import { BoundPolicies, type Decision, type NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { Refusal } from './refusal.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000:';
const circumstances = { clientId: 'lamp', sourceIp: '192.0.2.7', secure: true };

function named(policyName: string, ...statements: object[]): NamedDocument {
  const document = parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  return { policyName, policyArn: `${ARN}policy/${policyName}`, document };
}

function decide(policies: readonly NamedDocument[], action: string, resource: string): Decision {
  const context = policyContext({ circumstances, clock: new VirtualClock(0) });
  return new BoundPolicies(policies, context).decide(action, resource);
}

const publish = (policies: readonly NamedDocument[], resource = `${ARN}topic/a`) =>
  explain(decide(policies, 'iot:Publish', resource), 'iot:Publish', resource);

test('without an allow the smallest statement that would allow it is suggested', () => {
  assert.deepEqual(publish([]), {
    outcome: 'IMPLICIT_DENY',
    policies: [],
    deniedBy: [],
    passedOver: [],
    missing: [],
    suggestion: { Effect: 'Allow', Action: 'iot:Publish', Resource: `${ARN}topic/a` },
  });
});

test('an explicit deny is named by policy and Sid or index, and no suggestion is made where it alone is in the way', () => {
  const all = { Effect: 'Allow', Action: '*', Resource: '*' };
  const no = { Effect: 'Deny', Action: 'iot:Publish', Resource: '*' };
  const found = publish([named('all', all), named('some', all, no, { ...no, Sid: 'Quiet' })]);
  assert.equal(found.outcome, 'EXPLICIT_DENY');
  assert.deepEqual(found.deniedBy, [
    { policyName: 'some', statement: 'Statement[1]' },
    { policyName: 'some', statement: 'Quiet' },
  ]);
  assert.equal(found.suggestion, undefined);
});

test('statements that allow the action elsewhere or under a condition are named, and unknown variables', () => {
  const own = `${ARN}topic/\${iot:Connection.Thing.ThingName}/*`;
  const office = { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } };
  const found = publish([
    named('own', { Effect: 'Allow', Action: 'iot:*', Resource: own, Sid: 'Own' }),
    named('office', { Effect: 'Allow', Action: 'iot:Publish', Resource: '*', ...office }),
    named('other', { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }),
  ]);
  assert.deepEqual(found.passedOver, [
    { policyName: 'own', statement: 'Own', because: 'resource', resources: [own] },
    { policyName: 'office', statement: 'Statement[0]', because: 'condition', resources: ['*'] },
  ]);
  assert.deepEqual(found.missing, ['iot:Connection.Thing.ThingName']);
  assert.deepEqual(found.policies, ['own', 'office', 'other']);
});

const resources = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '/', '*', '?', '$', '{', '}', '+', '#'), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const statements = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: fc.constantFrom('*', 'iot:Publish', 'iot:Connect'),
  Resource: fc.constantFrom('*', `${ARN}topic/a*`, `${ARN}topic/?`, `${ARN}topic/\${iot:ClientId}`),
});

test('with the suggested statement it is allowed, unless an explicit deny stands; and nothing else is', () => {
  fc.assert(
    fc.property(fc.array(statements, { maxLength: 4 }), resources, resources, (given, one, other) => {
      const resource = `${ARN}topic/${one}`;
      const policies = given.length > 0 ? [named('given', ...given)] : [];
      const decision = decide(policies, 'iot:Publish', resource);
      const { suggestion } = explain(decision, 'iot:Publish', resource);
      assert.equal(suggestion === undefined, decision.allowedBy.length > 0);
      if (!suggestion) return;
      const repaired = decide([...policies, named('suggested', suggestion)], 'iot:Publish', resource);
      assert.equal(repaired.outcome, decision.deniedBy.length > 0 ? 'EXPLICIT_DENY' : 'ALLOWED');
      const elsewhere = decide([named('suggested', suggestion)], 'iot:Publish', `${ARN}topic/${other}`);
      assert.equal(elsewhere.outcome === 'ALLOWED', one === other);
    }),
  );
});

test('what has no resource is suggested for *', () => {
  const question = ['iot:ListRetainedMessages', '*'] as const;
  const { suggestion } = explain(decide([], ...question), ...question);
  assert.equal(suggestion?.Resource, '*');
  assert.equal(decide([named('suggested', suggestion)], ...question).outcome, 'ALLOWED');
});

function setUp() {
  const clock = new VirtualClock(1000);
  const lines: Record<string, unknown>[] = [];
  const log = { ...silentLog, warn: (fields: object, message: string) => void lines.push({ ...fields, message }) };
  return { clock, lines, denials: new Denials({ clock, warnings: new RepeatedWarnings(log, clock) }) };
}

const principal = { kind: 'certificate', id: 'c1', arn: `${ARN}cert/c1` } as const;
const question = { principal, circumstances, action: 'iot:Publish', resource: `${ARN}topic/a` };
const refusal: Refusal = { reason: 'certificate-expired', detail: 'it is over', sourceIp: '192.0.2.9' };

test('the same refusal again counts, and is explained again only when policies may have changed', async () => {
  const { clock, denials } = setUp();
  let explained = 0;
  const ask = () => {
    explained++;
    const elsewhere = named('new', { Effect: 'Allow', Action: 'iot:Publish', Resource: `${ARN}topic/b` });
    return decide(explained > 1 ? [elsewhere] : [], question.action, question.resource);
  };
  for (let time = 0; time < 3; time++) denials.denied(question, ask);
  assert.equal(explained, 1);
  await clock.advance(1000);
  denials.denied(question, ask);
  assert.equal(explained, 2);
  const [denial, ...others] = denials.list();
  assert.deepEqual(others, []);
  assert.equal(denial.count, 4);
  assert.equal(denial.firstAt, 1000);
  assert.equal(denial.lastAt, 2000);
  assert.equal(denial.clientId, 'lamp');
  assert.equal(denial.detail, 'no statement of new allows it');
  assert.equal(denials.counts.get('policy'), 4);
});

test('the newest come first, of one client or of all, as many as are asked for', async () => {
  const { clock, denials } = setUp();
  denials.denied(question, () => decide([], question.action, question.resource));
  await clock.advance(1);
  denials.refused(refusal);
  assert.deepEqual(
    denials.list().map(({ reason }) => reason),
    ['certificate-expired', 'policy'],
  );
  assert.deepEqual(
    denials.list({ limit: 1 }).map(({ reason }) => reason),
    ['certificate-expired'],
  );
  assert.deepEqual(
    denials.list({ clientId: 'lamp' }).map(({ reason }) => reason),
    ['policy'],
  );
});

test('whoever is refused too much loses its own oldest refusals, and no more than 1,000 are kept', () => {
  const { denials } = setUp();
  denials.refused({ ...refusal, resource: 'first' });
  const noisy = { ...refusal, sourceIp: '192.0.2.66' };
  for (let n = 0; n < 5000; n++) denials.refused({ ...noisy, resource: `topic ${n}` });
  assert.equal(denials.list().length, 101);
  assert.ok(denials.list().some(({ resource }) => resource === 'first'));
  assert.ok(denials.list().some(({ resource }) => resource === 'topic 4999'));
  for (let n = 0; n < 5000; n++) denials.refused({ ...refusal, sourceIp: `2001:db8::${n.toString(16)}` });
  assert.equal(denials.list().length, 1000);
});

test('a refusal is logged on one line, and long texts are cut', () => {
  const { lines, denials } = setUp();
  denials.denied(question, () => decide([], question.action, question.resource));
  denials.refused({ ...refusal, clientId: 'x'.repeat(60_000) });
  assert.equal(lines.length, 2);
  const { message, reason, clientId, action, resource, detail } = lines[0];
  assert.deepEqual([message, reason, clientId, action], ['refused', 'policy', 'lamp', 'iot:Publish']);
  assert.deepEqual([resource, detail], [`${ARN}topic/a`, 'no policy is attached']);
  assert.ok(JSON.stringify(lines[1]).length < 1000);
});
