import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDenials } from './explain.ts';
import type { Denial } from './identity/refusal.ts';

const at = Date.parse('2026-01-15T12:00:00Z');
const once = { firstAt: at, lastAt: at, count: 1, sourceIp: '192.0.2.7' };

test('a policy refusal is told with what was passed over, what is not known and what would allow it', () => {
  const denial: Denial = {
    ...once,
    lastAt: at + 60_000,
    count: 3,
    reason: 'policy',
    clientId: 'lamp',
    principal: 'arn:cert/c1',
    action: 'iot:Publish',
    resource: 'arn:topic/a',
    detail: 'no statement of lamp allows it',
    explanation: {
      outcome: 'IMPLICIT_DENY',
      policies: ['lamp'],
      deniedBy: [],
      passedOver: [{ policyName: 'lamp', statement: 'Own', because: 'resource', resources: ['arn:topic/b', 'arn:c'] }],
      missing: ['iot:Connection.Thing.ThingName'],
      suggestion: { Effect: 'Allow', Action: 'iot:Publish', Resource: 'arn:topic/a' },
    },
  };
  assert.equal(
    describeDenials([denial], 'lamp'),
    `The newest refusals to the client 'lamp', times in UTC:

2026-01-15 12:01:00  iot:Publish refused, 3 times since 2026-01-15 12:00:00
    client       lamp
    principal    arn:cert/c1
    source       192.0.2.7
    resource     arn:topic/a
    why          no statement of lamp allows it
    passed over  lamp Own: it is about arn:topic/b, arn:c
    not known    iot:Connection.Thing.ThingName
    To allow it, add this statement to a policy of the principal:
      {"Effect":"Allow","Action":"iot:Publish","Resource":"arn:topic/a"}
`,
  );
});

test('a refusal without policies is told with its reason', () => {
  const denial: Denial = { ...once, reason: 'certificate-expired', certificateId: 'c1', detail: 'it is over' };
  assert.equal(
    describeDenials([denial], undefined),
    `The newest refusals, times in UTC:

2026-01-15 12:00:00  certificate-expired refused
    certificate  c1
    source       192.0.2.7
    why          it is over
`,
  );
});
