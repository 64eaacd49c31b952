import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicIngest, isPublishable, isSubscribable } from './reserved.ts';

const publish: [string, boolean][] = [
  ['$aws/things/lamp/shadow/update', true],
  ['$aws/things/lamp/shadow/name/night/get', true],
  ['$aws/things/lamp/shadow/update/accepted', false],
  ['$aws/things/lamp/jobs/start-next', true],
  ['$aws/things/lamp/jobs/j1/update', true],
  ['$aws/rules/myRule/a/b', true],
  ['$aws/rules/', false],
  ['$aws/events/presence/connected/x', false],
  ['$SYS/broker', false],
  ['$aws/certificates/create/cbor', true],
  ['$aws/certificates/create/xml', false],
];
for (const [topic, expected] of publish) {
  test(`a client ${expected ? 'may' : 'may not'} publish to ${topic}`, () =>
    assert.equal(isPublishable(topic), expected));
}

const subscribe: [string, boolean][] = [
  ['$aws/things/lamp/shadow/update/delta', true],
  ['$aws/things/+/shadow/#', true],
  ['$aws/things/lamp/shadow/update', true],
  ['$aws/things/lamp/jobs/notify-next', true],
  ['$aws/events/presence/#', true],
  ['$aws/rules/#', false],
  ['$aws/rules/x/+', false],
  ['$SYS/#', false],
  ['$aws/provisioning-templates/t/provision/json/accepted', true],
];
for (const [filter, expected] of subscribe) {
  test(`a client ${expected ? 'may' : 'may not'} subscribe to ${filter}`, () =>
    assert.equal(isSubscribable(filter), expected));
}

test('Basic Ingest names its rule, and the prefix does not count', () => {
  assert.deepEqual(basicIngest('$aws/rules/r/a/b'), { ruleName: 'r', topic: 'a/b' });
  assert.deepEqual(basicIngest('$aws/rules/r'), { ruleName: 'r', topic: '' });
  assert.equal(basicIngest('a/b'), undefined);
});
