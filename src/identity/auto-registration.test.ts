import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RegisterCACertificateRequest } from '../api/generated/iot.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Publication } from '../broker/message.ts';
import {
  ACCOUNT,
  type Ca,
  DAY_MS,
  foreignCertificate,
  makeCa,
  possession,
  START_MS,
  type World,
  type WorldOptions,
  world,
} from './certificate.fixture.ts';
import { certificateIdOf } from './certificate-intake.ts';
import type { Provisioning } from './registration-template.ts';
import { distinguishedName } from './x509.ts';

const OPEN = { setAsActive: true, allowAutoRegistration: true };

async function withCa(
  ca: Ca,
  settings: Partial<RegisterCACertificateRequest> = OPEN,
  options: WorldOptions = {},
): Promise<World> {
  const there = await world(options);
  await there.call('registerCACertificate', { ...(await possession(there, ca)), ...settings });
  return there;
}

/** Why a certificate is refused, or 'certificate'. */
async function shown({ certificates }: World, der: Buffer, chain?: readonly Buffer[]): Promise<string> {
  const answer = await certificates.authenticateCertificate(der, undefined, chain);
  return answer.kind === 'refusal' ? answer.reason : answer.kind;
}

async function registeredIds({ call }: World): Promise<readonly string[]> {
  return (await call('listCertificates', {})).certificates!.map((certificate) => certificate.certificateId!);
}

const eventOf = ({ payload }: Publication) => JSON.parse(payload.toString());

/** A log that keeps what is warned of and what went wrong. */
function keptLog() {
  const lines: string[] = [];
  const keep = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { ...silentLog, warn: keep, error: keep };
  return { lines, log };
}

test('an unknown certificate of a CA that allows it is refused, registered PENDING_ACTIVATION and announced', async () => {
  const ca = makeCa();
  const there = await withCa(ca);
  const device = ca.issue();
  const certificateId = certificateIdOf(device.raw);
  await there.clock.advance(1500);
  assert.deepEqual(await there.certificates.authenticateCertificate(device.raw, undefined), {
    kind: 'refusal',
    certificateId,
    reason: 'PENDING_ACTIVATION',
  });
  const { certificateDescription } = await there.call('describeCertificate', { certificateId });
  assert.equal(certificateDescription?.status, 'PENDING_ACTIVATION');
  assert.equal(certificateDescription?.caCertificateId, ca.id);
  assert.equal(certificateDescription?.certificatePem, device.toString());
  assert.deepEqual(
    there.published.map(({ topic }) => topic),
    [`$aws/events/certificates/registered/${ca.id}`],
  );
  assert.deepEqual(eventOf(there.published[0]), {
    certificateId,
    caCertificateId: ca.id,
    timestamp: START_MS + 1500,
    certificateStatus: 'PENDING_ACTIVATION',
    awsAccountId: ACCOUNT,
    certificateRegistrationTimestamp: String(START_MS + 1500),
  });
});

test('it is announced each time it is shown until it is activated, and then it is the device', async () => {
  const ca = makeCa();
  const there = await withCa(ca);
  const { raw } = ca.issue();
  const certificateId = certificateIdOf(raw);
  for (let i = 0; i < 3; i++) {
    assert.equal(await shown(there, raw), 'PENDING_ACTIVATION');
    await there.clock.advance(1000);
  }
  const events = there.published.map(eventOf);
  assert.deepEqual(
    events.map(({ timestamp }) => timestamp),
    [START_MS, START_MS + 1000, START_MS + 2000],
  );
  assert.deepEqual(new Set(events.map((event) => event.certificateRegistrationTimestamp)), new Set([String(START_MS)]));
  await there.call('updateCertificate', { certificateId, newStatus: 'ACTIVE' });
  assert.equal(await shown(there, raw), 'certificate');
  assert.equal(there.published.length, 3);
});

for (const newStatus of ['INACTIVE', 'REVOKED'] as const) {
  test(`a certificate that was set to ${newStatus} is refused in silence`, async () => {
    const ca = makeCa();
    const there = await withCa(ca);
    const { raw } = ca.issue();
    await shown(there, raw);
    await there.call('updateCertificate', { certificateId: certificateIdOf(raw), newStatus });
    assert.equal(await shown(there, raw), newStatus);
    assert.equal(there.published.length, 1);
  });
}

test('a certificate has the mode of its CA', async () => {
  const ca = makeCa();
  const there = await world();
  await there.call('registerCACertificate', { caCertificate: ca.pem, certificateMode: 'SNI_ONLY', ...OPEN });
  const { raw } = ca.issue();
  await shown(there, raw);
  const { certificateDescription } = await there.call('describeCertificate', { certificateId: certificateIdOf(raw) });
  assert.equal(certificateDescription?.certificateMode, 'SNI_ONLY');
});

const ca = makeCa();
const expiredLater = makeCa({ notAfterMs: START_MS + 1000 });
const notYet = makeCa({ notBeforeMs: START_MS + 5 * DAY_MS, notAfterMs: START_MS + 9 * DAY_MS });
const nameless = makeCa({ subject: distinguishedName({}) });
/** What is shown, which CA is registered how, and the certificate. */
const strangers: readonly [string, Ca, Partial<RegisterCACertificateRequest>, Buffer][] = [
  ['of a CA that is not registered', ca, OPEN, foreignCertificate().raw],
  ['with the name of a registered CA but signed by another', ca, OPEN, makeCa().issue().raw],
  [
    'signed with the key of a registered CA in another name',
    ca,
    OPEN,
    makeCa({ commonName: 'X', keys: ca.keys }).issue().raw,
  ],
  ['of a CA without auto-registration', ca, { setAsActive: true }, ca.issue().raw],
  ['of a CA that is INACTIVE', ca, { allowAutoRegistration: true }, ca.issue().raw],
  ['of a CA that has expired', expiredLater, OPEN, expiredLater.issue().raw],
  ['of a CA that is not valid yet', notYet, OPEN, notYet.issue().raw],
  ['without issuer', ca, OPEN, nameless.issue().raw],
  ['that has expired', ca, OPEN, ca.issue({ notAfterMs: START_MS - 1000 }).raw],
  [
    'that is not valid yet',
    ca,
    OPEN,
    ca.issue({ notBeforeMs: START_MS + 5 * DAY_MS, notAfterMs: START_MS + 9 * DAY_MS }).raw,
  ],
  ['that is none', ca, OPEN, Buffer.from('nonsense')],
  ['of no bytes', ca, OPEN, Buffer.alloc(0)],
];
for (const [what, registered, settings, der] of strangers) {
  test(`a certificate ${what} stays unknown`, async () => {
    const there = await withCa(registered, settings);
    await there.clock.advance(2000);
    assert.equal(await shown(there, der, [registered.certificate.raw]), 'UNKNOWN');
    assert.deepEqual(await registeredIds(there), []);
    assert.deepEqual(there.published, []);
  });
}

test('the log says why a certificate of a willing CA was not registered', async () => {
  const { lines, log } = keptLog();
  const there = await withCa(ca, OPEN, { log });
  await shown(there, foreignCertificate().raw);
  await shown(there, ca.issue({ notAfterMs: START_MS - 1000 }).raw);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /not registered.*not within its validity/);
});

test('a CA that no longer allows it ends the announcements, and one that does again resumes them', async () => {
  const there = await withCa(ca);
  const { raw } = ca.issue();
  await shown(there, raw);
  const update = (input: object) => there.call('updateCACertificate', { certificateId: ca.id, ...input });
  for (const [closed, open] of [
    [{ newStatus: 'INACTIVE' }, { newStatus: 'ACTIVE' }],
    [{ newAutoRegistrationStatus: 'DISABLE' }, { newAutoRegistrationStatus: 'ENABLE' }],
  ]) {
    const before = there.published.length;
    await update(closed);
    assert.equal(await shown(there, raw), 'PENDING_ACTIVATION');
    assert.equal(there.published.length, before);
    await update(open);
    await shown(there, raw);
    assert.equal(there.published.length, before + 1);
  }
  await update({ newStatus: 'INACTIVE' });
  await there.call('deleteCACertificate', { certificateId: ca.id });
  const before = there.published.length;
  assert.equal(await shown(there, raw), 'PENDING_ACTIVATION');
  assert.equal(there.published.length, before);
});

test('devices with the same subject are registered each for itself', async () => {
  const there = await withCa(ca);
  const devices = [ca.issue(), ca.issue()];
  for (const { raw } of devices) await shown(there, raw);
  const ids = devices.map(({ raw }) => certificateIdOf(raw));
  assert.deepEqual(new Set(await registeredIds(there)), new Set(ids));
  assert.equal(there.published.length, 2);
});

test('a certificate shown on several connections at the same time is registered once', async () => {
  const there = await withCa(ca);
  const { raw } = ca.issue();
  const answers = await Promise.all([1, 2, 3, 4].map(() => shown(there, raw)));
  assert.deepEqual(new Set(answers), new Set(['PENDING_ACTIVATION']));
  assert.equal((await registeredIds(there)).length, 1);
  assert.equal(there.published.length, 4);
});

test('of CAs with one name and key, the one the device sent counts, else the one registered last', async () => {
  const renewed = makeCa({ keys: ca.keys });
  const there = await withCa(ca);
  await there.clock.advance(1);
  await there.call('registerCACertificate', { ...(await possession(there, renewed)), ...OPEN });
  const issuerFor = async (chain?: readonly Buffer[]) => {
    const { raw } = ca.issue();
    assert.equal(await shown(there, raw, chain), 'PENDING_ACTIVATION');
    const { certificateDescription } = await there.call('describeCertificate', { certificateId: certificateIdOf(raw) });
    return certificateDescription?.caCertificateId;
  };
  assert.equal(await issuerFor(), renewed.id);
  assert.equal(await issuerFor([ca.certificate.raw]), ca.id);
  assert.equal(await issuerFor([renewed.certificate.raw, ca.certificate.raw]), ca.id);
  assert.equal(await issuerFor([foreignCertificate().raw, Buffer.alloc(3)]), renewed.id);
  await there.call('updateCACertificate', { certificateId: renewed.id, newStatus: 'INACTIVE' });
  assert.equal(await issuerFor([renewed.certificate.raw]), ca.id);
});

test('an event that cannot be published is logged, and published when the device comes back', async () => {
  const { lines, log } = keptLog();
  const published: Publication[] = [];
  let isBroken = true;
  const publish = async (publication: Publication) => {
    if (isBroken) throw new Error('the disk is full');
    published.push(publication);
  };
  const there = await withCa(ca, OPEN, { log, publish });
  const { raw } = ca.issue();
  assert.equal(await shown(there, raw), 'PENDING_ACTIVATION');
  assert.match(lines[0], /the disk is full/);
  isBroken = false;
  await shown(there, raw);
  assert.equal(published.length, 1);
});

const TEMPLATE = { templateBody: '{"Resources":{}}', roleArn: 'arn:aws:iam::123456789012:role/provisioning' };

test('a CA with a template has its certificates provisioned, and they are announced too', async () => {
  const runs: unknown[] = [];
  let activate: (certificateId: string) => Promise<unknown> = async () => {};
  const provisioning: Provisioning = {
    checkTemplate: async () => {},
    async provision(...run) {
      runs.push(run);
      await activate(run[0].certificateId);
    },
  };
  const there = await withCa(ca, { ...OPEN, registrationConfig: TEMPLATE }, { provisioning });
  activate = (certificateId) => there.call('updateCertificate', { certificateId, newStatus: 'ACTIVE' });
  const device = ca.issue();
  const certificate = { certificateId: certificateIdOf(device.raw), certificatePem: device.toString() };
  assert.equal(await shown(there, device.raw), 'PENDING_ACTIVATION');
  assert.deepEqual(runs, [[certificate, ca.id, TEMPLATE]]);
  assert.equal(there.published.length, 1);
  assert.equal(await shown(there, device.raw), 'certificate');
  assert.equal(runs.length, 1);
});

test('provisioning that fails is logged, and tried again when the device comes back', async () => {
  const { lines, log } = keptLog();
  let runs = 0;
  const provision = async () => {
    runs++;
    throw new Error('the template wants a country');
  };
  const provisioning = { checkTemplate: async () => {}, provision };
  const there = await withCa(ca, { ...OPEN, registrationConfig: { templateName: 'lamps' } }, { log, provisioning });
  const { raw } = ca.issue();
  for (let i = 0; i < 2; i++) assert.equal(await shown(there, raw), 'PENDING_ACTIVATION');
  assert.equal(runs, 2);
  assert.match(lines[0], /not provisioned.*the template wants a country/);
});

test('a device that comes back while it is being provisioned does not start another run', async () => {
  const run = Promise.withResolvers<void>();
  let runs = 0;
  const provision = () => {
    runs++;
    return run.promise;
  };
  const provisioning = { checkTemplate: async () => {}, provision };
  const there = await withCa(ca, { ...OPEN, registrationConfig: { templateName: 'lamps' } }, { provisioning });
  const { raw } = ca.issue();
  const first = shown(there, raw);
  while (runs === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await shown(there, raw), 'PENDING_ACTIVATION');
  assert.equal(runs, 1);
  run.resolve();
  assert.equal(await first, 'PENDING_ACTIVATION');
});

test('without provisioning a certificate of a CA with a template waits, and the log says so', async () => {
  const { lines, log } = keptLog();
  const there = await withCa(ca, { ...OPEN, registrationConfig: TEMPLATE }, { log });
  assert.equal(await shown(there, ca.issue().raw), 'PENDING_ACTIVATION');
  assert.equal(there.published.length, 1);
  assert.equal(lines.length, 1);
});

test('whatever bytes are shown, the answer is a refusal, and a damaged certificate is never registered', async () => {
  const there = await withCa(ca);
  const good = ca.issue().raw;
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const damaged = changes.map((edits) => {
    const bytes = Buffer.from(good);
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    return bytes;
  });
  const arbitrary = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes));
  const property = fc.asyncProperty(fc.oneof(damaged, arbitrary), async (der) => {
    assert.equal(await shown(there, der), der.equals(good) ? 'PENDING_ACTIVATION' : 'UNKNOWN');
  });
  await fc.assert(property, { numRuns: 300 });
});
