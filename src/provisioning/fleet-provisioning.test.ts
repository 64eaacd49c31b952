import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ProvisioningWorld, provisioningWorld } from '../../test/support/provisioning-bench.ts';
import type { JsonValue } from '../api/json.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../base/cbor.ts';
import { ecKeys, requestPem } from '../identity/csr.fixture.ts';
import type { ProvisioningDeps } from './provisioning.ts';

const CREATE = '$aws/certificates/create/json';
const FROM_CSR = '$aws/certificates/create-from-csr/json';
const PROVISION = '$aws/provisioning-templates/T/provision/json';
const HOUR_MS = 3_600_000;
const csr = requestPem({ keys: ecKeys() });

const templateBody = JSON.stringify({
  Parameters: {
    SerialNumber: { Type: 'String' },
    Site: { Type: 'String', Default: 'nowhere' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { 'Fn::Sub': 'lamp-${SerialNumber}' }, AttributePayload: { site: { Ref: 'Site' } } },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: {
      Type: 'AWS::IoT::Policy',
      Properties: {
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: 'arn:aws:iot:*:*:client/${iot:ClientId}' }],
        },
      },
    },
  },
  DeviceConfiguration: { site: { Ref: 'Site' } },
});

async function worldWithTemplate(
  deps: Partial<ProvisioningDeps> = {},
  template: object = {},
): Promise<ProvisioningWorld> {
  const world = await provisioningWorld(deps);
  await world.api.createProvisioningTemplate({
    templateName: 'T',
    templateBody,
    enabled: true,
    provisioningRoleArn: 'arn:aws:iam::000000000000:role/provisioning',
    ...template,
  });
  return world;
}

/** A certificate that waits, asked for by a device with the principal `claim`. */
async function pending(
  world: ProvisioningWorld,
): Promise<{ certificateOwnershipToken: string; certificateId: string }> {
  const [outcome, answer] = await world.askJson(FROM_CSR, { certificateSigningRequest: csr });
  assert.equal(outcome, 'accepted', JSON.stringify(answer));
  return answer as never;
}

const parameters = { SerialNumber: '7' };

test('a device gets keys and a certificate, and with its token a thing, a policy and an active certificate', async () => {
  const world = await worldWithTemplate();
  const [outcome, keys] = await world.askJson(CREATE, '');
  assert.equal(outcome, 'accepted');
  assert.deepEqual(Object.keys(keys).sort(), [
    'certificateId',
    'certificateOwnershipToken',
    'certificatePem',
    'privateKey',
  ]);
  const certificate = new X509Certificate(keys.certificatePem);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keys.privateKey)));
  assert.deepEqual((await world.inventory()).certificates, [`${keys.certificateId} PENDING_ACTIVATION`]);
  const { certificateOwnershipToken } = keys;
  assert.deepEqual(await world.askJson(PROVISION, { certificateOwnershipToken, parameters }), [
    'accepted',
    { deviceConfiguration: { site: 'nowhere' }, thingName: 'lamp-7' },
  ]);
  const { things, certificates, policies } = await world.inventory();
  assert.deepEqual([things, certificates, policies.length], [['lamp-7'], [`${keys.certificateId} ACTIVE`], 1]);
  const principal = `arn:aws:iot:us-east-1:000000000000:cert/${keys.certificateId}`;
  assert.deepEqual((await world.call.listPrincipalThings({ principal })).things, ['lamp-7']);
});

test('a device with keys of its own sends a request, and all works in CBOR as well', async () => {
  const world = await worldWithTemplate();
  const cbor = async (topic: string, body: CborValue): Promise<[string, Record<string, CborValue>]> => {
    const [outcome, payload] = await world.ask(topic.replace('json', 'cbor'), encodeCbor(body));
    return [outcome, decodeCbor(payload) as Record<string, CborValue>];
  };
  const [, { certificatePem, certificateOwnershipToken, ...rest }] = await cbor(FROM_CSR, {
    certificateSigningRequest: csr,
  });
  assert.deepEqual(Object.keys(rest), ['certificateId']);
  assert.match(new X509Certificate(String(certificatePem)).subject, /CN=lamp-1/);
  assert.deepEqual(await cbor(PROVISION, { certificateOwnershipToken, parameters }), [
    'accepted',
    { deviceConfiguration: { site: 'nowhere' }, thingName: 'lamp-7' },
  ]);
  const [outcome, { statusCode }] = await cbor(PROVISION, { certificateOwnershipToken, parameters });
  assert.deepEqual([outcome, statusCode], ['rejected', 400]);
});

test('answers go to the client that asked', async () => {
  const world = await worldWithTemplate();
  await world.askJson(FROM_CSR, { certificateSigningRequest: csr }, { clientId: 'somebody' });
  assert.deepEqual(
    world.delivered.map(({ clientId, publication }) => [clientId, publication.topic, publication.qos]),
    [['somebody', `${FROM_CSR}/accepted`, 1]],
  );
});

describe('a request is rejected', () => {
  for (const [what, topic, payload, statusCode, errorCode, message] of [
    ['that is no JSON', CREATE, '{', 400, 'InvalidPayload', /The payload is not valid/],
    ['that is no object', CREATE, '[]', 400, 'InvalidPayload', /must be an object/],
    ['that is no CBOR', '$aws/certificates/create/cbor', '{}', 400, 'InvalidPayload', /./],
    ['without a signing request', FROM_CSR, {}, 400, 'InvalidPayload', /certificateSigningRequest must be a text/],
    [
      'with one that is none',
      FROM_CSR,
      { certificateSigningRequest: 'x' },
      400,
      'InvalidCertificateSigningRequest',
      /not valid/,
    ],
    [
      'without a token',
      PROVISION,
      { parameters },
      400,
      'InvalidCertificateOwnershipToken',
      /^Certificate ownership token cannot be empty\.$/,
    ],
    [
      'with a token made up',
      PROVISION,
      { certificateOwnershipToken: 'x' },
      400,
      'InvalidCertificateOwnershipToken',
      /invalid or has expired/,
    ],
    [
      'with parameters that are no texts',
      PROVISION,
      { certificateOwnershipToken: 'x', parameters: { a: 1 } },
      400,
      'InvalidParameters',
      /object of texts/,
    ],
    [
      'for a template that is not there',
      '$aws/provisioning-templates/U/provision/json',
      { certificateOwnershipToken: 'x' },
      404,
      'ResourceNotFound',
      /U does not exist/,
    ],
  ] as const) {
    test(what, async () => {
      const world = await worldWithTemplate();
      const [outcome, bytes] = await world.ask(topic, payload);
      const answer = (topic.endsWith('cbor') ? decodeCbor(bytes) : JSON.parse(String(bytes))) as Record<string, string>;
      assert.deepEqual([outcome, answer.statusCode, answer.errorCode], ['rejected', statusCode, errorCode]);
      assert.match(answer.errorMessage, message);
    });
  }

  for (const [what, template] of [
    ['by a template that is not enabled', { enabled: false }],
    ['by a template of another type', { type: 'JITP' }],
  ] as const) {
    test(what, async () => {
      const world = await worldWithTemplate({}, template);
      const { certificateOwnershipToken } = await pending(world);
      const [, answer] = await world.askJson(PROVISION, { certificateOwnershipToken, parameters });
      assert.deepEqual(answer, { statusCode: 403, errorCode: 'AccessDenied', errorMessage: 'Access denied' });
    });
  }

  test('whatever it is, with an answer and nothing else', async () => {
    const world = await worldWithTemplate();
    const topic = fc.constantFrom(FROM_CSR, PROVISION, PROVISION.replace('json', 'cbor'));
    const object = fc.dictionary(
      fc.constantFrom('certificateOwnershipToken', 'parameters', 'certificateSigningRequest'),
      fc.jsonValue(),
    );
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      object.map((json) => Buffer.from(JSON.stringify(json))),
      object.map((json) => encodeCbor(json as CborValue)),
    );
    await fc.assert(
      fc.asyncProperty(topic, payload, async (where, what) => {
        const [outcome, bytes] = await world.ask(where, what);
        const answer = where.endsWith('cbor') ? decodeCbor(bytes) : JSON.parse(String(bytes));
        assert.equal(outcome, 'rejected');
        assert.equal(answer.statusCode, 400);
      }),
    );
  });
});

describe('an ownership token', () => {
  test('is spent once', async () => {
    const world = await worldWithTemplate();
    const { certificateOwnershipToken } = await pending(world);
    const request = { certificateOwnershipToken, parameters };
    assert.equal((await world.askJson(PROVISION, request))[0], 'accepted');
    assert.equal((await world.askJson(PROVISION, request))[1].errorCode, 'InvalidCertificateOwnershipToken');
  });

  test('is not spent by a request that fails, which leaves nothing behind', async () => {
    const world = await worldWithTemplate();
    const { certificateOwnershipToken, certificateId } = await pending(world);
    const [, answer] = await world.askJson(PROVISION, { certificateOwnershipToken });
    assert.equal(answer.errorCode, 'InvalidParameters');
    assert.match(answer.errorMessage, /ThingName needs a value for the parameter 'SerialNumber'/);
    const { things, certificates } = await world.inventory();
    assert.deepEqual([things, certificates], [[], [`${certificateId} PENDING_ACTIVATION`]]);
    assert.equal((await world.askJson(PROVISION, { certificateOwnershipToken, parameters }))[0], 'accepted');
  });

  test('is its principal’s alone', async () => {
    const world = await worldWithTemplate();
    const { certificateOwnershipToken } = await pending(world);
    const request = { certificateOwnershipToken, parameters };
    const [, answer] = await world.askJson(PROVISION, request, { principal: 'another claim' });
    assert.equal(answer.errorCode, 'InvalidCertificateOwnershipToken');
    assert.equal((await world.askJson(PROVISION, request, { clientId: 'another client' }))[0], 'accepted');
  });

  test('expires after an hour, and its certificate with it', async () => {
    const world = await worldWithTemplate();
    const { certificateOwnershipToken } = await pending(world);
    await world.clock.advance(HOUR_MS - 1);
    assert.equal((await world.inventory()).certificates.length, 1);
    await world.clock.advance(1);
    const [, answer] = await world.askJson(PROVISION, { certificateOwnershipToken, parameters });
    assert.equal(answer.errorCode, 'InvalidCertificateOwnershipToken');
    await world.clock.advance(10_000);
    assert.deepEqual((await world.inventory()).certificates, []);
  });

  test('expires without its certificate when that was activated, or given a policy', async () => {
    const world = await worldWithTemplate();
    const first = await pending(world);
    const second = await pending(world);
    await world.call.updateCertificate({ certificateId: first.certificateId, newStatus: 'ACTIVE' });
    const policyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}';
    await world.call.createPolicy({ policyName: 'p', policyDocument });
    const target = `arn:aws:iot:us-east-1:000000000000:cert/${second.certificateId}`;
    await world.call.attachPolicy({ policyName: 'p', target });
    await world.clock.advance(HOUR_MS + 20_000);
    assert.equal((await world.inventory()).certificates.length, 2);
  });

  test('cannot be turned to another certificate by parameters of the device', async () => {
    const world = await worldWithTemplate();
    const { certificateId: victim = '' } = await world.call.createCertificateFromCsr({
      certificateSigningRequest: csr,
    });
    const { certificateOwnershipToken, certificateId } = await pending(world);
    const evil = { ...parameters, 'AWS::IoT::Certificate::Id': victim };
    assert.equal((await world.askJson(PROVISION, { certificateOwnershipToken, parameters: evil }))[0], 'accepted');
    const { certificates } = await world.inventory();
    assert.deepEqual(certificates.sort(), [`${victim} INACTIVE`, `${certificateId} ACTIVE`].sort());
  });

  test('does nothing by a template that names another certificate', async () => {
    const careless = templateBody.replace('{"Ref":"AWS::IoT::Certificate::Id"}', '{"Ref":"SerialNumber"}');
    assert.notEqual(careless, templateBody);
    const world = await worldWithTemplate({}, { templateBody: careless });
    const { certificateId: victim = '' } = await world.call.createCertificateFromCsr({
      certificateSigningRequest: csr,
    });
    const { certificateOwnershipToken } = await pending(world);
    const [, answer] = await world.askJson(PROVISION, {
      certificateOwnershipToken,
      parameters: { SerialNumber: victim },
    });
    assert.equal(answer.errorCode, 'AccessDenied');
    assert.deepEqual((await world.inventory()).things, []);
  });
});

describe('a hook', () => {
  const preProvisioningHook = { targetArn: 'arn:aws:lambda:us-east-1:000000000000:function:hook' };

  async function provisionWith(invoke: ProvisioningDeps['invoke']) {
    const world = await worldWithTemplate(invoke ? { invoke } : {}, { preProvisioningHook });
    const { certificateOwnershipToken, certificateId } = await pending(world);
    const [outcome, answer] = await world.askJson(PROVISION, { certificateOwnershipToken, parameters });
    return { world, outcome, answer, certificateId };
  }

  test('is told everything and may set parameters', async () => {
    const asked: unknown[] = [];
    const { outcome, answer, certificateId } = await provisionWith(async (...call) => {
      asked.push(call);
      return { allowProvisioning: true, parameterOverrides: { Site: 'Kyoto' } };
    });
    assert.deepEqual([outcome, answer], ['accepted', { deviceConfiguration: { site: 'Kyoto' }, thingName: 'lamp-7' }]);
    const [[functionArn, event, timeoutMs]] = asked as [[string, Record<string, string>, number]];
    const { certificatePem, ...rest } = event;
    assert.match(certificatePem, /BEGIN CERTIFICATE/);
    assert.deepEqual([functionArn, timeoutMs], [preProvisioningHook.targetArn, 5000]);
    assert.deepEqual(rest, {
      claimCertificateId: 'claim',
      certificateId,
      templateArn: 'arn:aws:iot:us-east-1:000000000000:provisioningtemplate/T',
      clientId: 'device',
      parameters,
    });
  });

  for (const [what, invoke] of [
    ['says no', async () => ({ allowProvisioning: false })],
    ['says something else', async () => ({ allowProvisioning: 'true' })],
    ['says nothing', async () => null],
    ['sets parameters that are no texts', async () => ({ allowProvisioning: true, parameterOverrides: { Site: 1 } })],
    ['fails', async () => Promise.reject(new Error('timeout'))],
    ['is nowhere to run', undefined],
  ] as [string, (() => Promise<JsonValue>) | undefined][]) {
    test(`that ${what} keeps the device out, and nothing is made`, async () => {
      const { world, answer, certificateId } = await provisionWith(invoke);
      assert.deepEqual(answer, { statusCode: 403, errorCode: 'AccessDenied', errorMessage: 'Access denied' });
      const { things, certificates } = await world.inventory();
      assert.deepEqual([things, certificates], [[], [`${certificateId} PENDING_ACTIVATION`]]);
    });
  }
});

test('a client that asks too much at once is told so', async () => {
  let release = (): void => {};
  const gate = new Promise<JsonValue>((resolve) => {
    release = () => resolve({ allowProvisioning: false });
  });
  const preProvisioningHook = { targetArn: 'arn:aws:lambda:us-east-1:000000000000:function:hook' };
  const world = await worldWithTemplate({ invoke: () => gate }, { preProvisioningHook });
  const { certificateOwnershipToken } = await pending(world);
  const request = { certificateOwnershipToken, parameters };
  const asked = Array.from({ length: 9 }, () => world.ask(PROVISION, request));
  release();
  await Promise.all(asked);
  const codes = world.delivered.map(({ publication }) => JSON.parse(String(publication.payload)).statusCode);
  assert.deepEqual(codes.sort(), [...Array.from({ length: 8 }, () => 403), 429]);
});

test('other formats and requests that nobody can be answered to are passed over', async () => {
  const world = await worldWithTemplate();
  for (const [topic, more] of [
    ['$aws/certificates/create-from-csr/xml', {}],
    [FROM_CSR, { clientId: undefined }],
  ] as const) {
    await assert.rejects(world.ask(topic, { certificateSigningRequest: csr }, more as never));
    assert.deepEqual(world.delivered, []);
  }
});
