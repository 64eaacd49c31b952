import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ServiceError } from '../base/errors.ts';
import { ARN, answerFor, authorizerWorld, FUNCTION_ARN, rsaSigner } from './authorizer.fixture.ts';

const signer = rsaSigner();
const signed = {
  authorizerFunctionArn: FUNCTION_ARN,
  tokenKeyName: 'tokenKey',
  tokenSigningPublicKeys: { key1: signer.publicKey },
};

function fails(code: string, pattern = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

test('an authorizer is created inactive, described, changed and deleted', async () => {
  const { call, clock } = await authorizerWorld();
  const created = await call('createAuthorizer', { authorizerName: 'A', ...signed });
  assert.deepEqual(created, { authorizerName: 'A', authorizerArn: `${ARN}authorizer/A` });
  const createdAt = new Date(clock.now());
  await clock.advance(1000);
  await call('updateAuthorizer', { authorizerName: 'A', status: 'ACTIVE', enableCachingForHttp: true });
  const { authorizerDescription } = await call('describeAuthorizer', { authorizerName: 'A' });
  assert.deepEqual(authorizerDescription, {
    authorizerName: 'A',
    authorizerArn: `${ARN}authorizer/A`,
    ...signed,
    status: 'ACTIVE',
    creationDate: createdAt,
    lastModifiedDate: new Date(clock.now()),
    signingDisabled: false,
    enableCachingForHttp: true,
  });
  await assert.rejects(call('deleteAuthorizer', { authorizerName: 'A' }), fails('DeleteConflictException', /INACTIVE/));
  await call('updateAuthorizer', { authorizerName: 'A', status: 'INACTIVE' });
  await call('deleteAuthorizer', { authorizerName: 'A' });
  await assert.rejects(call('describeAuthorizer', { authorizerName: 'A' }), fails('ResourceNotFoundException'));
});

test('what is not there cannot be used', async () => {
  const { call } = await authorizerWorld();
  const missing = fails('ResourceNotFoundException');
  await assert.rejects(call('updateAuthorizer', { authorizerName: 'A' }), missing);
  await assert.rejects(call('deleteAuthorizer', { authorizerName: 'A' }), missing);
  await assert.rejects(call('setDefaultAuthorizer', { authorizerName: 'A' }), missing);
  await assert.rejects(call('testInvokeAuthorizer', { authorizerName: 'A' }), missing);
  await assert.rejects(call('describeDefaultAuthorizer', {}), missing);
  await assert.rejects(call('clearDefaultAuthorizer', {}), missing);
});

test('a name is taken once', async () => {
  const { call, createUnsigned } = await authorizerWorld();
  await createUnsigned('A');
  await assert.rejects(createUnsigned('A'), (error: ServiceError) => {
    assert.equal(error.code, 'ResourceAlreadyExistsException');
    assert.deepEqual(error.fields, { resourceId: 'A', resourceArn: `${ARN}authorizer/A` });
    return true;
  });
  assert.equal((await call('listAuthorizers', {})).authorizers?.length, 1);
});

function otherKey(type: 'ec' | 'private'): string {
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  if (type === 'ec') return keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const refused: readonly [what: string, input: object, code: string, pattern: RegExp][] = [
  ['a function that cannot be one', { authorizerFunctionArn: 'no arn' }, 'InvalidRequestException', /FunctionArn/],
  ['no token key', { tokenKeyName: undefined }, 'InvalidRequestException', /tokenKeyName/],
  ['no public key', { tokenSigningPublicKeys: undefined }, 'InvalidRequestException', /tokenSigningPublicKeys/],
  ['an empty list of keys', { tokenSigningPublicKeys: {} }, 'InvalidRequestException', /tokenSigningPublicKeys/],
  ['a key that is no PEM', { tokenSigningPublicKeys: { k: 'key' } }, 'InvalidRequestException', /key k must be in PEM/],
  [
    'a broken PEM',
    { tokenSigningPublicKeys: { k: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' } },
    'InvalidRequestException',
    /key k cannot be read/,
  ],
  [
    'a private key',
    { tokenSigningPublicKeys: { k: otherKey('private') } },
    'InvalidRequestException',
    /must be in PEM/,
  ],
  ['an EC key', { tokenSigningPublicKeys: { k: otherKey('ec') } }, 'InvalidRequestException', /must be an RSA key/],
  ['a short key', { tokenSigningPublicKeys: { k: rsaSigner(1024).publicKey } }, 'InvalidRequestException', /2048 bits/],
  [
    'three keys',
    { tokenSigningPublicKeys: { a: signer.publicKey, b: signer.publicKey, c: signer.publicKey } },
    'LimitExceededException',
    /no more than 2/,
  ],
];
for (const [what, input, code, pattern] of refused) {
  test(`an authorizer with ${what} is refused, new or changed`, async () => {
    const { call } = await authorizerWorld();
    await assert.rejects(call('createAuthorizer', { authorizerName: 'A', ...signed, ...input }), fails(code, pattern));
    // A member that is absent leaves the authorizer as it is.
    if (Object.values(input).includes(undefined)) return;
    await call('createAuthorizer', { authorizerName: 'A', ...signed });
    await assert.rejects(call('updateAuthorizer', { authorizerName: 'A', ...input }), fails(code, pattern));
  });
}

test('without signing neither a token key nor public keys are needed', async () => {
  const { call, createUnsigned } = await authorizerWorld();
  await createUnsigned('A');
  const { authorizerDescription } = await call('describeAuthorizer', { authorizerName: 'A' });
  assert.equal(authorizerDescription?.signingDisabled, true);
  assert.deepEqual(authorizerDescription?.tokenSigningPublicKeys, {});
});

test('there are no more than ten authorizers', async () => {
  const { createUnsigned } = await authorizerWorld();
  for (let n = 0; n < 10; n++) await createUnsigned(`A${n}`);
  await assert.rejects(createUnsigned('A10'), fails('LimitExceededException'));
  await assert.rejects(createUnsigned('A1'), fails('ResourceAlreadyExistsException'));
});

test('authorizers are listed page by page, by status and in both orders', async () => {
  const { call, clock, createUnsigned } = await authorizerWorld();
  for (const [n, name] of ['C', 'B', 'A', 'D', 'E'].entries()) {
    await createUnsigned(name, n % 2 === 1 ? { status: 'INACTIVE' } : {});
    await clock.advance(10);
  }
  const names = async (input: object): Promise<string[]> => {
    const all: string[] = [];
    let marker: string | undefined;
    do {
      const page = await call('listAuthorizers', { ...input, pageSize: 2, ...(marker !== undefined && { marker }) });
      assert.ok((page.authorizers?.length ?? 0) <= 2);
      for (const { authorizerName, authorizerArn } of page.authorizers ?? []) {
        assert.equal(authorizerArn, `${ARN}authorizer/${authorizerName}`);
        all.push(authorizerName as string);
      }
      marker = page.nextMarker;
    } while (marker !== undefined);
    return all;
  };
  assert.deepEqual(await names({ ascendingOrder: true }), ['C', 'B', 'A', 'D', 'E']);
  assert.deepEqual(await names({}), ['E', 'D', 'A', 'B', 'C']);
  assert.deepEqual(await names({ status: 'ACTIVE' }), ['E', 'A', 'C']);
  assert.deepEqual(await names({ status: 'INACTIVE', ascendingOrder: true }), ['B', 'D']);
  await assert.rejects(call('listAuthorizers', { marker: 'abcd' }), fails('InvalidRequestException'));
});

test('the default is an active authorizer, one at a time, that cannot go away', async () => {
  const { call, createUnsigned } = await authorizerWorld();
  await createUnsigned('A');
  await createUnsigned('B', { status: 'INACTIVE' });
  await assert.rejects(
    call('setDefaultAuthorizer', { authorizerName: 'B' }),
    fails('InvalidRequestException', /ACTIVE/),
  );
  const set = await call('setDefaultAuthorizer', { authorizerName: 'A' });
  assert.deepEqual(set, { authorizerName: 'A', authorizerArn: `${ARN}authorizer/A` });
  await call('setDefaultAuthorizer', { authorizerName: 'A' });
  const described = await call('describeDefaultAuthorizer', {});
  assert.equal(described.authorizerDescription?.authorizerName, 'A');

  await call('updateAuthorizer', { authorizerName: 'B', status: 'ACTIVE' });
  await assert.rejects(
    call('setDefaultAuthorizer', { authorizerName: 'B' }),
    fails('ResourceAlreadyExistsException', /clear it first/),
  );
  const conflict = fails('DeleteConflictException', /default/);
  await assert.rejects(call('updateAuthorizer', { authorizerName: 'A', status: 'INACTIVE' }), conflict);
  await assert.rejects(call('deleteAuthorizer', { authorizerName: 'A' }), conflict);
  await call('updateAuthorizer', { authorizerName: 'A', enableCachingForHttp: true });

  await call('clearDefaultAuthorizer', {});
  await call('setDefaultAuthorizer', { authorizerName: 'B' });
  await call('updateAuthorizer', { authorizerName: 'A', status: 'INACTIVE' });
  await call('deleteAuthorizer', { authorizerName: 'A' });
});

test('a default that is set while it is deactivated is either active or not the default', async () => {
  for (let turn = 0; turn < 20; turn++) {
    const { call, createUnsigned, records } = await authorizerWorld();
    await createUnsigned('A');
    const wait = async (turns: number): Promise<void> => {
      for (let n = 0; n < turns; n++) await undefined;
    };
    await Promise.allSettled([
      wait(turn).then(() => call('setDefaultAuthorizer', { authorizerName: 'A' })),
      wait(10).then(() => call('updateAuthorizer', { authorizerName: 'A', status: 'INACTIVE' })),
    ]);
    const isDefault = (await records.defaultName()) === 'A';
    assert.equal((await records.get('A'))?.value.status, isDefault ? 'ACTIVE' : 'INACTIVE');
  }
});

test('a trial tells what the function answered, also of an authorizer that is not active', async () => {
  const { call, functions } = await authorizerWorld();
  await call('createAuthorizer', { authorizerName: 'A', ...signed });
  const answer = answerFor('a');
  functions.answer = async () => answer;
  const result = await call('testInvokeAuthorizer', {
    authorizerName: 'A',
    token: 'secret',
    tokenSignature: signer.sign('secret'),
    httpContext: { headers: { Accept: '*/*' }, queryString: '?a=b' },
    mqttContext: { username: 'u', password: Buffer.from('pw'), clientId: 'lamp' },
    tlsContext: { serverName: 'iot.example.com' },
  });
  assert.deepEqual(result, {
    isAuthenticated: true,
    principalId: 'user1',
    policyDocuments: [JSON.stringify(answer.policyDocuments[0])],
    refreshAfterInSeconds: 300,
    disconnectAfterInSeconds: 3600,
  });
  const { connectionMetadata, ...event } = functions.events[0];
  assert.match(connectionMetadata.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(event, {
    token: 'secret',
    signatureVerified: true,
    protocols: ['tls', 'http', 'mqtt'],
    protocolData: {
      tls: { serverName: 'iot.example.com' },
      http: { headers: { accept: '*/*' }, queryString: '?a=b' },
      mqtt: { username: 'u', password: 'cHc=', clientId: 'lamp' },
    },
  });
  assert.deepEqual(functions.calls, [{ reference: FUNCTION_ARN, timeoutMs: 5000 }]);
});

test('a trial fails when the token is not signed or the answer makes no sense, and not when the answer is no', async () => {
  const { call, functions } = await authorizerWorld();
  await call('createAuthorizer', { authorizerName: 'A', ...signed });
  const trial = (tokenSignature: string) =>
    call('testInvokeAuthorizer', { authorizerName: 'A', token: 'secret', tokenSignature });
  await assert.rejects(trial(signer.sign('other')), fails('InvalidRequestException', /verified/));
  assert.equal(functions.events.length, 0);
  functions.answer = async () => ({ isAuthenticated: false });
  assert.deepEqual(await trial(signer.sign('secret')), { isAuthenticated: false });
  functions.answer = async () => ({ isAuthenticated: true });
  await assert.rejects(trial(signer.sign('secret')), fails('InvalidResponseException', /principalId/));
  functions.answer = async () => {
    throw new Error('function "auth" threw');
  };
  await assert.rejects(trial(signer.sign('secret')), fails('InvalidResponseException', /threw/));
});
