import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authorizerEvent, authorizerNameIn, type CustomRequest, signatureIn, tokensIn } from './custom-request.ts';

interface Found {
  readonly name?: string;
  readonly signature?: string;
  readonly token?: string;
}

const NAME = 'x-amz-customauthorizer-name';
const SIGNATURE = 'x-amz-customauthorizer-signature';

function found(request: Partial<CustomRequest>): Found {
  const whole = { secure: true, ...request };
  const all = { name: authorizerNameIn(whole), signature: signatureIn(whole), token: tokensIn(whole, 'tokenKey')[0] };
  return JSON.parse(JSON.stringify(all)) as Found;
}

const usernames: readonly [what: string, username: string | undefined, expected: Found][] = [
  ['no user name', undefined, {}],
  ['an empty user name', '', {}],
  ['a user name without a query', 'someone', {}],
  ['only a question mark', '?', {}],
  [
    'a query after a user name',
    `someone?${NAME}=A&tokenKey=t&${SIGNATURE}=QUJD`,
    { name: 'A', token: 't', signature: 'QUJD' },
  ],
  ['nothing but a query', `?${NAME}=A`, { name: 'A' }],
  ['the question mark of a value', `u?${NAME}=A&tokenKey=a?b`, { name: 'A', token: 'a?b' }],
  ['percent encoding', `u?${NAME}=A%3D&tokenKey=%E3%83%84%20%26`, { name: 'A=', token: 'ツ &' }],
  ['an encoded signature', `?${SIGNATURE}=a%2Bb%2Fc%3D%3D`, { signature: 'a+b/c==' }],
  ['a signature whose + was not encoded', `?${SIGNATURE}=a+b/c==`, { signature: 'a+b/c==' }],
  ['broken percent encoding', '?tokenKey=100%zz%', { token: '100%zz%' }],
  ['other parameters', `u?SDK=NodeJSv2&Version=1.0&${NAME}=A&x`, { name: 'A' }],
  ['the same parameter twice: the first counts', `?${NAME}=A&${NAME}=B`, { name: 'A' }],
  ['an empty value, which is none', `?${NAME}=&tokenKey`, {}],
];
for (const [what, username, expected] of usernames) {
  test(`credentials in an MQTT user name: ${what}`, () => {
    assert.deepEqual(found({ mqtt: username === undefined ? {} : { username } }), expected);
  });
}

test('credentials in headers are found whatever the case of the token key', () => {
  const headers = { [NAME]: 'A', [SIGNATURE]: 'a+b=', tokenkey: 't' };
  assert.deepEqual(found({ http: { headers, query: '' } }), { name: 'A', signature: 'a+b=', token: 't' });
});

test('a browser puts them into the query', () => {
  const query = `${NAME}=A&tokenKey=t&${SIGNATURE}=a+b`;
  assert.deepEqual(found({ http: { headers: {}, query } }), { name: 'A', token: 't', signature: 'a+b' });
});

test('a WebSocket may have them in its CONNECT; what the upgrade has comes first', () => {
  const mqtt = { username: `?${NAME}=M&tokenKey=m` };
  assert.deepEqual(found({ http: { headers: {}, query: '' }, mqtt }), { name: 'M', token: 'm' });
  assert.deepEqual(found({ http: { headers: { [NAME]: 'H' }, query: 'tokenKey=q' }, mqtt }), { name: 'H', token: 'q' });
});

test('a token key that is the name of what every object has finds nothing', () => {
  const request = { secure: true, http: { headers: {}, query: '' }, mqtt: { username: 'u?a=b' } };
  for (const name of ['constructor', '__proto__', 'toString']) assert.deepEqual(tokensIn(request, name), []);
});

test('a + in a query is a space or itself; in a header it is itself', () => {
  const username = 'u?tokenKey=a+b%2Bc d';
  assert.deepEqual(tokensIn({ secure: true, mqtt: { username } }, 'tokenKey'), ['a b+c d', 'a+b+c d']);
  const http = { headers: { tokenkey: 'a+b' }, query: '' };
  assert.deepEqual(tokensIn({ secure: true, http }, 'tokenKey'), ['a+b']);
});

test('any token survives the way that URL encoding gives it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (token) => {
      const username = `u?tokenKey=${encodeURIComponent(token)}`;
      assert.deepEqual(tokensIn({ secure: true, mqtt: { username } }, 'tokenKey'), [token]);
    }),
  );
});

test('any user name is read without a failure', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (username) => void found({ mqtt: { username } })));
});

const facts = { signatureVerified: true, connectionId: 'c' };

test('the event of MQTT over TLS has what the CONNECT had, the password in base64', () => {
  const request = {
    secure: true,
    serverName: 'iot.example.com',
    mqtt: { username: 'u?a=b', password: Buffer.from([0, 255, 1]), clientId: 'lamp' },
  };
  assert.deepEqual(authorizerEvent(request, { ...facts, token: 't' }), {
    token: 't',
    signatureVerified: true,
    protocols: ['tls', 'mqtt'],
    protocolData: {
      tls: { serverName: 'iot.example.com' },
      mqtt: { username: 'u?a=b', password: 'AP8B', clientId: 'lamp' },
    },
    connectionMetadata: { id: 'c' },
  });
});

test('the event of a WebSocket has HTTP and MQTT; what is not there is not in it', () => {
  const http = { headers: { host: 'h' }, query: 'a=b' };
  assert.deepEqual(authorizerEvent({ secure: true, http, mqtt: {} }, { ...facts, signatureVerified: false }), {
    signatureVerified: false,
    protocols: ['tls', 'http', 'mqtt'],
    protocolData: { tls: {}, http: { headers: { host: 'h' }, queryString: '?a=b' }, mqtt: {} },
    connectionMetadata: { id: 'c' },
  });
});

test('the event of a request with a demanded certificate has the certificate', () => {
  const principal = { kind: 'certificate', id: 'c1', arn: 'arn:c1' } as const;
  const request = { secure: true, http: { headers: {}, query: '' }, certificate: { principal, pem: 'PEM' } };
  const { protocols, protocolData } = authorizerEvent(request, facts);
  assert.deepEqual(protocols, ['tls', 'http']);
  assert.deepEqual(protocolData, { tls: { x509CertificatePem: 'PEM', principalId: 'c1' }, http: { headers: {} } });
});
