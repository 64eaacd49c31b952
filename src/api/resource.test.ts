import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildModel } from './model.ts';
import { resourcesOf } from './resource.ts';

const text = { shape: 'Text' };
const inPath = { shape: 'Text', location: 'uri' };
const operations = {
  CreateThing: { thingName: inPath, billingGroupName: text },
  AddThingToThingGroup: { thingName: text, thingGroupName: text },
  ListThings: { thingTypeName: text },
  TagResource: { resourceArn: text },
  CreateFleetMetric: { metricName: inPath },
  CreateCustomMetric: { metricName: inPath },
  DescribeEndpoint: { endpointType: text },
};
const model = buildModel('iot', {
  metadata: { protocol: 'rest-json' },
  operations: Object.fromEntries(
    Object.keys(operations).map((name) => [
      name,
      { name, http: { method: 'POST', requestUri: `/${name}` }, input: { shape: `${name}Request` } },
    ]),
  ),
  shapes: {
    Text: { type: 'string' },
    ...Object.fromEntries(
      Object.entries(operations).map(([name, members]) => [`${name}Request`, { type: 'structure', members }]),
    ),
  },
});

const place = { region: 'us-east-1', account: '123456789012' };
const resources = (name: string, input: Record<string, unknown>): string[] =>
  resourcesOf(model.operation(name), input, place);
const arn = (resource: string): string => `arn:aws:iot:us-east-1:123456789012:${resource}`;

test('the resource is what the path names', () => {
  assert.deepEqual(resources('CreateThing', { thingName: 'lamp', billingGroupName: 'b' }), [arn('thing/lamp')]);
  assert.deepEqual(resources('CreateFleetMetric', { metricName: 'm' }), [arn('fleetmetric/m')]);
  assert.deepEqual(resources('CreateCustomMetric', { metricName: 'm' }), [arn('custommetric/m')]);
});

test('without a name in the path it is what the body names', () => {
  const input = { thingName: 'lamp', thingGroupName: 'lamps' };
  assert.deepEqual(resources('AddThingToThingGroup', input), [arn('thing/lamp'), arn('thinggroup/lamps')]);
  assert.deepEqual(resources('TagResource', { resourceArn: arn('policy/p') }), [arn('policy/p')]);
});

test('lists and what has no resource are asked with a star', () => {
  assert.deepEqual(resources('ListThings', { thingTypeName: 't' }), ['*']);
  assert.deepEqual(resources('DescribeEndpoint', { endpointType: 'iot:Data-ATS' }), ['*']);
});
