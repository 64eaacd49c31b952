import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tag } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createPolicies, type PolicyOperations } from './policy.ts';
import { anonymous } from './principal.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000:';
const certificate = (n: number): string => `${ARN}cert/${String(n).padStart(64, '0')}`;
const group = `${ARN}thinggroup/floor1`;
const parentGroup = `${ARN}thinggroup/house`;
const dynamicGroup = `${ARN}thinggroup/warm`;
const identity = 'us-east-1:00000000-0000-4000-8000-000000000000';
const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
});
const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => assert.fail('the front authorizes these'),
};

/** The operations without their second argument. */
type Calls = {
  [N in keyof PolicyOperations]: (input: Parameters<PolicyOperations[N]>[0]) => ReturnType<PolicyOperations[N]>;
};

async function setUp() {
  const clock = new VirtualClock(Date.parse('2026-01-15T12:00:00Z'));
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const existing = new Set([...Array.from({ length: 30 }, (_, n) => certificate(n)), group, dynamicGroup]);
  const hooks: { onExists?: () => Promise<void> } = {};
  const tags = new Map<string, readonly Tag[]>();
  const exists = async (arn: string): Promise<boolean> => {
    await hooks.onExists?.();
    return existing.has(arn);
  };
  const policies = createPolicies({
    store,
    clock,
    random: seededRandom(1),
    place: { region: 'us-east-1', account: '000000000000' },
    tagsFor: (arn, given) => {
      if (given) tags.set(arn, given);
      else tags.delete(arn);
      return [];
    },
    certificateExists: exists,
    things: {
      thingGroup: async (arn) =>
        (await exists(arn)) ? { isDynamic: arn === dynamicGroup, lineageArns: [parentGroup, arn] } : undefined,
    },
  });
  const entries = Object.entries(policies.operations) as [
    string,
    (input: unknown, context: RequestContext) => unknown,
  ][];
  const api = Object.fromEntries(entries.map(([name, call]) => [name, (input: unknown) => call(input, context)]));
  return { api: api as Calls, policies, store, clock, existing, hooks, tags };
}

function code(code: string, message?: string) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  };
}

test('a policy is created with version 1 as its default, and read back', async () => {
  const { api } = await setUp();
  const created = await api.createPolicy({ policyName: 'p', policyDocument: document });
  assert.deepEqual(created, {
    policyName: 'p',
    policyArn: `${ARN}policy/p`,
    policyDocument: document,
    policyVersionId: '1',
  });
  const { generationId, ...read } = await api.getPolicy({ policyName: 'p' });
  assert.match(generationId!, /^[0-9a-f-]{36}$/);
  const at = new Date('2026-01-15T12:00:00Z');
  assert.deepEqual(read, {
    policyName: 'p',
    policyArn: `${ARN}policy/p`,
    policyDocument: document,
    defaultVersionId: '1',
    creationDate: at,
    lastModifiedDate: at,
  });
});

test('a policy name is used once and a malformed document is not stored', async () => {
  const { api } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  await assert.rejects(
    api.createPolicy({ policyName: 'p', policyDocument: document }),
    code('ResourceAlreadyExistsException', 'Policy cannot be created - name already exists (name=p)'),
  );
  await assert.rejects(api.createPolicy({ policyName: 'q', policyDocument: '{}' }), code('MalformedPolicyException'));
  await assert.rejects(
    api.createPolicyVersion({ policyName: 'p', policyDocument: '{}' }),
    code('MalformedPolicyException'),
  );
  await assert.rejects(api.getPolicy({ policyName: 'q' }), code('ResourceNotFoundException'));
});

test('policies are listed by age in pages', async () => {
  const { api, clock } = await setUp();
  for (const policyName of ['c', 'a', 'b']) {
    await api.createPolicy({ policyName, policyDocument: document });
    await clock.advance(1000);
  }
  const first = await api.listPolicies({ pageSize: 2, ascendingOrder: true });
  assert.deepEqual(
    first.policies!.map((policy) => policy.policyName),
    ['c', 'a'],
  );
  assert.match(first.nextMarker!, /^[A-Za-z0-9+/]+={0,2}$/);
  const second = await api.listPolicies({ pageSize: 2, ascendingOrder: true, marker: first.nextMarker });
  assert.deepEqual(second, { policies: [{ policyName: 'b', policyArn: `${ARN}policy/b` }], nextMarker: undefined });
  const newestFirst = (await api.listPolicies({})).policies!;
  assert.deepEqual(
    newestFirst.map((policy) => policy.policyName),
    ['b', 'a', 'c'],
  );
  await assert.rejects(api.listPolicies({ marker: 'nonsense' }), code('InvalidRequestException'));
});

test('versions are numbered upwards, five at most, and one is the default', async () => {
  const { api } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  const other = document.replace('Allow', 'Deny');
  const second = await api.createPolicyVersion({ policyName: 'p', policyDocument: other, setAsDefault: true });
  assert.deepEqual(second, {
    policyArn: `${ARN}policy/p`,
    policyDocument: other,
    policyVersionId: '2',
    isDefaultVersion: true,
  });
  assert.equal((await api.getPolicy({ policyName: 'p' })).policyDocument, other);
  for (let n = 3; n <= 5; n++) await api.createPolicyVersion({ policyName: 'p', policyDocument: document });
  await assert.rejects(
    api.createPolicyVersion({ policyName: 'p', policyDocument: document }),
    code('VersionsLimitExceededException', 'The policy p already has the maximum number of versions (5)'),
  );
  await api.deletePolicyVersion({ policyName: 'p', policyVersionId: '5' });
  const sixth = await api.createPolicyVersion({ policyName: 'p', policyDocument: document });
  assert.equal(sixth.policyVersionId, '6');
  await api.setDefaultPolicyVersion({ policyName: 'p', policyVersionId: '1' });
  const { policyVersions } = await api.listPolicyVersions({ policyName: 'p' });
  assert.deepEqual(
    policyVersions!.map((version) => [version.versionId, version.isDefaultVersion]),
    [
      ['6', false],
      ['4', false],
      ['3', false],
      ['2', false],
      ['1', true],
    ],
  );
  assert.equal((await api.getPolicyVersion({ policyName: 'p', policyVersionId: '2' })).policyDocument, other);
  assert.equal((await api.getPolicyVersion({ policyName: 'p', policyVersionId: '1' })).isDefaultVersion, true);
});

test('the default version cannot be deleted, and unknown versions are not found', async () => {
  const { api } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  await assert.rejects(
    api.deletePolicyVersion({ policyName: 'p', policyVersionId: '1' }),
    code('DeleteConflictException', 'Cannot delete the default version of a policy'),
  );
  for (const policyName of ['p', 'q']) {
    const version = { policyName, policyVersionId: '7' };
    await assert.rejects(api.deletePolicyVersion(version), code('ResourceNotFoundException'));
    await assert.rejects(api.getPolicyVersion(version), code('ResourceNotFoundException'));
    await assert.rejects(api.setDefaultPolicyVersion(version), code('ResourceNotFoundException'));
  }
  await assert.rejects(api.listPolicyVersions({ policyName: 'q' }), code('ResourceNotFoundException'));
});

test('a policy is deleted only without targets and other versions, and leaves nothing behind', async () => {
  const { api, policies } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  await api.createPolicyVersion({ policyName: 'p', policyDocument: document });
  await api.attachPolicy({ policyName: 'p', target: certificate(1) });
  await assert.rejects(
    api.deletePolicy({ policyName: 'p' }),
    code(
      'DeleteConflictException',
      'The policy cannot be deleted as the policy is attached to one or more principals (name=p)',
    ),
  );
  await api.detachPolicy({ policyName: 'p', target: certificate(1) });
  await assert.rejects(
    api.deletePolicy({ policyName: 'p' }),
    code(
      'DeleteConflictException',
      'Cannot delete the policy because it has one or more policy versions attached to it (name=p)',
    ),
  );
  await api.deletePolicyVersion({ policyName: 'p', policyVersionId: '2' });
  await api.deletePolicy({ policyName: 'p' });
  await assert.rejects(api.deletePolicy({ policyName: 'p' }), code('ResourceNotFoundException'));
  for (const collection of [policies.records.policies, policies.records.versions, policies.records.targets]) {
    assert.equal(await collection.count(), 0);
  }
});

test('attaching and detaching are idempotent and are listed from both sides', async () => {
  const { api, policies } = await setUp();
  for (const policyName of ['b', 'a']) await api.createPolicy({ policyName, policyDocument: document });
  for (const target of [certificate(2), certificate(1), group, identity]) {
    await api.attachPolicy({ policyName: 'a', target });
    await api.attachPolicy({ policyName: 'a', target });
  }
  await api.attachPrincipalPolicy({ policyName: 'b', principal: certificate(1) });
  const a = { policyName: 'a', policyArn: `${ARN}policy/a` };
  const b = { policyName: 'b', policyArn: `${ARN}policy/b` };
  assert.deepEqual((await api.listAttachedPolicies({ target: certificate(1) })).policies, [a, b]);
  assert.deepEqual((await api.listPrincipalPolicies({ principal: certificate(1) })).policies, [b, a]);
  assert.deepEqual((await api.listPrincipalPolicies({ principal: certificate(3) })).policies, []);
  const targets = [certificate(1), certificate(2), group, identity];
  assert.deepEqual((await api.listTargetsForPolicy({ policyName: 'a' })).targets, targets);
  assert.deepEqual((await api.listPolicyPrincipals({ policyName: 'a' })).principals, targets.toReversed());
  for (let n = 0; n < 2; n++) {
    await api.detachPolicy({ policyName: 'a', target: certificate(1) });
    await api.detachPrincipalPolicy({ policyName: 'b', principal: certificate(1) });
  }
  assert.equal(await policies.attachments.hasPolicies(certificate(1)), false);
  assert.equal(await policies.attachments.hasPolicies(certificate(2)), true);
});

test('attachments are listed in pages that join without gap', async () => {
  const { api } = await setUp();
  for (const policyName of ['a', 'b', 'c']) {
    await api.createPolicy({ policyName, policyDocument: document });
    await api.attachPolicy({ policyName, target: certificate(1) });
  }
  for (let n = 2; n < 6; n++) await api.attachPolicy({ policyName: 'a', target: certificate(n) });
  const names: (string | undefined)[] = [];
  for (let marker: string | undefined, more = true; more; more = marker !== undefined) {
    const page = await api.listPrincipalPolicies({ principal: certificate(1), pageSize: 2, marker });
    names.push(...page.policies!.map((policy) => policy.policyName));
    marker = page.nextMarker;
  }
  assert.deepEqual(names, ['c', 'b', 'a']);
  const first = await api.listTargetsForPolicy({ policyName: 'a', pageSize: 3 });
  const rest = await api.listTargetsForPolicy({ policyName: 'a', pageSize: 3, marker: first.nextMarker });
  assert.deepEqual([...first.targets!, ...rest.targets!], [1, 2, 3, 4, 5].map(certificate));
  await assert.rejects(
    api.listAttachedPolicies({ target: certificate(1), marker: '////' }),
    code('InvalidRequestException'),
  );
});

test('what does not exist cannot be attached', async () => {
  const { api } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  const unknownGroup = `${ARN}thinggroup/floor2`;
  await assert.rejects(
    api.attachPolicy({ policyName: 'p', target: unknownGroup }),
    code('ResourceNotFoundException', `No thing group with ARN ${unknownGroup} exists`),
  );
  await assert.rejects(
    api.attachPolicy({ policyName: 'p', target: certificate(99) }),
    code('ResourceNotFoundException'),
  );
  await assert.rejects(
    api.attachPolicy({ policyName: 'q', target: certificate(1) }),
    code('ResourceNotFoundException'),
  );
  await assert.rejects(
    api.detachPrincipalPolicy({ policyName: 'q', principal: certificate(1) }),
    code('ResourceNotFoundException'),
  );
  for (const target of ['', 'lamp', `${ARN}thing/lamp`, `${ARN}cert/xyz`]) {
    await assert.rejects(api.attachPolicy({ policyName: 'p', target }), code('InvalidRequestException'), target);
    await assert.rejects(api.listAttachedPolicies({ target }), code('InvalidRequestException'), target);
  }
});

test('a target has at most ten policies, however they arrive', async () => {
  const { api } = await setUp();
  const names = Array.from({ length: 12 }, (_, n) => `p${n}`);
  for (const policyName of names) await api.createPolicy({ policyName, policyDocument: document });
  const attempts = names.map((policyName) => api.attachPolicy({ policyName, target: certificate(1) }));
  const failed = (await Promise.allSettled(attempts)).filter((attempt) => attempt.status === 'rejected');
  assert.equal(failed.length, 2);
  for (const { reason } of failed) code('LimitExceededException')(reason);
  assert.equal((await api.listAttachedPolicies({ target: certificate(1) })).policies!.length, 10);
});

test('what is deleted while it is being attached does not stay attached', async () => {
  const { api, hooks, existing, policies } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  let asked = 0;
  hooks.onExists = async () => {
    if (++asked === 2) existing.delete(certificate(1));
  };
  await assert.rejects(
    api.attachPolicy({ policyName: 'p', target: certificate(1) }),
    code('ResourceNotFoundException'),
  );
  assert.equal(await policies.attachments.hasPolicies(certificate(1)), false);
});

test('a policy that is attached while it is being deleted is either attached or deleted, never both', async () => {
  for (let steps = 0; steps < 12; steps++) {
    const { api, policies } = await setUp();
    await api.createPolicy({ policyName: 'p', policyDocument: document });
    const deleted = api.deletePolicy({ policyName: 'p' });
    for (let step = 0; step < steps; step++) await Promise.resolve();
    const attached = api.attachPolicy({ policyName: 'p', target: certificate(1) });
    const [deletion, attachment] = await Promise.allSettled([deleted, attached]);
    const isAttached = await policies.attachments.hasPolicies(certificate(1));
    assert.equal(isAttached, attachment.status === 'fulfilled');
    assert.ok(!isAttached || deletion.status === 'rejected', `after ${steps} steps`);
    if (deletion.status === 'rejected') await api.attachPolicy({ policyName: 'p', target: certificate(2) });
  }
});

test('deleting a certificate takes its policies with it in the same commit', async () => {
  const { api, policies, store } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  await api.attachPolicy({ policyName: 'p', target: certificate(1) });
  await store.commit(await policies.attachments.detachAll(certificate(1)));
  await store.commit(await policies.attachments.detachAll(certificate(1)));
  assert.equal(await policies.attachments.hasPolicies(certificate(1)), false);
  await api.deletePolicy({ policyName: 'p' });
});

test('a policy made anew under an old name is judged by its new document', async () => {
  const { api, policies } = await setUp();
  const target = certificate(1);
  for (const effect of ['Allow', 'Deny']) {
    await api.createPolicy({ policyName: 'p', policyDocument: document.replace('Allow', effect) });
    await api.attachPolicy({ policyName: 'p', target });
    const [policy] = await policies.records.policiesOf(target);
    assert.equal(policy.document.statements[0].effect, effect);
    await api.detachPolicy({ policyName: 'p', target });
    await api.deletePolicy({ policyName: 'p' });
  }
});

test('no policy is attached to a dynamic thing group', async () => {
  const { api } = await setUp();
  await api.createPolicy({ policyName: 'p', policyDocument: document });
  const message = `This operation does not support dynamic thing groups. Thing group arn: ${dynamicGroup}`;
  await assert.rejects(
    api.attachPolicy({ policyName: 'p', target: dynamicGroup }),
    code('InvalidRequestException', message),
  );
  await assert.rejects(
    api.attachPolicy({ policyName: 'p', target: `${ARN}thinggroup/none` }),
    code('ResourceNotFoundException', `No thing group with ARN ${ARN}thinggroup/none exists`),
  );
});

test("a group's policies are listed with those of the groups above it when asked for", async () => {
  const { api, existing } = await setUp();
  existing.add(parentGroup);
  for (const policyName of ['b', 'a', 'both']) await api.createPolicy({ policyName, policyDocument: document });
  await api.attachPolicy({ policyName: 'b', target: group });
  await api.attachPolicy({ policyName: 'a', target: parentGroup });
  for (const target of [group, parentGroup]) await api.attachPolicy({ policyName: 'both', target });
  const names = async (input: { recursive?: boolean; pageSize?: number; marker?: string }) => {
    const { policies = [], nextMarker } = await api.listAttachedPolicies({ target: group, ...input });
    return { names: policies.map(({ policyName }) => policyName), nextMarker };
  };
  assert.deepEqual((await names({})).names, ['b', 'both']);
  const first = await names({ recursive: true, pageSize: 2 });
  assert.deepEqual(first.names, ['a', 'b']);
  const second = await names({ recursive: true, pageSize: 2, marker: first.nextMarker! });
  assert.deepEqual(second, { names: ['both'], nextMarker: undefined });
});

test('a policy is created with its tags and deleted with them', async () => {
  const { api, tags } = await setUp();
  const given = [{ Key: 'team', Value: 'a' }];
  await api.createPolicy({ policyName: 'p', policyDocument: document, tags: given });
  assert.deepEqual(tags.get(`${ARN}policy/p`), given);
  await api.deletePolicy({ policyName: 'p' });
  assert.equal(tags.size, 0);
});
