import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeInput, parseQuery, type RequestParts } from './decode.ts';
import { buildModel } from './model.ts';

const model = buildModel('iot', {
  metadata: { protocol: 'rest-json' },
  operations: {
    Do: { name: 'Do', http: { method: 'POST', requestUri: '/do/{count}' }, input: { shape: 'Input' } },
    Pay: { name: 'Pay', http: { method: 'POST', requestUri: '/pay' }, input: { shape: 'Payload' } },
    Bytes: { name: 'Bytes', http: { method: 'POST', requestUri: '/bytes' }, input: { shape: 'BytesPayload' } },
  },
  shapes: {
    Input: {
      type: 'structure',
      members: {
        count: { shape: 'Int', location: 'uri', locationName: 'count' },
        since: { shape: 'Time', location: 'querystring', locationName: 'since' },
        isAscending: { shape: 'Bool', location: 'querystring', locationName: 'isAscending' },
        limit: { shape: 'Int', location: 'querystring', locationName: 'limit' },
        keys: { shape: 'Strings', location: 'querystring', locationName: 'keys' },
        tagging: { shape: 'Text', location: 'header', locationName: 'X-Amz-Tagging' },
        asOf: { shape: 'Time', location: 'header', locationName: 'x-as-of' },
        properties: { shape: 'Text', location: 'header', locationName: 'x-properties', jsonvalue: true },
        meta: { shape: 'Strings', location: 'headers', locationName: 'x-meta-' },
        text: { shape: 'Text' },
        renamed: { shape: 'Text', locationName: 'wireName' },
        int: { shape: 'Int' },
        long: { shape: 'Long' },
        double: { shape: 'Double' },
        bool: { shape: 'Bool' },
        time: { shape: 'Time' },
        isoTime: { shape: 'IsoTime' },
        blob: { shape: 'Blob' },
        list: { shape: 'Strings' },
        map: { shape: 'Map' },
        tree: { shape: 'Tree' },
        document: { shape: 'Document' },
      },
    },
    Payload: { type: 'structure', payload: 'tree', members: { tree: { shape: 'Tree' } } },
    BytesPayload: { type: 'structure', payload: 'blob', members: { blob: { shape: 'Blob' } } },
    Text: { type: 'string' },
    Int: { type: 'integer' },
    Long: { type: 'long' },
    Double: { type: 'double' },
    Bool: { type: 'boolean' },
    Time: { type: 'timestamp' },
    IsoTime: { type: 'timestamp', timestampFormat: 'iso8601' },
    Blob: { type: 'blob' },
    Strings: { type: 'list', member: { shape: 'Text' } },
    Map: { type: 'map', key: { shape: 'Text' }, value: { shape: 'Text' } },
    Tree: { type: 'structure', members: { name: { shape: 'Text' }, children: { shape: 'Trees' } } },
    Trees: { type: 'list', member: { shape: 'Tree' } },
    Document: { type: 'structure', document: true },
  },
});

function decode(operation: string, parts: Partial<Omit<RequestParts, 'body'>> & { body?: string | Buffer }): unknown {
  const body = Buffer.from(parts.body ?? '');
  return decodeInput(model.operation(operation), { labels: {}, query: '', headers: {}, ...parts, body });
}

const at = new Date('2025-03-01T12:30:45.000Z');

test('members come from where the model binds them', () => {
  const input = decode('Do', {
    labels: { count: '-3' },
    query: 'since=2025-03-01T12%3A30%3A45Z&isAscending=true&limit=10&keys=a&keys=b%26&other=1',
    headers: {
      'x-amz-tagging': 'a=b&c=d',
      'x-as-of': 'Sat, 01 Mar 2025 12:30:45 GMT',
      'x-properties': Buffer.from('[{"a":"b"}]').toString('base64'),
      'x-meta-colour': 'red',
    },
    body: '{"text":"x","wireName":"y","unknown":{"a":[1]},"double":-1.5,"time":1740832245,"isoTime":"2025-03-01T12:30:45Z"}',
  });
  assert.deepEqual(input, {
    count: -3,
    since: at,
    isAscending: true,
    limit: 10,
    keys: ['a', 'b&'],
    tagging: 'a=b&c=d',
    asOf: at,
    properties: [{ a: 'b' }],
    meta: { colour: 'red' },
    text: 'x',
    renamed: 'y',
    double: -1.5,
    time: at,
    isoTime: at,
  });
});

test('an absent, empty or null body has no members, and null members are absent', () => {
  for (const body of ['', 'null', '{}', '{"text":null,"list":null}'])
    assert.deepEqual(decode('Do', { body }), {}, body);
  assert.deepEqual(decode('Do', { body: '{"list":["a",null],"map":{"a":null,"b":"c"}}' }), {
    list: ['a'],
    map: { b: 'c' },
  });
});

test('a payload member is the whole body', () => {
  assert.deepEqual(decode('Pay', { body: '{"name":"root"}' }), { tree: { name: 'root' } });
  assert.deepEqual(decode('Bytes', { body: Buffer.from([0, 255]) }), { blob: Buffer.from([0, 255]) });
  assert.deepEqual(decode('Bytes', {}), {});
});

test('a key __proto__ is a key like any other and changes no prototype', () => {
  const input = decode('Do', {
    body: '{"__proto__":{"text":"x"},"map":{"__proto__":"evil","constructor":"c"},"tree":{"__proto__":{"name":"n"}}}',
  }) as { map: object; tree: object };
  assert.deepEqual(Object.entries(input.map), [
    ['__proto__', 'evil'],
    ['constructor', 'c'],
  ]);
  assert.equal(Object.getPrototypeOf(input.map), Object.prototype);
  assert.deepEqual(Object.keys(input), ['map', 'tree']);
  assert.deepEqual(Object.keys(input.tree), []);
  assert.equal(({} as { name?: string }).name, undefined);
});

const nested = (depth: number): string => `{"tree":${'{"children":['.repeat(depth)}{}${']}'.repeat(depth)}}`;

const bodies: readonly [body: string | Buffer, message: string | RegExp][] = [
  ['{', /^The body is not valid JSON: /],
  ['{"text":"x"} x', /^The body is not valid JSON: /],
  [Buffer.from('7b2274657874223a22ff227d', 'hex'), 'The body is not valid UTF-8'],
  ['[]', 'Start of list found where not expected'],
  ['"x"', 'Unexpected STRING_VALUE, expected a structure or null'],
  ['{"text":1}', "NUMBER_VALUE can not be converted to a String (at 'text')"],
  ['{"text":true}', "TRUE_VALUE can not be converted to a String (at 'text')"],
  ['{"text":{}}', "Start of structure or map found where not expected (at 'text')"],
  ['{"int":"1"}', "STRING_VALUE can not be converted to an Integer (at 'int')"],
  ['{"int":1.5}', "NUMBER_VALUE can not be converted to an Integer (at 'int')"],
  ['{"int":2147483648}', "NUMBER_VALUE can not be converted to an Integer (at 'int')"],
  ['{"long":9007199254740993}', "NUMBER_VALUE can not be converted to a Long (at 'long')"],
  ['{"double":1e999}', "NUMBER_VALUE can not be converted to a Double (at 'double')"],
  ['{"double":"NaN"}', "STRING_VALUE can not be converted to a Double (at 'double')"],
  ['{"bool":"true"}', "STRING_VALUE can not be converted to a Boolean (at 'bool')"],
  ['{"bool":0}', "NUMBER_VALUE can not be converted to a Boolean (at 'bool')"],
  ['{"time":"yesterday"}', "STRING_VALUE can not be converted to a Timestamp (at 'time')"],
  ['{"time":1e300}', "NUMBER_VALUE can not be converted to a Timestamp (at 'time')"],
  ['{"blob":"a b"}', "STRING_VALUE can not be converted to a Blob (at 'blob')"],
  ['{"list":"a"}', "Unexpected STRING_VALUE, expected a list or null (at 'list')"],
  ['{"list":{}}', "Start of structure or map found where not expected (at 'list')"],
  ['{"list":["a",1]}', "NUMBER_VALUE can not be converted to a String (at 'list.2.member')"],
  ['{"map":[]}', "Start of list found where not expected (at 'map')"],
  ['{"map":{"k":false}}', "FALSE_VALUE can not be converted to a String (at 'map.k')"],
  [
    '{"tree":{"children":[{"name":2}]}}',
    "NUMBER_VALUE can not be converted to a String (at 'tree.children.1.member.name')",
  ],
  [nested(400), /^The request is nested too deeply/],
];

describe('a body is refused', () => {
  for (const [body, message] of bodies)
    test(`when it is ${body.toString().slice(0, 40)}`, () =>
      assert.throws(() => decode('Do', { body }), { code: 'SerializationException', message }));
});

test('bytes that are deeply nested JSON neither crash nor pass', () => {
  assert.throws(() => decode('Do', { body: '['.repeat(500_000) }), { code: 'SerializationException' });
  assert.deepEqual(decode('Do', { body: nested(20) }) !== undefined, true);
});

const elsewhere: readonly [parts: Partial<RequestParts>, message: string | RegExp][] = [
  [{ labels: { count: '1x' } }, "STRING_VALUE can not be converted to an Integer (at 'count')"],
  [{ query: 'limit=' }, "STRING_VALUE can not be converted to an Integer (at 'limit')"],
  [{ query: 'limit' }, "STRING_VALUE can not be converted to an Integer (at 'limit')"],
  [{ query: 'limit=1&limit=1' }, "The query parameter 'limit' is given more than once"],
  [{ query: 'isAscending=yes' }, "STRING_VALUE can not be converted to a Boolean (at 'isAscending')"],
  [{ query: 'since=2025' + '-13-01T00:00:00Z' }, "STRING_VALUE can not be converted to a Timestamp (at 'since')"],
  [{ query: 'limit=%ff' }, "The query parameter 'limit' is not properly percent-encoded"],
  [{ query: '%=1' }, 'The query is not properly percent-encoded'],
  [{ headers: { 'x-as-of': 'soon' } }, "STRING_VALUE can not be converted to a Timestamp (at 'x-as-of')"],
  [{ headers: { 'x-properties': '[]' } }, "The header 'x-properties' is not base64"],
  [{ headers: { 'x-properties': 'e30x' } }, /^The header 'x-properties' is not valid JSON/],
];

describe('a request is refused', () => {
  for (const [parts, message] of elsewhere)
    test(`when it has ${JSON.stringify(parts)}`, () =>
      assert.throws(() => decode('Do', parts as Parameters<typeof decode>[1]), {
        code: 'SerializationException',
        message,
      }));
});

test('a query keeps pluses, empty values and the order of repeated names', () => {
  assert.deepEqual(
    [...parseQuery('a=1+1&b&a=%2B&c=x=y')],
    [
      ['a', ['1+1', '+']],
      ['b', ['']],
      ['c', ['x=y']],
    ],
  );
});
