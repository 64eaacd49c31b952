/** Effective policies and tests of authorization as AWS clients meet them, over the whole server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  GetEffectivePoliciesCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  TestAuthorizationCommand,
} from '@aws-sdk/client-iot';
import { arnOf, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
let principal: string;
const send: TestPlatform['client']['send'] = ((command: never) => platform.client.send(command)) as never;

const documentOf = (Effect: string, Action: string, resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect, Action, Resource: arnOf(resource) } });

/** The thing `lamp` with a certificate, in the group `hall` below `house`; each of the three has a policy. */
before(async () => {
  platform = await startPlatform();
  principal = (await send(new CreateKeysAndCertificateCommand({ setAsActive: true }))).certificateArn!;
  await send(new CreateThingGroupCommand({ thingGroupName: 'house' }));
  await send(new CreateThingGroupCommand({ thingGroupName: 'hall', parentGroupName: 'house' }));
  await send(new CreateThingCommand({ thingName: 'lamp' }));
  await send(new AddThingToThingGroupCommand({ thingName: 'lamp', thingGroupName: 'hall' }));
  await send(new AttachThingPrincipalCommand({ thingName: 'lamp', principal }));
  for (const [policyName, target, policyDocument] of [
    ['own', principal, documentOf('Allow', 'iot:Connect', 'client/${iot:ClientId}')],
    ['ofHall', arnOf('thinggroup/hall'), documentOf('Allow', 'iot:Publish', 'topic/hall/*')],
    ['ofHouse', arnOf('thinggroup/house'), documentOf('Deny', 'iot:Publish', 'topic/hall/secret')],
  ]) {
    await send(new CreatePolicyCommand({ policyName, policyDocument }));
    await send(new AttachPolicyCommand({ policyName, target }));
  }
});
after(() => platform.stop());

test('a thing is under the policies of its certificate and of all its groups', async () => {
  const { effectivePolicies = [] } = await send(new GetEffectivePoliciesCommand({ thingName: 'lamp', principal }));
  assert.deepEqual(effectivePolicies.map(({ policyName }) => policyName).sort(), ['ofHall', 'ofHouse', 'own']);
  assert.ok(effectivePolicies.every(({ policyDocument = '' }) => JSON.parse(policyDocument).Version === '2012-10-17'));
  await assert.rejects(send(new GetEffectivePoliciesCommand({ thingName: 'none' })), ResourceNotFoundException);
  await assert.rejects(send(new GetEffectivePoliciesCommand({})), InvalidRequestException);
});

test('an authorization is tested with its reasons', async () => {
  const { authResults = [] } = await send(
    new TestAuthorizationCommand({
      principal,
      clientId: 'lamp',
      authInfos: [
        { actionType: 'CONNECT', resources: [arnOf('client/lamp')] },
        { actionType: 'PUBLISH', resources: [arnOf('topic/hall/a'), arnOf('topic/hall/secret')] },
        { actionType: 'SUBSCRIBE', resources: [arnOf('topicfilter/hall/a')] },
      ],
    }),
  );
  assert.deepEqual(
    authResults.map(({ authDecision }) => authDecision),
    ['ALLOWED', 'EXPLICIT_DENY', 'IMPLICIT_DENY'],
  );
  assert.deepEqual(authResults[1].denied?.explicitDeny?.policies, [
    { policyName: 'ofHouse', policyArn: arnOf('policy/ofHouse') },
  ]);
  const anonymous = await send(
    new TestAuthorizationCommand({
      principal,
      authInfos: [{ actionType: 'CONNECT', resources: [arnOf('client/lamp')] }],
      policyNamesToSkip: ['none'],
    }),
  );
  assert.deepEqual(anonymous.authResults?.[0].missingContextValues, ['iot:ClientId']);
  const authInfos = [{ actionType: 'CONNECT' as const, resources: [arnOf('client/lamp')] }];
  await assert.rejects(
    send(new TestAuthorizationCommand({ principal, authInfos, policyNamesToAdd: ['none'] })),
    ResourceNotFoundException,
  );
  await assert.rejects(send(new TestAuthorizationCommand({ principal, authInfos: [] })), InvalidRequestException);
});
