import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThingWatch } from './thing-watch.ts';

test('a name finds those who watch it now', () => {
  const watch = new ThingWatch<string>();
  assert.equal(watch.watch('a', ['lamp']), true);
  assert.equal(watch.watch('a', ['lamp', 'fan']), true);
  assert.equal(watch.watch('b', ['fan']), true);
  assert.equal(watch.watch('a', ['lamp', 'fan']), false);
  assert.deepEqual(watch.watchersOf('fan'), ['a', 'b']);
  assert.equal(watch.watch('a', ['fan']), false);
  assert.deepEqual(watch.watchersOf('lamp'), []);
  watch.watch('a', []);
  assert.deepEqual(watch.watchersOf('fan'), ['b']);
  assert.deepEqual(watch.watchersOf('unknown'), []);
});
