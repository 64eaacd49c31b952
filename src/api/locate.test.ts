import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { createLocator, targetOf } from './locate.ts';
import { buildModel } from './model.ts';
import type { ServiceName } from './services.ts';

const rest = (service: ServiceName, routes: Record<string, string>, errors: readonly string[] = []) =>
  buildModel(service, {
    metadata: { protocol: 'rest-json' },
    operations: Object.fromEntries(
      Object.entries(routes).map(([name, route]) => {
        const [method, requestUri] = route.split(' ');
        return [name, { name, http: { method, requestUri } }];
      }),
    ),
    shapes: Object.fromEntries(errors.map((name) => [name, { type: 'structure', exception: true }])),
  });

const open = { name: 'OpenTunnel', http: { method: 'POST', requestUri: '/' } };
const locator = createLocator([
  rest('iot', {
    DescribeThing: 'GET /things/{thingName}',
    ListThings: 'GET /things',
    CreateThing: 'POST /things/{thingName}',
  }),
  rest('iot-data', { GetThingShadow: 'GET /things/{thingName}/shadow', Publish: 'POST /topics/{topic}' }, [
    'MethodNotAllowedException',
  ]),
  rest('iot-jobs-data', { GetPending: 'GET /things/{thingName}/jobs' }),
  buildModel('iotsecuretunneling', {
    metadata: { protocol: 'json', targetPrefix: 'IoTSecuredTunneling' },
    operations: { OpenTunnel: open },
    shapes: {},
  }),
]);

const signedFor = (service: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/x/20260115/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

function locate(method: string, url: string, headers: Record<string, string> = {}): string {
  const target = targetOf({ method, url, headers } as unknown as IncomingMessage);
  const model = locator.service(target);
  const { operation, labels } = locator.match(model, target);
  return [model.name, operation, ...Object.values(labels)].join(' ');
}

const cases: readonly [method: string, url: string, headers: Record<string, string>, found: string][] = [
  ['GET', '/things/lamp', signedFor('iot'), 'iot DescribeThing lamp'],
  ['GET', '/things/lamp', signedFor('execute-api'), 'iot DescribeThing lamp'],
  ['GET', '/things/lamp/shadow', signedFor('iotdata'), 'iot-data GetThingShadow lamp'],
  ['POST', '/topics/a%2Fb', signedFor('iotdevicegateway'), 'iot-data Publish a/b'],
  ['POST', '/topics/a/b', signedFor('iotdata'), 'iot-data Publish a/b'],
  ['GET', '/things/lamp/jobs', signedFor('iot-jobs-data'), 'iot-jobs-data GetPending lamp'],
  ['GET', '/things?X-Amz-Credential=AKID%2F20260115%2Fus-east-1%2Fiot%2Faws4_request&x=1', {}, 'iot ListThings'],
  [
    'POST',
    '/',
    { ...signedFor('IoTSecuredTunneling'), 'x-amz-target': 'IoTSecuredTunneling.OpenTunnel' },
    'iotsecuretunneling OpenTunnel',
  ],
  ['POST', '/', { 'x-amz-target': 'IoTSecuredTunneling.OpenTunnel' }, 'iotsecuretunneling OpenTunnel'],
  ['GET', '/things/lamp/shadow', {}, 'iot-data GetThingShadow lamp'],
  ['GET', '/things/lamp/jobs', {}, 'iot-jobs-data GetPending lamp'],
  ['GET', '/things/lamp', {}, 'iot DescribeThing lamp'],
  ['GET', '/things/lamp', { authorization: 'Bearer x' }, 'iot DescribeThing lamp'],
  ['GET', '/things/lamp', { authorization: 'AWS4-HMAC-SHA256 Credential=AKID' }, 'iot DescribeThing lamp'],
  ['GET', 'http://example.com:8880/things/lamp?x=1', {}, 'iot DescribeThing lamp'],
];

describe('a request is led to', () => {
  for (const [method, url, headers, found] of cases)
    test(`${found} by ${method} ${url} ${JSON.stringify(headers).slice(0, 120)}`, () =>
      assert.equal(locate(method, url, headers), found));
});

test('what is nobody’s is an unknown operation', () => {
  const code = 'UnknownOperationException';
  assert.throws(() => locate('GET', '/nowhere'), { code });
  assert.throws(() => locate('GET', '/things/lamp', signedFor('s3')), {
    code,
    message: "There is no service 's3' here",
  });
  assert.throws(() => locate('GET', '/things/lamp/shadow', signedFor('iot')), { code });
  assert.throws(() => locate('PATCH', '/things/lamp', signedFor('iot')), { code });
  for (const [method, target] of [
    ['POST', 'Other.OpenTunnel'],
    ['POST', 'IoTSecuredTunneling.Nothing'],
    ['GET', 'IoTSecuredTunneling.OpenTunnel'],
  ])
    assert.throws(() => locate(method, '/', { ...signedFor('IoTSecuredTunneling'), 'x-amz-target': target }), { code });
});

test('a known path with another method is not allowed, where the service has a word for it', () => {
  assert.throws(() => locate('PUT', '/topics/a', signedFor('iotdata')), {
    code: 'MethodNotAllowedException',
    message: 'PUT is not one of POST',
  });
});
