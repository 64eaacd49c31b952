import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import { createRouter } from './route.ts';

const routes = [
  ['ListThings', 'GET', '/things'],
  ['DescribeThing', 'GET', '/things/{thingName}'],
  ['CreateThing', 'POST', '/things/{thingName}'],
  ['GetShadow', 'GET', '/things/{thingName}/shadow'],
  ['DescribeExecution', 'GET', '/things/{thingName}/jobs/{jobId}'],
  ['StartNext', 'PUT', '/things/{thingName}/jobs/$next'],
  ['AddThing', 'PUT', '/groups/add'],
  ['DescribeGroup', 'GET', '/groups/{groupName}'],
  ['GetDestination', 'GET', '/destinations/{arn+}'],
  ['ListDestinations', 'GET', '/destinations'],
  ['ListAuthorizers', 'GET', '/authorizers/'],
  ['Plain', 'GET', '/modes'],
  ['Fast', 'GET', '/modes?fast'],
  ['Slow', 'GET', '/modes?speed=slow'],
].map(([name, method, uri]) => ({ name, method, uri }));

const router = createRouter(routes);
const found = (method: string, path: string, query = ''): unknown => {
  const match = router.match(method, path, query);
  return match && [match.operation, match.labels];
};

const cases: readonly [what: string, method: string, path: string, expected: unknown, query?: string][] = [
  ['a literal', 'GET', '/things', ['ListThings', {}]],
  ['a label', 'GET', '/things/lamp', ['DescribeThing', { thingName: 'lamp' }]],
  ['the method', 'POST', '/things/lamp', ['CreateThing', { thingName: 'lamp' }]],
  ['a label within', 'GET', '/things/lamp/shadow', ['GetShadow', { thingName: 'lamp' }]],
  ['a literal before a label', 'PUT', '/things/lamp/jobs/$next', ['StartNext', { thingName: 'lamp' }]],
  ['an escaped literal', 'PUT', '/things/lamp/jobs/%24next', ['StartNext', { thingName: 'lamp' }]],
  ['the label where the literal lacks the method', 'GET', '/groups/add', ['DescribeGroup', { groupName: 'add' }]],
  ['an encoded slash inside its label', 'GET', '/things/a%2Fb', ['DescribeThing', { thingName: 'a/b' }]],
  ['a plus as a plus', 'GET', '/things/a+b%20c', ['DescribeThing', { thingName: 'a+b c' }]],
  ['an escape only once', 'GET', '/things/%252F', ['DescribeThing', { thingName: '%2F' }]],
  ['dots as they are', 'GET', '/things/..', ['DescribeThing', { thingName: '..' }]],
  ['slashes in a greedy label', 'GET', '/destinations/arn:x/http/1%2F2', ['GetDestination', { arn: 'arn:x/http/1/2' }]],
  ['empty levels in a greedy label', 'GET', '/destinations//a//b', ['GetDestination', { arn: '/a//b' }]],
  ['the list beside a greedy label', 'GET', '/destinations', ['ListDestinations', {}]],
  ['no empty label', 'GET', '/things/', undefined],
  ['no empty label within', 'GET', '/things//shadow', undefined],
  ['no empty greedy label', 'GET', '/destinations/', undefined],
  ['no trailing slash that the model has not', 'GET', '/things/lamp/', undefined],
  ['the trailing slash that the model has', 'GET', '/authorizers/', ['ListAuthorizers', {}]],
  ['a trailing slash left out', 'GET', '/authorizers', ['ListAuthorizers', {}]],
  ['no double slash', 'GET', '//things', undefined],
  ['no other method', 'PATCH', '/things', undefined],
  ['no longer path', 'GET', '/things/lamp/shadow/x', undefined],
  ['no names of Object', 'GET', '/constructor', undefined],
  ['the root', 'GET', '/', undefined],
  ['no demanded query', 'GET', '/modes', ['Plain', {}], 'other=1'],
  ['a demanded parameter', 'GET', '/modes', ['Fast', {}], 'x=1&fast'],
  ['a demanded parameter with any value', 'GET', '/modes', ['Fast', {}], 'fast=yes'],
  ['a demanded value', 'GET', '/modes', ['Slow', {}], 'speed=slow'],
  ['another value than demanded', 'GET', '/modes', ['Plain', {}], 'speed=slower'],
];

describe('a route takes', () => {
  for (const [what, method, path, expected, query] of cases)
    test(`${what}: ${method} ${path}${query ? `?${query}` : ''}`, () =>
      assert.deepEqual(found(method, path, query), expected));
});

test('any text survives as a label', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (thing, job) => {
      const path = `/things/${encodeURIComponent(thing)}/jobs/${encodeURIComponent(job)}`;
      assert.deepEqual(found('GET', path), ['DescribeExecution', { thingName: thing, jobId: job }]);
    }),
  );
});

test('any text survives as a greedy label, its slashes encoded or not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (arn) => {
      const encoded = encodeURIComponent(arn);
      for (const path of [encoded, encoded.replaceAll('%2F', '/')])
        assert.deepEqual(found('GET', `/destinations/${path}`), ['GetDestination', { arn }]);
    }),
  );
});

test('no path whatever makes the router throw anything but a refusal', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('/', 'things', '%', '%2', '%ff', 'a', '$next', 'jobs', 'groups')), (parts) => {
      try {
        router.match('GET', `/${parts.join('')}`, '');
      } catch (error) {
        assert.ok(error instanceof ServiceError && error.code === 'SerializationException');
      }
    }),
  );
});

test('escapes that are not UTF-8 are refused and name their label', () => {
  for (const bad of ['%', '%2', '%zz', '%ff', '%c3%28', '%ed%a0%80'])
    assert.throws(
      () => router.match('GET', `/things/${bad}`, ''),
      { code: 'SerializationException', message: "The path label 'thingName' is not properly percent-encoded" },
      bad,
    );
});

test('a known path names its methods', () => {
  assert.deepEqual(router.methods('/things/lamp'), ['GET', 'POST']);
  assert.deepEqual(router.methods('/groups/add'), ['GET', 'PUT']);
  assert.deepEqual(router.methods('/nowhere'), []);
});

test('two operations with one route and a greedy label before the end are wiring mistakes', () => {
  const route = (name: string, uri: string) => ({ name, method: 'GET', uri });
  assert.throws(() => createRouter([route('A', '/a/{x}'), route('B', '/a/{y}')]), /A and B have the same route/);
  assert.throws(() => createRouter([route('A', '/a/{x+}/b')]), /greedy/);
});
