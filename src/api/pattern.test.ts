import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern } from './pattern.ts';

const cases: readonly [pattern: string, accepted: readonly string[], refused: readonly string[]][] = [
  ['[a-zA-Z0-9:_-]+', ['lamp', 'a:b_c-d'], ['', 'a b', 'lamp\n', ' lamp', 'lämp']],
  ['^[0-9]*$', ['', '12'], ['1a', '12\n']],
  ['[\\p{Graph}\\x20]*', ['', 'a b~!'], ['a\tb', 'é']],
  ['[\\p{Upper}\\p{Digit}_]+', ['A1_'], ['a', 'A-']],
  ['[^\\p{Cntrl}]*', ['aé日'], ['a\n', '\x7f']],
  ['[^\\p{C}]+', ['aé😀'], ['a\u0000', '\u200b', '']],
  ['^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$', ['a é/1-@'], ['#']],
  ['a|b', ['a', 'b'], ['ab', 'xa']],
  ['\\p{Upper}x', ['Ax'], ['ax']],
  ['a\\-b\\:c', ['a-b:c'], ['ab:c']],
];

for (const [pattern, accepted, refused] of cases)
  test(`the Java pattern ${pattern} matches whole values`, () => {
    const compiled = compilePattern(pattern);
    for (const text of accepted) assert.ok(compiled.test(text), JSON.stringify(text));
    for (const text of refused) assert.ok(!compiled.test(text), JSON.stringify(text));
  });

test('a pattern that JavaScript cannot express throws', () => {
  for (const pattern of ['[a[b]]', '[a-z&&[^b]]', 'a++', '\\Qa\\E', '(?i)a', '[a', '\\p{javaLowerCase}'])
    assert.throws(() => compilePattern(pattern), SyntaxError, pattern);
});
