import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeToken, pageRange, pageToken, readToken } from './pagination.ts';

test('both styles of paging become a range, and a page becomes a token that continues it', () => {
  const nextToken = pageToken('ListThings', { next: 'lamp' });
  assert.deepEqual(pageRange('ListThings', { maxResults: 10, nextToken }), { limit: 10, after: 'lamp' });
  assert.deepEqual(pageRange('ListThings', { pageSize: 10, marker: nextToken }), { limit: 10, after: 'lamp' });
  assert.equal(pageToken('ListThings', {}), undefined);
});

test('without a size the default holds, and no page is larger than 250', () => {
  assert.deepEqual(pageRange('ListPolicies', {}, 25), { limit: 25 });
  assert.deepEqual(pageRange('ListPolicies', {}), { limit: 250 });
  assert.deepEqual(pageRange('ListPolicies', { maxResults: 9999 }), { limit: 250 });
  assert.deepEqual(pageRange('ListPolicies', { maxResults: 0 }), { limit: 1 });
});

test('any key survives in a token, which has only characters that every model allows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (after) => {
      const token = makeToken('ListThings', after);
      assert.match(token, /^[0-9a-f]+$/);
      assert.equal(readToken('ListThings', token), after);
    }),
  );
});

test('a token that was made up, changed or is of another list is refused', () => {
  const token = makeToken('ListThings', 'lamp');
  const bad = [
    '',
    'x',
    '00',
    token.slice(2),
    `${token}00`,
    token.toUpperCase(),
    `${token}zz`,
    makeToken('ListPolicies', 'lamp'),
  ];
  for (const nextToken of bad)
    assert.throws(() => pageRange('ListThings', { nextToken }), { code: 'InvalidRequestException' }, nextToken);
});
