import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValidFilter, isValidTopic, levelsOf, matches, parseShared, slashCount } from './mqtt.ts';

const LONGEST = 'é'.repeat(32767) + 'a';

test('a topic is any text without wildcards, U+0000 or lone surrogates, of 1 to 65,535 bytes [MQTT-4.7.3]', () => {
  for (const topic of ['a', '/', '//', 'a/b', ' ', '$SYS/x', '$share/g', 'a b/ü/𝄞', LONGEST]) {
    assert.ok(isValidTopic(topic), topic.slice(0, 20));
  }
  for (const topic of ['', '#', '+', 'a/#', 'a+b', 'a\0', '\ud800', `${LONGEST}b`]) {
    assert.ok(!isValidTopic(topic), topic.slice(0, 20));
  }
});

test('a wildcard has its level for itself, and # is the last level [MQTT-4.7.1]', () => {
  for (const filter of ['a', '#', '+', '+/+', '/+', '+/', 'a/+/b/#', '/#', '$aws/#', '$share', LONGEST]) {
    assert.ok(isValidFilter(filter), filter.slice(0, 20));
  }
  for (const filter of ['', 'a#', 'a/#/b', '#/', '##', 'a+', '+a/b', 'a/+b', 'a\0', '\udfff', `${LONGEST}b`]) {
    assert.ok(!isValidFilter(filter), filter.slice(0, 20));
  }
});

test('a shared filter has a share name without wildcards and a filter [MQTT-4.8.2]', () => {
  assert.deepEqual(parseShared('$share/g/a/#'), { group: 'g', filter: 'a/#' });
  assert.deepEqual(parseShared('$share/g//'), { group: 'g', filter: '/' });
  assert.ok(isValidFilter('$share/g/+/b'));
  for (const filter of ['$share/', '$share/g', '$share/g/', '$share//a', '$share/+/a', '$share/g#/a']) {
    assert.equal(parseShared(filter), undefined, filter);
    assert.ok(!isValidFilter(filter), filter);
  }
  assert.ok(!isValidFilter('$share/g/a#'));
  assert.equal(parseShared('a/b'), undefined);
  assert.equal(parseShared('$shared/g/a'), undefined);
});

test('levels lie between slashes and may be empty', () => {
  assert.deepEqual(levelsOf('/a//b/'), ['', 'a', '', 'b', '']);
  assert.equal(slashCount('/a//b/'), 4);
  assert.equal(slashCount('a'), 0);
});

const MATCHES: readonly (readonly [filter: string, topic: string, standard: boolean, aws?: boolean])[] = [
  ['a/b', 'a/b', true],
  ['a/b', 'a/c', false],
  ['a/b', 'A/b', false],
  ['a/b', 'a/b/', false],
  ['a/b', 'a', false],
  ['/a', 'a', false],
  ['+', 'a', true],
  ['+', '/a', false],
  ['+/+', '/a', true],
  ['/+', '/a', true],
  ['+/b', 'a/b', true],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['a/+/c', 'a/b/c', true],
  ['a/+/c', 'a//c', true],
  ['#', 'a', true],
  ['#', '/', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a/', true],
  ['a/#', 'a', true, false],
  ['a/#', 'ab', false],
  ['+/#', 'a', true, false],
  ['a/+/#', 'a', false],
  ['a/+/#', 'a/b', true, false],
  ['#', '$SYS/a', false],
  ['+/a', '$SYS/a', false],
  ['$SYS/#', '$SYS/a', true],
  ['$SYS/+', '$SYS/a', true],
  ['a/#', 'a/$b', true],
];

for (const [filter, topic, standard, aws = standard] of MATCHES) {
  test(`${filter} and ${topic}: ${standard ? 'match' : 'no match'}, in the AWS profile ${aws ? 'match' : 'no match'}`, () => {
    assert.equal(matches(filter, topic, { parentMatch: true }), standard);
    assert.equal(matches(filter, topic, { parentMatch: false }), aws);
  });
}
