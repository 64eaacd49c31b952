/**
 * CAs and device certificates as OpenSSL's command line makes them, with all the keys that are taken: registered, used
 * to register devices, and shown by devices that register themselves.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Publication } from '../../src/broker/message.ts';
import { type Certificates, createCertificates } from '../../src/identity/certificate.ts';
import { memoryKeyFiles } from '../../src/identity/key-files.ts';
import { openKeyMaterial } from '../../src/identity/key-material.ts';
import { anonymous } from '../../src/identity/principal.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';

const opensslMissing = spawnSync('openssl', ['version']).error ? 'the openssl command is not installed' : false;
const context = { requestId: 'r', principal: anonymous, sourceIp: '127.0.0.1', authorize: async () => {} };

describe('CAs made with OpenSSL', { skip: opensslMissing }, () => {
  const published: Publication[] = [];
  let folder: string;
  let certificates: Certificates;
  let serial = 0;

  const openssl = (...args: string[]): string =>
    execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe', cwd: folder });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsunagu-test-'));
    const [clock, random] = [systemClock(), systemRandom()];
    certificates = createCertificates({
      store: await openSqliteStore({ file: ':memory:', log: silentLog }),
      clock,
      random,
      place: { region: 'us-east-1', account: '000000000000' },
      keyMaterial: await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: [] }),
      policies: { hasPolicies: async () => false, detachAll: async () => [] },
      things: { hasThings: async () => false },
      tagsFor: () => [],
      log: silentLog,
      publish: async (publication) => void published.push(publication),
    });
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** A self-signed certificate of the folder's `<name>.key`. */
  const selfSigned = async (name: string, newKey: readonly string[], ...more: string[]): Promise<string> => {
    openssl(
      'req',
      '-x509',
      '-nodes',
      '-days',
      '3',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      ...newKey,
      ...more,
    );
    return readFile(join(folder, `${name}.pem`), 'utf8');
  };

  /** A certificate for `subject` with the key in `<name>.key`, issued by `<ca>`. */
  const issued = async (ca: string, name: string, newKey: readonly string[], subject: string, ...more: string[]) => {
    openssl('req', '-new', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject, ...newKey);
    const signing = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-set_serial', String(++serial), '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing, ...more);
    return readFile(join(folder, `${name}.pem`), 'utf8');
  };

  const registerCa = async (ca: string, caCertificate: string, more: object = {}) => {
    const { registrationCode } = await certificates.operations.getRegistrationCode({}, context);
    const verificationCertificate = await issued(ca, 'verification', P256, `/O=Acme/CN=${registrationCode}`);
    const input = { caCertificate, verificationCertificate, setAsActive: true, allowAutoRegistration: true, ...more };
    return (await certificates.operations.registerCACertificate(input, context)).certificateId!;
  };

  const ec = (curve: string): readonly string[] => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
  const P256 = ec('P-256');
  const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'];

  const kinds: readonly [string, readonly string[], readonly string[], readonly string[]][] = [
    ['RSA 2048', ['-newkey', 'rsa:2048'], ['-newkey', 'rsa:2048'], []],
    ['RSA 3072 with SHA-384', ['-newkey', 'rsa:3072', '-sha384'], P256, ['-sha384']],
    ['RSA 4096 with SHA-512', ['-newkey', 'rsa:4096', '-sha512'], ec('P-384'), ['-sha512']],
    ['RSA 2048 with PSS', ['-newkey', 'rsa:2048', ...pss], P256, pss],
    ['P-256', P256, ec('P-521'), []],
    ['P-384 with SHA-384', [...ec('P-384'), '-sha384'], ['-newkey', 'rsa:2048'], ['-sha384']],
    ['P-521 with SHA-512', [...ec('P-521'), '-sha512'], ec('P-521'), ['-sha512']],
  ];
  for (const [kind, caKey, deviceKey, signing] of kinds) {
    test(`a CA with ${kind} is registered, and so are its devices, by the API and by themselves`, async () => {
      const caPem = await selfSigned('ca', caKey, '-subj', `/C=JP/O=Acme/CN=${kind} CA`);
      const caCertificateId = await registerCa('ca', caPem);
      const certificatePem = await issued('ca', 'device', deviceKey, '/CN=by the API', ...signing);
      const { certificateId = '' } = await certificates.operations.registerCertificate({ certificatePem }, context);
      const described = await certificates.operations.describeCertificate({ certificateId }, context);
      assert.equal(described.certificateDescription?.caCertificateId, caCertificateId);

      const device = new X509Certificate(await issued('ca', 'device', deviceKey, '/CN=by itself', ...signing));
      const refusal = await certificates.authenticateCertificate(device.raw, undefined);
      assert.ok(refusal.kind === 'refusal' && refusal.reason === 'PENDING_ACTIVATION');
      assert.equal(published.at(-1)?.topic, `$aws/events/certificates/registered/${caCertificateId}`);
    });
  }

  test('a device of an intermediate CA is registered through that one, not through the root', async () => {
    const rootPem = await selfSigned('root', P256, '-subj', '/CN=Root');
    await registerCa('root', rootPem);
    await writeFile(join(folder, 'ca.ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n');
    const intermediatePem = await issued('root', 'middle', P256, '/CN=Middle', '-extfile', 'ca.ext');
    const device = new X509Certificate(await issued('middle', 'device', P256, '/CN=lamp'));
    const chain = [intermediatePem, rootPem].map((pem) => new X509Certificate(pem).raw);
    const before = await certificates.authenticateCertificate(device.raw, undefined, chain);
    assert.ok(before.kind === 'refusal' && before.reason === 'UNKNOWN');
    await registerCa('middle', intermediatePem);
    const after = await certificates.authenticateCertificate(device.raw, undefined, chain);
    assert.ok(after.kind === 'refusal' && after.reason === 'PENDING_ACTIVATION');
  });

  test('a CA whose key may not sign certificates, or with SHA-1, RSA 1024 or version 1, is refused', async () => {
    const subject = ['-subj', '/CN=Weak'];
    const weak = [
      await selfSigned('weak', P256, ...subject, '-addext', 'keyUsage=digitalSignature'),
      await selfSigned('weak', ['-newkey', 'rsa:2048', '-sha1'], ...subject),
      await selfSigned('weak', ['-newkey', 'rsa:1024'], ...subject),
    ];
    openssl('req', '-new', '-nodes', '-keyout', 'old.key', '-out', 'old.csr', ...subject, ...P256);
    weak.push(openssl('x509', '-req', '-in', 'old.csr', '-signkey', 'old.key', '-days', '2'));
    for (const caCertificate of weak) {
      const input = { caCertificate, certificateMode: 'SNI_ONLY' } as const;
      await assert.rejects(certificates.operations.registerCACertificate(input, context), {
        code: 'CertificateValidationException',
      });
    }
  });

  test('a renewed CA certificate with the same key makes caCertificatePem necessary', async () => {
    const subject = ['-subj', '/CN=Renewed'];
    const first = await selfSigned('renewed', P256, ...subject);
    await registerCa('renewed', first);
    const again = openssl('req', '-x509', '-key', 'renewed.key', '-days', '9', ...subject);
    await registerCa('renewed', again);
    const certificatePem = await issued('renewed', 'device', P256, '/CN=lamp');
    const register = (more: object) =>
      certificates.operations.registerCertificate({ certificatePem, ...more }, context);
    await assert.rejects(register({}), { code: 'CertificateConflictException' });
    assert.ok(await register({ caCertificatePem: again }));
  });
});
