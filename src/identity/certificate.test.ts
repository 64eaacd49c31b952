import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CertificateStatus } from '../api/generated/iot.ts';
import { ServiceError } from '../base/errors.ts';
import { arnOf, DAY_MS, foreignCertificate, keys, START_MS, UNKNOWN_ID, world } from './certificate.fixture.ts';
import { requestPem } from './csr.fixture.ts';
import { distinguishedName } from './x509.ts';

test('CreateKeysAndCertificate gives an RSA key of 2,048 bits, in the forms AWS uses, and its certificate', async () => {
  const { call, material } = await world();
  const made = await call('createKeysAndCertificate', { setAsActive: true });
  const { PrivateKey, PublicKey } = made.keyPair!;
  assert.match(PrivateKey!, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.match(PublicKey!, /^-----BEGIN PUBLIC KEY-----\n/);
  const certificate = new X509Certificate(made.certificatePem!);
  assert.equal(certificate.checkPrivateKey(createPrivateKey(PrivateKey!)), true);
  assert.equal(certificate.publicKey.equals(createPublicKey(PublicKey!)), true);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  assert.equal(certificate.subject, 'CN=AWS IoT Certificate');
  assert.equal(certificate.verify(new X509Certificate(material.deviceCaPem).publicKey), true);
  assert.equal(made.certificateId, createHash('sha256').update(certificate.raw).digest('hex'));
  assert.equal(made.certificateArn, arnOf(made.certificateId!));
});

test('a private key that was made is not stored', async () => {
  const { call, store } = await world();
  await call('createKeysAndCertificate', {});
  const none = () => [];
  const stored = await store
    .collection<object>({ name: 'certificate', indexes: { created: none, ca: none, outgoing: none } })
    .scan();
  assert.equal(stored.items.length, 1);
  assert.doesNotMatch(JSON.stringify(stored), /PRIVATE/);
});

test('a certificate from a request has its subject and key, and each call makes another one', async () => {
  const { call } = await world();
  const subject = distinguishedName({ organization: 'Lamps', commonName: 'lamp-7' });
  const certificateSigningRequest = requestPem({ keys, subject });
  const first = await call('createCertificateFromCsr', { certificateSigningRequest });
  const second = await call('createCertificateFromCsr', { certificateSigningRequest });
  const certificate = new X509Certificate(first.certificatePem!);
  assert.equal(certificate.subject, 'O=Lamps\nCN=lamp-7');
  assert.ok(certificate.publicKey.equals(keys.publicKey));
  assert.notEqual(first.certificateId, second.certificateId);
});

test('a request that is not valid is refused and nothing is stored', async () => {
  const { call } = await world();
  const refused = call('createCertificateFromCsr', { certificateSigningRequest: 'nonsense' });
  await assert.rejects(refused, { code: 'InvalidRequestException', message: /not a PEM block/ });
  assert.deepEqual((await call('listCertificates', {})).certificates, []);
});

test('DescribeCertificate tells all there is to tell', async () => {
  const { call, create } = await world();
  const certificateId = await create();
  const { certificateDescription } = await call('describeCertificate', { certificateId });
  const { certificatePem, generationId, ...rest } = certificateDescription!;
  assert.equal(createHash('sha256').update(new X509Certificate(certificatePem!).raw).digest('hex'), certificateId);
  assert.match(generationId!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(rest, {
    certificateArn: arnOf(certificateId),
    certificateId,
    status: 'INACTIVE',
    certificateMode: 'DEFAULT',
    caCertificateId: undefined,
    ownedBy: '123456789012',
    creationDate: new Date(START_MS),
    lastModifiedDate: new Date(START_MS),
    customerVersion: 1,
    validity: { notBefore: new Date(START_MS - 3_600_000), notAfter: new Date('2049-12-31T23:59:59Z') },
  });
});

test('what is asked of an unknown certificate is answered with not found', async () => {
  const { call } = await world();
  const unknown = { code: 'ResourceNotFoundException' };
  await assert.rejects(call('describeCertificate', { certificateId: UNKNOWN_ID }), unknown);
  await assert.rejects(call('updateCertificate', { certificateId: UNKNOWN_ID, newStatus: 'ACTIVE' }), unknown);
  await assert.rejects(call('deleteCertificate', { certificateId: UNKNOWN_ID }), unknown);
});

test('an id in capitals means the same certificate', async () => {
  const { create, statusOf } = await world();
  assert.equal(await statusOf((await create()).toUpperCase()), 'INACTIVE');
});

test('certificates are listed page by page, the newest first unless the oldest are asked for', async () => {
  const { call, create, clock } = await world();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    ids.push(await create(i === 0));
    await clock.advance(1000);
  }
  for (const ascendingOrder of [true, false, undefined]) {
    const listed: string[] = [];
    let marker: string | undefined;
    do {
      const page = await call('listCertificates', { pageSize: 2, marker, ascendingOrder });
      assert.ok(page.certificates!.length <= 2);
      listed.push(...page.certificates!.map((certificate) => certificate.certificateId!));
      marker = page.nextMarker;
      // What the model allows a marker to be; the front refuses any other before it comes here.
      if (marker !== undefined) assert.match(marker, /^[A-Za-z0-9+/]+={0,2}$/);
    } while (marker !== undefined);
    assert.deepEqual(listed, ascendingOrder ? ids : ids.toReversed());
  }
});

test('a list shows id, ARN, status, mode and date, 25 to a page', async () => {
  const { call, create } = await world();
  const certificateId = await create(true);
  assert.deepEqual((await call('listCertificates', {})).certificates, [
    {
      certificateArn: arnOf(certificateId),
      certificateId,
      status: 'ACTIVE',
      certificateMode: 'DEFAULT',
      creationDate: new Date(START_MS),
    },
  ]);
  for (let i = 0; i < 25; i++) await create();
  assert.equal((await call('listCertificates', {})).certificates?.length, 25);
});

test('a marker nobody gave out, or of a list in the other order, is refused', async () => {
  const { call, create } = await world();
  for (let i = 0; i < 2; i++) await create();
  const { nextMarker: marker } = await call('listCertificates', { pageSize: 1 });
  await assert.rejects(call('listCertificates', { marker, ascendingOrder: true }), { code: 'InvalidRequestException' });
  await assert.rejects(call('listCertificates', { marker: 'bm9uc2Vuc2U=' }), { code: 'InvalidRequestException' });
});

/** From, to, and the outcome: 'changed', 'same', or the error. */
const transitions: readonly [CertificateStatus, CertificateStatus, string][] = [
  ['INACTIVE', 'ACTIVE', 'changed'],
  ['INACTIVE', 'INACTIVE', 'same'],
  ['INACTIVE', 'REVOKED', 'changed'],
  ['ACTIVE', 'INACTIVE', 'changed'],
  ['ACTIVE', 'ACTIVE', 'same'],
  ['ACTIVE', 'REVOKED', 'changed'],
  ['REVOKED', 'REVOKED', 'same'],
  ['REVOKED', 'ACTIVE', 'CertificateStateException'],
  ['REVOKED', 'INACTIVE', 'CertificateStateException'],
  ['INACTIVE', 'PENDING_TRANSFER', 'InvalidRequestException'],
  ['INACTIVE', 'PENDING_ACTIVATION', 'InvalidRequestException'],
  ['INACTIVE', 'REGISTER_INACTIVE', 'InvalidRequestException'],
];
for (const [from, to, outcome] of transitions) {
  test(`UpdateCertificate from ${from} to ${to}: ${outcome}`, async () => {
    const { call, certificates, clock, statusOf } = await world();
    const certificatePem = foreignCertificate().toString();
    const { certificateId = '' } = await call('registerCertificateWithoutCA', { certificatePem, status: from });
    const heard: string[] = [];
    certificates.onStatusChange((id, status) => heard.push(`${id} ${status}`));
    await clock.advance(5000);
    const update = call('updateCertificate', { certificateId, newStatus: to });
    const isError = outcome.endsWith('Exception');
    if (isError) await assert.rejects(update, { code: outcome });
    else assert.deepEqual(await update, {});

    const isChanged = outcome === 'changed';
    const { certificateDescription } = await call('describeCertificate', { certificateId });
    assert.equal(await statusOf(certificateId), isError ? from : to);
    assert.equal(certificateDescription?.customerVersion, isChanged ? 2 : 1);
    assert.deepEqual(certificateDescription?.lastModifiedDate, new Date(isChanged ? START_MS + 5000 : START_MS));
    assert.deepEqual(heard, isChanged ? [`${certificateId} ${to}`] : []);
  });
}

test('an ACTIVE certificate cannot be deleted, not even by force', async () => {
  const { call, create, statusOf } = await world();
  const certificateId = await create(true);
  await assert.rejects(call('deleteCertificate', { certificateId, forceDelete: true }), {
    code: 'CertificateStateException',
    message: `Certificate must be deactivated (not ACTIVE) before deletion. Id: ${certificateId}`,
  });
  assert.equal(await statusOf(certificateId), 'ACTIVE');
});

test('a certificate attached to a thing cannot be deleted, not even by force', async () => {
  const { call, create, withThings } = await world();
  const certificateId = await create();
  withThings.add(arnOf(certificateId));
  await assert.rejects(call('deleteCertificate', { certificateId, forceDelete: true }), {
    code: 'DeleteConflictException',
    message: `Things must be detached before deletion (arn: ${arnOf(certificateId)})`,
  });
});

test('a certificate with policies is deleted by force only, which detaches them', async () => {
  const { call, create, store, withPolicies } = await world();
  const certificateId = await create();
  const arn = arnOf(certificateId);
  withPolicies.add(arn);
  await assert.rejects(call('deleteCertificate', { certificateId }), {
    code: 'DeleteConflictException',
    message: `Certificate policies must be detached before deletion (arn: ${arn})`,
  });
  assert.deepEqual(await call('deleteCertificate', { certificateId, forceDelete: true }), {});
  assert.ok(await store.collection({ name: 'detached' }).get(arn));
  await assert.rejects(call('describeCertificate', { certificateId }), { code: 'ResourceNotFoundException' });
});

test('of a deletion and an activation at the same time one happens and the other is told why not', async () => {
  const { call, create, statusOf } = await world();
  const certificateId = await create();
  const [deletion, activation] = await Promise.allSettled([
    call('deleteCertificate', { certificateId }),
    call('updateCertificate', { certificateId, newStatus: 'ACTIVE' }),
  ]);
  assert.notEqual(deletion.status, activation.status);
  if (deletion.status === 'rejected') {
    assert.equal(deletion.reason.code, 'CertificateStateException');
    assert.equal(await statusOf(certificateId), 'ACTIVE');
  } else if (activation.status === 'rejected') {
    assert.equal(activation.reason.code, 'ResourceNotFoundException');
  }
});

test('changes of one certificate at the same time all happen, one after the other', async () => {
  const { call, create } = await world();
  const certificateId = await create();
  const statuses = ['ACTIVE', 'INACTIVE', 'ACTIVE', 'REVOKED'] as const;
  await Promise.allSettled(statuses.map((newStatus) => call('updateCertificate', { certificateId, newStatus })));
  const { certificateDescription } = await call('describeCertificate', { certificateId });
  assert.equal(certificateDescription?.status, 'REVOKED');
  assert.ok(certificateDescription!.customerVersion! >= 2);
});

test('a certificate of any other CA can be registered without that CA, INACTIVE unless said otherwise', async () => {
  const { call } = await world();
  const certificate = foreignCertificate();
  const chain = certificate.toString() + foreignCertificate().toString();
  const registered = await call('registerCertificateWithoutCA', { certificatePem: `Bag Attributes\n${chain}` });
  const certificateId = createHash('sha256').update(certificate.raw).digest('hex');
  assert.deepEqual(registered, { certificateId, certificateArn: arnOf(certificateId) });
  const { certificateDescription } = await call('describeCertificate', { certificateId });
  assert.equal(certificateDescription?.status, 'INACTIVE');
  assert.equal(certificateDescription?.certificateMode, 'SNI_ONLY');
  assert.equal(certificateDescription?.certificatePem, certificate.toString());
});

test('a certificate is registered once, and again after it was deleted', async () => {
  const { call } = await world();
  const certificatePem = foreignCertificate().toString();
  const { certificateId = '' } = await call('registerCertificateWithoutCA', { certificatePem });
  await assert.rejects(call('registerCertificateWithoutCA', { certificatePem, status: 'ACTIVE' }), {
    code: 'ResourceAlreadyExistsException',
    message: 'The certificate is already provisioned or registered',
    fields: { resourceId: certificateId, resourceArn: arnOf(certificateId) },
  });
  await call('deleteCertificate', { certificateId });
  assert.ok(await call('registerCertificateWithoutCA', { certificatePem }));
});

test('a status that only the service sets is refused at registration', async () => {
  const { call } = await world();
  const certificatePem = foreignCertificate().toString();
  for (const status of ['PENDING_TRANSFER', 'PENDING_ACTIVATION', 'REGISTER_INACTIVE'] as const) {
    const refused = call('registerCertificateWithoutCA', { certificatePem, status });
    await assert.rejects(refused, { code: 'InvalidRequestException' });
  }
});

test('only the ARNs of registered certificates are known principals', async () => {
  const { certificates, create } = await world();
  const certificateId = await create();
  assert.equal(await certificates.principals.exists(arnOf(certificateId)), true);
  for (const arn of [
    arnOf(UNKNOWN_ID),
    arnOf(certificateId).replace('eu-west-1', 'us-east-1'),
    arnOf(certificateId.toUpperCase()),
    arnOf(''),
    certificateId,
    'arn:aws:iot:eu-west-1:123456789012:thing/lamp',
    'x'.repeat(5000),
  ]) {
    assert.equal(await certificates.principals.exists(arn), false, arn);
  }
});

test('a device with an ACTIVE certificate is that certificate', async () => {
  const { call, certificates } = await world();
  const certificate = foreignCertificate();
  await call('registerCertificateWithoutCA', { certificatePem: certificate.toString(), status: 'ACTIVE' });
  const id = createHash('sha256').update(certificate.raw).digest('hex');
  assert.deepEqual(await certificates.authenticateCertificate(certificate.raw, 'localhost'), {
    kind: 'certificate',
    id,
    arn: arnOf(id),
  });
});

test('a certificate that is not registered is refused as unknown, also one with a registered key and subject', async () => {
  const { call, certificates } = await world();
  const [registered, twin] = [foreignCertificate(), foreignCertificate()];
  await call('registerCertificateWithoutCA', { certificatePem: registered.toString(), status: 'ACTIVE' });
  for (const der of [twin.raw, Buffer.alloc(0), registered.raw.subarray(1)]) {
    const certificateId = createHash('sha256').update(der).digest('hex');
    assert.deepEqual(await certificates.authenticateCertificate(der, 'localhost'), {
      kind: 'refusal',
      certificateId,
      reason: 'UNKNOWN',
    });
  }
});

test('a certificate is refused before its validity begins and after it ends', async () => {
  const { call, certificates, clock } = await world();
  const certificate = foreignCertificate({ notBeforeMs: START_MS + DAY_MS, notAfterMs: START_MS + 2 * DAY_MS });
  await call('registerCertificateWithoutCA', { certificatePem: certificate.toString(), status: 'ACTIVE' });
  const outcome = async () => {
    const answer = await certificates.authenticateCertificate(certificate.raw, 'localhost');
    return answer.kind === 'refusal' ? answer.reason : answer.kind;
  };
  assert.equal(await outcome(), 'NOT_YET_VALID');
  await clock.advance(DAY_MS);
  assert.equal(await outcome(), 'certificate');
  await clock.advance(DAY_MS + 1000);
  assert.equal(await outcome(), 'EXPIRED');
});

test('a change of status, a deletion and a reset count from the next handshake on', async () => {
  const { call, certificates } = await world();
  const certificate = foreignCertificate();
  const certificatePem = certificate.toString();
  const reason = async () => {
    const answer = await certificates.authenticateCertificate(certificate.raw, 'localhost');
    return answer.kind === 'refusal' ? answer.reason : 'none';
  };
  assert.equal(await reason(), 'UNKNOWN');
  const { certificateId = '' } = await call('registerCertificateWithoutCA', { certificatePem, status: 'ACTIVE' });
  assert.equal(await reason(), 'none');
  await call('updateCertificate', { certificateId, newStatus: 'INACTIVE' });
  assert.equal(await reason(), 'INACTIVE');
  await call('deleteCertificate', { certificateId });
  assert.equal(await reason(), 'UNKNOWN');
  await call('registerCertificateWithoutCA', { certificatePem, status: 'ACTIVE' });
  assert.equal(await reason(), 'none');
  await call('updateCertificate', { certificateId, newStatus: 'REVOKED' });
  assert.equal(await reason(), 'REVOKED');
});

test('a listener hears of changes and deletions until it stops', async () => {
  const { call, certificates, create } = await world();
  const certificateId = await create(true);
  const heard: string[] = [];
  const stop = certificates.onStatusChange((id, status) => heard.push(`${id === certificateId} ${status}`));
  await call('updateCertificate', { certificateId, newStatus: 'INACTIVE' });
  await call('deleteCertificate', { certificateId });
  stop();
  await create(true);
  assert.deepEqual(heard, ['true INACTIVE', 'true DELETED']);
});

test('any text in place of a certificate, or a damaged certificate, is refused without a crash', async () => {
  const { call } = await world();
  const good = foreignCertificate().toString();
  const edited = fc
    .record({ at: fc.nat(good.length - 1), text: fc.string({ maxLength: 3 }) })
    .map(({ at, text }) => good.slice(0, at) + text + good.slice(at + 1));
  const property = fc.asyncProperty(fc.oneof(fc.string(), edited), async (certificatePem) => {
    try {
      await call('registerCertificateWithoutCA', { certificatePem });
    } catch (error) {
      assert.ok(error instanceof ServiceError, String(error));
      assert.match(error.code, /^(CertificateValidation|ResourceAlreadyExists)Exception$/);
    }
  });
  await fc.assert(property, { numRuns: 300 });
});
