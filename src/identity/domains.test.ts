import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { JsonValue } from '../api/json.ts';
import { CERTIFICATE_ARN, domainWorld, selfSigned } from './domain-configuration.fixture.ts';
import type { Domain } from './domains.ts';

test("the server's own names, addresses and no name at all mean the endpoint that is always there", async () => {
  const { domains, keyMaterial } = await domainWorld();
  for (const name of [undefined, '', 'localhost', 'LOCALHOST', '127.0.0.1', '192.0.2.7', '::1', 'iot.example']) {
    const domain = await domains.find(name);
    assert.equal(domain?.configurationName, 'iot:Data-ATS', name);
    assert.equal(domain?.certificate.cert, keyMaterial.server.certPem);
    assert.equal(domain?.serviceType, undefined);
  }
  assert.equal(await domains.find('other.example'), undefined);
  assert.equal(await domains.find('x'.repeat(2000)), undefined);
});

test('a configured domain is found by its name, with a certificate that the root signed', async () => {
  const { domains, create, keyMaterial } = await domainWorld();
  await create('c', { domainName: 'd.example.com' });
  const domain = (await domains.find('D.example.com')) as Domain;
  assert.equal(domain.configurationName, 'c');
  assert.equal(domain.serviceType, 'DATA');
  const certificate = new X509Certificate(domain.certificate.cert);
  assert.equal(certificate.checkHost('d.example.com'), 'd.example.com');
  assert.ok(certificate.verify(new X509Certificate(keyMaterial.rootCaPem).publicKey));
  assert.equal(await domains.find('d.example.com.'), domain);
});

test('a domain is the same object until something changes', async () => {
  const { domains, create, call, clock } = await domainWorld();
  await create('c', { domainName: 'd.example.com' });
  const first = await domains.find('d.example.com');
  await clock.advance(61_000);
  assert.equal(await domains.find('d.example.com'), first);
  await call('updateDomainConfiguration', { domainConfigurationName: 'c', domainConfigurationStatus: 'DISABLED' });
  const second = await domains.find('d.example.com');
  assert.notEqual(second, first);
  assert.equal(second?.isEnabled, false);
  await call('deleteDomainConfiguration', { domainConfigurationName: 'c' });
  assert.equal(await domains.find('d.example.com'), undefined);
});

test('new files of a certificate are taken within a minute; while they are bad the last good one is shown', async () => {
  const world = await domainWorld();
  const { domains, create, clock, certificateFiles } = world;
  const write = async ({ pem, key }: { pem: string; key: string }): Promise<void> => {
    await certificateFiles.write('mine.pem', pem, 0o600);
    await certificateFiles.write('mine.key', key, 0o600);
  };
  const shown = async (): Promise<string | undefined> => (await domains.find('d.example.com'))?.certificate.cert;
  const first = selfSigned(world, ['d.example.com']);
  await write(first);
  await create('c', { domainName: 'd.example.com', serverCertificateArns: [CERTIFICATE_ARN] });
  assert.equal(await shown(), first.pem);
  await write({ pem: 'nothing', key: 'nothing' });
  await clock.advance(61_000);
  assert.equal(await shown(), first.pem);
  const second = selfSigned(world, ['d.example.com']);
  await write(second);
  assert.equal(await shown(), first.pem);
  await clock.advance(61_000);
  assert.equal(await shown(), second.pem);
});

test('an issued certificate is renewed before it ends', async () => {
  const { certificates, clock } = await domainWorld();
  const wish = { domainName: 'd.example.com', serverCertificateArns: [] };
  const first = await certificates.load(wish);
  await clock.advance(300 * 86_400_000);
  assert.equal(await certificates.load(wish), first);
  await clock.advance(80 * 86_400_000);
  assert.notEqual((await certificates.load(wish)).cert, first.cert);
});

test('the name of a certificate cannot lead out of the folder', async () => {
  const { certificates, certificateFiles } = await domainWorld();
  await certificateFiles.write('../secret.pem', 'nothing', 0o600);
  const arn = 'arn:aws:acm:us-east-1:000000000000:certificate/../secret';
  const { cert } = await certificates.load({ domainName: 'd.example.com', serverCertificateArns: [arn] });
  assert.ok(new X509Certificate(cert).checkHost('d.example.com'));
});

test("a domain's function decides about client certificates; anything but true refuses", async () => {
  const world = await domainWorld();
  const { create, domains, functions } = world;
  const callback = 'arn:aws:lambda:us-east-1:000000000000:function:check';
  await create('c', {
    domainName: 'd.example.com',
    authenticationType: 'AWS_X509',
    applicationProtocol: 'SECURE_MQTT',
    clientCertificateConfig: { clientCertificateCallbackArn: callback },
  });
  const domain = (await domains.find('d.example.com')) as Domain;
  const { raw, fingerprint256 } = new X509Certificate(selfSigned(world, ['device']).pem);
  const ask = () => domains.refusalOf(domain, { serverName: 'd.example.com', chain: [raw] });
  functions.answer = async () => ({ isAuthenticated: true });
  assert.equal(await ask(), undefined);
  const { connectionMetadata, ...event } = functions.events[0] as unknown as Record<string, unknown>;
  assert.deepEqual(event, {
    principalId: fingerprint256.replaceAll(':', '').toLowerCase(),
    serverName: 'd.example.com',
    clientCertificateChain: [new X509Certificate(raw).toString()],
  });
  assert.match((connectionMetadata as { id: string }).id, /^[0-9a-f-]{36}$/);
  assert.equal(functions.calls[0].timeoutMs, 5000);
  const answers: readonly JsonValue[] = [{ isAuthenticated: false }, { isAuthenticated: 'true' }, {}, null, [], 'x', 1];
  for (const answer of answers) {
    functions.answer = async () => answer;
    assert.match((await ask()) ?? '', /does not let/);
  }
  functions.answer = () => Promise.reject(new Error('broken'));
  assert.match((await ask()) ?? '', /broken/);
  assert.match((await domains.refusalOf(domain, { chain: [] })) ?? '', /no certificate/);
  const own = (await domains.find(undefined)) as Domain;
  assert.equal(await domains.refusalOf(own, { chain: [] }), undefined);
});
