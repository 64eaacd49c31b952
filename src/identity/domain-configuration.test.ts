import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../base/errors.ts';
import { CERTIFICATE_ARN, domainWorld, selfSigned } from './domain-configuration.fixture.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:check';
const DAY_MS = 86_400_000;

function fails(code: string, pattern = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

test('a configuration for a custom domain is created, described, changed and deleted', async () => {
  const { call, create, clock, tagged, addAuthorizer } = await domainWorld();
  await addAuthorizer('A');
  const tags = [{ Key: 'k', Value: 'v' }];
  const { domainConfigurationArn: arn = '' } = await create('mine', { domainName: 'Devices.Example.com', tags });
  assert.match(arn, /^arn:aws:iot:us-east-1:000000000000:domainconfiguration\/mine\/[a-z0-9]{5}$/);
  assert.deepEqual(tagged.get(arn), tags);
  const createdAt = new Date(clock.now());
  const described = await call('describeDomainConfiguration', { domainConfigurationName: 'mine' });
  assert.deepEqual(described, {
    domainConfigurationName: 'mine',
    domainConfigurationArn: arn,
    domainName: 'devices.example.com',
    domainType: 'CUSTOMER_MANAGED',
    domainConfigurationStatus: 'ENABLED',
    serviceType: 'DATA',
    serverCertificates: [],
    lastStatusChangeDate: createdAt,
    tlsConfig: { securityPolicy: 'IoTSecurityPolicy_TLS13_1_2_2022_10' },
    serverCertificateConfig: { enableOCSPCheck: false },
    authenticationType: 'DEFAULT',
    applicationProtocol: 'DEFAULT',
  });
  await clock.advance(1000);
  const updated = await call('updateDomainConfiguration', {
    domainConfigurationName: 'mine',
    domainConfigurationStatus: 'DISABLED',
    authorizerConfig: { defaultAuthorizerName: 'A', allowAuthorizerOverride: false },
    tlsConfig: { securityPolicy: 'IoTSecurityPolicy_TLS13_1_3_2022_10' },
    authenticationType: 'CUSTOM_AUTH_X509',
    applicationProtocol: 'HTTPS',
    clientCertificateConfig: { clientCertificateCallbackArn: FUNCTION_ARN },
  });
  assert.deepEqual(updated, { domainConfigurationName: 'mine', domainConfigurationArn: arn });
  const after = await call('describeDomainConfiguration', { domainConfigurationName: 'mine' });
  assert.deepEqual(after, {
    ...described,
    domainConfigurationStatus: 'DISABLED',
    lastStatusChangeDate: new Date(clock.now()),
    authorizerConfig: { defaultAuthorizerName: 'A', allowAuthorizerOverride: false },
    tlsConfig: { securityPolicy: 'IoTSecurityPolicy_TLS13_1_3_2022_10' },
    authenticationType: 'CUSTOM_AUTH_X509',
    applicationProtocol: 'HTTPS',
    clientCertificateConfig: { clientCertificateCallbackArn: FUNCTION_ARN },
  });
  await call('deleteDomainConfiguration', { domainConfigurationName: 'mine' });
  assert.equal(tagged.get(arn), undefined);
  for (const name of ['describeDomainConfiguration', 'updateDomainConfiguration', 'deleteDomainConfiguration'] as const)
    await assert.rejects(call(name, { domainConfigurationName: 'mine' }), fails('ResourceNotFoundException'));
});

test('authorizerConfig is removed when asked, and only then', async () => {
  const { call, create, addAuthorizer } = await domainWorld();
  await addAuthorizer('A');
  const authorizerConfig = { defaultAuthorizerName: 'A', allowAuthorizerOverride: true };
  await create('c', { domainName: 'a.example.com', authorizerConfig });
  const update = (more: object) => call('updateDomainConfiguration', { domainConfigurationName: 'c', ...more });
  const described = async () =>
    (await call('describeDomainConfiguration', { domainConfigurationName: 'c' })).authorizerConfig;
  await update({});
  assert.deepEqual(await described(), authorizerConfig);
  await assert.rejects(
    update({ removeAuthorizerConfig: true, authorizerConfig }),
    fails('InvalidRequestException', /at once/),
  );
  await update({ removeAuthorizerConfig: true });
  assert.equal(await described(), undefined);
});

const x509 = { authenticationType: 'AWS_X509', applicationProtocol: 'HTTPS' };
const refusedInputs: readonly [what: string, input: object, message: RegExp][] = [
  ['a domain name of one label', { domainName: 'localhost1' }, /fully qualified/],
  ['a domain name with strange letters', { domainName: 'a_b.example.com' }, /fully qualified/],
  ['a wildcard', { domainName: '*.example.com' }, /fully qualified/],
  ['an address', { domainName: '10.0.0.1' }, /fully qualified/],
  ["the server's own name", { domainName: 'iot.example' }, /always there/],
  ['a certificate without a domain', { serverCertificateArns: [CERTIFICATE_ARN] }, /need a domainName/],
  ['a validation certificate alone', { validationCertificateArn: CERTIFICATE_ARN }, /needs serverCertificateArns/],
  ['an unknown TLS policy', { tlsConfig: { securityPolicy: 'TLS99' } }, /securityPolicy must be one of/],
  ['a default authorizer without a word on overrides', { authorizerConfig: { defaultAuthorizerName: 'A' } }, /allow/],
  [
    'an authorizer that is not there',
    { authorizerConfig: { defaultAuthorizerName: 'B', allowAuthorizerOverride: true } },
    /B does not exist/,
  ],
  ['X.509 over WebSockets', { ...x509, applicationProtocol: 'MQTT_WSS' }, /goes with applicationProtocol/],
  ['SigV4 over plain MQTT', { authenticationType: 'AWS_SIGV4', applicationProtocol: 'SECURE_MQTT' }, /goes with/],
  ['a type without a protocol', { authenticationType: 'CUSTOM_AUTH' }, /goes with/],
  ['a protocol without a type', { applicationProtocol: 'HTTPS' }, /goes with/],
  [
    'both certificate and authorizer without a default authorizer',
    { ...x509, authenticationType: 'CUSTOM_AUTH_X509' },
    /needs a defaultAuthorizerName/,
  ],
  ['MQTT for jobs', { ...x509, applicationProtocol: 'SECURE_MQTT', serviceType: 'JOBS' }, /no MQTT/],
  [
    'a certificate callback where no certificate is asked for',
    { clientCertificateConfig: { clientCertificateCallbackArn: FUNCTION_ARN } },
    /clientCertificateConfig needs/,
  ],
  [
    'a certificate callback that is no function',
    { ...x509, clientCertificateConfig: { clientCertificateCallbackArn: 'a b' } },
    /not the ARN of a function/,
  ],
  ['OCSP stapling', { serverCertificateConfig: { enableOCSPCheck: true } }, /OCSP/],
];

for (const [what, input, message] of refusedInputs) {
  test(`${what} is refused`, async () => {
    const { create, call, addAuthorizer } = await domainWorld();
    await addAuthorizer('A');
    await assert.rejects(create('c', input), fails('InvalidRequestException', message));
    await assert.rejects(
      call('describeDomainConfiguration', { domainConfigurationName: 'c' }),
      fails('ResourceNotFoundException'),
    );
  });
}

test('a name and a domain belong to one configuration, and there are ten', async () => {
  const { create } = await domainWorld();
  const { domainConfigurationArn } = await create('c0', { domainName: 'd0.example.com' });
  const taken = (error: unknown): boolean => {
    assert.deepEqual((error as ServiceError).fields, { resourceId: 'c0', resourceArn: domainConfigurationArn });
    return fails('ResourceAlreadyExistsException')(error);
  };
  await assert.rejects(create('c0', { domainName: 'other.example.com' }), taken);
  await assert.rejects(create('other', { domainName: 'D0.example.com' }), taken);
  for (let i = 1; i < 10; i++) await create(`c${i}`, { domainName: `d${i}.example.com` });
  await assert.rejects(create('c10', { domainName: 'd10.example.com' }), fails('LimitExceededException', /10/));
});

test('of two creations at once for one domain, one wins', async () => {
  const { create } = await domainWorld();
  const both = await Promise.allSettled(['a', 'b'].map((name) => create(name, { domainName: 'd.example.com' })));
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('without a domain name one is made up; it is deleted only after seven days of being disabled', async () => {
  const { call, create, clock } = await domainWorld();
  await create('managed');
  const name = { domainConfigurationName: 'managed' };
  const described = await call('describeDomainConfiguration', name);
  assert.equal(described.domainType, 'AWS_MANAGED');
  assert.match(described.domainName ?? '', /^[a-z0-9]{20}\.iot\.us-east-1\.amazonaws\.com$/);
  const remove = () => call('deleteDomainConfiguration', name);
  await assert.rejects(remove(), fails('InvalidRequestException', /must be DISABLED/));
  await call('updateDomainConfiguration', { ...name, domainConfigurationStatus: 'DISABLED' });
  await assert.rejects(remove(), fails('InvalidRequestException', /seven days/));
  await clock.advance(7 * DAY_MS);
  await remove();
});

test('the endpoints that are always there can be seen and changed, but not disabled', async () => {
  const { call } = await domainWorld();
  const { domainConfigurations = [] } = await call('listDomainConfigurations', {});
  assert.deepEqual(
    domainConfigurations.map((one) => [one.domainConfigurationName, one.serviceType]),
    [
      ['iot:Data-ATS', 'DATA'],
      ['iot:CredentialProvider', 'CREDENTIAL_PROVIDER'],
      ['iot:Jobs', 'JOBS'],
    ],
  );
  const name = { domainConfigurationName: 'iot:Data-ATS' };
  const before = await call('describeDomainConfiguration', name);
  assert.equal(before.domainType, 'ENDPOINT');
  assert.equal(before.domainName, 'iot.example');
  const tlsConfig = { securityPolicy: 'IoTSecurityPolicy_TLS12_1_2_2022_10' };
  await call('updateDomainConfiguration', { ...name, tlsConfig });
  assert.deepEqual(await call('describeDomainConfiguration', name), { ...before, tlsConfig });
  await assert.rejects(
    call('updateDomainConfiguration', { ...name, domainConfigurationStatus: 'DISABLED' }),
    fails('InvalidRequestException', /cannot be disabled/),
  );
  await assert.rejects(call('deleteDomainConfiguration', name), fails('InvalidRequestException', /cannot be deleted/));
  assert.equal((await call('listDomainConfigurations', {})).domainConfigurations?.length, 3);
});

test('the list comes in pages, and by service type', async () => {
  const { call, create } = await domainWorld();
  for (const name of ['b', 'a', 'c']) await create(name, { domainName: `${name}.example.com`, serviceType: 'JOBS' });
  const names: (string | undefined)[] = [];
  let marker: string | undefined;
  do {
    const page = await call('listDomainConfigurations', { pageSize: 2, marker });
    assert.ok((page.domainConfigurations?.length ?? 0) <= 2);
    names.push(...(page.domainConfigurations ?? []).map((one) => one.domainConfigurationName));
    marker = page.nextMarker;
  } while (marker !== undefined);
  assert.deepEqual(names, ['iot:Data-ATS', 'iot:CredentialProvider', 'iot:Jobs', 'a', 'b', 'c']);
  const jobs = await call('listDomainConfigurations', { serviceType: 'JOBS' });
  assert.deepEqual(
    jobs.domainConfigurations?.map((one) => one.domainConfigurationName),
    ['iot:Jobs', 'a', 'b', 'c'],
  );
  await assert.rejects(call('listDomainConfigurations', { marker: 'abcd' }), fails('InvalidRequestException'));
});

test('a certificate of the operator must fit its domain', async () => {
  const world = await domainWorld();
  const { create, certificateFiles, call } = world;
  const other = selfSigned(world, ['d.example.com']);
  const cases: readonly [files: { pem: string; key?: string }, message: RegExp][] = [
    [{ pem: 'nothing', key: 'nothing' }, /holds no certificate/],
    [{ pem: other.pem }, /no mine\.key/],
    [{ pem: other.pem, key: 'nothing' }, /mine\.key cannot be read/],
    [{ pem: other.pem, key: selfSigned(world, ['x.example.com']).key }, /not the key/],
    [selfSigned(world, ['x.example.com']), /not for d\.example\.com/],
    [selfSigned(world, ['d.example.com', 'a.b', 'c.d', 'e.f', 'g.h']), /more than 4 names/],
    [selfSigned(world, ['d.example.com'], { hours: -1 }), /expired/],
    [{ pem: other.pem.repeat(6), key: other.key }, /more than 5/],
  ];
  const input = { domainName: 'd.example.com', serverCertificateArns: [CERTIFICATE_ARN] };
  for (const [{ pem, key }, message] of cases) {
    const world = await domainWorld();
    await world.certificateFiles.write('mine.pem', pem, 0o600);
    if (key !== undefined) await world.certificateFiles.write('mine.key', key, 0o600);
    await assert.rejects(world.create('c', input), fails('CertificateValidationException', message));
  }
  await certificateFiles.write('mine.pem', other.pem, 0o600);
  await certificateFiles.write('mine.key', other.key, 0o600);
  await create('c', input);
  const described = async () =>
    (await call('describeDomainConfiguration', { domainConfigurationName: 'c' })).serverCertificates;
  assert.deepEqual(await described(), [{ serverCertificateArn: CERTIFICATE_ARN, serverCertificateStatus: 'VALID' }]);
  await certificateFiles.write('mine.pem', 'nothing', 0o600);
  assert.deepEqual(await described(), [
    {
      serverCertificateArn: CERTIFICATE_ARN,
      serverCertificateStatus: 'INVALID',
      serverCertificateStatusDetail: 'mine.pem holds no certificate in PEM',
    },
  ]);
});
