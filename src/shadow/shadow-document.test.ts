import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import { isObject, isSame, type Json, type JsonObject } from './exact-json.ts';
import { defaultShadowLimits as limits } from './request-limits.ts';
import {
  applyUpdate,
  deltaOf,
  type Metadata,
  parseUpdate,
  type ShadowDocument,
  stateBytes,
} from './shadow-document.ts';

/** Applies bodies one after the other, a second apart, starting at second 1. */
function applyAll(...bodies: (string | object)[]): ShadowDocument {
  let document: ShadowDocument | undefined;
  for (const [index, body] of bodies.entries()) {
    document = applyUpdate(document, document?.version ?? 0, parse(body), index + 1, limits);
  }
  return document!;
}

function parse(body: string | object): ReturnType<typeof parseUpdate> {
  return parseUpdate(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), limits);
}

function nested(levels: number, leaf: unknown = 1): unknown {
  return levels === 0 ? leaf : { k: nested(levels - 1, leaf) };
}

const refusals: { body: string | Buffer | object; code: string; message: string }[] = [
  ...[Buffer.from([0x7b, 0xff, 0x7d]), Buffer.from('{"state":{}}\xc3', 'latin1')].map((body) => ({
    body,
    code: 'UnsupportedDocumentEncodingException',
    message: 'Unsupported documented encoding; supported encoding is UTF-8',
  })),
  ...[
    '',
    ' ',
    '{',
    '[]',
    '5',
    'null',
    '"state"',
    '{"state":{}}x',
    '\ufeff{"state":{}}',
    '{"state":{"desired":{"a":01}}}',
  ].map((body) => ({ body, code: 'InvalidRequestException', message: 'Invalid JSON' })),
  ...[5, null, {}, 'x'.repeat(65), 'é'.repeat(33)].map((clientToken) => ({
    body: { clientToken },
    code: 'InvalidRequestException',
    message: 'Invalid clientToken',
  })),
  { body: {}, code: 'InvalidRequestException', message: 'Missing required node: state' },
  ...['on', 5, false, []].map((state) => ({
    body: { state },
    code: 'InvalidRequestException',
    message: 'State node must be an object',
  })),
  {
    body: { state: { wanted: {}, delta: {} }, version: -1 },
    code: 'InvalidRequestException',
    message: 'State contains an invalid node',
  },
  ...[5, 'x', [], false].map((section) => ({
    body: { state: { desired: section, reported: 5 } },
    code: 'InvalidRequestException',
    message: 'Desired node must be an object',
  })),
  {
    body: { state: { reported: [1] }, version: 'x' },
    code: 'InvalidRequestException',
    message: 'Reported node must be an object',
  },
  ...[-1, 1.5, '1', null, 2 ** 53].map((version) => ({
    body: { state: { desired: nested(20) as object }, version },
    code: 'InvalidRequestException',
    message: 'Invalid version',
  })),
  ...[
    { state: { desired: nested(9) } },
    { state: { reported: { a: [[[[[[[[[1]]]]]]]]] } } },
    { state: { desired: { c: [null] } }, extra: nested(60) },
    `{"state":{"desired":{"id":12345678901234567890,"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`,
    `{"state":{},"x":${'{"a":'.repeat(50_000)}12345678901234567890${'}'.repeat(50_000)}}`,
  ].map((body) => ({
    body,
    code: 'InvalidRequestException',
    message: 'JSON contains too many levels of nesting; maximum is 6',
  })),
  ...[[null], [[null]], [{ a: null }], [{ a: { b: [null] } }]].map((c) => ({
    body: { state: { desired: { a: null, c } } },
    code: 'InvalidRequestException',
    message: 'State contains an invalid node',
  })),
];

for (const { body, code, message } of refusals) {
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  test(`refuses ${payload.toString('latin1').slice(0, 60)} with: ${message}`, () => {
    assert.throws(
      () => parseUpdate(payload, limits),
      (error: unknown) => {
        assert.ok(error instanceof ServiceError);
        assert.deepEqual([error.code, error.message], [code, message]);
        return true;
      },
    );
  });
}

test('eight levels of keys are accepted, with an array as the last value', () => {
  assert.equal(applyAll({ state: { desired: nested(8, [1, 2]) } }).version, 1);
});

test('a version that does not match is refused, also for a shadow that is not there', () => {
  const conflict = { name: 'ServiceError', code: 'ConflictException', message: 'Version conflict' };
  assert.throws(() => applyAll({ state: {}, version: 1 }), conflict);
  assert.throws(() => applyAll({ state: {} }, { state: {}, version: 0 }), conflict);
  assert.throws(() => applyAll({ state: {} }, { state: {}, version: 2 }), conflict);
  assert.equal(applyAll({ state: {}, version: 0 }, { state: {}, version: 1 }).version, 2);
});

test('the merged state may be as large as the limit and not a byte larger', () => {
  const room = limits.stateBytes - Buffer.byteLength('{"a":""}') - Buffer.byteLength('{"b":""}');
  const body = (bytes: number): object => ({
    state: { desired: { a: 'é'.repeat(50) }, reported: { b: 'x'.repeat(bytes - 100) } },
  });
  assert.equal(stateBytes(applyAll(body(room)).state), limits.stateBytes);
  assert.throws(() => applyAll(body(room + 1)), {
    code: 'RequestEntityTooLargeException',
    message: 'The payload exceeds the maximum size allowed',
  });
});

test('members that mean nothing are not stored', () => {
  const document = applyAll({
    state: { desired: { a: 1 }, delta: { x: 1 }, other: null },
    metadata: { desired: {} },
    timestamp: 5,
    extra: true,
  });
  assert.deepEqual(document, {
    state: { desired: { a: 1 } },
    metadata: { desired: { a: { timestamp: 1 } } },
    version: 1,
  });
});

test('an empty object is stored where nothing was, and changes nothing where an object was', () => {
  const document = applyAll(
    { state: { desired: { a: {}, b: { c: 1 } } } },
    { state: { desired: { b: {}, d: { e: null } } } },
  );
  assert.deepEqual(document.state.desired, { a: {}, b: { c: 1 }, d: {} });
  assert.deepEqual(document.metadata.desired, { a: {}, b: { c: { timestamp: 1 } }, d: {} });
  assert.deepEqual(deltaOf(document)?.state, { a: {}, b: { c: 1 }, d: {} });
});

test('an empty section creates nothing', () => {
  assert.deepEqual(applyAll({ state: { desired: {}, reported: null } }), { state: {}, metadata: {}, version: 1 });
});

test('a key named __proto__ is a key like any other', () => {
  const document = applyAll(
    '{"state":{"desired":{"__proto__":{"polluted":1},"constructor":{"a":1}},"reported":{"a":1}}}',
    '{"state":{"desired":{"__proto__":{"second":2}}}}',
  );
  const expected = '{"__proto__":{"polluted":1,"second":2},"constructor":{"a":1}}';
  assert.equal(JSON.stringify(document.state.desired), expected);
  assert.equal(JSON.stringify(deltaOf(document)?.state), expected);
  assert.equal(
    JSON.stringify(document.metadata.desired),
    '{"__proto__":{"polluted":{"timestamp":1},"second":{"timestamp":2}},"constructor":{"a":{"timestamp":1}}}',
  );
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('a number beyond 2^53 is kept, compared and sized as written', () => {
  const document = applyAll('{"state":{"desired":{"id":12345678901234567890},"reported":{"id":12345678901234567891}}}');
  assert.equal(JSON.stringify(deltaOf(document)?.state), '{"id":12345678901234567890}');
  assert.equal(stateBytes({ desired: document.state.desired }), '{"id":12345678901234567890}'.length);
  assert.deepEqual(document.metadata.desired, { id: { timestamp: 1 } });
});

const key = fc.constantFrom('a', 'b', 'timestamp', '__proto__', 'desired');
const { value } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.integer({ min: 0, max: 2 }),
    fc.boolean(),
    fc.constantFrom('', '1'),
    fc.array(fc.integer({ max: 2 }), { maxLength: 2 }),
  ),
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    tie('leaf'),
    fc.constant(null),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const section = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 5,
    arbitrary: fc.array(fc.tuple(key, value), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  },
);
const update = fc.record({
  state: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 8, arbitrary: fc.record({ desired: section, reported: section }, { requiredKeys: [] }) },
  ),
});

test('after any updates the delta is the difference, metadata mirrors state, versions count up and nothing given is altered', () => {
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 6 }), (updates) => {
      let document: ShadowDocument | undefined;
      for (const [index, body] of updates.entries()) {
        const before = JSON.stringify(document);
        const next = applyUpdate(document, document?.version ?? 0, parse(body), index + 1, limits);
        assert.equal(JSON.stringify(document), before);
        assert.equal(next.version, index + 1);
        assertMirrors(next.state as Json, next.metadata as Metadata);
        assertNoNull(next.state as Json);
        const { desired = {}, reported = {} } = next.state;
        assert.deepEqual(paths(deltaOf(next)?.state ?? {}), outstanding(desired, reported));
        if (deltaOf(next)) assertMirrors(deltaOf(next)!.state, deltaOf(next)!.metadata);
        document = next;
      }
    }),
  );
});

test('what was desired and is then reported leaves no delta', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 4 }), (entries) => {
      const desired = Object.fromEntries(entries);
      const document = applyAll({ state: { desired } });
      const caughtUp = applyUpdate(
        document,
        1,
        parse({ state: { reported: document.state.desired ?? {} } }),
        2,
        limits,
      );
      assert.equal(deltaOf(caughtUp), undefined);
    }),
  );
});

function assertMirrors(state: Json, metadata: Metadata): void {
  if (Array.isArray(state)) {
    assert.ok(Array.isArray(metadata) && metadata.length === state.length);
    for (const [i, item] of state.entries()) assertMirrors(item, metadata[i] as Metadata);
  } else if (isObject(state)) {
    assert.deepEqual(Object.keys(metadata), Object.keys(state));
    for (const name of Object.keys(state)) assertMirrors(state[name], (metadata as Record<string, Metadata>)[name]);
  } else {
    assert.deepEqual(Object.keys(metadata), ['timestamp']);
    assert.equal(typeof (metadata as { timestamp: number }).timestamp, 'number');
  }
}

function assertNoNull(value: Json): void {
  assert.notEqual(value, null);
  if (isObject(value)) for (const member of Object.values(value)) assertNoNull(member);
}

/** The definition of section 4 in another form: each place, as a list of keys, where the desired value is outstanding. */
function outstanding(desired: JsonObject, reported: JsonObject, at: string[] = []): string[] {
  return Object.keys(desired).flatMap((name) => {
    const wanted = desired[name];
    const actual = Object.hasOwn(reported, name) ? reported[name] : undefined;
    if (isObject(wanted) && isObject(actual)) return outstanding(wanted, actual, [...at, name]);
    return isSame(wanted, actual) ? [] : paths(wanted, [...at, name]);
  });
}

function paths(value: Json, at: string[] = []): string[] {
  if (!isObject(value) || (at.length > 0 && Object.keys(value).length === 0))
    return [`${JSON.stringify(at)}=${JSON.stringify(value)}`];
  return Object.keys(value).flatMap((name) => paths(value[name], [...at, name]));
}
