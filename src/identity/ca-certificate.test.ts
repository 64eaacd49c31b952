import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RegistrationConfig } from '../api/generated/iot.ts';
import { invalidRequest, notFound, ServiceError } from '../base/errors.ts';
import {
  ACCOUNT,
  type Ca,
  DAY_MS,
  foreignCertificate,
  makeCa,
  possession,
  START_MS,
  UNKNOWN_ID,
  version1Certificate,
  type World,
  world,
} from './certificate.fixture.ts';
import { ecKeys } from './csr.fixture.ts';
import { toPem } from './pem.ts';
import type { RegistrationTemplate } from './registration-template.ts';
import { distinguishedName } from './x509.ts';

const ROLE = 'arn:aws:iam::123456789012:role/provisioning';
const arnOf = (id: string): string => `arn:aws:iot:eu-west-1:${ACCOUNT}:cacert/${id}`;

async function registered(there: World, ca: Ca, options: { setAsActive?: boolean } = {}): Promise<string> {
  const made = await there.call('registerCACertificate', { ...(await possession(there, ca)), ...options });
  return made.certificateId!;
}

test('the registration code is 64 hex digits, the same until it is deleted', async () => {
  const { call } = await world();
  await assert.rejects(call('deleteRegistrationCode', {}), { code: 'ResourceNotFoundException' });
  const { registrationCode } = await call('getRegistrationCode', {});
  assert.match(registrationCode!, /^[0-9a-f]{64}$/);
  assert.deepEqual(await call('getRegistrationCode', {}), { registrationCode });
  assert.deepEqual(await call('deleteRegistrationCode', {}), {});
  assert.notEqual((await call('getRegistrationCode', {})).registrationCode, registrationCode);
});

test('all who ask for the registration code at the same time get the same one', async () => {
  const { call } = await world();
  const codes = await Promise.all([1, 2, 3].map(() => call('getRegistrationCode', {})));
  assert.equal(new Set(codes.map((code) => code.registrationCode)).size, 1);
});

test('a CA is registered with a certificate for the registration code, and described', async () => {
  const there = await world();
  const ca = makeCa();
  const made = await there.call('registerCACertificate', await possession(there, ca));
  assert.deepEqual(made, { certificateId: ca.id, certificateArn: arnOf(ca.id) });
  const { certificateDescription, registrationConfig } = await there.call('describeCACertificate', {
    certificateId: ca.id.toUpperCase(),
  });
  const { generationId, ...rest } = certificateDescription!;
  assert.match(generationId!, /^[0-9a-f-]{36}$/);
  assert.equal(registrationConfig, undefined);
  assert.deepEqual(rest, {
    certificateArn: arnOf(ca.id),
    certificateId: ca.id,
    status: 'INACTIVE',
    certificatePem: ca.pem,
    ownedBy: ACCOUNT,
    creationDate: new Date(START_MS),
    autoRegistrationStatus: 'DISABLE',
    lastModifiedDate: new Date(START_MS),
    customerVersion: 1,
    validity: { notBefore: new Date(START_MS - DAY_MS), notAfter: new Date(START_MS + DAY_MS) },
    certificateMode: 'DEFAULT',
  });
});

test('a CA can be registered active, with auto-registration and a template', async () => {
  const there = await world();
  const ca = makeCa();
  await there.call('registerCACertificate', {
    ...(await possession(there, ca)),
    setAsActive: true,
    allowAutoRegistration: true,
    registrationConfig: { templateBody: '{"Resources":{}}', roleArn: ROLE },
    tags: [{ Key: 'plant', Value: 'north' }],
  });
  const described = await there.call('describeCACertificate', { certificateId: ca.id });
  assert.equal(described.certificateDescription?.status, 'ACTIVE');
  assert.equal(described.certificateDescription?.autoRegistrationStatus, 'ENABLE');
  assert.deepEqual(described.registrationConfig, { templateBody: '{"Resources":{}}', roleArn: ROLE });
});

test('in the mode SNI_ONLY a CA is registered without proof, and with one it is refused', async () => {
  const there = await world();
  const ca = makeCa();
  const { verificationCertificate } = await possession(there, ca);
  const input = { caCertificate: ca.pem, certificateMode: 'SNI_ONLY' } as const;
  await assert.rejects(there.call('registerCACertificate', { ...input, verificationCertificate }), {
    code: 'InvalidRequestException',
  });
  await there.call('registerCACertificate', input);
  const { certificateDescription } = await there.call('describeCACertificate', { certificateId: ca.id });
  assert.equal(certificateDescription?.certificateMode, 'SNI_ONLY');
});

test('the tags of a CA come and go with it, and bad ones keep it from being registered', async () => {
  const there = await world();
  const one = makeCa();
  const stored = async () => (await there.store.collection<object>({ name: 'tagged' }).get(arnOf(one.id)))?.value;
  const input = await possession(there, one);
  const bad = there.call('registerCACertificate', { ...input, tags: [{ Key: 'aws:x' }] });
  await assert.rejects(bad, { code: 'InvalidRequestException' });
  await assert.rejects(there.call('describeCACertificate', { certificateId: one.id }));
  const tags = [{ Key: 'plant', Value: 'north' }];
  await there.call('registerCACertificate', { ...input, tags });
  assert.deepEqual(await stored(), { arn: arnOf(one.id), tags });
  assert.equal(await there.certificates.caCertificateExists(arnOf(one.id)), true);
  await there.call('deleteCACertificate', { certificateId: one.id });
  assert.deepEqual(await stored(), { arn: arnOf(one.id), tags: [] });
  for (const arn of [arnOf(one.id), arnOf(''), one.id, arnOf(one.id).replace('cacert', 'cert')]) {
    assert.equal(await there.certificates.caCertificateExists(arn), false, arn);
  }
});

const ca = makeCa();
const elsewhere = makeCa();
const sameKey = makeCa({ commonName: 'Other name', keys: ca.keys });
/** What is wrong with the proof, how it is made from the registration code, and the error. */
const badProofs: readonly [string, (code: string) => string | undefined, string][] = [
  ['is missing', () => undefined, 'InvalidRequestException'],
  ['has another common name', () => ca.issue({ commonName: 'x' }).toString(), 'RegistrationCodeValidationException'],
  [
    'has the code with something after it',
    (code) => ca.issue({ commonName: `${code} ` }).toString(),
    'RegistrationCodeValidationException',
  ],
  [
    'was issued by another CA of the same name',
    (commonName) => elsewhere.issue({ commonName }).toString(),
    'CertificateValidationException',
  ],
  [
    'was issued with the key of the CA in another name',
    (commonName) => sameKey.issue({ commonName }).toString(),
    'CertificateValidationException',
  ],
  [
    'has expired',
    (commonName) => ca.issue({ commonName, notAfterMs: START_MS - 1000 }).toString(),
    'CertificateValidationException',
  ],
  ['is no certificate', () => 'nonsense', 'CertificateValidationException'],
];
for (const [what, make, code] of badProofs) {
  test(`a CA is not registered when its verification certificate ${what}`, async () => {
    const { call } = await world();
    const { registrationCode = '' } = await call('getRegistrationCode', {});
    const verificationCertificate = make(registrationCode);
    const input = { caCertificate: ca.pem, ...(verificationCertificate && { verificationCertificate }) };
    await assert.rejects(call('registerCACertificate', input), { code });
    await assert.rejects(call('describeCACertificate', { certificateId: ca.id }), {
      code: 'ResourceNotFoundException',
    });
  });
}

test('a proof for a registration code that was deleted since counts no more', async () => {
  const there = await world();
  const input = await possession(there, ca);
  await there.call('deleteRegistrationCode', {});
  await assert.rejects(there.call('registerCACertificate', input), { code: 'RegistrationCodeValidationException' });
});

const notCas: readonly [string, string, RegExp][] = [
  ['a certificate of a device', foreignCertificate().toString(), /basic constraints/],
  ['a self-signed certificate that is no CA', makeCa({ use: 'device' }).pem, /basic constraints/],
  ['a certificate of version 1', version1Certificate().toString(), /version 3/],
  ['a CA without a name', makeCa({ subject: distinguishedName({}) }).pem, /subject/],
  ['an expired CA', makeCa({ notAfterMs: START_MS - 1000 }).pem, /expired/],
  ['a CA with a key on a curve that is not taken', makeCa({ keys: ecKeys('secp256k1') }).pem, /curve/],
  ['a text', 'nonsense', /PEM/],
];
for (const [what, caCertificate, message] of notCas) {
  test(`${what} is not registered as a CA`, async () => {
    const { call } = await world();
    const refused = call('registerCACertificate', { caCertificate, certificateMode: 'SNI_ONLY' });
    await assert.rejects(refused, { code: 'CertificateValidationException', message });
  });
}

test('a CA is registered once, and again after it was deleted', async () => {
  const there = await world();
  await registered(there, ca);
  await assert.rejects(registered(there, ca), {
    code: 'ResourceAlreadyExistsException',
    fields: { resourceId: ca.id, resourceArn: arnOf(ca.id) },
  });
  await there.call('deleteCACertificate', { certificateId: ca.id });
  assert.equal(await registered(there, ca), ca.id);
});

test('ten CAs may have one subject, whoever comes first, and an eleventh once one is deleted', async () => {
  const { call } = await world();
  const cas = Array.from({ length: 12 }, () => makeCa({ commonName: 'Namesake' }));
  const register = (one: Ca) => call('registerCACertificate', { caCertificate: one.pem, certificateMode: 'SNI_ONLY' });
  const outcomes: PromiseSettledResult<unknown>[] = [];
  for (const batch of [cas.slice(0, 9), cas.slice(9)]) {
    outcomes.push(...(await Promise.allSettled(batch.map(register))));
  }
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.deepEqual(
    refused.map(({ reason }) => reason.code),
    ['LimitExceededException', 'LimitExceededException'],
  );
  await register(makeCa({ commonName: 'Another' }));
  const one = cas[outcomes.findIndex(({ status }) => status === 'fulfilled')];
  const other = cas[outcomes.findIndex(({ status }) => status === 'rejected')];
  await call('deleteCACertificate', { certificateId: one.id });
  await register(other);
});

test('what is asked of an unknown CA is answered with not found, except for the list of its certificates', async () => {
  const { call } = await world();
  const unknown = { code: 'ResourceNotFoundException' };
  await assert.rejects(call('describeCACertificate', { certificateId: UNKNOWN_ID }), unknown);
  await assert.rejects(call('updateCACertificate', { certificateId: UNKNOWN_ID, newStatus: 'ACTIVE' }), unknown);
  await assert.rejects(call('deleteCACertificate', { certificateId: UNKNOWN_ID }), unknown);
  assert.deepEqual((await call('listCertificatesByCA', { caCertificateId: UNKNOWN_ID })).certificates, []);
});

test('an ACTIVE CA cannot be deleted', async () => {
  const there = await world();
  const certificateId = await registered(there, ca, { setAsActive: true });
  await assert.rejects(there.call('deleteCACertificate', { certificateId }), { code: 'CertificateStateException' });
  await there.call('updateCACertificate', { certificateId, newStatus: 'INACTIVE' });
  assert.deepEqual(await there.call('deleteCACertificate', { certificateId }), {});
  await assert.rejects(there.call('describeCACertificate', { certificateId }), { code: 'ResourceNotFoundException' });
});

test('UpdateCACertificate changes what it names, and counts only changes', async () => {
  const there = await world();
  const { call, clock } = there;
  const certificateId = await registered(there, ca);
  const state = async () => {
    const { certificateDescription, registrationConfig } = await call('describeCACertificate', { certificateId });
    const { status, autoRegistrationStatus, customerVersion } = certificateDescription!;
    return [status, autoRegistrationStatus, registrationConfig?.templateName, customerVersion];
  };
  const update = (input: object) => call('updateCACertificate', { certificateId, ...input });
  assert.deepEqual(await update({}), {});
  assert.deepEqual(await state(), ['INACTIVE', 'DISABLE', undefined, 1]);
  await clock.advance(1000);
  await update({ newStatus: 'ACTIVE' });
  assert.deepEqual(await state(), ['ACTIVE', 'DISABLE', undefined, 2]);
  const { certificateDescription } = await call('describeCACertificate', { certificateId });
  assert.deepEqual(certificateDescription?.lastModifiedDate, new Date(START_MS + 1000));
  await update({ newStatus: 'ACTIVE', newAutoRegistrationStatus: 'DISABLE' });
  assert.deepEqual(await state(), ['ACTIVE', 'DISABLE', undefined, 2]);
  await update({ newAutoRegistrationStatus: 'ENABLE', registrationConfig: { templateName: 'lamps' } });
  assert.deepEqual(await state(), ['ACTIVE', 'ENABLE', 'lamps', 3]);
  await update({ registrationConfig: { templateName: 'lamps' } });
  assert.deepEqual(await state(), ['ACTIVE', 'ENABLE', 'lamps', 3]);
  await update({ newStatus: 'INACTIVE' });
  assert.deepEqual(await state(), ['INACTIVE', 'ENABLE', 'lamps', 4]);
  await update({ removeAutoRegistration: true });
  assert.deepEqual(await state(), ['INACTIVE', 'DISABLE', undefined, 5]);
  await update({ registrationConfig: { templateName: 'lamps' } });
  await update({ removeAutoRegistration: true, newAutoRegistrationStatus: 'ENABLE' });
  assert.deepEqual(await state(), ['INACTIVE', 'ENABLE', undefined, 7]);
  const both = update({ removeAutoRegistration: true, registrationConfig: { templateName: 'lamps' } });
  await assert.rejects(both, { code: 'InvalidRequestException' });
});

const badConfigs: readonly RegistrationConfig[] = [
  {},
  { roleArn: ROLE },
  { templateBody: '{}' },
  { templateBody: '{', roleArn: ROLE },
  { templateBody: '[]', roleArn: ROLE },
  { templateBody: 'null', roleArn: ROLE },
  { templateName: 'lamps', roleArn: ROLE },
  { templateName: 'lamps', templateBody: '{}' },
];
for (const registrationConfig of badConfigs) {
  test(`a registrationConfig of ${JSON.stringify(registrationConfig)} is refused`, async () => {
    const there = await world();
    const refused = { code: 'InvalidRequestException' };
    const input = { ...(await possession(there, ca)), registrationConfig };
    await assert.rejects(there.call('registerCACertificate', input), refused);
    const certificateId = await registered(there, ca);
    await assert.rejects(there.call('updateCACertificate', { certificateId, registrationConfig }), refused);
  });
}

test('provisioning says whether a template can be run', async () => {
  const provisioning = {
    async checkTemplate(template: RegistrationTemplate) {
      if (!('templateName' in template)) throw invalidRequest('no resources');
      if (template.templateName !== 'lamps') throw notFound();
    },
    provision: async () => {},
  };
  const there = await world({ provisioning });
  const register = async (registrationConfig: RegistrationConfig) =>
    there.call('registerCACertificate', { ...(await possession(there, ca)), registrationConfig });
  await assert.rejects(register({ templateBody: '{}', roleArn: ROLE }), { code: 'InvalidRequestException' });
  await assert.rejects(register({ templateName: 'fans' }), { code: 'ResourceNotFoundException' });
  const { certificateId = '' } = await register({ templateName: 'lamps' });
  const registrationConfig = { templateName: 'fans' };
  await assert.rejects(there.call('updateCACertificate', { certificateId, registrationConfig }), {
    code: 'ResourceNotFoundException',
  });
});

test('CAs are listed page by page, the newest first unless the oldest are asked for, all or those of a template', async () => {
  const { call, clock } = await world();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const one = makeCa();
    const registrationConfig = { templateName: i === 4 ? 'lamp' : 'lamps' };
    await call('registerCACertificate', {
      caCertificate: one.pem,
      certificateMode: 'SNI_ONLY',
      ...(i > 0 && { registrationConfig }),
    });
    ids.push(one.id);
    await clock.advance(1000);
  }
  const listed = async (input: { ascendingOrder?: boolean; templateName?: string }): Promise<string[]> => {
    const found: string[] = [];
    let marker: string | undefined;
    do {
      const page = await call('listCACertificates', { ...input, pageSize: 2, ...(marker !== undefined && { marker }) });
      assert.ok(page.certificates!.length <= 2);
      found.push(...page.certificates!.map((certificate) => certificate.certificateId!));
      marker = page.nextMarker;
    } while (marker !== undefined);
    return found;
  };
  assert.deepEqual(await listed({}), ids.toReversed());
  assert.deepEqual(await listed({ ascendingOrder: true }), ids);
  assert.deepEqual(await listed({ ascendingOrder: true, templateName: 'lamps' }), ids.slice(1, 4));
  assert.deepEqual(await listed({ templateName: 'lamp' }), ids.slice(4));
  assert.deepEqual(await listed({ templateName: 'la' }), []);
  const { certificates = [], nextMarker: marker = '' } = await call('listCACertificates', { pageSize: 1 });
  assert.deepEqual(certificates, [
    {
      certificateArn: arnOf(ids[4]),
      certificateId: ids[4],
      status: 'INACTIVE',
      creationDate: new Date(START_MS + 4000),
    },
  ]);
  await assert.rejects(call('listCACertificates', { marker, templateName: 'lamps' }), {
    code: 'InvalidRequestException',
  });
});

test('a damaged CA certificate or proof is refused without a crash', async () => {
  const there = await world();
  const good = await possession(there, ca);
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(changes, fc.boolean(), async (edits, isProof) => {
    const bytes = Buffer.from(
      isProof ? Buffer.from(pemBody(good.verificationCertificate), 'base64') : ca.certificate.raw,
    );
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    const pem = toPem('CERTIFICATE', bytes);
    const input = isProof ? { ...good, verificationCertificate: pem } : { ...good, caCertificate: pem };
    try {
      const { certificateId = '' } = await there.call('registerCACertificate', input);
      // Nothing was damaged after all, or a part of the CA that its signature of others does not cover.
      await there.call('deleteCACertificate', { certificateId });
    } catch (error) {
      assert.ok(error instanceof ServiceError, String(error));
      assert.match(error.code, /^(CertificateValidation|RegistrationCodeValidation)Exception$/);
    }
  });
  await fc.assert(property, { numRuns: 300 });
});

function pemBody(pem: string): string {
  return pem.replace(/-----[^-]+-----/g, '');
}
