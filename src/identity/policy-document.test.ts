import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import { parsePolicyDocument } from './policy-document.ts';

const allow = { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' };

function document(statement: unknown, rest: object = { Version: '2012-10-17' }): string {
  return JSON.stringify({ ...rest, Statement: statement });
}

test('a document of every element is read', () => {
  const { version, statements, contextKeys } = parsePolicyDocument(
    document(
      [
        { ...allow, Sid: 'one' },
        {
          Effect: 'Deny',
          NotAction: ['iot:Publish', 'iot:Re*'],
          NotResource: ['arn:aws:iot:*:*:topic/${iot:ClientId}'],
          Condition: { 'ForAnyValue:StringLikeIfExists': { 'iot:Connection.Thing.Attributes[Room]': ['a*', 7, true] } },
        },
      ],
      { Version: '2012-10-17', Id: 'mine' },
    ),
  );
  assert.equal(version, '2012-10-17');
  assert.equal(statements[0].sid, 'one');
  assert.deepEqual([statements[0].isNotAction, statements[1].isNotAction], [false, true]);
  assert.deepEqual([statements[0].isNotResource, statements[1].isNotResource], [false, true]);
  assert.deepEqual(
    statements[1].conditions[0].values.map((value) => value.source),
    ['a*', '7', 'true'],
  );
  assert.deepEqual([...contextKeys], ['iot:clientid', 'iot:connection.thing.attributes[Room]']);
});

test('without a version the document is of 2008 and ${…} is text', () => {
  const { version, contextKeys, statements } = parsePolicyDocument(
    document({ ...allow, Resource: 'arn:${iot:ClientId}' }, {}),
  );
  assert.equal(version, '2008-10-17');
  assert.equal(contextKeys.size, 0);
  assert.equal(statements[0].resources[0].constant?.head.text, 'arn:${iot:ClientId}');
});

const mistakes: [name: string, text: string, message: string | RegExp][] = [
  ['no JSON', '{', /^it is not JSON: /],
  ['no text', '', /^it is not JSON: /],
  ['no object', '[]', 'it is not an object'],
  ['null', 'null', 'it is not an object'],
  ['no statement', '{}', 'it has no Statement'],
  ['no statements', document([]), 'Statement must be a statement or a list of at least one'],
  ['statement text', document(['x']), 'Statement[0] must be an object'],
  ['nested lists', document([[allow]]), 'Statement[0] must be an object'],
  ['version', document(allow, { Version: '2012-10-18' }), 'Version must be "2012-10-17" or "2008-10-17"'],
  ['version null', document(allow, { Version: [] }), 'Version must be "2012-10-17" or "2008-10-17"'],
  ['id', document(allow, { Id: 1 }), 'Id must be a string'],
  ['unknown element', document(allow, { version: '2012-10-17' }), 'the document has the unknown element "version"'],
  ['principal', document({ ...allow, Principal: '*' }), 'Statement[0] has the unknown element "Principal"'],
  [
    'a member called __proto__',
    '{"Statement":[{"__proto__":{},"Effect":"Allow","Action":"*","Resource":"*"}]}',
    'Statement[0] has the unknown element "__proto__"',
  ],
  ['sid', document({ ...allow, Sid: {} }), 'Statement[0].Sid must be a string'],
  ['effect', document([allow, { ...allow, Effect: 'allow' }]), 'Statement[1].Effect must be "Allow" or "Deny"'],
  ['no effect', document({ Action: '*', Resource: '*' }), 'Statement[0].Effect must be "Allow" or "Deny"'],
  ['no action', document({ Effect: 'Allow', Resource: '*' }), 'Statement[0] must have Action or NotAction'],
  ['both actions', document({ ...allow, NotAction: 'iot:X' }), 'Statement[0] has both Action and NotAction'],
  ['no resource', document({ Effect: 'Deny', Action: '*' }), 'Statement[0] must have Resource or NotResource'],
  ['both resources', document({ ...allow, NotResource: '*' }), 'Statement[0] has both Resource and NotResource'],
  [
    'actions not text',
    document({ ...allow, Action: ['iot:X', 1] }),
    'Statement[0].Action must be a string or a list of at least one string',
  ],
  [
    'no actions',
    document({ ...allow, Action: [] }),
    'Statement[0].Action must be a string or a list of at least one string',
  ],
  [
    'an action without service',
    document({ ...allow, Action: 'Publish' }),
    'Statement[0].Action has "Publish", which is not an action such as "iot:Publish"',
  ],
  [
    'a resource that is no ARN',
    document({ ...allow, Resource: 'topic/a' }),
    'Statement[0].Resource has "topic/a", which is neither "*" nor an ARN',
  ],
  [
    'an open variable',
    document({ ...allow, Resource: 'arn:${iot:ClientId' }),
    'Statement[0].Resource has "arn:${iot:ClientId": a variable that begins with "${" has no closing "}"',
  ],
  [
    'a long text',
    document({ ...allow, Action: 'x'.repeat(1000) }),
    `Statement[0].Action has "${'x'.repeat(100)}…", which is not an action such as "iot:Publish"`,
  ],
  ['condition list', document({ ...allow, Condition: [] }), 'Statement[0].Condition must be an object'],
  [
    'unknown operator',
    document({ ...allow, Condition: { StringIs: {} } }),
    'Statement[0].Condition.StringIs is not an operator that policies know',
  ],
  [
    'operator of Object.prototype',
    document({ ...allow, Condition: { constructor: {} } }),
    'Statement[0].Condition.constructor is not an operator that policies know',
  ],
  [
    'operator value',
    document({ ...allow, Condition: { StringEquals: 'x' } }),
    'Statement[0].Condition.StringEquals must be an object',
  ],
  [
    'condition value',
    document({ ...allow, Condition: { StringEquals: { 'iot:ClientId': [null] } } }),
    'Statement[0].Condition.StringEquals.iot:ClientId must be a string, a number, a boolean or a list of them',
  ],
  [
    'number',
    document({ ...allow, Condition: { NumericLessThan: { k: 'x' } } }),
    'Statement[0].Condition.NumericLessThan.k must hold numbers',
  ],
  [
    'date',
    document({ ...allow, Condition: { DateLessThan: { k: 'tomorrow' } } }),
    'Statement[0].Condition.DateLessThan.k must hold dates such as 2026-01-15T12:00:00Z or seconds since 1970',
  ],
  [
    'network',
    document({ ...allow, Condition: { IpAddress: { k: '10.0.0.0/33' } } }),
    'Statement[0].Condition.IpAddress.k must hold IP addresses or networks such as 192.0.2.0/24',
  ],
  [
    'null',
    document({ ...allow, Condition: { Null: { k: 'maybe' } } }),
    'Statement[0].Condition.Null.k must hold "true" or "false"',
  ],
  ['size', document({ ...allow, Sid: 'x'.repeat(2048) }), 'it has 2150 characters without white space, more than 2048'],
  ['size of blanks', ' '.repeat(404_601), 'it has 404601 characters without white space, more than 2048'],
];

for (const [name, text, message] of mistakes) {
  test(`a malformed document is refused: ${name}`, () => {
    assert.throws(
      () => parsePolicyDocument(text),
      (error) => {
        assert.ok(error instanceof ServiceError);
        assert.equal(error.code, 'MalformedPolicyException');
        const told = error.message.replace('Policy document is malformed: ', '');
        if (typeof message === 'string') assert.equal(told, message);
        else assert.match(told, message);
        return true;
      },
    );
  });
}

test('white space does not count towards the size', () => {
  assert.equal(parsePolicyDocument(document(allow).replaceAll('":', `":${' \n'.repeat(4000)}`)).statements.length, 1);
});

test('deep nesting is refused like any other mistake', () => {
  assert.throws(() => parsePolicyDocument('['.repeat(1024) + ']'.repeat(1024)), { code: 'MalformedPolicyException' });
});

/** Values that look like policies more often than chance would have it. */
const nearPolicy = fc.letrec<{ value: unknown }>((tie) => {
  const names = fc.constantFrom(
    ...['Version', 'Id', 'Statement', 'Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
    ...['StringEquals', 'Null', 'IpAddress', 'ForAllValues:DateLessThanIfExists', 'ArnLike', '__proto__', 'toString'],
  );
  const words = fc.constantFrom('2012-10-17', 'Allow', 'Deny', 'iot:*', '*', 'arn:${a}', '${', 'true', '1.2.3.4/8', '');
  return {
    value: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(words, fc.jsonValue({ maxDepth: 1 })),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 6 }),
    ),
  };
}).value;

test('the parser throws nothing but MalformedPolicyException', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    nearPolicy.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        parsePolicyDocument(given);
      } catch (error) {
        assert.ok(error instanceof ServiceError && error.code === 'MalformedPolicyException', String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
