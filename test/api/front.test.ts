/**
 * The front as clients meet it: raw requests on a socket. Every kind of bad input has its status, code and message,
 * and the server answers the next request as if nothing had been.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { type AccessQuestion, coverage, createApi, type Services, type SignedRequest } from '../../src/api/api.ts';
import type { RequestContext } from '../../src/api/operation.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import { ServiceError } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { CertificatePrincipal } from '../../src/identity/principal.ts';
import { admin, handledBy, models, startApi, type TestServer } from './server.ts';

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const device: CertificatePrincipal = {
  kind: 'certificate',
  id: 'c0',
  arn: 'arn:aws:iot:us-east-1:000000000000:cert/c0',
};
const start = Date.UTC(2026, 0, 15, 12, 0, 0);

let clock: VirtualClock;
/** How many bodies the server has begun to wait for. */
let awaited = 0;
let server: TestServer;
let calls: { operation: string; input: unknown; context: RequestContext }[] = [];
let signed: SignedRequest[] = [];
let questions: AccessQuestion[] = [];
let logged: { level: string; fields: Record<string, unknown> }[] = [];
let answer: (operation: string) => object = () => ({});
let authenticate: (request: SignedRequest) => Promise<typeof admin>;

const record = (level: string) => (fields: object) =>
  void logged.push({ level, fields: fields as Record<string, unknown> });
const log: Log = { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };

before(async () => {
  clock = new VirtualClock(start);
  const services = handledBy(async (operation, input, context) => {
    calls.push({ operation, input, context });
    return answer(operation);
  });
  // One operation of each protocol nobody handles.
  const { createJob: _, ...iot } = services.iot!;
  const { openTunnel: __, ...tunnels } = services.iotsecuretunneling!;
  server = await startApi(
    {
      services: { ...services, iot, iotsecuretunneling: tunnels },
      authenticate: (request) => {
        signed.push(request);
        return authenticate(request);
      },
      authorize: async (question) => {
        questions.push(question);
        if (question.resource.endsWith('/forbidden')) throw new ServiceError('AccessDeniedException', 'not you');
      },
      clock: {
        now: () => clock.now(),
        every: (periodMs, callback) => clock.every(periodMs, callback),
        after: (delayMs, callback) => {
          awaited++;
          return clock.after(delayMs, callback);
        },
      },
      log,
    },
    { sourceIp: '192.0.2.1', secure: true, certificate: async () => device },
  );
});
after(() => server.stop());
afterEach(async () => {
  answer = () => ({});
  const alive = await exchange(request('GET', '/things/alive'));
  assert.equal(alive.status, 200);
  calls = [];
  signed = [];
  questions = [];
  logged = [];
  awaited = 0;
});
authenticate = async () => admin;

const scope = (service: string): string =>
  `Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260115/us-east-1/${service}/aws4_request`;

/** A request signed for `service`, as bytes; `headers` replaces what is made by default. */
function request(
  method: string,
  path: string,
  body: string | Buffer = '',
  service = 'iot',
  headers: readonly string[] = [],
): Buffer {
  const length = body.length > 0 && !headers.some((header) => /^(content-length|transfer-encoding)/i.test(header));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...(service ? [scope(service)] : []),
    ...(length ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
    ...headers,
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

/** Sends bytes and reads until the server closes. */
function exchange(bytes: Buffer): Promise<Response> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString())));
  });
}

function parse(text: string): Response {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [line, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((one) => [one.split(': ')[0].toLowerCase(), one.slice(one.indexOf(': ') + 2)]),
  );
  return { status: Number(line.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}

const kib = (size: number): Buffer => Buffer.alloc(size * 1024, 0x61);

interface Bad {
  readonly what: string;
  readonly bytes: Buffer;
  readonly status: number;
  readonly code: string;
  readonly message: string | RegExp;
}

const bad = (what: string, bytes: Buffer, status: number, code: string, message: string | RegExp): Bad => ({
  what,
  bytes,
  status,
  code,
  message,
});

const invalid = (failure: string): string => `1 validation error detected: ${failure}`;

const refusals: readonly Bad[] = [
  bad(
    'an unknown path',
    request('GET', '/nowhere'),
    404,
    'UnknownOperationException',
    'No operation of iot is GET /nowhere',
  ),
  bad(
    'a wrong method',
    request('PUT', '/things/lamp'),
    404,
    'UnknownOperationException',
    'No operation of iot is PUT /things/lamp',
  ),
  bad(
    'a wrong method of a data-plane path',
    request('PUT', '/topics/a', '', 'iotdata'),
    405,
    'MethodNotAllowedException',
    'PUT is not one of POST',
  ),
  bad(
    'an empty label',
    request('GET', '/things/'),
    404,
    'UnknownOperationException',
    'No operation of iot is GET /things/',
  ),
  bad(
    'a foreign service',
    request('GET', '/', '', 's3'),
    404,
    'UnknownOperationException',
    "There is no service 's3' here",
  ),
  bad(
    'an escape that is none',
    request('GET', '/things/%zz'),
    400,
    'SerializationException',
    "The path label 'thingName' is not properly percent-encoded",
  ),
  bad(
    'broken JSON',
    request('POST', '/things/lamp', '{"a"'),
    400,
    'SerializationException',
    /^The body is not valid JSON/,
  ),
  bad(
    'JSON of a wrong type',
    request('POST', '/things/lamp', '{"attributePayload":{"merge":"yes"}}'),
    400,
    'SerializationException',
    "STRING_VALUE can not be converted to a Boolean (at 'attributePayload.merge')",
  ),
  bad(
    'a query of a wrong type',
    request('GET', '/things?maxResults=ten'),
    400,
    'SerializationException',
    "STRING_VALUE can not be converted to an Integer (at 'maxResults')",
  ),
  bad(
    'a parameter given twice',
    request('GET', '/things?maxResults=1&maxResults=2'),
    400,
    'SerializationException',
    "The query parameter 'maxResults' is given more than once",
  ),
  bad(
    'a bad JSON header',
    request('POST', '/topics/a', 'x', 'iotdata', ['x-amz-mqtt5-user-properties: {}']),
    400,
    'SerializationException',
    "The header 'x-amz-mqtt5-user-properties' is not base64",
  ),
  bad(
    'a name out of its pattern',
    request('GET', '/things/a%20b'),
    400,
    'InvalidRequestException',
    invalid(
      "Value 'a b' at 'thingName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9:_-]+",
    ),
  ),
  bad(
    'a name that is too long',
    request('GET', `/things/${'a'.repeat(129)}`),
    400,
    'InvalidRequestException',
    invalid(
      `Value '${'a'.repeat(129)}' at 'thingName' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ),
  ),
  bad(
    'a missing member',
    request('POST', '/policies/p', '{}'),
    400,
    'InvalidRequestException',
    invalid("Value null at 'policyDocument' failed to satisfy constraint: Member must not be null"),
  ),
  bad(
    'a missing header',
    request('PUT', '/things/lamp/principals'),
    400,
    'InvalidRequestException',
    invalid("Value null at 'principal' failed to satisfy constraint: Member must not be null"),
  ),
  bad(
    'a value out of its range',
    request('GET', '/things?maxResults=251'),
    400,
    'InvalidRequestException',
    invalid(
      "Value '251' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 250",
    ),
  ),
  bad(
    'a value outside of its enum',
    request('PUT', `/certificates/${'a'.repeat(64)}?newStatus=GONE`),
    400,
    'InvalidRequestException',
    /^1 validation error detected: Value 'GONE' at 'newStatus' failed to satisfy constraint: Member must satisfy enum value set: \[ACTIVE, /,
  ),
  bad(
    'a bad value for an operation with ValidationException',
    request('GET', '/packages/a%20b'),
    400,
    'ValidationException',
    /^1 validation error detected: Value 'a b' at 'packageName'/,
  ),
  bad(
    'a payload beyond the limit of MQTT',
    request('POST', '/topics/a', Buffer.concat([kib(128), Buffer.from('x')]), 'iotdata'),
    413,
    'RequestEntityTooLargeException',
    'The request body is larger than 131072 bytes',
  ),
  bad(
    'a body beyond the limit',
    request('POST', '/policies/p', kib(1025)),
    413,
    'RequestEntityTooLargeException',
    'The request body is larger than 1048576 bytes',
  ),
  bad(
    'a body far beyond the limit',
    request('POST', '/policies/p', '', 'iot', ['Content-Length: 99999999999', 'Expect: 100-continue']),
    413,
    'RequestEntityTooLargeException',
    'The request body is larger than 1048576 bytes',
  ),
  bad(
    'chunks beyond the limit',
    request('POST', '/topics/a', `20001\r\n${'a'.repeat(0x20001)}\r\n0\r\n\r\n`, 'iotdata', [
      'Transfer-Encoding: chunked',
    ]),
    413,
    'RequestEntityTooLargeException',
    'The request body is larger than 131072 bytes',
  ),
  bad('a resource that is forbidden', request('GET', '/things/forbidden'), 403, 'AccessDeniedException', 'not you'),
  bad(
    'an operation that nobody handles',
    request('PUT', '/jobs/j', '{}'),
    501,
    'NotImplementedException',
    'The operation iot:CreateJob is not implemented by Tsunagu yet.',
  ),
];

describe('a request is refused for', () => {
  for (const { what, bytes, status, code, message } of refusals)
    test(`${what}: ${status} ${code}`, async () => {
      const response = await exchange(bytes);
      const body = JSON.parse(response.body) as { message: string };
      assert.deepEqual([response.status, response.headers['x-amzn-errortype']], [status, code], response.body);
      if (typeof message === 'string') assert.equal(body.message, message);
      else assert.match(body.message, message);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.match(response.headers['x-amzn-requestid'], /^[0-9a-f-]{36}$/);
      assert.equal(response.headers['date'], 'Thu, 15 Jan 2026 12:00:00 GMT');
      assert.deepEqual(calls, []);
    });
});

test('errors of the data plane carry a trace id, which is the request id', async () => {
  const { headers, body } = await exchange(request('PUT', '/topics/a', '', 'iotdata'));
  assert.equal((JSON.parse(body) as { traceId: string }).traceId, headers['x-amzn-requestid']);
});

test('errors of AWS JSON carry their type in the body', async () => {
  const headers = ['X-Amz-Target: IoTSecuredTunneling.OpenTunnel'];
  const response = await exchange(request('POST', '/', '{}', 'IoTSecuredTunneling', headers));
  assert.equal(response.status, 501);
  assert.equal(response.headers['content-type'], 'application/x-amz-json-1.1');
  assert.deepEqual(JSON.parse(response.body), {
    __type: 'NotImplementedException',
    message: 'The operation iotsecuretunneling:OpenTunnel is not implemented by Tsunagu yet.',
  });
});

test('authentication sees the request exactly as it came, and its refusal is the answer', async () => {
  authenticate = async () => {
    throw new ServiceError('InvalidSignatureException', 'no match');
  };
  const response = await exchange(
    request('POST', '/topics/a%2Fb%20c?qos=1&x', 'payload', 'iotdata', ['X-A: 1', 'x-a:  2']),
  );
  authenticate = async () => admin;
  assert.equal(response.status, 403);
  assert.equal(response.headers['x-amzn-errortype'], 'InvalidSignatureException');
  const [{ headers, ...rest }] = signed;
  const expected = { method: 'POST', rawPath: '/topics/a%2Fb%20c', rawQuery: 'qos=1&x', body: Buffer.from('payload') };
  assert.deepEqual(rest, { ...expected, service: 'iot-data' });
  assert.deepEqual(
    headers.filter(([name]) => name.toLowerCase() === 'x-a'),
    [
      ['X-A', '1'],
      ['x-a', '2'],
    ],
  );
});

test('a device calls the data plane with its certificate, but not the control plane', async () => {
  await exchange(request('POST', '/topics/a', 'x', ''));
  assert.equal(calls[0].context.principal, device);
  assert.equal(calls[0].context.sourceIp, '192.0.2.1');
  await exchange(request('GET', '/things/lamp/jobs', '', ''));
  assert.equal(calls[1].context.principal, device);
  assert.deepEqual(signed, []);
  await exchange(request('GET', '/things/lamp', '', ''));
  assert.equal(signed.length, 1);
});

test('a signature is preferred to the certificate', async () => {
  await exchange(request('POST', '/topics/a', 'x', 'iotdata'));
  assert.equal(calls[0].context.principal, admin);
});

test('the control plane asks the policies before the handler runs, the data plane leaves it to the handler', async () => {
  await exchange(request('GET', '/things/lamp'));
  await exchange(request('POST', '/topics/a', 'x', 'iotdata'));
  const resource = 'arn:aws:iot:us-east-1:000000000000:thing/lamp';
  const question = { principal: admin, action: 'iot:DescribeThing', resource, sourceIp: '192.0.2.1', secure: true };
  assert.deepEqual(questions, [{ ...question, plane: 'control' }]);
  await calls[1].context.authorize('iot:Publish', 'topic');
  assert.deepEqual(questions[1], { ...question, action: 'iot:Publish', resource: 'topic', plane: 'data' });
});

test('topics and retained messages take unencoded slashes', async () => {
  await exchange(request('POST', '/topics/a/b//c?qos=1', Buffer.from([0, 255]), 'iotdata'));
  await exchange(request('GET', '/retainedMessage/a/b', '', 'iotdata'));
  assert.deepEqual(
    calls.map(({ operation, input }) => [operation, input]),
    [
      ['Publish', { topic: 'a/b//c', qos: 1, payload: Buffer.from([0, 255]) }],
      ['GetRetainedMessage', { topic: 'a/b' }],
    ],
  );
});

test('a defect answers 500 with the request id and nothing else; its cause is in the log', async () => {
  answer = () => {
    throw new Error('the secret cause');
  };
  const old = await exchange(request('GET', '/things/lamp'));
  const id = old.headers['x-amzn-requestid'];
  assert.equal(old.status, 500);
  assert.equal(old.headers['x-amzn-errortype'], 'InternalFailureException');
  assert.deepEqual(JSON.parse(old.body), { message: `An internal failure, logged with request id ${id}` });
  const entry = logged.find(({ level }) => level === 'error')!;
  assert.equal(entry.fields['requestId'], id);
  assert.equal(entry.fields['operation'], 'DescribeThing');
  assert.match(String(entry.fields['error']), /the secret cause[\s\S]*front\.test\.ts/);
  const young = await exchange(request('GET', '/packages/p'));
  assert.equal(young.headers['x-amzn-errortype'], 'InternalServerException');
});

test('a code that is in no model is a defect, and detail is for the log only', async () => {
  answer = () => {
    throw new ServiceError('MadeUpException', 'x');
  };
  assert.equal(
    (await exchange(request('GET', '/things/lamp'))).headers['x-amzn-errortype'],
    'InternalFailureException',
  );
  answer = () => {
    throw new ServiceError('ResourceNotFoundException', 'x', { detail: 'row 7', fields: { secret: 1 } });
  };
  const response = await exchange(request('GET', '/things/lamp'));
  assert.deepEqual([response.status, response.body], [404, '{"message":"x"}']);
  assert.equal(logged.at(-1)?.fields['detail'], 'row 7');
});

test('an output that HTTP cannot carry breaks the connection, not the server', async () => {
  answer = () => ({ statusCode: 7 });
  const response = await exchange(request('DELETE', '/commands/c'));
  assert.ok(Number.isNaN(response.status));
  assert.equal(logged[0].level, 'error');
});

test('a client that waits is told to go on', async () => {
  const bytes = request('POST', '/topics/a', 'hello', 'iotdata', ['Content-Length: 5', 'Expect: 100-continue']);
  const response = await exchange(bytes);
  assert.equal(response.status, 100);
  assert.match(response.body, /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(calls[0].input, { topic: 'a', payload: Buffer.from('hello') });
});

test('a client that goes away within its request leaves nothing but a line in the log', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(request('POST', '/topics/a', 'hello', 'iotdata', ['Content-Length: 50']));
  await until(() => awaited > 0);
  socket.destroy();
  await until(() => logged.length > 0);
  assert.equal(logged[0].level, 'debug');
  assert.deepEqual(calls, []);
});

test('a body that does not come in time is answered 408', async () => {
  const response = exchange(request('POST', '/topics/a', 'hello', 'iotdata', ['Content-Length: 50']));
  await until(() => awaited > 0);
  await clock.advance(30_000);
  const { status, headers } = await response;
  assert.deepEqual(
    [status, headers['x-amzn-errortype'], headers['connection']],
    [408, 'RequestTimeoutException', 'close'],
  );
  clock = new VirtualClock(start);
});

test('a client that never stops sending is cut off', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.resume();
  const cut = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(request('POST', '/topics/a', '', 'iotdata', ['Content-Length: 99999999999']));
  const chunk = kib(64);
  const push = (): void => {
    if (!socket.destroyed) socket.write(chunk, () => setImmediate(push));
  };
  push();
  await cut;
  assert.ok(socket.bytesWritten < 64 * 1024 * 1024);
  assert.deepEqual(calls, []);
});

test('browsers may call: the preflight and every answer say so', async () => {
  const ask = ['Origin: https://example.com', 'Access-Control-Request-Method: PUT'];
  const asked = await exchange(request('OPTIONS', '/things/lamp', '', '', ask));
  assert.equal(asked.status, 204);
  assert.equal(asked.headers['access-control-allow-origin'], '*');
  assert.match(asked.headers['access-control-allow-headers'], /Authorization/);
  assert.match(asked.headers['access-control-allow-methods'], /PATCH/);
  assert.equal(asked.headers['access-control-max-age'], '86400');
  for (const path of ['/things/lamp', '/nowhere']) {
    const { headers } = await exchange(request('GET', path));
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.match(headers['access-control-expose-headers'], /X-Amzn-RequestId/);
  }
});

test('a connection is kept for the next request', async () => {
  const keep = request('GET', '/things/a').toString().replace('Connection: close\r\n', '');
  const text = await exchange(Buffer.concat([Buffer.from(keep), request('GET', '/things/b')]));
  assert.equal(text.body.match(/HTTP\/1\.1 200 OK/g)?.length, 1);
  assert.deepEqual(
    calls.map(({ input }) => input),
    [{ thingName: 'a' }, { thingName: 'b' }],
  );
});

test('the SDK shows what is not implemented and does not try again', async () => {
  const bare = await startApi({});
  const client = new IoTClient({
    endpoint: bare.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  await assert.rejects(client.send(new ListThingsCommand({})), (error: Error & { $metadata: { attempts: number } }) => {
    assert.equal(error.name, 'NotImplementedException');
    assert.equal(error.message, 'The operation iot:ListThings is not implemented by Tsunagu yet.');
    assert.equal(error.$metadata.attempts, 1);
    return true;
  });
  client.destroy();
  await bare.stop();
});

test('a handler without an operation is a wiring mistake', () => {
  const deps = { place: { region: 'r', account: 'a' }, clock, log: silentLog, random: seededRandom(1), models };
  const services = { iot: { createThink: async () => ({}) } } as Services;
  assert.throws(
    () => createApi({ ...deps, services, authenticate: async () => admin, authorize: async () => {} }),
    /iot has no operations for the handlers createThink/,
  );
});

test('coverage tells what has a handler and what has none', () => {
  const [iot, data] = coverage({ iot: { createThing: async () => ({}) } }, models);
  assert.deepEqual([iot.implemented, iot.missing.length], [['CreateThing'], 271]);
  assert.deepEqual([data.implemented, data.missing.length], [[], 11]);
});

/** Waits for something that another turn of the event loop brings. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
