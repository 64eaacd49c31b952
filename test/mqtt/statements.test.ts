import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { markdown, testNames, withoutTest } from '../../tools/coverage-mqtt.ts';
import { statements } from './statements.ts';

test('every statement of the specifications names a test that exists, and is there once', () => {
  assert.deepEqual(withoutTest(testNames()), []);
  const ids = statements.map(({ version, id }) => `${version} ${id}`);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

test('the page about conformance says what the statements say', () => {
  const page = readFileSync(new URL('../../docs/mqtt-conformance.md', import.meta.url), 'utf8');
  assert.equal(page.trimEnd(), markdown().trimEnd(), 'run: node tools/coverage-mqtt.ts --markdown');
});
