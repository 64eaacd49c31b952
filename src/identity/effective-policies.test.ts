import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionType } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { AssociatedThing } from './authority.ts';
import { effectivePolicyOperations } from './effective-policies.ts';
import { createPolicies } from './policy.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000:';
const device = `${ARN}cert/${'1'.padStart(64, '0')}`;
const house = `${ARN}thinggroup/house`;
const hall = `${ARN}thinggroup/hall`;
const cognito = 'us-east-1:00000000-0000-4000-8000-000000000000';
const context = {} as RequestContext;
const invalid = { name: 'ServiceError', code: 'InvalidRequestException' };
const unknown = { name: 'ServiceError', code: 'ResourceNotFoundException' };

type Statement = readonly [effect: 'Allow' | 'Deny', action: string, resource: string, Condition?: object];

function documentOf(...statements: Statement[]): string {
  const Statement = statements.map(([Effect, Action, resource, Condition]) => ({
    Effect,
    Action,
    Resource: ARN + resource,
    ...(Condition && { Condition }),
  }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/**
 * `device` is attached to the thing `lamp` in the group `hall` below `house`. Policies: `own` of the device, `ofHall`,
 * `ofHouse`, and `spare` of nobody.
 */
async function setUp() {
  const clock = new VirtualClock(Date.parse('2026-01-15T12:00:00Z'));
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const place = { region: 'us-east-1', account: '000000000000' };
  const lamp: AssociatedThing = {
    thingName: 'lamp',
    attributes: {},
    isAttached: true,
    isExclusive: false,
    groupArns: [house, hall],
  };
  const targets = {
    certificateExists: async (arn: string) => arn === device,
    things: {
      associatedThing: async (arn: string, clientId: string) => {
        if (clientId !== 'lamp') return undefined;
        return arn === device ? lamp : { ...lamp, isAttached: false, groupArns: [] };
      },
      groupsOf: async (thingName: string) => (thingName === 'lamp' ? lamp.groupArns : undefined),
      thingGroup: async (arn: string) => {
        if (arn === house) return { isDynamic: false, lineageArns: [house] };
        return arn === hall ? { isDynamic: false, lineageArns: [house, hall] } : undefined;
      },
    },
  };
  const { operations, records } = createPolicies({
    store,
    clock,
    random: seededRandom(1),
    place,
    tagsFor: () => [],
    ...targets,
  });
  const certificateAttributes = async () => new Map([['Subject.CommonName', ['c1']]]);
  const effective = effectivePolicyOperations({ ...targets, records, certificateAttributes, clock });
  const documents = {
    own: documentOf(['Allow', 'iot:Connect', 'client/lamp'], ['Allow', 'iot:Publish', 'topic/${iot:ClientId}/*']),
    ofHall: documentOf(['Deny', 'iot:Publish', 'topic/lamp/secret']),
    ofHouse: documentOf(['Allow', 'iot:Subscribe', 'topicfilter/house/*']),
    spare: documentOf(['Allow', 'iot:Receive', '*']).replace(`${ARN}*`, '*'),
  };
  for (const [policyName, policyDocument] of Object.entries(documents)) {
    await operations.createPolicy({ policyName, policyDocument }, context);
  }
  const attachments = { own: device, ofHall: hall, ofHouse: house };
  for (const [policyName, target] of Object.entries(attachments)) {
    await operations.attachPolicy({ policyName, target }, context);
  }
  type Test = Parameters<typeof effective.testAuthorization>[0];
  return {
    documents,
    operations,
    effectivePolicies: async (input: object) =>
      (await effective.getEffectivePolicies(input, context)).effectivePolicies!,
    authorization: async (input: Test) => (await effective.testAuthorization(input, context)).authResults!,
    /** The answer for one question of `device`. */
    ask: async (actionType: ActionType, resources: string[], more: Partial<Test> = {}) => {
      const authInfos = [{ actionType, resources: resources.map((resource) => ARN + resource) }];
      const { authResults } = await effective.testAuthorization(
        { principal: device, clientId: 'lamp', authInfos, ...more },
        context,
      );
      return authResults![0];
    },
  };
}

const names = (policies: readonly { readonly policyName?: string }[] | undefined) =>
  policies?.map(({ policyName }) => policyName);

test('the effective policies are those of the principal and of the groups of the thing, with their documents', async () => {
  const { effectivePolicies, documents } = await setUp();
  const all = await effectivePolicies({ principal: device, thingName: 'lamp' });
  assert.deepEqual(names(all), ['own', 'ofHouse', 'ofHall']);
  assert.deepEqual(all[0], { policyName: 'own', policyArn: `${ARN}policy/own`, policyDocument: documents.own });
  assert.deepEqual(names(await effectivePolicies({ principal: device })), ['own']);
  assert.deepEqual(names(await effectivePolicies({ thingName: 'lamp' })), ['ofHouse', 'ofHall']);
  assert.deepEqual(names(await effectivePolicies({ principal: hall })), ['ofHouse', 'ofHall']);
  assert.deepEqual(names(await effectivePolicies({ principal: cognito })), []);
});

test('the document is that of the default version', async () => {
  const { effectivePolicies, operations, documents } = await setUp();
  const version = { policyName: 'own', policyDocument: documents.spare, setAsDefault: true };
  await operations.createPolicyVersion(version, context);
  assert.equal((await effectivePolicies({ principal: device }))[0].policyDocument, documents.spare);
});

test('effective policies are refused for what is not there', async () => {
  const { effectivePolicies } = await setUp();
  await assert.rejects(effectivePolicies({}), invalid);
  await assert.rejects(effectivePolicies({ principal: 'nobody' }), invalid);
  await assert.rejects(effectivePolicies({ thingName: 'none' }), {
    ...unknown,
    message: 'Thing none cannot be found.',
  });
  await assert.rejects(effectivePolicies({ principal: `${ARN}thinggroup/none` }), {
    ...unknown,
    message: `No thing group with ARN ${ARN}thinggroup/none exists`,
  });
  await assert.rejects(effectivePolicies({ principal: device.replace(/1$/, '2') }), unknown);
});

test('a test of authorization tells the decision, the policies behind it and those that say nothing', async () => {
  const { ask } = await setUp();
  const policies = (...policyNames: string[]) =>
    policyNames.map((policyName) => ({ policyName, policyArn: `${ARN}policy/${policyName}` }));
  assert.deepEqual(await ask('PUBLISH', ['topic/lamp/secret']), {
    authInfo: { actionType: 'PUBLISH', resources: [`${ARN}topic/lamp/secret`] },
    allowed: { policies: policies('own') },
    denied: {
      implicitDeny: { policies: policies('ofHouse') },
      explicitDeny: { policies: policies('ofHall') },
    },
    authDecision: 'EXPLICIT_DENY',
    missingContextValues: [],
  });
});

const decisions: { action: ActionType; resources: string[]; decision: string }[] = [
  { action: 'CONNECT', resources: ['client/lamp'], decision: 'ALLOWED' },
  { action: 'CONNECT', resources: ['client/fan'], decision: 'IMPLICIT_DENY' },
  { action: 'PUBLISH', resources: ['topic/lamp/a'], decision: 'ALLOWED' },
  { action: 'PUBLISH', resources: ['topic/lamp/a', 'topic/x'], decision: 'IMPLICIT_DENY' },
  { action: 'PUBLISH', resources: ['topic/lamp/a', 'topic/x', 'topic/lamp/secret'], decision: 'EXPLICIT_DENY' },
  { action: 'SUBSCRIBE', resources: ['topicfilter/house/#'], decision: 'ALLOWED' },
  { action: 'RECEIVE', resources: ['topic/house/a'], decision: 'IMPLICIT_DENY' },
];

for (const { action, resources, decision } of decisions) {
  test(`${action} of ${resources.join(', ')} is ${decision}`, async () => {
    assert.equal((await (await setUp()).ask(action, resources)).authDecision, decision);
  });
}

test('policies can be added and skipped for a test', async () => {
  const { ask } = await setUp();
  const received = await ask('RECEIVE', ['topic/a'], { policyNamesToAdd: ['spare', 'own'] });
  assert.deepEqual([received.authDecision, names(received.allowed?.policies)], ['ALLOWED', ['spare']]);
  const skipped = await ask('PUBLISH', ['topic/lamp/secret'], { policyNamesToSkip: ['ofHall', 'none'] });
  assert.equal(skipped.authDecision, 'ALLOWED');
  await assert.rejects(ask('RECEIVE', ['topic/a'], { policyNamesToAdd: ['none'] }), unknown);
});

test('values that nobody knows are named, and there is no thing without a client id', async () => {
  const { authorization, operations } = await setUp();
  const policyDocument = documentOf([
    'Allow',
    'iot:Publish',
    'topic/${iot:Certificate.Subject.CommonName}/${iot:Connection.Thing.ThingName}',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  ]);
  await operations.createPolicy({ policyName: 'asks', policyDocument }, context);
  const authInfos: { actionType: ActionType; resources: string[] }[] = [
    { actionType: 'PUBLISH', resources: [`${ARN}topic/c1/lamp`] },
    { actionType: 'SUBSCRIBE', resources: [`${ARN}topicfilter/house/a`] },
  ];
  const input = { principal: device, policyNamesToAdd: ['asks'], authInfos };
  const [publish, subscribe] = await authorization(input);
  assert.deepEqual(publish.missingContextValues, ['iot:ClientId', 'iot:Connection.Thing.ThingName', 'aws:SourceIp']);
  assert.deepEqual([publish.authDecision, subscribe.authDecision], ['IMPLICIT_DENY', 'IMPLICIT_DENY']);
  const [known, inherited] = await authorization({ ...input, clientId: 'lamp' });
  assert.deepEqual(known.missingContextValues, ['aws:SourceIp']);
  assert.equal(inherited.authDecision, 'ALLOWED');
});

test('policies are tested for a group, for an identity, and for nobody', async () => {
  const { ask, authorization } = await setUp();
  const subscribe = ['topicfilter/house/a'];
  assert.equal((await ask('SUBSCRIBE', subscribe, { principal: hall, clientId: 'x' })).authDecision, 'ALLOWED');
  assert.equal((await ask('SUBSCRIBE', subscribe, { principal: cognito })).authDecision, 'IMPLICIT_DENY');
  const authInfos = [{ actionType: 'RECEIVE' as const, resources: [`${ARN}topic/a`] }];
  const [alone] = await authorization({ authInfos, policyNamesToAdd: ['spare'] });
  assert.equal(alone.authDecision, 'ALLOWED');
  const [pool] = await authorization({ authInfos, cognitoIdentityPoolId: 'us-east-1:pool' });
  assert.equal(pool.authDecision, 'IMPLICIT_DENY');
});

test('a test that asks nothing is refused', async () => {
  const { authorization } = await setUp();
  const resources = [`${ARN}topic/a`];
  await assert.rejects(authorization({ authInfos: [{ actionType: 'PUBLISH', resources }] }), invalid);
  await assert.rejects(authorization({ principal: device, authInfos: [{ resources }] }), invalid);
  await assert.rejects(
    authorization({ principal: device, authInfos: [{ actionType: 'PUBLISH', resources: [] }] }),
    invalid,
  );
  const authInfos = [{ actionType: 'PUBLISH' as const, resources }];
  await assert.rejects(authorization({ principal: `${ARN}thinggroup/none`, authInfos }), unknown);
});
