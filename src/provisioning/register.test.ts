import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { context, type ProvisioningBench, provisioningBench } from '../../test/support/provisioning-bench.ts';
import { ServiceError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { makeCa } from '../identity/certificate.fixture.ts';
import { certificateIdOf } from '../identity/certificate-intake.ts';
import { ecKeys, requestPem } from '../identity/csr.fixture.ts';
import { createRegister, type Registered, type ResourceOperations } from './register.ts';
import { parseTemplate, planOf } from './template.ts';

const DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}';
const csr = requestPem({ keys: ecKeys() });

const thing = (properties: object, override?: object) => ({
  Type: 'AWS::IoT::Thing',
  Properties: { ThingName: 'lamp', ...properties },
  ...(override && { OverrideSettings: override }),
});
const certificate = (properties: object = { CertificateSigningRequest: csr }, override?: object) => ({
  Type: 'AWS::IoT::Certificate',
  Properties: properties,
  ...(override && { OverrideSettings: override }),
});
const policy = (properties: object = { PolicyDocument: DOCUMENT }) => ({
  Type: 'AWS::IoT::Policy',
  Properties: properties,
});

/** Registers what the resources say, with some operations in place of the real ones. */
function register(
  bench: ProvisioningBench,
  resources: object,
  instead: Partial<ResourceOperations> = {},
): Promise<Registered> {
  const operations: ResourceOperations = { ...bench.operations, ...instead };
  const plan = planOf(parseTemplate(JSON.stringify({ Resources: resources })), {});
  return createRegister({ resources: operations, log: silentLog })(plan, context);
}

const failure = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};
const FAILED = 'ResourceRegistrationFailureException';
const CONFLICT = 'ConflictingResourceUpdateException';

const failing = async (): Promise<never> => {
  throw new ServiceError('InvalidRequestException', 'not today');
};

test('a thing, a certificate and a policy are made and attached, the certificate is active', async () => {
  const bench = await provisioningBench();
  const made = await register(bench, {
    t: thing({ AttributePayload: { color: 'red' } }),
    c: certificate(),
    p: policy(),
  });
  const { things, policies, certificates } = await bench.inventory();
  assert.deepEqual(things, ['lamp']);
  const principal = made.resourceArns.c;
  assert.deepEqual(certificates, [`${principal.split('/')[1]} ACTIVE`]);
  assert.match(made.certificatePem ?? '', /BEGIN CERTIFICATE/);
  assert.deepEqual((await bench.call.describeThing({ thingName: 'lamp' })).attributes, { color: 'red' });
  assert.deepEqual((await bench.call.listPrincipalThings({ principal })).things, ['lamp']);
  const attached = (await bench.call.listAttachedPolicies({ target: principal })).policies ?? [];
  assert.deepEqual(
    attached.map(({ policyName }) => policyName),
    policies,
  );
  assert.deepEqual(made.resourceArns, {
    t: 'arn:aws:iot:us-east-1:000000000000:thing/lamp',
    c: principal,
    p: `arn:aws:iot:us-east-1:000000000000:policy/${policies[0]}`,
  });
});

test('the same document makes one policy for all, and a policy that is there is attached by name', async () => {
  const bench = await provisioningBench();
  await bench.call.createPolicy({ policyName: 'mine', policyDocument: DOCUMENT });
  const resources = { c: certificate(), p: policy(), q: policy({ PolicyName: 'mine' }) };
  const first = await register(bench, resources);
  const second = await register(bench, resources);
  assert.equal((await bench.inventory()).policies.length, 2);
  assert.equal(first.resourceArns.p, second.resourceArns.p);
  assert.match(first.resourceArns.q, /policy\/mine$/);
});

test('registrations of the same thing at the same time make it once', async () => {
  const bench = await provisioningBench();
  const operations: ResourceOperations = bench.operations;
  const run = createRegister({ resources: operations, log: silentLog });
  const plan = planOf(
    parseTemplate(JSON.stringify({ Resources: { t: thing({}), c: certificate(), p: policy() } })),
    {},
  );
  await Promise.all(Array.from({ length: 8 }, () => run(plan, context)));
  const { things, policies, certificates } = await bench.inventory();
  assert.deepEqual([things.length, policies.length, certificates.length], [1, 1, 8]);
});

test('a certificate that waits becomes what the template says, whatever OverrideSettings say', async () => {
  for (const [override, status] of [
    ['DO_NOTHING', 'ACTIVE'],
    ['FAIL', 'INACTIVE'],
  ] as const) {
    const bench = await provisioningBench();
    const { certificateId = '' } = await bench.identity.issuing.fromCsr(csr, { status: 'PENDING_ACTIVATION' });
    await register(bench, { c: certificate({ CertificateId: certificateId, Status: status }, { Status: override }) });
    assert.deepEqual((await bench.inventory()).certificates, [`${certificateId} ${status}`]);
  }
});

test('a certificate given as PEM is registered through its CA, once', async () => {
  const bench = await provisioningBench();
  const ca = makeCa();
  const device = ca.issue();
  const c = certificate({ CertificatePem: device.toString() });
  await assert.rejects(register(bench, { c }), { code: 'ResourceRegistrationFailureException' });
  await bench.call.registerCACertificate({ caCertificate: ca.pem, certificateMode: 'SNI_ONLY', setAsActive: true });
  for (let round = 0; round < 2; round++) {
    await register(bench, { c, t: thing({}) });
    assert.deepEqual((await bench.inventory()).certificates, [`${certificateIdOf(device.raw)} ACTIVE`]);
  }
});

describe('of a certificate that is there', () => {
  for (const [override, before, wanted, after] of [
    ['REPLACE', 'INACTIVE', 'ACTIVE', 'ACTIVE'],
    ['REPLACE', 'ACTIVE', 'INACTIVE', 'INACTIVE'],
    ['DO_NOTHING', 'INACTIVE', 'ACTIVE', 'INACTIVE'],
    [undefined, 'INACTIVE', 'ACTIVE', 'ACTIVE'],
  ] as const) {
    test(`${before} becomes ${after} with Status ${wanted} and ${override ?? 'no override'}`, async () => {
      const bench = await provisioningBench();
      const { certificateId = '' } = await bench.identity.issuing.fromCsr(csr, { status: before });
      const settings = override && { Status: override };
      await register(bench, { c: certificate({ CertificateId: certificateId, Status: wanted }, settings) });
      assert.deepEqual((await bench.inventory()).certificates, [`${certificateId} ${after}`]);
    });
  }

  test('FAIL refuses it', async () => {
    const bench = await provisioningBench();
    const { certificateId = '' } = await bench.identity.issuing.fromCsr(csr, { status: 'INACTIVE' });
    const resources = { c: certificate({ CertificateId: certificateId }, { Status: 'FAIL' }) };
    await assert.rejects(register(bench, resources), failure(CONFLICT, /OverrideSettings.Status is FAIL/));
  });
});

describe('of a thing that is there', () => {
  for (const [override, after] of [
    ['DO_NOTHING', { color: 'red', size: '1' }],
    ['REPLACE', { color: 'blue', place: 'hall' }],
    ['MERGE', { color: 'blue', size: '1', place: 'hall' }],
    [undefined, { color: 'red', size: '1' }],
  ] as const) {
    test(`attributes with ${override ?? 'no override'}`, async () => {
      const bench = await provisioningBench();
      await bench.call.createThing({
        thingName: 'lamp',
        attributePayload: { attributes: { color: 'red', size: '1' } },
      });
      const settings = override && { AttributePayload: override };
      await register(bench, { t: thing({ AttributePayload: { color: 'blue', place: 'hall' } }, settings) });
      assert.deepEqual((await bench.call.describeThing({ thingName: 'lamp' })).attributes, after);
    });
  }

  test('FAIL refuses it and leaves nothing behind', async () => {
    const bench = await provisioningBench();
    await bench.call.createThing({ thingName: 'lamp' });
    const resources = { c: certificate(), t: thing({ AttributePayload: {} }, { AttributePayload: 'FAIL' }) };
    await assert.rejects(register(bench, resources), failure(CONFLICT, /thing lamp exists.*AttributePayload is FAIL/));
    assert.deepEqual(await bench.inventory(), { things: ['lamp'], policies: [], certificates: [] });
  });
});

describe('groups', () => {
  function groups(present: string[]) {
    const changes: unknown[] = [];
    const instead: Partial<ResourceOperations> = {
      listThingGroupsForThing: async () => ({ thingGroups: present.map((groupName) => ({ groupName })) }),
      updateThingGroupsForThing: async (input) => {
        changes.push([input.thingGroupsToAdd, input.thingGroupsToRemove]);
        return {};
      },
    };
    return { changes, instead };
  }

  for (const [override, isThere, expected] of [
    ['DO_NOTHING', true, []],
    ['MERGE', true, [[['c'], []]]],
    ['REPLACE', true, [[['c'], ['a']]]],
    ['DO_NOTHING', false, [[['c'], []]]],
  ] as const) {
    test(`${override} for a thing that is ${isThere ? 'there' : 'new'}`, async () => {
      const bench = await provisioningBench();
      if (isThere) await bench.call.createThing({ thingName: 'lamp' });
      const { changes, instead } = groups(['a', 'b']);
      await register(bench, { t: thing({ ThingGroups: ['b', 'c'] }, { ThingGroups: override }) }, instead);
      assert.deepEqual(changes, expected);
    });
  }

  test('are left again when a later step fails', async () => {
    const bench = await provisioningBench();
    const { changes, instead } = groups(['a']);
    const resources = { t: thing({ ThingGroups: ['c'] }), c: certificate() };
    await assert.rejects(register(bench, resources, { ...instead, attachThingPrincipal: failing }));
    assert.deepEqual(changes, [
      [['c'], []],
      [[], ['c']],
    ]);
  });
});

test('a thing gets its type, its billing group and its groups, and changes them as its template says', async () => {
  const bench = await provisioningBench();
  await bench.call.createThingType({ thingTypeName: 'lights' });
  await bench.call.createThingType({ thingTypeName: 'fans' });
  await bench.call.createBillingGroup({ billingGroupName: 'rent' });
  for (const thingGroupName of ['north', 'south', 'own']) await bench.call.createThingGroup({ thingGroupName });
  const state = async () => {
    const { thingTypeName, billingGroupName } = await bench.call.describeThing({ thingName: 'lamp' });
    const { thingGroups = [] } = await bench.call.listThingGroupsForThing({ thingName: 'lamp' });
    return [thingTypeName, billingGroupName, ...thingGroups.map(({ groupName }) => groupName).sort()];
  };
  await register(bench, { t: thing({ ThingTypeName: 'lights', BillingGroup: 'rent', ThingGroups: ['north', 'own'] }) });
  assert.deepEqual(await state(), ['lights', 'rent', 'north', 'own']);
  const replace = { ThingTypeName: 'REPLACE', ThingGroups: 'REPLACE' };
  const other = thing({ ThingTypeName: 'fans', ThingGroups: ['south'] }, replace);
  await assert.rejects(register(bench, { t: other, c: certificate(), p: policy() }, { attachPolicy: failing }));
  assert.deepEqual(await state(), ['lights', 'rent', 'north', 'own']);
  await register(bench, { t: other });
  assert.deepEqual(await state(), ['fans', 'rent', 'south']);
  await assert.rejects(
    register(bench, { t: thing({ ThingName: 'b', ThingGroups: ['nowhere'] }) }),
    failure(FAILED, /nowhere/),
  );
  assert.deepEqual((await bench.inventory()).things, ['lamp']);
});

describe('when a step fails, everything is as it was', () => {
  for (const step of ['attachThingPrincipal', 'attachPolicy', 'updateCertificate', 'createPolicy'] as const) {
    test(step, async () => {
      const bench = await provisioningBench();
      await bench.call.createThing({ thingName: 'lamp', attributePayload: { attributes: { color: 'red' } } });
      const settings = { AttributePayload: 'REPLACE' };
      const resources = { t: thing({ AttributePayload: { color: 'blue' } }, settings), c: certificate(), p: policy() };
      await assert.rejects(register(bench, resources, { [step]: failing }), failure(FAILED, /^not today$/));
      const { things, certificates } = await bench.inventory();
      assert.deepEqual([things, certificates], [['lamp'], []]);
      assert.deepEqual((await bench.call.describeThing({ thingName: 'lamp' })).attributes, { color: 'red' });
    });
  }

  test('also what was attached to a certificate that was there', async () => {
    const bench = await provisioningBench();
    const made = await bench.identity.issuing.fromCsr(csr, { status: 'INACTIVE' });
    const principal = made.certificateArn as string;
    await bench.call.createPolicy({ policyName: 'before', policyDocument: DOCUMENT });
    await bench.call.attachPolicy({ policyName: 'before', target: principal });
    const resources = {
      t: thing({}),
      c: certificate({ CertificateId: made.certificateId }),
      p: policy(),
      q: policy({ PolicyName: 'before' }),
    };
    await assert.rejects(register(bench, resources, { updateCertificate: failing }));
    assert.deepEqual((await bench.call.listPrincipalThings({ principal })).things, []);
    const { policies = [] } = await bench.call.listAttachedPolicies({ target: principal });
    assert.deepEqual(
      policies.map(({ policyName }) => policyName),
      ['before'],
    );
    assert.deepEqual((await bench.inventory()).things, []);
  });
});

for (const [what, resources, code, message] of [
  [
    'a policy that is not there',
    { c: certificate(), p: policy({ PolicyName: 'none' }) },
    FAILED,
    /policy none does not exist/,
  ],
  ['a policy that is none', { c: certificate(), p: policy({ PolicyDocument: '{}' }) }, FAILED, /./],
  ['a certificate that is not there', { c: certificate({ CertificateId: 'a'.repeat(64) }) }, FAILED, /does not exist/],
  [
    'a request that is none',
    { c: certificate({ CertificateSigningRequest: 'x' }) },
    FAILED,
    /signing request is not valid/,
  ],
  ['a certificate that is none', { c: certificate({ CertificatePem: 'x' }) }, FAILED, /certificate is not valid/],
  [
    'too many attributes',
    { t: thing({ AttributePayload: { a: '1', b: '2', c: '3', d: '4' } }) },
    FAILED,
    /at most 3 attributes/,
  ],
  ['a type that is not there', { t: thing({ ThingTypeName: 'none' }) }, FAILED, /Thing type none cannot be found/],
] as const) {
  test(`${what} fails with a clear message`, async () => {
    const bench = await provisioningBench();
    await assert.rejects(register(bench, resources), failure(code, message));
    const { things, certificates } = await bench.inventory();
    assert.deepEqual([things, certificates], [[], []]);
  });
}

test('what says nothing of the template passes as it is', async () => {
  const bench = await provisioningBench();
  const busy = async (): Promise<never> => {
    throw new ServiceError('ServiceUnavailableException', 'busy');
  };
  await assert.rejects(register(bench, { t: thing({}) }, { createThing: busy }), {
    code: 'ServiceUnavailableException',
  });
  const broken = async (): Promise<never> => {
    throw new TypeError('a defect');
  };
  await assert.rejects(register(bench, { t: thing({}) }, { createThing: broken }), TypeError);
});
