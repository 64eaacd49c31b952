/** What holds for the models as they are: everything in them can be compiled, routed and typed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadModel } from '../../src/api/model.ts';
import { compilePattern } from '../../src/api/pattern.ts';
import { preflight } from '../../src/api/respond.ts';
import { createRouter } from '../../src/api/route.ts';
import { type ServiceName, serviceNames } from '../../src/api/services.ts';
import { typesOf } from '../../tools/generate.ts';
import { type Model, readModel } from './samples.ts';
import { models } from './server.ts';

const each = serviceNames.map((name) => [name, readModel(name)] as const);

test('the generated types are current', () => {
  for (const [name, model] of each) {
    const file = new URL(`../../src/api/generated/${name}.ts`, import.meta.url);
    assert.ok(existsSync(file) && readFileSync(file, 'utf8') === typesOf(name, model), `${name}: npm run generate`);
  }
});

test('every operation and every error compiles', () => {
  for (const [name, raw] of each) {
    const model = loadModel(name, models);
    for (const operation of Object.keys(raw.operations)) assert.equal(model.operation(operation).name, operation);
    for (const code of errorsOf(raw)) assert.ok(model.error(code), code);
  }
});

test('every path leads to its own operation', () => {
  for (const [name, raw] of each) {
    if (raw.metadata.protocol !== 'rest-json') continue;
    const router = createRouter(loadModel(name, models).operations);
    for (const [operation, { http }] of Object.entries(raw.operations)) {
      const path = http.requestUri.replaceAll(/\{[^}]+\}/g, 'x%2Fy');
      assert.equal(router.match(http.method, path, '')?.operation, operation);
    }
  }
});

test('no pattern is slow on a long value', () => {
  const texts = ['a', 'a-', '0', 'a/', 'arn:aws:acm:', 'https://', '!', ' ', '日'].map(
    (unit) => `${unit.repeat(50_000)}\u0000`,
  );
  const started = performance.now();
  for (const [, { shapes }] of each)
    for (const { pattern } of Object.values(shapes))
      if (pattern !== undefined) for (const text of texts) compilePattern(pattern).test(text);
  assert.ok(performance.now() - started < 10_000);
});

test('no member has the name of something every object has', () => {
  for (const [, { shapes }] of each)
    for (const shape of Object.values(shapes))
      for (const member of Object.keys(shape.members ?? {})) assert.ok(!(member in {}), member);
});

test('a browser may send every header that a model binds', () => {
  const allowed = preflight.headers['access-control-allow-headers'].toLowerCase().split(',');
  for (const [, { shapes }] of each)
    for (const shape of Object.values(shapes))
      for (const { location, locationName } of Object.values(shape.members ?? {}))
        if (location === 'header') assert.ok(allowed.includes(String(locationName).toLowerCase()), locationName);
});

test('loading all models is quick', () => {
  const started = performance.now();
  for (const name of serviceNames satisfies ServiceName[]) loadModel(name, models);
  assert.ok(performance.now() - started < 500);
});

function errorsOf({ operations }: Model): Set<string> {
  return new Set(Object.values(operations).flatMap(({ errors }) => (errors ?? []).map((error) => error.shape)));
}
