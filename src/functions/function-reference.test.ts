import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFunctionReference } from './function-reference.ts';

const names: readonly [text: string, name: string, qualifier?: string][] = [
  ['arn:aws:lambda:us-east-1:123456789012:function:my-auth_1', 'my-auth_1'],
  ['arn:aws:lambda:us-east-1:123456789012:function:auth:PROD', 'auth', 'PROD'],
  ['arn:aws:lambda:us-east-1:123456789012:function:auth:7', 'auth', '7'],
  ['arn:aws:lambda:us-east-1:123456789012:function:auth:$LATEST', 'auth', '$LATEST'],
  ['arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:auth', 'auth'],
  ['arn:aws-cn:lambda:cn-north-1:123456789012:function:auth', 'auth'],
  ['123456789012:function:auth', 'auth'],
  ['123456789012:function:auth:2', 'auth', '2'],
  ['function:auth', 'auth'],
  ['auth', 'auth'],
  ['auth:live', 'auth', 'live'],
];

for (const [text, name, qualifier] of names) {
  test(`${text} names the function ${name}`, () => {
    assert.deepEqual(parseFunctionReference(text), { kind: 'name', name, ...(qualifier && { qualifier }) });
  });
}

test('a URL names an HTTP function', () => {
  assert.deepEqual(parseFunctionReference('http://127.0.0.1:9/auth?a=b'), {
    kind: 'url',
    url: 'http://127.0.0.1:9/auth?a=b',
  });
});

const refused = [
  '',
  ' ',
  '../auth',
  'a/b',
  'a\\b',
  '..',
  '.hidden',
  'auth.mjs',
  '%2e%2e%2fauth',
  'auth%2f',
  '/etc/passwd',
  'C:\\auth',
  'auth\0',
  'auth\n',
  'arn:aws:lambda:us-east-1:123456789012:function:../auth',
  'arn:aws:lambda:us-east-1:123456789012:function:auth:..',
  'arn:aws:lambda:us-east-1:123456789012:layer:auth',
  'arn:aws:iot:us-east-1:123456789012:function:auth',
  'arn:aws:lambda:us-east-1:12:function:auth',
  'file:///etc/passwd',
  'ftp://example.com/x',
  'http://',
  'https://user:secret@example.com/',
  'a'.repeat(141),
  `https://example.com/${'a'.repeat(2048)}`,
];

for (const text of refused) {
  test(`${JSON.stringify(text.slice(0, 60))} names no function`, () => {
    assert.equal(parseFunctionReference(text), undefined);
  });
}
