import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { fakeFunctions } from './authorizer.fixture.ts';
import { type CertificateProviderOperations, createCertificateProviders } from './certificate-provider.ts';
import { ecKeys, type KeyPair, requestPem } from './csr.fixture.ts';
import { memoryKeyFiles } from './key-files.ts';
import { openKeyMaterial } from './key-material.ts';
import { anonymous } from './principal.ts';
import { distinguishedName } from './x509.ts';

const context: RequestContext = { requestId: 'r', principal: anonymous, sourceIp: '::1', authorize: async () => {} };
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:sign';
const input = {
  certificateProviderName: 'P',
  lambdaFunctionArn: FUNCTION_ARN,
  accountDefaultForOperations: ['CreateCertificateFromCsr'],
} as const;
const name = {
  certificateProviderName: 'P',
  certificateProviderArn: 'arn:aws:iot:us-east-1:000000000000:certificateprovider/P',
};

async function setUp() {
  const clock = new VirtualClock(Date.parse('2026-11-25T12:00:00Z'));
  const random = seededRandom(3);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const functions = fakeFunctions();
  const place = { region: 'us-east-1', account: '000000000000' };
  const providers = createCertificateProviders({ store, clock, place, log: silentLog, functions, tagsFor: () => [] });
  const keyMaterial = await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: [] });
  const sign = ({ publicKey }: KeyPair): string =>
    keyMaterial.issueDeviceCertificate(distinguishedName({ commonName: 'x' }), publicKey).toString();
  const call = <Name extends keyof CertificateProviderOperations>(
    operation: Name,
    given: Parameters<CertificateProviderOperations[Name]>[0],
  ): ReturnType<CertificateProviderOperations[Name]> =>
    (
      providers.operations[operation] as (
        i: object,
        c: RequestContext,
      ) => ReturnType<CertificateProviderOperations[Name]>
    )(given, context);
  return { clock, functions, providers, sign, call };
}

function fails(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ServiceError && error.code === code;
}

test('a certificate provider is created, described, listed, changed and deleted', async () => {
  const { call, clock, providers } = await setUp();
  assert.deepEqual(await call('createCertificateProvider', input), name);
  const creationDate = new Date(clock.now());
  await clock.advance(1000);
  const lambdaFunctionArn = `${FUNCTION_ARN}:2`;
  assert.deepEqual(await call('updateCertificateProvider', { certificateProviderName: 'P', lambdaFunctionArn }), name);
  assert.deepEqual(await call('describeCertificateProvider', { certificateProviderName: 'P' }), {
    ...name,
    lambdaFunctionArn,
    accountDefaultForOperations: ['CreateCertificateFromCsr'],
    creationDate,
    lastModifiedDate: new Date(clock.now()),
  });
  assert.deepEqual(await call('listCertificateProviders', {}), { certificateProviders: [name] });
  assert.equal(await providers.exists(name.certificateProviderArn), true);
  await call('deleteCertificateProvider', { certificateProviderName: 'P' });
  assert.deepEqual(await call('listCertificateProviders', {}), { certificateProviders: [] });
  assert.equal(await providers.exists(name.certificateProviderArn), false);
});

test('what cannot be is refused with the modelled errors', async () => {
  const { call } = await setUp();
  for (const operation of ['describe', 'update', 'delete'] as const)
    await assert.rejects(
      call(`${operation}CertificateProvider`, { certificateProviderName: 'P' }),
      fails('ResourceNotFoundException'),
    );
  const create = (more: object) => call('createCertificateProvider', { ...input, ...more });
  await assert.rejects(create({ lambdaFunctionArn: 'a b' }), fails('InvalidRequestException'));
  const clientToken = 't'.repeat(36);
  await create({ clientToken });
  assert.deepEqual(await create({ clientToken }), name);
  await assert.rejects(create({}), fails('ResourceAlreadyExistsException'));
  await assert.rejects(create({ certificateProviderName: 'Q' }), fails('LimitExceededException'));
  await assert.rejects(
    call('updateCertificateProvider', { certificateProviderName: 'P', lambdaFunctionArn: 'a b' }),
    fails('InvalidRequestException'),
  );
  await assert.rejects(call('listCertificateProviders', { nextToken: 'abcd' }), fails('InvalidRequestException'));
});

test('requests go to the provider while there is one, and its certificate must be for their key', async () => {
  const { call, functions, providers, sign } = await setUp();
  const keys = ecKeys();
  const origin = { certificateSigningRequest: requestPem({ keys }), principalId: 'p', clientId: 'c' };
  assert.equal(await providers.signCsr(origin), undefined);
  await call('createCertificateProvider', input);
  const certificatePem = sign(keys);
  functions.answer = async () => ({ certificatePem });
  assert.equal(await providers.signCsr(origin), certificatePem);
  assert.deepEqual(functions.events, [origin]);
  const forOthers = sign(ecKeys());
  for (const answer of [{ certificatePem: forOthers }, { certificatePem: 'nothing' }, {}, null, 'x']) {
    functions.answer = async () => answer as string;
    await assert.rejects(providers.signCsr(origin), fails('InvalidRequestException'));
  }
  functions.answer = () => Promise.reject(new Error('broken'));
  await assert.rejects(providers.signCsr(origin), fails('InvalidRequestException'));
  const asked = functions.events.length;
  await assert.rejects(
    providers.signCsr({ ...origin, certificateSigningRequest: 'x' }),
    fails('InvalidRequestException'),
  );
  assert.equal(functions.events.length, asked);
});
