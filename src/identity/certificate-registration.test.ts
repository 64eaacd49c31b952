import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import {
  ACCOUNT,
  arnOf,
  type Ca,
  DAY_MS,
  foreignCertificate,
  makeCa,
  possession,
  START_MS,
  type World,
  world,
} from './certificate.fixture.ts';
import { certificateIdOf } from './certificate-intake.ts';
import { toPem } from './pem.ts';
import { distinguishedName } from './x509.ts';

async function withCas(...cas: readonly Ca[]): Promise<World> {
  const there = await world();
  for (const ca of cas) {
    await there.call('registerCACertificate', { ...(await possession(there, ca)), setAsActive: true });
    await there.clock.advance(1);
  }
  return there;
}

test('a certificate of a registered CA is registered INACTIVE, and names its CA', async () => {
  const ca = makeCa();
  const { call } = await withCas(ca);
  const device = ca.issue();
  const id = certificateIdOf(device.raw);
  const registered = await call('registerCertificate', { certificatePem: device.toString() });
  assert.deepEqual(registered, { certificateId: id, certificateArn: arnOf(id) });
  const { certificateDescription } = await call('describeCertificate', { certificateId: id });
  assert.equal(certificateDescription?.status, 'INACTIVE');
  assert.equal(certificateDescription?.caCertificateId, ca.id);
  assert.equal(certificateDescription?.certificateMode, 'DEFAULT');
  assert.equal(certificateDescription?.ownedBy, ACCOUNT);
});

test('a certificate of a CA in the mode SNI_ONLY has this mode too', async () => {
  const ca = makeCa();
  const { call } = await world();
  await call('registerCACertificate', { caCertificate: ca.pem, certificateMode: 'SNI_ONLY', setAsActive: true });
  const { certificateId = '' } = await call('registerCertificate', { certificatePem: ca.issue().toString() });
  const { certificateDescription } = await call('describeCertificate', { certificateId });
  assert.equal(certificateDescription?.certificateMode, 'SNI_ONLY');
});

const wishes = [
  [{}, 'INACTIVE'],
  [{ setAsActive: true }, 'ACTIVE'],
  [{ setAsActive: false }, 'INACTIVE'],
  [{ status: 'ACTIVE' }, 'ACTIVE'],
  [{ status: 'REVOKED' }, 'REVOKED'],
  [{ status: 'INACTIVE', setAsActive: true }, 'INACTIVE'],
  [{ status: 'PENDING_TRANSFER' }, undefined],
  [{ status: 'PENDING_ACTIVATION' }, undefined],
  [{ status: 'REGISTER_INACTIVE' }, undefined],
] as const;
for (const [wish, status] of wishes) {
  test(`RegisterCertificate with ${JSON.stringify(wish)}: ${status ?? 'refused'}`, async () => {
    const ca = makeCa();
    const { call, statusOf } = await withCas(ca);
    const registration = call('registerCertificate', { certificatePem: ca.issue().toString(), ...wish });
    if (!status) await assert.rejects(registration, { code: 'InvalidRequestException' });
    else assert.equal(await statusOf((await registration).certificateId!), status);
  });
}

test('a certificate is registered once', async () => {
  const ca = makeCa();
  const { call } = await withCas(ca);
  const certificatePem = ca.issue().toString();
  const { certificateId = '' } = await call('registerCertificate', { certificatePem });
  for (const again of ['registerCertificate', 'registerCertificateWithoutCA'] as const) {
    await assert.rejects(call(again, { certificatePem }), {
      code: 'ResourceAlreadyExistsException',
      message: 'The certificate is already provisioned or registered',
      fields: { resourceId: certificateId, resourceArn: arnOf(certificateId) },
    });
  }
});

test('that a certificate is registered is said also when its CA is INACTIVE or gone', async () => {
  const ca = makeCa();
  const { call } = await withCas(ca);
  const certificatePem = ca.issue().toString();
  await call('registerCertificate', { certificatePem });
  await call('updateCACertificate', { certificateId: ca.id, newStatus: 'INACTIVE' });
  const refused = { code: 'ResourceAlreadyExistsException' };
  await assert.rejects(call('registerCertificate', { certificatePem }), refused);
  await call('deleteCACertificate', { certificateId: ca.id });
  await assert.rejects(call('registerCertificate', { certificatePem }), refused);
});

test('certificates with the same subject are registered each for itself', async () => {
  const ca = makeCa();
  const { call } = await withCas(ca);
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.push((await call('registerCertificate', { certificatePem: ca.issue().toString() })).certificateId);
  }
  assert.equal(new Set(ids).size, 3);
});

test('a certificate of a CA that is not registered is refused, also when that has the name of one that is', async () => {
  const { call } = await withCas(makeCa());
  const refused = { code: 'CertificateValidationException' };
  for (const certificate of [
    foreignCertificate(),
    makeCa().issue(),
    makeCa({ subject: distinguishedName({}) }).issue(),
  ]) {
    await assert.rejects(call('registerCertificate', { certificatePem: certificate.toString() }), refused);
  }
});

test('the CA that signed is found among others of the same name', async () => {
  const cas = [makeCa(), makeCa(), makeCa()];
  const { call } = await withCas(...cas);
  for (const ca of cas) {
    const { certificateId = '' } = await call('registerCertificate', { certificatePem: ca.issue().toString() });
    const { certificateDescription } = await call('describeCertificate', { certificateId });
    assert.equal(certificateDescription?.caCertificateId, ca.id);
  }
});

test('the name of a CA counts without its case and repeated spaces', async () => {
  const ca = makeCa({ commonName: 'The  Acme CA' });
  const sloppy = makeCa({ commonName: 'the ACME ca', keys: ca.keys });
  const { call } = await withCas(ca);
  const { certificateId = '' } = await call('registerCertificate', { certificatePem: sloppy.issue().toString() });
  const { certificateDescription } = await call('describeCertificate', { certificateId });
  assert.equal(certificateDescription?.caCertificateId, ca.id);
});

test('when a CA was renewed with its key, only caCertificatePem says through which one a certificate comes', async () => {
  const old = makeCa();
  const renewed = makeCa({ keys: old.keys, notAfterMs: START_MS + 9 * DAY_MS });
  const { call } = await withCas(old, renewed);
  const certificatePem = old.issue().toString();
  await assert.rejects(call('registerCertificate', { certificatePem }), { code: 'CertificateConflictException' });
  const named = await call('registerCertificate', { certificatePem, caCertificatePem: old.pem });
  const { certificateDescription } = await call('describeCertificate', { certificateId: named.certificateId! });
  assert.equal(certificateDescription?.caCertificateId, old.id);
  await call('updateCACertificate', { certificateId: old.id, newStatus: 'INACTIVE' });
  const { certificateId = '' } = await call('registerCertificate', { certificatePem: old.issue().toString() });
  const second = await call('describeCertificate', { certificateId });
  assert.equal(second.certificateDescription?.caCertificateId, renewed.id);
});

test('a CA that is given must be registered and have issued the certificate', async () => {
  const [ca, other] = [makeCa(), makeCa({ commonName: 'Other' })];
  const { call } = await withCas(ca, other);
  const certificatePem = ca.issue().toString();
  const renewed = makeCa({ keys: ca.keys });
  for (const caCertificatePem of [other.pem, renewed.pem, 'nonsense', certificatePem]) {
    const refused = call('registerCertificate', { certificatePem, caCertificatePem });
    await assert.rejects(refused, { code: 'CertificateValidationException' });
  }
});

test('nothing is registered through a CA that is INACTIVE, and what was registered stays as it is', async () => {
  const ca = makeCa();
  const { call, certificates } = await withCas(ca);
  const device = ca.issue();
  await call('registerCertificate', { certificatePem: device.toString(), status: 'ACTIVE' });
  await call('updateCACertificate', { certificateId: ca.id, newStatus: 'INACTIVE' });
  const certificatePem = ca.issue().toString();
  const refused = { code: 'CertificateStateException' };
  await assert.rejects(call('registerCertificate', { certificatePem }), refused);
  await assert.rejects(call('registerCertificate', { certificatePem, caCertificatePem: ca.pem }), refused);
  assert.equal((await certificates.authenticateCertificate(device.raw, undefined)).kind, 'certificate');
  await call('deleteCACertificate', { certificateId: ca.id });
  assert.equal((await certificates.authenticateCertificate(device.raw, undefined)).kind, 'certificate');
});

test('nothing is registered through a CA that is not within its validity', async () => {
  const [past, future] = [makeCa(), makeCa({ notBeforeMs: START_MS + 5 * DAY_MS, notAfterMs: START_MS + 9 * DAY_MS })];
  const there = await withCas(past, future);
  const refused = { code: 'CertificateValidationException', message: /validity/ };
  await assert.rejects(there.call('registerCertificate', { certificatePem: future.issue().toString() }), refused);
  await there.clock.advance(2 * DAY_MS);
  await assert.rejects(there.call('registerCertificate', { certificatePem: past.issue().toString() }), refused);
});

test('the certificates of a CA are listed, page by page, and no others', async () => {
  const [ca, other] = [makeCa(), makeCa()];
  const { call, create, clock } = await withCas(ca, other);
  await create();
  await call('registerCertificate', { certificatePem: other.issue().toString() });
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { certificateId = '' } = await call('registerCertificate', { certificatePem: ca.issue().toString() });
    ids.push(certificateId);
    await clock.advance(1000);
  }
  const list = { caCertificateId: ca.id.toUpperCase(), pageSize: 2 };
  const first = await call('listCertificatesByCA', list);
  assert.deepEqual(Object.keys(first.certificates![0]).sort(), [
    'certificateArn',
    'certificateId',
    'certificateMode',
    'creationDate',
    'status',
  ]);
  const second = await call('listCertificatesByCA', { ...list, marker: first.nextMarker! });
  const listed = [...first.certificates!, ...second.certificates!].map((certificate) => certificate.certificateId);
  assert.deepEqual(listed, ids.toReversed());
  assert.equal(second.nextMarker, undefined);
  const oldest = await call('listCertificatesByCA', { caCertificateId: ca.id, ascendingOrder: true, pageSize: 1 });
  assert.equal(oldest.certificates?.[0].certificateId, ids[0]);
});

test('a damaged certificate is refused without a crash, or registered when the damage is none', async () => {
  const ca = makeCa();
  const { call } = await withCas(ca);
  const good = ca.issue().raw;
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(changes, async (edits) => {
    const bytes = Buffer.from(good);
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    try {
      await call('registerCertificate', { certificatePem: toPem('CERTIFICATE', bytes) });
      assert.deepEqual(bytes, good);
    } catch (error) {
      assert.ok(error instanceof ServiceError, String(error));
      assert.match(error.code, /^(CertificateValidation|ResourceAlreadyExists)Exception$/);
    }
  });
  await fc.assert(property, { numRuns: 300 });
});
