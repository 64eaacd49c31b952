import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import {
  credentials,
  HOST,
  NOW,
  nothing,
  oracle,
  principal,
  publish,
  refusal,
  refused,
  services,
  signed,
  upgrade,
  verifierAt,
  verify,
  webSocketQuery,
  wireQuery,
  withHeader,
} from '../../test/support/sigv4-request.ts';
import { VirtualClock } from '../base/clock.ts';
import { createSigV4Verifier, type SignedRequest } from './sigv4.ts';
import {
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  normalizedPath,
  sha256,
  signatureOf,
  signingKey,
  stringToSign,
} from './sigv4-canonical.ts';
import { presignV4 } from './sigv4-sign.ts';

// The vectors of sigv4.md section 5.

test('vector 1: the canonical request of a presigned WebSocket upgrade has the known hash', () => {
  const canonical = canonicalRequest({
    method: 'GET',
    path: '/mqtt',
    query: canonicalQuery(webSocketQuery),
    headers: canonicalHeaders([['host', HOST]]),
    signedHeaders: ['host'],
    payloadHash: sha256(''),
  });
  assert.equal(sha256(canonical), '3f027657837ee939b3317fa32572e6f76dc330ed15bdf4c13f3f8a60aba8aa4f');
});

test('vector 1: a WebSocket upgrade verifies, also with a token appended after signing', async () => {
  assert.deepEqual(await verify(upgrade, ['iotdevicegateway']), { principal, service: 'iotdevicegateway' });
  await verify({ ...upgrade, rawQuery: `${upgrade.rawQuery}&X-Amz-Security-Token=any%2Bthing` }, ['iotdevicegateway']);
});

const vectors: [name: string, request: SignedRequest, service: string, signature: string][] = [
  [
    'vector 2: a publish',
    { ...publish, headers: [['Host', 'data-ats.iot.us-east-1.amazonaws.com']] },
    'iotdata',
    '66b7a07316459a6e00d586f312dffdcfceaebd846028c484780a18b02e9cdcb4',
  ],
  [
    'vector 3: a describe of a thing whose name has a colon',
    {
      method: 'GET',
      rawPath: '/things/dev%3A1',
      rawQuery: '',
      headers: [['Host', 'iot.us-east-1.amazonaws.com']],
      body: nothing,
    },
    'iot',
    'dfcd18f966acf6e97cbdee942876b5d669e12f85e3ff3e1cc38da37fbf231f9c',
  ],
];

for (const [name, request, service, signature] of vectors) {
  test(`${name} has the known signature, and verifies`, async () => {
    const complete = signed(request, service);
    assert.ok(complete.headers.at(-1)![1].endsWith(`SignedHeaders=host;x-amz-date, Signature=${signature}`));
    assert.deepEqual(await verify(complete, [service]), { principal, service });
  });
}

// What is let through on purpose.

test('the payload hash of the header is believed only when it is the body’s or says unsigned', async () => {
  const withHash = (hash: string) =>
    signed({ ...publish, headers: [...publish.headers, ['X-Amz-Content-Sha256', hash]] });
  await verify(withHash(sha256('hello')), services);
  await verify({ ...withHash('UNSIGNED-PAYLOAD'), body: Buffer.from('other') }, services);
  await assert.rejects(
    verify(withHash(sha256('other')), services),
    refusal(
      'InvalidSignatureException',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
  );
  await refused(
    { ...signed(publish), headers: [...signed(publish).headers, ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD']] },
    'not signed',
  );
});

test('a presigned request may leave its body unsigned', async () => {
  // The signer hashes what the header says, and moves the header into the query.
  const headers = { host: HOST, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const request = { method: 'POST', protocol: 'https:', hostname: HOST, path: '/topics/a', query: {}, headers };
  const ready = await oracle('iotdata').presign(request, { signingDate: new Date(NOW), expiresIn: 60 });
  assert.deepEqual(Object.keys(ready.headers), ['host']);
  const rawQuery = wireQuery(ready.query ?? {});
  const received = { method: 'POST', rawPath: '/topics/a', rawQuery, headers: Object.entries(ready.headers) };
  await verify({ ...received, body: Buffer.from('any') }, services);
});

test('a path that was encoded once, or kept its empty segments, verifies too', async () => {
  const exact = new SignatureV4({
    ...{ service: 'iotdata', region: 'us-east-1', credentials, sha256: Sha256 },
    uriEscapePath: false,
  });
  for (const [rawPath, signedPath] of [
    ['/topics/a//b', '/topics/a//b'],
    ['/topics/a%2F%2Fb', '/topics/a%2F%2Fb'],
    ['/topics/%24aws//b', '/topics/%2524aws//b'],
  ]) {
    const request = { method: 'GET', protocol: 'https:', hostname: HOST, path: signedPath, headers: { host: HOST } };
    const { headers } = await exact.sign(request, { signingDate: new Date(NOW) });
    const received = { method: 'GET', rawPath, rawQuery: '', headers: Object.entries(headers), body: nothing };
    await verify(received, services);
  }
  assert.equal(normalizedPath('/topics/a//b/./../c/'), '/topics/a/c/');
  assert.equal(normalizedPath('//'), '/');
});

test('a WebSocket client may sign the host without its port, others may not', async () => {
  const headers: SignedRequest['headers'] = [['Host', `${HOST}:8443`]];
  await verify({ ...upgrade, headers }, services);
  await verify({ ...upgrade, headers, rawQuery: `${upgrade.rawQuery}&X-Amz-Security-Token=t` }, services);
  const request = signed({ ...publish, headers: [['host', HOST]] });
  await verify(request, services);
  await refused(
    withHeader(request, 'host', (host) => `${host}:8443`),
    'port',
  );
});

test('the authority of HTTP/2 stands in for the host', async () => {
  const request = signed(publish);
  const headers = request.headers.map(([name, value]) => [name === 'Host' ? ':authority' : name, value] as const);
  await verify({ ...request, headers }, services);
});

test('the Date header of HTTP stands in for x-amz-date', async () => {
  const headers: [string, string][] = [
    ['Host', HOST],
    ['Date', 'Thu, 15 Jan 2026 12:00:00 GMT'],
  ];
  const scope = { date: '20260115', region: 'us-east-1', service: 'iot' };
  const canonical = canonicalRequest({
    ...{ method: 'GET', path: '/things', query: '', headers: canonicalHeaders(headers) },
    ...{ signedHeaders: ['date', 'host'], payloadHash: sha256('') },
  });
  const key = signingKey(credentials.secretAccessKey, scope);
  const signature = signatureOf(key, stringToSign('20260115T120000Z', scope, canonical));
  const credential = `${credentials.accessKeyId}/20260115/us-east-1/iot/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Signature=${signature},SignedHeaders=date;host,Credential=${credential}`;
  await verify(
    {
      method: 'GET',
      rawPath: '/things',
      rawQuery: '',
      headers: [...headers, ['authorization', authorization]],
      body: nothing,
    },
    services,
  );
});

test('the service is compared without case and given back as it was signed', async () => {
  const { service } = await verify(signed(publish, 'IoTSecuredTunneling'), ['iotsecuredtunneling']);
  assert.equal(service, 'IoTSecuredTunneling');
});

// Errors.

function scoped(change: (credential: string) => string): SignedRequest {
  return withHeader(signed(publish), 'authorization', (value) =>
    value.replace(/(?<=Credential=)[^,]*/, (credential) => change(credential)),
  );
}

const noMatch =
  /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret/;
const noDate = signed(publish).headers.filter(([name]) => name !== 'x-amz-date');

const errors: [name: string, request: SignedRequest, code: string, message: string | RegExp][] = [
  ['no credentials', publish, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  [
    'another scheme',
    { ...publish, headers: [...publish.headers, ['authorization', 'Bearer x']] },
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
  ],
  [
    'an empty header',
    { ...publish, headers: [...publish.headers, ['authorization', 'AWS4-HMAC-SHA256']] },
    'IncompleteSignatureException',
    "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' parameter. " +
      "Authorization header requires 'Signature' parameter.",
  ],
  [
    'a parameter twice',
    withHeader(signed(publish), 'authorization', (value) => `${value}, Signature=${'0'.repeat(64)}`),
    'IncompleteSignatureException',
    "Authorization header has 'Signature' more than once.",
  ],
  [
    'no date',
    { ...publish, headers: noDate },
    'IncompleteSignatureException',
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
  ],
  [
    'a bad date',
    { ...publish, headers: [...noDate, ['x-amz-date', '20261315T120000Z']] },
    'IncompleteSignatureException',
    "Date must be in the form 'yyyymmddThhmmssZ'.",
  ],
  [
    'a short credential',
    scoped((credential) => credential.replace('/us-east-1', '')),
    'IncompleteSignatureException',
    "'Credential' must be a key id, a date, a region, a service and 'aws4_request', joined by '/'.",
  ],
  [
    'another terminator',
    scoped((credential) => credential.replace('aws4', 'aws5')),
    'IncompleteSignatureException',
    /^'Credential' must be a key id/,
  ],
  [
    'another day',
    scoped((credential) => credential.replace('20260115', '20260114')),
    'InvalidSignatureException',
    'Date in Credential scope does not match the date of the request: 20260115.',
  ],
  [
    'another region',
    scoped((credential) => credential.replace('us-east-1', 'eu-west-1')),
    'InvalidSignatureException',
    'Credential should be scoped to a valid region.',
  ],
  [
    'another service',
    signed(publish, 's3'),
    'InvalidSignatureException',
    "Credential should be scoped to correct service: 'iotdata'.",
  ],
  [
    'an unknown key',
    scoped((credential) => credential.replace('AKIDEXAMPLE', 'AKIDUNKNOWN')),
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  ],
  [
    'a host that is not signed',
    withHeader(signed(publish), 'authorization', (value) => value.replace('host;', '')),
    'InvalidSignatureException',
    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  ],
  [
    'a header that is not signed',
    { ...signed(publish), headers: [...signed(publish).headers, ['X-Amz-Extra', '1']] },
    'InvalidSignatureException',
    'There were headers present in the request which were not signed: x-amz-extra',
  ],
  ['a wrong signature', { ...signed(publish), method: 'GET' }, 'InvalidSignatureException', noMatch],
  [
    'a query without signature',
    { ...upgrade, rawQuery: webSocketQuery },
    'IncompleteSignatureException',
    "The query requires one 'X-Amz-Signature' parameter.",
  ],
  [
    'a query with two dates',
    { ...upgrade, rawQuery: `${upgrade.rawQuery}&X-Amz-Date=20260115T120000Z` },
    'IncompleteSignatureException',
    "The query requires one 'X-Amz-Date' parameter.",
  ],
  [
    'a query valid for too long',
    { ...upgrade, rawQuery: `${upgrade.rawQuery}&X-Amz-Expires=604801` },
    'IncompleteSignatureException',
    "'X-Amz-Expires' must be a number of seconds from 1 to 604800.",
  ],
  [
    'a query without expiry for another service than the WebSocket endpoint',
    { ...upgrade, rawQuery: upgrade.rawQuery.replace('iotdevicegateway', 'iotdata') },
    'IncompleteSignatureException',
    "The query requires one 'X-Amz-Expires' parameter.",
  ],
];

for (const [name, request, code, message] of errors) {
  test(`a request is refused as AWS clients expect: ${name}`, async () => {
    await assert.rejects(verify(request, services), refusal(code, message));
  });
}

test('an inactive key is as good as none', async () => {
  await assert.rejects(
    verifierAt(NOW, { status: 'Inactive' })(signed(publish), services),
    refusal('UnrecognizedClientException'),
  );
});

test('a signature is valid for five minutes before and after its time', async () => {
  const request = signed(publish);
  await verifierAt(NOW + 300_000)(request, services);
  await verifierAt(NOW - 300_000)(request, services);
  await assert.rejects(
    verifierAt(NOW + 301_000)(request, services),
    refusal(
      'InvalidSignatureException',
      'Signature expired: 20260115T120000Z is now earlier than 20260115T120001Z (20260115T120501Z - 5 min.)',
    ),
  );
  await assert.rejects(
    verifierAt(NOW - 301_000)(request, services),
    refusal(
      'InvalidSignatureException',
      'Signature not yet current: 20260115T120000Z is still later than 20260115T115959Z (20260115T115459Z + 5 min.)',
    ),
  );
});

test('a presigned query is valid until it expires, and not much before its time', async () => {
  const presign = (seconds: number): SignedRequest => {
    const context = { region: 'us-east-1', service: 'iotdata', nowMs: NOW };
    return { ...publish, rawQuery: presignV4(publish, credentials, context, seconds) };
  };
  await verifierAt(NOW + 86_400_000)(presign(86_400), services);
  await verifierAt(NOW - 300_000)(presign(1), services);
  await assert.rejects(
    verifierAt(NOW + 61_000)(presign(60), services),
    refusal('InvalidSignatureException', 'Signature expired: 20260115T120100Z is now earlier than 20260115T120101Z'),
  );
  await assert.rejects(
    verifierAt(NOW - 301_000)(presign(60), services),
    refusal('InvalidSignatureException', /^Signature not yet current: /),
  );
  await verifierAt(NOW + 300_000)(upgrade, services);
  await assert.rejects(verifierAt(NOW + 301_000)(upgrade, services), refusal('InvalidSignatureException'));
});

test('a secret that was made anew under the same key id replaces the old one at once', async () => {
  let secretAccessKey = credentials.secretAccessKey;
  const changing = createSigV4Verifier({
    findAccessKey: async (accessKeyId) => ({ accessKeyId, secretAccessKey, status: 'Active', principal }),
    clock: new VirtualClock(NOW),
    region: 'us-east-1',
  });
  await changing(signed(publish), services);
  secretAccessKey = 'another';
  await assert.rejects(changing(signed(publish), services), refusal('InvalidSignatureException', noMatch));
});
