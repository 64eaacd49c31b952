import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { RepeatedWarnings } from '../base/repeated-warnings.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { FunctionPort } from './authorizer-check.ts';
import { ecKeys, requestPem } from './csr.fixture.ts';
import { createIdentity, createSecretBox, memoryKeyFiles, openKeyMaterial } from './identity.ts';
import type { CertificatePrincipal } from './principal.ts';
import { distinguishedName } from './x509.ts';

const context = {} as RequestContext;

async function setUp(functions?: FunctionPort) {
  const clock = new VirtualClock(Date.parse('2026-01-15T12:00:00Z'));
  const random = seededRandom(3);
  const wallClock = new VirtualClock(0);
  const identity = await createIdentity({
    wallClock,
    warnings: new RepeatedWarnings(silentLog, wallClock),
    store: await openSqliteStore({ file: ':memory:', log: silentLog }),
    clock,
    random,
    log: silentLog,
    place: { region: 'us-east-1', account: '000000000000' },
    keyMaterial: await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: [] }),
    secrets: createSecretBox(undefined, random),
    publish: async () => {},
    things: {
      associatedThing: async () => undefined,
      hasThings: async () => false,
      groupsOf: async () => undefined,
      thingGroup: async () => undefined,
      onChange: () => () => {},
    },
    tagsFor: () => [],
    functions: functions ?? { accepts: () => true, invoke: () => assert.fail('no function is run') },
    host: 'localhost',
  });
  const { operations } = identity;
  const created = await operations.createCertificateFromCsr(
    { certificateSigningRequest: requestPem({ keys: ecKeys() }), setAsActive: true },
    context,
  );
  const { certificateId: id, certificateArn: arn, certificatePem } = created;
  const device: CertificatePrincipal = { kind: 'certificate', id: id!, arn: arn! };
  const mayPublish = () =>
    identity.authorize({
      principal: device,
      action: 'iot:Publish',
      resource: 'arn:aws:iot:us-east-1:000000000000:topic/a',
      sourceIp: '127.0.0.1',
      secure: true,
    });
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
  });
  await operations.createPolicy({ policyName: 'all', policyDocument }, context);
  await operations.attachPolicy({ policyName: 'all', target: device.arn }, context);
  return { identity, operations, device, mayPublish, certificatePem: certificatePem! };
}

test('a certificate that was deleted and registered again has none of its old policies', async () => {
  const { operations, device, mayPublish, certificatePem } = await setUp();
  await mayPublish();
  await operations.updateCertificate({ certificateId: device.id, newStatus: 'INACTIVE' }, context);
  await operations.deleteCertificate({ certificateId: device.id, forceDelete: true }, context);
  await operations.registerCertificateWithoutCA({ certificatePem, status: 'ACTIVE' }, context);
  await assert.rejects(mayPublish(), { code: 'ForbiddenException' });
});

test('an open connection loses its rights with the deletion of its certificate', async () => {
  const { identity, operations, device } = await setUp();
  const open = await identity.openAuthority(device, { clientId: 'a', sourceIp: '127.0.0.1', secure: true });
  assert.equal(open.allows('iot:Publish', 'topic/a'), true);
  await operations.updateCertificate({ certificateId: device.id, newStatus: 'INACTIVE' }, context);
  await operations.deleteCertificate({ certificateId: device.id, forceDelete: true }, context);
  await new Promise(setImmediate);
  assert.equal(open.allows('iot:Publish', 'topic/a'), false);
});

test('while there is a certificate provider, it signs what a device of fleet provisioning asks for', async () => {
  const elsewhere = await openKeyMaterial({
    files: memoryKeyFiles(),
    clock: new VirtualClock(Date.parse('2026-01-15T12:00:00Z')),
    random: seededRandom(4),
    names: [],
  });
  const keys = ecKeys();
  const signed = elsewhere
    .issueDeviceCertificate(distinguishedName({ commonName: 'theirs' }), keys.publicKey)
    .toString();
  const events: unknown[] = [];
  const { identity, operations } = await setUp({
    accepts: () => true,
    invoke: async (_function, event) => {
      events.push(event);
      return { certificatePem: signed };
    },
  });
  const csr = requestPem({ keys });
  const requester = { principalId: 'claim', clientId: 'device' };
  const ask = () => identity.issuing.fromCsr(csr, { status: 'PENDING_ACTIVATION', requester });
  assert.notEqual((await ask()).certificatePem, signed, 'without a provider we sign');
  const lambdaFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:sign';
  const accountDefaultForOperations = ['CreateCertificateFromCsr' as const];
  const provider = { certificateProviderName: 'p', lambdaFunctionArn, accountDefaultForOperations };
  await operations.createCertificateProvider(provider, context);
  const { certificateId, certificatePem } = await ask();
  assert.equal(certificatePem, signed);
  assert.deepEqual(events, [{ certificateSigningRequest: csr, ...requester }]);
  const { certificateDescription } = await operations.describeCertificate({ certificateId: certificateId! }, context);
  assert.equal(certificateDescription?.status, 'PENDING_ACTIVATION');
});
