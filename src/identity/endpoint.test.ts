import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestContext } from '../api/operation.ts';
import { createEndpoints, ENDPOINT_TYPES, type EndpointType } from './endpoint.ts';
import { anonymous } from './principal.ts';

const hosts = Object.fromEntries(ENDPOINT_TYPES.map((type) => [type, `${type.slice(4).toLowerCase()}.example`]));
const { describeEndpoint } = createEndpoints({ hosts: hosts as Record<EndpointType, string> }).operations;
const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => {},
};

for (const endpointType of ENDPOINT_TYPES) {
  test(`the endpoint of ${endpointType} is the host it was given`, async () => {
    assert.deepEqual(await describeEndpoint({ endpointType }, context), { endpointAddress: hosts[endpointType] });
  });
}

test('without a type the endpoint is that of iot:Data', async () => {
  assert.deepEqual(await describeEndpoint({}, context), { endpointAddress: 'data.example' });
});

test('an unknown type of endpoint is refused by name', async () => {
  for (const endpointType of ['iot:data', '', '__proto__']) {
    await assert.rejects(describeEndpoint({ endpointType }, context), {
      code: 'InvalidRequestException',
      message: `Endpoint type ${endpointType} not recognized.`,
    });
  }
});
