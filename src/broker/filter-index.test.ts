import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matches } from '../mqtt/mqtt.ts';
import { type FilterEntry, FilterIndex } from './filter-index.ts';

interface Named extends FilterEntry {
  readonly filter: string;
}

const level = fc.constantFrom('a', 'b', 'c', '', '$x', 'long level');
const topicText = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filterText = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, hasHash]) => [...levels, ...(hasHash ? ['#'] : [])].join('/'));

function found(index: FilterIndex<Named>, topic: string): string[] {
  const entries: Named[] = [];
  index.match(topic, entries);
  return entries.map((entry) => entry.filter).sort();
}

test('the index finds exactly the filters that the reference matcher says, whatever was added and removed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(filterText, fc.boolean(), fc.boolean()), { maxLength: 30 }),
      fc.array(topicText, { minLength: 1, maxLength: 10 }),
      (additions, topics) => {
        const index = new FilterIndex<Named>();
        const kept: Named[] = [];
        const removed: Named[] = [];
        for (const [filter, hashMatchesParent, stays] of additions) {
          const entry = { filter, hashMatchesParent };
          index.add(filter, entry);
          (stays ? kept : removed).push(entry);
        }
        for (const entry of removed) index.remove(entry.filter, entry);
        for (const topic of topics) {
          const expected = kept.filter((it) => matches(it.filter, topic, { parentMatch: it.hashMatchesParent }));
          assert.deepEqual(found(index, topic), expected.map((it) => it.filter).sort());
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('an index from which everything was removed is as good as new', () => {
  const index = new FilterIndex<Named>();
  const entries = ['a/b', 'a/+', '#', '+/b/#'].map((filter) => ({ filter, hashMatchesParent: true }));
  for (const entry of entries) index.add(entry.filter, entry);
  for (const entry of entries) index.remove(entry.filter, entry);
  assert.deepEqual(found(index, 'a/b'), []);
  index.remove('never/+/there', entries[0]);
});

test('a/# matches its parent only where the profile says so', () => {
  const index = new FilterIndex<Named>();
  index.add('a/#', { filter: 'standard', hashMatchesParent: true });
  index.add('a/#', { filter: 'aws', hashMatchesParent: false });
  assert.deepEqual(found(index, 'a'), ['standard']);
  assert.deepEqual(found(index, 'a/'), ['aws', 'standard']);
});
