/**
 * The certificates this program makes, as others see them: OpenSSL's command line, and real TLS handshakes. Also the
 * key files on a real disk.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type Certificates, createCertificates } from '../../src/identity/certificate.ts';
import { folderKeyFiles, temporaryCaFile } from '../../src/identity/key-files.ts';
import { type KeyMaterial, openKeyMaterial } from '../../src/identity/key-material.ts';
import { anonymous } from '../../src/identity/principal.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';

const opensslMissing = spawnSync('openssl', ['version']).error ? 'the openssl command is not installed' : false;
const context = { requestId: 'r', principal: anonymous, sourceIp: '127.0.0.1', authorize: async () => {} };

let folder: string;
let material: KeyMaterial;
let certificates: Certificates;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsunagu-test-'));
  const [clock, random] = [systemClock(), systemRandom()];
  const files = folderKeyFiles(join(folder, 'data'));
  material = await openKeyMaterial({ files, clock, random, names: ['iot.example.com', '192.0.2.9', '2001:db8::1'] });
  certificates = createCertificates({
    store: await openSqliteStore({ file: ':memory:', log: silentLog }),
    clock,
    random,
    place: { region: 'us-east-1', account: '000000000000' },
    keyMaterial: material,
    policies: { hasPolicies: async () => false, detachAll: async () => [] },
    things: { hasThings: async () => false },
    tagsFor: () => [],
    log: silentLog,
    publish: async () => {},
  });
});

after(() => rm(folder, { recursive: true, force: true }));

test('key files are their owner’s only, in a folder of the same kind, and no temporary file stays', async () => {
  const data = join(folder, 'data');
  assert.equal((await stat(data)).mode & 0o777, 0o700);
  const files = ['ca.pem', 'device-ca.pem', 'root-ca.pem', 'server.pem', 'session-token.key'];
  assert.deepEqual((await readdir(data)).sort(), files);
  for (const name of await readdir(data)) assert.equal((await stat(join(data, name))).mode & 0o777, 0o600, name);
});

test('a key file that cannot be put in its place is an error and leaves nothing behind', async () => {
  const data = join(folder, 'blocked');
  await mkdir(join(data, 'server.pem'), { recursive: true });
  await assert.rejects(folderKeyFiles(data).write('server.pem', 'x', 0o600), { syscall: 'rename' });
  assert.deepEqual(await readdir(data), ['server.pem']);
});

test('an ephemeral server’s CA file can be read until it is removed', async () => {
  const file = await temporaryCaFile(material.rootCaPem);
  assert.equal(await readFile(file.path, 'utf8'), material.rootCaPem);
  await file.remove();
  await assert.rejects(stat(file.path), { code: 'ENOENT' });
});

describe('OpenSSL', { skip: opensslMissing }, () => {
  const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  test('verifies the server certificate strictly, for every name it serves', async () => {
    const ca = await file('ca.crt', material.rootCaPem);
    const server = await file('server.crt', material.server.certPem);
    const verify = (...more: string[]) =>
      openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, ...more, server);
    for (const host of ['localhost', 'iot.example.com']) assert.match(verify('-verify_hostname', host), /: OK/);
    for (const ip of ['127.0.0.1', '::1', '192.0.2.9', '2001:db8::1']) assert.match(verify('-verify_ip', ip), /: OK/);
    assert.throws(() => verify('-verify_hostname', 'other.example.com'));
  });

  test('verifies device certificates under the device CA and never under the root', async () => {
    const made = await certificates.operations.createKeysAndCertificate({}, context);
    const device = await file('device.crt', made.certificatePem!);
    const deviceCa = await file('device-ca.crt', material.deviceCaPem);
    const root = await file('root.crt', material.rootCaPem);
    const verify = (ca: string) => openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, device);
    assert.match(verify(deviceCa), /: OK/);
    assert.throws(() => verify(root));
    const text = openssl('x509', '-in', device, '-noout', '-text');
    for (const line of [
      /Version: 3/,
      /Subject: CN = AWS IoT Certificate/,
      /Not After : Dec 31 23:59:59 2049 GMT/,
      /Basic Constraints: critical\s+CA:FALSE/,
      /Key Usage: critical\s+Digital Signature/,
      /Subject Key Identifier/,
      /Authority Key Identifier/,
    ]) {
      assert.match(text, line);
    }
    const key = await file('device.key', made.keyPair!.PrivateKey!);
    assert.equal(openssl('rsa', '-in', key, '-pubout'), made.keyPair!.PublicKey);
  });

  const requests: readonly [string, readonly string[]][] = [
    ['RSA', ['-newkey', 'rsa:2048', '-subj', '/CN=rsa-lamp']],
    ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/C=JP/O=Lamps/CN=ec-lamp']],
    ['P-521 with SHA-512', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521', '-sha512', '-subj', '/CN=big']],
    ['an alternative name', ['-newkey', 'rsa:3072', '-addext', 'subjectAltName=DNS:lamp.example', '-subj', '/CN=san']],
  ];
  test('makes a request without a subject, of which comes a certificate it verifies all the same', async () => {
    const args = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-keyout', join(folder, 'request.key')];
    const certificateSigningRequest = openssl('req', '-new', '-nodes', '-subj', '/', ...args);
    const made = await certificates.operations.createCertificateFromCsr({ certificateSigningRequest }, context);
    const certificate = await file('from-request.crt', made.certificatePem!);
    const deviceCa = await file('device-ca.crt', material.deviceCaPem);
    assert.match(openssl('verify', '-x509_strict', '-CAfile', deviceCa, certificate), /: OK/);
    assert.match(openssl('x509', '-in', certificate, '-noout', '-subject'), /CN = AWS IoT Certificate/);
  });

  for (const [what, args] of requests) {
    test(`makes a request (${what}) of which comes a certificate with its subject and key`, async () => {
      const key = join(folder, 'request.key');
      const request = join(folder, 'request.csr');
      openssl('req', '-new', '-nodes', '-keyout', key, '-out', request, ...args);
      const { certificatePem } = await certificates.operations.createCertificateFromCsr(
        { certificateSigningRequest: await readFile(request, 'utf8') },
        context,
      );
      const certificate = await file('from-request.crt', certificatePem!);
      const deviceCa = await file('device-ca.crt', material.deviceCaPem);
      assert.match(openssl('verify', '-x509_strict', '-CAfile', deviceCa, certificate), /: OK/);
      assert.equal(
        openssl('x509', '-in', certificate, '-noout', '-subject'),
        openssl('req', '-in', request, '-noout', '-subject'),
      );
      assert.equal(openssl('x509', '-in', certificate, '-noout', '-pubkey'), openssl('pkey', '-in', key, '-pubout'));
    });
  }
});

/** What a server that asks everybody for a certificate learns of a client, or why there was no handshake. */
async function handshake(client: tls.ConnectionOptions): Promise<string> {
  const { certPem: cert, keyPem: key } = material.server;
  const server = tls.createServer({ cert, key, requestCert: true, rejectUnauthorized: false }).listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>;
    const socket = tls.connect({ port, host: 'localhost', ca: material.rootCaPem, ...client });
    try {
      const [[peer]] = await Promise.all([accepted, once(socket, 'secureConnect')]);
      const shown = peer.getPeerX509Certificate();
      if (!shown) return 'no certificate';
      const answer = await certificates.authenticateCertificate(shown.raw, 'localhost');
      peer.destroy();
      return answer.kind === 'refusal' ? answer.reason : answer.id;
    } finally {
      socket.destroy();
    }
  } finally {
    server.close();
  }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`over ${version} a client that trusts the CA is connected, and known by its ACTIVE certificate`, async () => {
    const made = await certificates.operations.createKeysAndCertificate({ setAsActive: true }, context);
    const client = { cert: made.certificatePem, key: made.keyPair?.PrivateKey };
    const versions = { minVersion: version, maxVersion: version };
    assert.equal(await handshake({ ...client, ...versions }), made.certificateId);
    assert.equal(await handshake(versions), 'no certificate');
    const { certificateId = '' } = made;
    await certificates.operations.updateCertificate({ certificateId, newStatus: 'INACTIVE' }, context);
    assert.equal(await handshake({ ...client, ...versions }), 'INACTIVE');
    await certificates.operations.deleteCertificate({ certificateId }, context);
    assert.equal(await handshake({ ...client, ...versions }), 'UNKNOWN');
  });
}

test('a client that does not trust the CA, or expects another name, breaks off', async () => {
  await assert.rejects(handshake({ ca: [] }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  await assert.rejects(handshake({ servername: 'other.example.com' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});
