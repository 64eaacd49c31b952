import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { VirtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { ecKeys } from './csr.fixture.ts';
import { type KeyFiles, memoryKeyFiles } from './key-files.ts';
import { CA_FILE, type KeyMaterial, openKeyMaterial } from './key-material.ts';
import { distinguishedName } from './x509.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-25T00:00:00Z');

function open(files: KeyFiles, clock: VirtualClock, names: readonly string[] = []): Promise<KeyMaterial> {
  return openKeyMaterial({ files, clock, random: seededRandom(1), names });
}

test('the first start makes a root that signs the server certificate, and a device CA that is no part of it', async () => {
  const material = await open(memoryKeyFiles(), new VirtualClock(START_MS));
  const root = new X509Certificate(material.rootCaPem);
  const server = new X509Certificate(material.server.certPem);
  const deviceCa = new X509Certificate(material.deviceCaPem);
  assert.match(root.subject, /O=Tsunagu\nCN=Tsunagu Root CA [0-9a-f]{8}/);
  assert.match(deviceCa.subject, /O=Tsunagu\nOU=Tsunagu\nCN=Tsunagu Device CA [0-9a-f]{8}/);
  assert.equal(root.ca && root.verify(root.publicKey), true);
  assert.equal(server.checkIssued(root) && server.verify(root.publicKey) && !server.ca, true);
  assert.equal(deviceCa.ca && deviceCa.verify(deviceCa.publicKey), true);
  assert.equal(deviceCa.verify(root.publicKey), false);
});

test('the server certificate carries localhost, the loopback addresses and every name it was given', async () => {
  const names = ['iot.example.com', '*.devices.example.com', '192.0.2.7', '2001:db8::ff00:42', 'bücher.example'];
  const material = await open(memoryKeyFiles(), new VirtualClock(START_MS), names);
  const server = new X509Certificate(material.server.certPem);
  for (const host of ['localhost', 'iot.example.com', 'a.devices.example.com', 'xn--bcher-kva.example']) {
    assert.ok(server.checkHost(host), host);
  }
  for (const ip of ['127.0.0.1', '::1', '192.0.2.7', '2001:db8::ff00:42']) assert.ok(server.checkIP(ip), ip);
  assert.equal(server.checkHost('other.example.com'), undefined);
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test('a name that can be no host name stops the start', async () => {
  const opening = open(memoryKeyFiles(), new VirtualClock(START_MS), ['not a host']);
  await assert.rejects(opening, /'not a host' is neither a host name nor an IP address/);
});

test('lives: 20 years the root, no more than 398 days the server, until the end of 2049 the device CA', async () => {
  const material = await open(memoryKeyFiles(), new VirtualClock(START_MS));
  const root = new X509Certificate(material.rootCaPem);
  const server = new X509Certificate(material.server.certPem);
  assert.equal(root.validToDate.getUTCFullYear(), 2046);
  assert.equal(server.validToDate.getTime() - server.validFromDate.getTime(), 397 * DAY_MS);
  assert.equal(new X509Certificate(material.deviceCaPem).validToDate.toISOString(), '2049-12-31T23:59:59.000Z');
});

test('the next start finds everything as it was', async () => {
  const files = memoryKeyFiles();
  const clock = new VirtualClock(START_MS);
  const first = await open(files, clock, ['a.example', 'b.example']);
  await clock.advance(300 * DAY_MS);
  const second = await open(files, clock, ['b.example', 'a.example']);
  assert.equal(second.rootCaPem, first.rootCaPem);
  assert.equal(second.deviceCaPem, first.deviceCaPem);
  assert.deepEqual(second.server, first.server);
});

const renewals: readonly [string, number, readonly string[]][] = [
  ['with less than 30 days left', 368 * DAY_MS, []],
  ['when a name is added', 0, ['new.example']],
];
for (const [when, elapsedMs, names] of renewals) {
  test(`the server certificate is renewed at a start ${when}, by the same root`, async () => {
    const files = memoryKeyFiles();
    const clock = new VirtualClock(START_MS);
    const first = await open(files, clock);
    await clock.advance(elapsedMs);
    const second = await open(files, clock, names);
    assert.equal(second.rootCaPem, first.rootCaPem);
    assert.notEqual(second.server.certPem, first.server.certPem);
    const server = new X509Certificate(second.server.certPem);
    assert.ok(server.verify(new X509Certificate(first.rootCaPem).publicKey));
    assert.ok(server.validToDate.getTime() > clock.now() + 396 * DAY_MS);
    assert.deepEqual((await open(files, clock, names)).server, second.server);
  });
}

test('the server certificate is renewed when a name is taken away', async () => {
  const files = memoryKeyFiles();
  const clock = new VirtualClock(START_MS);
  await open(files, clock, ['old.example']);
  const server = new X509Certificate((await open(files, clock)).server.certPem);
  assert.equal(server.checkHost('old.example'), undefined);
});

test('a server certificate of another root is replaced', async () => {
  const clock = new VirtualClock(START_MS);
  const [files, others] = [memoryKeyFiles(), memoryKeyFiles()];
  await open(others, clock);
  const material = await open(files, clock);
  await files.write('server.pem', (await others.read('server.pem'))!, 0o600);
  const server = new X509Certificate((await open(files, clock)).server.certPem);
  assert.ok(server.verify(new X509Certificate(material.rootCaPem).publicKey));
});

test('a CA whose file is damaged or mixed up stops the start and is not replaced', async () => {
  const clock = new VirtualClock(START_MS);
  const files = memoryKeyFiles();
  await open(files, clock);
  const root = (await files.read('root-ca.pem'))!.toString();
  const deviceCa = (await files.read('device-ca.pem'))!.toString();
  const mixed = root.slice(0, root.indexOf('-----BEGIN CERT')) + deviceCa.slice(deviceCa.indexOf('-----BEGIN CERT'));
  for (const [damaged, complaint] of [
    [root.slice(0, 100), /root-ca\.pem holds no key and certificate/],
    [mixed, /do not belong together/],
  ] as const) {
    await files.write('root-ca.pem', damaged, 0o600);
    await assert.rejects(open(files, clock), complaint);
    assert.equal((await files.read('root-ca.pem'))!.toString(), damaged);
  }
});

test('the published CA certificate holds no key, and comes back when it was deleted or changed', async () => {
  const clock = new VirtualClock(START_MS);
  const files = memoryKeyFiles();
  const { rootCaPem } = await open(files, clock);
  assert.equal((await files.read(CA_FILE))!.toString(), rootCaPem);
  assert.doesNotMatch(rootCaPem, /PRIVATE/);
  await files.write(CA_FILE, 'something else', 0o600);
  await open(files, clock);
  assert.equal((await files.read(CA_FILE))!.toString(), rootCaPem);
});

test('private keys are written for the owner only', async () => {
  const files = memoryKeyFiles();
  const modes = new Map<string, number>();
  const watching: KeyFiles = {
    read: files.read,
    write: (name, data, mode) => {
      modes.set(name, mode);
      return files.write(name, data, mode);
    },
  };
  await open(watching, new VirtualClock(START_MS));
  assert.deepEqual([...modes.keys()].sort(), [
    'ca.pem',
    'device-ca.pem',
    'root-ca.pem',
    'server.pem',
    'session-token.key',
  ]);
  for (const [name, mode] of modes) assert.equal(mode, 0o600, name);
});

test('a device certificate has the given subject and key, a long positive serial and ends with the year 2049', async () => {
  const material = await open(memoryKeyFiles(), new VirtualClock(START_MS));
  const { publicKey } = ecKeys('P-384');
  const subject = distinguishedName({ commonName: 'lamp' });
  const [first, second] = [1, 2].map(() => material.issueDeviceCertificate(subject, publicKey));
  assert.equal(first.subject, 'CN=lamp');
  assert.ok(first.publicKey.equals(publicKey));
  assert.ok(first.checkIssued(new X509Certificate(material.deviceCaPem)) && !first.ca);
  assert.equal(first.validToDate.toISOString(), '2049-12-31T23:59:59.000Z');
  assert.ok(first.validFromDate.getTime() <= START_MS);
  assert.match(first.serialNumber, /^[4-7][0-9A-F]{31}$/);
  assert.notEqual(first.serialNumber, second.serialNumber);
});
