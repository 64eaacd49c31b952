import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOutput } from './encode.ts';
import { buildModel } from './model.ts';

const operation = (name: string, output?: string) => ({
  name,
  http: { method: 'GET', requestUri: `/${name}` },
  output: output === undefined ? undefined : { shape: output },
});

const model = buildModel('iot-data', {
  metadata: { protocol: 'rest-json' },
  operations: {
    Do: operation('Do', 'Output'),
    Bytes: operation('Bytes', 'Bytes'),
    Nothing: operation('Nothing'),
    Publish: operation('Publish'),
  },
  shapes: {
    Output: {
      type: 'structure',
      members: {
        status: { shape: 'Int', location: 'statusCode' },
        etag: { shape: 'Text', location: 'header', locationName: 'ETag' },
        modified: { shape: 'Time', location: 'header', locationName: 'Last-Modified' },
        at: { shape: 'Time' },
        isoAt: { shape: 'IsoTime' },
        blob: { shape: 'Blob' },
        map: { shape: 'Blobs' },
        list: { shape: 'Times' },
        number: { shape: 'Double' },
        nested: { shape: 'Nested' },
      },
    },
    Nested: { type: 'structure', members: { name: { shape: 'Text', locationName: 'wire' } } },
    Bytes: { type: 'structure', payload: 'payload', members: { payload: { shape: 'Blob' } } },
    Blobs: { type: 'map', key: { shape: 'Text' }, value: { shape: 'Blob' } },
    Times: { type: 'list', member: { shape: 'Time' } },
    Int: { type: 'integer' },
    Text: { type: 'string' },
    Time: { type: 'timestamp' },
    IsoTime: { type: 'timestamp', timestampFormat: 'iso8601' },
    Blob: { type: 'blob' },
    Double: { type: 'double' },
  },
});

const at = new Date('2025-03-01T12:30:45.678Z');
const encode = (name: string, output: Record<string, unknown>) => encodeOutput(model.operation(name), output, 'id-1');

test('an output goes to status, headers and body as the model has it', () => {
  const reply = encode('Do', {
    status: 202,
    etag: 'x',
    modified: at,
    at,
    isoAt: at,
    blob: Buffer.from('hi'),
    map: { a: Buffer.from('a'), b: undefined },
    list: [at],
    number: 1.5,
    nested: { name: 'n', secret: 'not in the model' },
    secret: 'not in the model',
  });
  assert.equal(reply.status, 202);
  assert.deepEqual(reply.headers, {
    'content-type': 'application/json',
    etag: 'x',
    'last-modified': 'Sat, 01 Mar 2025 12:30:45 GMT',
  });
  assert.deepEqual(JSON.parse(String(reply.body)), {
    at: 1740832245.678,
    isoAt: '2025-03-01T12:30:45.678Z',
    blob: 'aGk=',
    map: { a: 'YQ==' },
    list: [1740832245.678],
    number: 1.5,
    nested: { wire: 'n' },
  });
});

test('absent members are left out, and no output is an empty object', () => {
  assert.deepEqual(encode('Do', { blob: undefined, nested: null }).body, '{}');
  assert.deepEqual(encode('Nothing', {}), { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' });
});

test('a payload blob is the body itself', () => {
  const payload = Buffer.from('{"state":{}}');
  assert.equal(encode('Bytes', { payload }).body, payload);
  assert.equal(encode('Bytes', {}).body, '');
});

test('a publish is acknowledged although the model knows no output', () => {
  assert.deepEqual(JSON.parse(String(encode('Publish', {}).body)), { message: 'OK', traceId: 'id-1' });
});

test('a number that JSON cannot write becomes its name', () => {
  assert.equal(encode('Do', { number: Number.NaN }).body, '{"number":"NaN"}');
});
