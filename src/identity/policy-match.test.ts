import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindTemplate, bindText, matches, parseTemplate, type Resolve, TemplateError } from './policy-match.ts';

const all = { variables: true, wildcards: true };
const values: Resolve = (name) => ({ 'iot:clientid': 'lamp', star: '*', 'attributes[Room]': 'hall' })[name];

function fits(pattern: string, text: string): boolean {
  const bound = bindTemplate(parseTemplate(pattern, all), values);
  return bound !== undefined && matches(bound, text);
}

const cases: [pattern: string, text: string, expected: boolean][] = [
  ['a/b', 'a/b', true],
  ['a/b', 'a/bc', false],
  ['a/b', 'A/b', false],
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'a/b/c', true],
  ['a/*', 'a/', true],
  ['a/*', 'a/b/c', true],
  ['a/*', 'a', false],
  ['a/*/c', 'a/b/b/c', true],
  ['a/*/c', 'a/c', false],
  ['a/*/x', 'a/+/x', true],
  ['a/+/x', 'a/b/x', false],
  ['a/+/x', 'a/+/x', true],
  ['a/#', 'a/b', false],
  ['aa*aa', 'aaa', false],
  ['aa*aa', 'aaaa', true],
  ['?', '', false],
  ['?', '/', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*b?d*', 'abcd', true],
  ['*b?d*', 'abbcde', true],
  ['*b?d', 'abxbcd', true],
  ['**a**', 'xay', true],
  ['topic/${iot:ClientId}/*', 'topic/lamp/x', true],
  ['topic/${IOT:clientid}', 'topic/lamp', true],
  ['topic/${iot:ClientId}', 'topic/${iot:ClientId}', false],
  ['${star}', '*', true],
  ['${star}', 'anything', false],
  ['${Attributes[Room]}', 'hall', true],
  ['${Attributes[room]}', 'hall', false],
  ['${unknown}', '', false],
  ['${unknown}', '${unknown}', false],
  ['a${*}b', 'a*b', true],
  ['a${*}b', 'axb', false],
  ['a${?}', 'ab', false],
  ['${$}{x}', '${x}', true],
  ['$aws/things/*', '$aws/things/a', true],
];

test('a pattern matches what the policy language says', () => {
  for (const [pattern, text, expected] of cases) {
    assert.equal(fits(pattern, text), expected, `${pattern} against ${text}`);
  }
});

test('a variable without end or name is refused', () => {
  for (const source of ['${', 'a/${iot:ClientId', '${}', '${ }']) {
    assert.throws(() => parseTemplate(source, all), TemplateError, source);
  }
});

test('without variables and wildcards every character stands for itself', () => {
  const template = parseTemplate('${a}*?', { variables: false, wildcards: false });
  assert.equal(
    bindText(template, () => 'never'),
    '${a}*?',
  );
});

/** The obvious definition, exponential and all: what the fast matcher has to agree with. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1));
}

test('the matcher agrees with the definition for any pattern and text', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 9 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  fc.assert(
    fc.property(pattern, text, (p, t) => fits(p, t) === naive(p, t)),
    { numRuns: 3000 },
  );
});

test('a value never acts as a wildcard', () => {
  const value = fc.string({ unit: fc.constantFrom('a', '*', '?', '$', '{', '}', '+', '#'), maxLength: 6 });
  fc.assert(
    fc.property(value, value, (inserted, text) => {
      const bound = bindTemplate(parseTemplate('x/${v}', all), () => inserted);
      return matches(bound!, `x/${text}`) === (inserted === text);
    }),
  );
});

test('a pattern full of stars takes no time on a text that almost fits', () => {
  const pattern = bindTemplate(parseTemplate('*a?'.repeat(600) + 'b', all), values)!;
  assert.equal(matches(pattern, 'a'.repeat(60_000)), false);
});
