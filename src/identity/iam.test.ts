import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCOUNT, allowing, openAccess, trusting } from './access.fixture.ts';
import type { Principal } from './principal.ts';

type Made = Record<string, string>;

async function userWithKey(setUp: Awaited<ReturnType<typeof openAccess>>, UserName = 'ann') {
  await setUp.call('CreateUser', { UserName });
  const key = (await setUp.call('CreateAccessKey', { UserName })).AccessKey as Made;
  const principal = (await setUp.access.findAccessKey(key['AccessKeyId'], undefined))!.principal;
  return { key, principal };
}

test('a user lives from its creation over keys and policies to its deletion', async () => {
  const setUp = await openAccess();
  const { call, access } = setUp;
  const { key } = await userWithKey(setUp);
  assert.match(key['SecretAccessKey'], /^.{40}$/);
  const listed = (await call('ListAccessKeys', { UserName: 'ann' })).AccessKeyMetadata as Made[];
  assert.deepEqual(Object.keys(listed[0]), ['UserName', 'AccessKeyId', 'Status', 'CreateDate']);
  await call('PutUserPolicy', { UserName: 'ann', PolicyName: 'p', PolicyDocument: allowing('iot:*') });
  assert.deepEqual((await call('ListUserPolicies', { UserName: 'ann' })).PolicyNames, ['p']);
  const policy = (await call('GetUserPolicy', { UserName: 'ann', PolicyName: 'p' })) as Made;
  assert.equal(decodeURIComponent(policy['PolicyDocument']), allowing('iot:*'));
  await assert.rejects(call('DeleteUser', { UserName: 'ann' }), { code: 'DeleteConflict' });
  await call('DeleteUserPolicy', { UserName: 'ann', PolicyName: 'p' });
  await assert.rejects(call('DeleteUser', { UserName: 'ann' }), { code: 'DeleteConflict' });
  await call('DeleteAccessKey', { UserName: 'ann', AccessKeyId: key['AccessKeyId'] });
  await call('DeleteUser', { UserName: 'ann' });
  assert.equal(await access.findAccessKey(key['AccessKeyId'], undefined), undefined);
  await assert.rejects(call('GetUser', { UserName: 'ann' }), { code: 'NoSuchEntity' });
});

test('a user has at most two keys, and a disabled one is known as such at once', async () => {
  const setUp = await openAccess();
  const { call, access } = setUp;
  const { key } = await userWithKey(setUp);
  const AccessKeyId = key['AccessKeyId'];
  await call('CreateAccessKey', { UserName: 'ann' });
  await assert.rejects(call('CreateAccessKey', { UserName: 'ann' }), { code: 'LimitExceeded' });
  await call('UpdateAccessKey', { UserName: 'ann', AccessKeyId, Status: 'Inactive' });
  assert.equal((await access.findAccessKey(AccessKeyId, undefined))!.status, 'Inactive');
  await assert.rejects(call('UpdateAccessKey', { UserName: 'bob', AccessKeyId, Status: 'Active' }), {
    code: 'NoSuchEntity',
  });
  assert.equal((await call('GetAccessKeyLastUsed', { AccessKeyId })).UserName, 'ann');
});

test('what a user may do is what its policies say, from the answer to the call that changed them', async () => {
  const setUp = await openAccess();
  const { call, allows } = setUp;
  const { principal } = await userWithKey(setUp);
  const lamp = `arn:aws:iot:us-east-1:${ACCOUNT}:thing/lamp`;
  assert.equal(await allows(principal, 'iot:DescribeThing', lamp), false);
  const put = (PolicyDocument: string) => call('PutUserPolicy', { UserName: 'ann', PolicyName: 'p', PolicyDocument });
  await put(allowing('iot:Describe*', `arn:aws:iot:*:*:thing/l*`));
  assert.equal(await allows(principal, 'iot:DescribeThing', lamp), true);
  assert.equal(await allows(principal, 'iot:DeleteThing', lamp), false);
  await put(allowing('*'));
  assert.equal(await allows(principal, 'iam:CreateUser', '*'), true);
  await call('DeleteUserPolicy', { UserName: 'ann', PolicyName: 'p' });
  assert.equal(await allows(principal, 'iot:DescribeThing', lamp), false);
});

test('an open connection of a user follows its policies', async () => {
  const setUp = await openAccess();
  const { call, authority } = setUp;
  const { principal } = await userWithKey(setUp);
  const open = await authority.openAuthority(principal, { clientId: 'c', sourceIp: '192.0.2.1', secure: true });
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
  const { epoch } = open;
  await call('PutUserPolicy', { UserName: 'ann', PolicyName: 'p', PolicyDocument: allowing('iot:Publish') });
  assert.notEqual(open.epoch, epoch);
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  open.release();
});

const conditions: readonly (readonly [string, object, boolean])[] = [
  ['the address', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, true],
  ['another address', { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } }, false],
  ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, true],
  ['the time', { DateGreaterThan: { 'aws:CurrentTime': '2026-01-15T12:00:01Z' } }, false],
  ['the name', { StringEquals: { 'aws:username': 'ann' } }, true],
  ['the id', { StringLike: { 'aws:userid': 'AIDA*' } }, true],
  ['the ARN', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:user/ann` } }, true],
  ['the client', { StringEquals: { 'iot:ClientId': 'c1' } }, true],
  ['a tag of the request', { StringEquals: { 'aws:RequestTag/Team': 'red' } }, true],
  ['another tag of the request', { StringEquals: { 'aws:RequestTag/Team': 'blue' } }, false],
  ['the tags of the request', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['Team'] } }, true],
  ['a tag of the resource', { StringEquals: { 'aws:ResourceTag/Team': 'blue' } }, true],
  ['another tag of the resource', { StringEquals: { 'aws:ResourceTag/Team': 'red' } }, false],
];

for (const [what, condition, expected] of conditions) {
  test(`a condition on ${what} ${expected ? 'holds' : 'does not hold'}`, async () => {
    const setUp = await openAccess();
    const { principal } = await userWithKey(setUp);
    const document = allowing('iot:*', '*', { Condition: condition });
    await setUp.call('PutUserPolicy', { UserName: 'ann', PolicyName: 'p', PolicyDocument: document });
    const more = { clientId: 'c1', requestTags: { Team: 'red' } };
    assert.equal(await setUp.allows(principal, 'iot:X', 'arn:aws:iot:::tagged', more), expected);
  });
}

test('policies that cannot be enforced, or are too long, are refused', async () => {
  const setUp = await openAccess();
  await userWithKey(setUp);
  const put = (PolicyDocument: string, PolicyName = 'p') =>
    setUp.call('PutUserPolicy', { UserName: 'ann', PolicyName, PolicyDocument });
  await assert.rejects(put('{}'), { code: 'MalformedPolicyException' });
  await assert.rejects(put(allowing('iot:*', `arn:${'x'.repeat(2048)}`)), { code: 'MalformedPolicyException' });
  await put(allowing('iot:*', `arn:${'x'.repeat(1500)}`));
  await assert.rejects(put(allowing('iot:*', `arn:${'x'.repeat(1500)}`), 'q'), { code: 'LimitExceeded' });
});

test('the callers of operations on users and roles are asked for under the right ARNs', async () => {
  const setUp = await openAccess();
  await userWithKey(setUp);
  await setUp.call('CreateRole', { RoleName: 'r', Path: '/x/', AssumeRolePolicyDocument: trusting('*') });
  await setUp.call('GetRole', { RoleName: 'r' });
  assert.deepEqual(setUp.asked, [
    `iam:CreateUser arn:aws:iam::${ACCOUNT}:user/ann`,
    `iam:CreateAccessKey arn:aws:iam::${ACCOUNT}:user/ann`,
    `iam:CreateRole arn:aws:iam::${ACCOUNT}:role/x/r`,
    `iam:GetRole arn:aws:iam::${ACCOUNT}:role/x/r`,
  ]);
});

async function assume(setUp: Awaited<ReturnType<typeof openAccess>>, principal: Principal, more: Made = {}) {
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/r`;
  const made = await setUp.call('AssumeRole', { RoleArn, RoleSessionName: 'night', ...more }, principal);
  return made.Credentials as Made;
}

test('a role is assumed by whom it trusts, and its session may what role and session policy allow', async () => {
  const setUp = await openAccess();
  const { call, access, allows } = setUp;
  const { principal } = await userWithKey(setUp);
  const AssumeRolePolicyDocument = trusting({ AWS: principal.arn });
  await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument });
  await call('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: allowing('iot:*') });
  const made = await assume(setUp, principal, { Policy: allowing(['iot:Publish', 'iam:GetUser'] as never) });
  assert.match(made['AccessKeyId'], /^ASIA[A-Z2-7]{16}$/);
  const session = (await access.findAccessKey(made['AccessKeyId'], made['SessionToken']))!;
  assert.equal(session.secretAccessKey, made['SecretAccessKey']);
  assert.equal(session.principal.arn, `arn:aws:sts::${ACCOUNT}:assumed-role/r/night`);
  assert.match(session.principal.id, /^AROA[A-Z2-7]{16}:night$/);
  assert.equal(await allows(session.principal, 'iot:Publish', 'arn:x'), true);
  assert.equal(await allows(session.principal, 'iot:Receive', 'arn:x'), false);
  assert.equal(await allows(session.principal, 'iam:GetUser', 'arn:x'), false);
  const who = await call('GetCallerIdentity', {}, session.principal);
  assert.deepEqual(who, { UserId: session.principal.id, Account: ACCOUNT, Arn: session.principal.arn });
});

test('a role that trusts the account needs an Allow of the caller, and nobody else comes in', async () => {
  const setUp = await openAccess();
  const { call } = setUp;
  const { principal } = await userWithKey(setUp);
  const AssumeRolePolicyDocument = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` });
  await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument });
  await assert.rejects(assume(setUp, principal), {
    code: 'AccessDeniedException',
    message: `User: arn:aws:iam::${ACCOUNT}:user/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${ACCOUNT}:role/r`,
  });
  await call('PutUserPolicy', { UserName: 'ann', PolicyName: 'p', PolicyDocument: allowing('sts:AssumeRole') });
  await assume(setUp, principal);
  const onlyBob = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:user/bob` });
  await call('UpdateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: onlyBob });
  await assert.rejects(assume(setUp, principal), { code: 'AccessDeniedException' });
  await assert.rejects(assume(setUp, setUp.admin), { code: 'AccessDeniedException' });
});

test('an external id and the length of a session are judged', async () => {
  const setUp = await openAccess();
  const { principal } = await userWithKey(setUp);
  const AssumeRolePolicyDocument = trusting(
    { AWS: principal.arn },
    { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } },
  );
  await setUp.call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument });
  await assert.rejects(assume(setUp, principal), { code: 'AccessDeniedException' });
  await assert.rejects(assume(setUp, principal, { ExternalId: 'x', DurationSeconds: '900' }), {
    code: 'AccessDeniedException',
  });
  await assume(setUp, principal, { ExternalId: 'secret', DurationSeconds: '900' });
  await assert.rejects(assume(setUp, principal, { ExternalId: 'secret', DurationSeconds: '3601' }), {
    code: 'ValidationError',
  });
});

test('temporary credentials end with their time, with their role, and without their token', async () => {
  const setUp = await openAccess();
  const { call, access, clock } = setUp;
  const { principal, key } = await userWithKey(setUp);
  const role = { RoleName: 'r', AssumeRolePolicyDocument: trusting({ AWS: principal.arn }) };
  await call('CreateRole', role);
  const made = await assume(setUp, principal);
  const find = () => access.findAccessKey(made['AccessKeyId'], made['SessionToken']);
  assert.ok(await find());
  assert.equal(await access.findAccessKey(made['AccessKeyId'], undefined), undefined);
  assert.equal(await access.findAccessKey(key['AccessKeyId'], made['SessionToken']), undefined);
  await call('DeleteRole', { RoleName: 'r' });
  assert.equal(await find(), undefined);
  await call('CreateRole', role);
  assert.equal(await find(), undefined, 'a role made anew is another one');
  const again = await assume(setUp, principal);
  await clock.advance(3_600_000);
  await assert.rejects(access.findAccessKey(again['AccessKeyId'], again['SessionToken']), {
    code: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  });
});

test('sessions begun before a moment are shut out by the time of their token', async () => {
  const setUp = await openAccess();
  const { call, access, clock, allows } = setUp;
  const { principal } = await userWithKey(setUp);
  await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trusting({ AWS: principal.arn }) });
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-01-15T12:00:30Z' } },
      },
    ],
  });
  await call('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument });
  const principalOf = async () => {
    const made = await assume(setUp, principal);
    return (await access.findAccessKey(made['AccessKeyId'], made['SessionToken']))!.principal;
  };
  const early = await principalOf();
  await clock.advance(60_000);
  assert.equal(await allows(early, 'iot:Publish', 'arn:x'), false);
  assert.equal(await allows(await principalOf(), 'iot:Publish', 'arn:x'), true);
});
