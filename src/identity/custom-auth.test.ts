import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../api/json.ts';
import { ARN, answerFor, authorizerWorld, FUNCTION_ARN, rsaSigner } from './authorizer.fixture.ts';
import type { CustomLogin, CustomRefusal } from './custom-auth.ts';
import type { CustomRequest } from './custom-request.ts';

const first = rsaSigner();
const second = rsaSigner();
const stranger = rsaSigner();

function connect(username?: string): CustomRequest {
  return { secure: true, mqtt: { clientId: 'lamp', ...(username !== undefined && { username }) } };
}

function named(name: string, more = ''): CustomRequest {
  return connect(`u?x-amz-customauthorizer-name=${name}${more}`);
}

function withToken(token: string, signature?: string): CustomRequest {
  const signed = signature === undefined ? '' : `&x-amz-customauthorizer-signature=${encodeURIComponent(signature)}`;
  return named('S', `&tokenKey=${encodeURIComponent(token)}${signed}`);
}

async function signedWorld() {
  const world = await authorizerWorld();
  await world.call('createAuthorizer', {
    authorizerName: 'S',
    authorizerFunctionArn: FUNCTION_ARN,
    status: 'ACTIVE',
    tokenKeyName: 'tokenKey',
    tokenSigningPublicKeys: { one: first.publicKey, two: second.publicKey },
  });
  return world;
}

function refusalOf(result: CustomLogin | CustomRefusal | undefined): string {
  assert.ok(result && 'refusal' in result, 'it should have been refused');
  return result.refusal;
}

function loginOf(result: CustomLogin | CustomRefusal | undefined): CustomLogin {
  if (result && 'refusal' in result) assert.fail(`it should have been let in: ${result.refusal}`);
  assert.ok(result, 'there should have been an authorizer for it');
  return result;
}

test('a client is who the function of its authorizer says it is', async () => {
  const { customAuth, createUnsigned, functions } = await authorizerWorld();
  await createUnsigned('A');
  const { principal } = loginOf(await customAuth.authenticate(named('A')));
  assert.deepEqual([principal.kind, principal.id, principal.arn], ['custom', 'user1', `${ARN}authorizer/A/user1`]);
  assert.equal(principal.grant.documents.length, 1);
  assert.deepEqual(functions.calls, [{ reference: FUNCTION_ARN, timeoutMs: 5000 }]);
});

test('a client that names no authorizer is for the default, or for none', async () => {
  const { customAuth, createUnsigned, call } = await authorizerWorld();
  await createUnsigned('A');
  assert.equal(await customAuth.authenticate(connect('someone')), undefined);
  await call('setDefaultAuthorizer', { authorizerName: 'A' });
  assert.equal(loginOf(await customAuth.authenticate(connect())).principal.arn, `${ARN}authorizer/A/user1`);
});

test('an authorizer that is not there or not active lets nobody in', async () => {
  const { customAuth, createUnsigned, functions } = await authorizerWorld();
  await createUnsigned('I', { status: 'INACTIVE' });
  assert.match(refusalOf(await customAuth.authenticate(named('I'))), /"I" is not active/);
  assert.match(refusalOf(await customAuth.authenticate(named('missing'))), /"missing" is not known/);
  assert.match(refusalOf(await customAuth.authenticate(named('x'.repeat(5000)))), /is not known/);
  assert.equal(functions.calls.length, 0);
  assert.equal(await customAuth.isInUse(), false);
});

test('a domain may have its own default, and may forbid to name another', async () => {
  const { customAuth, createUnsigned, call } = await authorizerWorld();
  await createUnsigned('A');
  await createUnsigned('B');
  await createUnsigned('C');
  await call('setDefaultAuthorizer', { authorizerName: 'C' });
  const chosen = async (request: CustomRequest, authorizerConfig: CustomRequest['authorizerConfig']) =>
    loginOf(await customAuth.authenticate({ ...request, authorizerConfig })).principal.arn.split('/')[1];
  assert.equal(await chosen(connect(), { defaultAuthorizerName: 'A' }), 'A');
  assert.equal(await chosen(named('B'), { defaultAuthorizerName: 'A', allowAuthorizerOverride: false }), 'A');
  assert.equal(await chosen(named('B'), { defaultAuthorizerName: 'A', allowAuthorizerOverride: true }), 'B');
  assert.equal(await chosen(named('B'), {}), 'B');
  assert.equal(await chosen(connect(), {}), 'C');
});

test('a token signed with any key of the authorizer is handed to the function as verified', async () => {
  const { customAuth, functions } = await signedWorld();
  const token = 'ey+J/ä =&?';
  for (const signer of [first, second]) {
    loginOf(await customAuth.authenticate(withToken(token, signer.sign(token))));
  }
  for (const event of functions.events) {
    assert.equal(event.token, token);
    assert.equal((event as { signatureVerified?: boolean }).signatureVerified, true);
  }
  assert.equal(functions.events.length, 2);
});

test('a token and a signature whose + were not encoded are taken as they were signed', async () => {
  const { customAuth, functions } = await signedWorld();
  const unencoded = (signedToken: string): CustomRequest =>
    named('S', `&tokenKey=a+b%2Bc&x-amz-customauthorizer-signature=${first.sign(signedToken)}`);
  loginOf(await customAuth.authenticate(unencoded('a+b+c')));
  loginOf(await customAuth.authenticate(unencoded('a b+c')));
  assert.deepEqual(
    functions.events.map((event) => event.token),
    ['a+b+c', 'a b+c'],
  );
  assert.match(refusalOf(await customAuth.authenticate(unencoded('a+b c'))), /no key/);
});

const token = 'secret';
const refusedTokens: readonly [what: string, request: CustomRequest, pattern: RegExp][] = [
  ['no token', named('S'), /no token/],
  ['an empty token', withToken('', first.sign('')), /no token/],
  ['no signature', withToken(token), /no signature/],
  ['the signature of a stranger', withToken(token, stranger.sign(token)), /no key of the authorizer/],
  ['the signature of another token', withToken(token, first.sign('other')), /no key of the authorizer/],
  ['a signature cut short', withToken(token, first.sign(token).slice(0, 100)), /no key of the authorizer/],
  ['a signature that is no base64', withToken(token, `${first.sign(token)}!`), /not base64/],
  ['URL-safe base64', withToken(token, '_-AA'), /not base64/],
  ['a token that is too long', withToken('t'.repeat(6145), first.sign('t'.repeat(6145))), /token is longer/],
  ['a signature that is too long', withToken(token, 'A'.repeat(2564)), /signature is longer/],
];
for (const [what, request, pattern] of refusedTokens) {
  test(`${what} is refused without running the function`, async () => {
    const { customAuth, functions } = await signedWorld();
    assert.match(refusalOf(await customAuth.authenticate(request)), pattern);
    assert.match(refusalOf((await customAuth.precheck(request)) as CustomRefusal), pattern);
    assert.equal(functions.calls.length, 0);
  });
}

test('a check before the CONNECT runs no function', async () => {
  const { customAuth, functions } = await signedWorld();
  assert.equal(await customAuth.precheck(withToken(token, first.sign(token))), undefined);
  assert.equal(await customAuth.isInUse(), true);
  assert.equal(functions.calls.length, 0);
});

test('where no signature is needed the token is handed over as it is, if there is one', async () => {
  const { customAuth, createUnsigned, functions } = await authorizerWorld();
  await createUnsigned('S', { tokenKeyName: 'tokenKey' });
  await customAuth.authenticate(withToken(token, 'not even base64'));
  await customAuth.authenticate(named('S'));
  assert.deepEqual(
    functions.events.map((event) => event.token),
    [token, undefined],
  );
  assert.equal((functions.events[0] as { signatureVerified?: boolean }).signatureVerified, false);
});

const refusedAnswers: readonly [what: string, answer: () => Promise<JsonValue>, pattern: RegExp][] = [
  ['says no', async () => ({ isAuthenticated: false }), /did not authenticate/],
  ['makes no sense', async () => ({ ...answerFor('a'), principalId: 'a-b' }), /cannot be used: principalId/],
  ['fails', () => Promise.reject(new Error('function "auth" did not finish within 5000 ms')), /within 5000 ms/],
];
for (const [what, answer, pattern] of refusedAnswers) {
  test(`a function that ${what} lets nobody in, neither over MQTT nor over HTTP`, async () => {
    const { customAuth, createUnsigned, functions } = await authorizerWorld();
    await createUnsigned('A');
    functions.answer = answer;
    assert.match(refusalOf(await customAuth.authenticate(named('A'))), pattern);
    const request = await customAuth.authenticateRequest(named('A'), {});
    assert.ok(request && 'refusal' in request);
    assert.match(request.refusal, pattern);
  });
}

test('a certificate that is demanded besides is the principal, and its ARN is what things are attached to', async () => {
  const { customAuth, createUnsigned, functions } = await authorizerWorld();
  await createUnsigned('A');
  const principal = { kind: 'certificate', id: 'abc1', arn: `${ARN}cert/abc1` } as const;
  const request = { ...named('A'), certificate: { principal, pem: 'PEM' } };
  assert.match(refusalOf(await customAuth.authenticate(request)), /principalId must be the id of the certificate/);
  const { policyDocuments: _none, ...answer } = answerFor('a', { principalId: 'abc1' });
  functions.answer = async () => answer;
  const login = loginOf(await customAuth.authenticate(request));
  assert.equal(login.principal.arn, principal.arn);
  assert.equal(login.principal.certificate, principal);
  assert.deepEqual(login.principal.grant.documents, []);
});

/** A client that is connected, and what it is told. */
async function connected(more: object = {}) {
  const world = await authorizerWorld();
  await world.createUnsigned('A');
  world.functions.answer = async () => answerFor('a', { refreshAfterInSeconds: 300, ...more });
  const login = loginOf(await world.customAuth.authenticate(named('A')));
  const ends: string[] = [];
  const stop = login.watch((reason, detail) => ends.push(`${reason} ${detail}`));
  const advance = (seconds: number): Promise<void> => world.clock.advance(seconds * 1000);
  return { ...world, login, ends, stop, advance };
}

test('when it is due the function is asked the same again, and its new policies are in force', async () => {
  const { login, functions, advance, ends } = await connected();
  const topics: string[] = [];
  login.principal.grant.onChange(async () => {
    const [resource] = login.principal.grant.documents[0].document.statements[0].resources;
    topics.push(resource.source);
  });
  await advance(299);
  assert.equal(functions.events.length, 1);
  functions.answer = async () => answerFor('b', { refreshAfterInSeconds: 600 });
  await advance(2);
  assert.deepEqual(topics, [`${ARN}topic/b`]);
  assert.deepEqual(functions.events[1], functions.events[0]);
  await advance(598);
  assert.equal(functions.events.length, 2);
  await advance(2);
  assert.equal(functions.events.length, 3);
  assert.deepEqual(ends, []);
});

test('the connection ends when its time is over, whatever the refreshes said', async () => {
  const { functions, advance, ends } = await connected({ disconnectAfterInSeconds: 1000 });
  functions.answer = async () => answerFor('a', { disconnectAfterInSeconds: 86_400 });
  await advance(999);
  assert.equal(functions.events.length, 4);
  assert.deepEqual(ends, []);
  await advance(2);
  assert.deepEqual(ends, ['CUSTOMAUTH_TTL_EXPIRATION the authorizer allowed 1000 seconds']);
  await advance(5000);
  assert.equal(functions.events.length, 4);
  assert.equal(ends.length, 1);
});

const endings: readonly [what: string, answer: () => Promise<JsonValue>, pattern: RegExp][] = [
  ['the function says no', async () => ({ isAuthenticated: false }), /AUTH_ERROR.*did not authenticate/],
  ['the function fails', () => Promise.reject(new Error('boom')), /AUTH_ERROR.*boom/],
  ['the answer makes no sense', async () => ({}), /AUTH_ERROR.*isAuthenticated/],
  ['the function names another', async () => answerFor('a', { principalId: 'other' }), /AUTH_ERROR.*another principal/],
];
for (const [what, answer, pattern] of endings) {
  test(`the connection ends at the refresh when ${what}`, async () => {
    const { functions, advance, ends } = await connected();
    functions.answer = answer;
    await advance(301);
    assert.equal(ends.length, 1);
    assert.match(ends[0], pattern);
    await advance(5000);
    assert.equal(ends.length, 1);
    assert.equal(functions.events.length, 2);
  });
}

test('the connection ends at the refresh when the authorizer is not active any more', async () => {
  const { call, advance, ends, functions } = await connected();
  await call('updateAuthorizer', { authorizerName: 'A', status: 'INACTIVE' });
  await advance(301);
  assert.match(ends[0], /AUTH_ERROR.*not active/);
  assert.equal(functions.events.length, 1);
});

test('a connection that is gone is asked about no more', async () => {
  const { stop, advance, ends, functions } = await connected();
  stop();
  await advance(100_000);
  assert.equal(functions.events.length, 1);
  assert.deepEqual(ends, []);
});

const http = (headers: Record<string, string> = {}, query = ''): CustomRequest => ({
  secure: true,
  http: { headers: { 'x-amz-customauthorizer-name': 'A', ...headers }, query },
});

test('an HTTP client is asked about with every request', async () => {
  const { customAuth, createUnsigned, functions } = await authorizerWorld();
  await createUnsigned('A');
  const connection = {};
  for (let n = 0; n < 3; n++) await customAuth.authenticateRequest(http(), connection);
  assert.equal(functions.events.length, 3);
  assert.notEqual(functions.events[0].connectionMetadata.id, functions.events[1].connectionMetadata.id);
});

test('with caching an answer holds for one connection, for the same credentials, until it is due', async () => {
  const { customAuth, createUnsigned, call, functions, clock } = await authorizerWorld();
  await createUnsigned('A', { enableCachingForHttp: true });
  const connection = {};
  const asked = async (request: CustomRequest, on: object = connection): Promise<number> => {
    const before = functions.events.length;
    assert.equal(((await customAuth.authenticateRequest(request, on)) as { id?: string }).id, 'user1');
    return functions.events.length - before;
  };
  assert.equal(await asked(http()), 1);
  assert.equal(await asked(http({ 'content-length': '7' })), 0);
  assert.equal(await asked(http({ authorization: 'Bearer x' })), 1);
  assert.equal(await asked(http({ authorization: 'Bearer y' })), 1);
  assert.equal(await asked(http({ authorization: 'Bearer y' }, 'token=z')), 1);
  assert.equal(await asked(http({ authorization: 'Bearer y' }, 'token=z')), 0);
  assert.equal(await asked(http({ authorization: 'Bearer y' }, 'token=z'), {}), 1);
  await clock.advance(301_000);
  assert.equal(await asked(http({ authorization: 'Bearer y' }, 'token=z')), 1);
  await call('updateAuthorizer', { authorizerName: 'A', authorizerFunctionArn: `${FUNCTION_ARN}2` });
  assert.equal(await asked(http({ authorization: 'Bearer y' }, 'token=z')), 1);
  await call('updateAuthorizer', { authorizerName: 'A', status: 'INACTIVE' });
  const refused = await customAuth.authenticateRequest(http({ authorization: 'Bearer y' }, 'token=z'), connection);
  assert.match(refused && 'refusal' in refused ? refused.refusal : '', /not active/);
});
