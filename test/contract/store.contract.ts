/**
 * What every back end of the storage port (`src/store/store.ts`) must do. Each back end has a file beside this one that
 * calls `describeStore`; what is special to one back end is tested there.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { ServiceError } from '../../src/base/errors.ts';
import {
  type Collection,
  type Page,
  type Range,
  type Store,
  StoreError,
  VersionMismatch,
  type Write,
} from '../../src/store/store.ts';
import { checkRounds, roundsArbitrary } from './store-model.ts';

/** A store for one test, empty at first. */
export interface OpenedStore {
  readonly store: Store;
  /** Closes and opens the same data again; absent for back ends that keep nothing. */
  readonly reopen?: () => Promise<Store>;
  /** Closes whatever is open and removes the data. */
  readonly discard: () => Promise<void>;
}

interface Lamp {
  room?: string;
  tags: string[];
  nested?: { level: number };
}

/** Runs the contract against the stores that `open` makes. */
export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`the store ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    let lamps: Collection<Lamp>;

    const declare = (on: Store): Collection<Lamp> =>
      on.collection<Lamp>({
        name: 'lamp',
        indexes: { room: ({ room }) => (room === undefined ? [] : [room]), tag: ({ tags }) => tags },
      });
    const fill = (keys: readonly string[], lamp: Lamp = { tags: [] }): Promise<void> =>
      store.commit(keys.map((key) => lamps.put(key, lamp)));

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      lamps = declare(store);
    });
    afterEach(() => opened.discard());

    describe('documents', () => {
      test('a document comes back as it was put, with version 1', async () => {
        const value = { room: 'küche', tags: ['a', '\0', '繋'], nested: { level: 0.5 } };
        await store.commit([lamps.put('one', value)]);
        assert.deepEqual(await lamps.get('one'), { key: 'one', value, version: 1 });
        assert.equal(await lamps.get('two'), undefined);
      });

      test('each put adds one to the version, and a delete starts it anew', async () => {
        for (let version = 1; version <= 3; version++) {
          await fill(['one']);
          assert.equal((await lamps.get('one'))?.version, version);
        }
        await store.commit([lamps.delete('one')]);
        assert.equal(await lamps.get('one'), undefined);
        await fill(['one']);
        assert.equal((await lamps.get('one'))?.version, 1);
      });

      test('deleting what is not there does nothing', async () => {
        await store.commit([lamps.delete('one')]);
        assert.equal(await lamps.count(), 0);
      });

      test('collections do not see each other', async () => {
        const others = store.collection<Lamp>({ name: 'other', indexes: { room: () => ['hall'] } });
        await store.commit([lamps.put('one', { room: 'hall', tags: [] }), others.put('two', { tags: [] })]);
        assert.deepEqual(keysOf(await others.scan()), ['two']);
        assert.deepEqual(keysOf(await lamps.find('room', 'hall')), ['one']);
        assert.deepEqual(keysOf(await others.find('room', 'hall')), ['two']);
      });

      test('changing what was put, or what was got, changes nothing stored', async () => {
        const value = { tags: ['first'], nested: { level: 1 } };
        const done = store.commit([lamps.put('one', value)]);
        value.tags.push('second');
        value.nested.level = 2;
        await done;
        const got = await lamps.get('one');
        assert.deepEqual(got?.value, { tags: ['first'], nested: { level: 1 } });
        got?.value.tags.push('third');
        assert.deepEqual((await lamps.get('one'))?.value.tags, ['first']);
        assert.deepEqual(keysOf(await lamps.find('tag', 'second')), []);
      });

      test('a put that is not committed does nothing', async () => {
        lamps.put('one', { tags: [] });
        assert.equal(await lamps.count(), 0);
      });
    });

    describe('conditions', () => {
      test('version 0 creates once', async () => {
        await store.commit([lamps.put('one', { tags: [] }, { ifVersion: 0 })]);
        await assert.rejects(
          store.commit([lamps.put('one', { tags: ['late'] }, { ifVersion: 0 })]),
          (error) => error instanceof VersionMismatch && error.collection === 'lamp' && error.key === 'one',
        );
        assert.deepEqual((await lamps.get('one'))?.value, { tags: [] });
      });

      test('version n replaces and deletes only that version', async () => {
        await fill(['one']);
        await store.commit([lamps.put('one', { tags: ['b'] }, { ifVersion: 1 })]);
        await assert.rejects(store.commit([lamps.put('one', { tags: ['c'] }, { ifVersion: 1 })]), VersionMismatch);
        await assert.rejects(store.commit([lamps.delete('one', { ifVersion: 1 })]), VersionMismatch);
        assert.deepEqual(await lamps.get('one'), { key: 'one', value: { tags: ['b'] }, version: 2 });
        await store.commit([lamps.delete('one', { ifVersion: 2 })]);
        await assert.rejects(store.commit([lamps.delete('one', { ifVersion: 2 })]), VersionMismatch);
      });

      test('a condition sees the writes before it in the same commit', async () => {
        await store.commit([
          lamps.put('one', { tags: [] }, { ifVersion: 0 }),
          lamps.put('one', { tags: ['b'] }, { ifVersion: 1 }),
          lamps.delete('one', { ifVersion: 2 }),
          lamps.put('one', { tags: ['d'] }, { ifVersion: 0 }),
        ]);
        assert.deepEqual(await lamps.get('one'), { key: 'one', value: { tags: ['d'] }, version: 1 });
      });

      test('one that does not hold undoes the whole commit, over collections, indexes and queues', async () => {
        const others = store.collection<Lamp>({ name: 'other' });
        const queue = store.queue('q');
        await store.commit([
          lamps.put('kept', { room: 'hall', tags: [] }),
          others.put('kept', { tags: [] }),
          queue.append([Buffer.from('kept')]),
        ]);
        const [kept] = await queue.read(0, 10);
        await assert.rejects(
          store.commit([
            lamps.put('kept', { room: 'attic', tags: [] }),
            lamps.put('new', { room: 'attic', tags: [] }),
            others.delete('kept'),
            queue.ack([kept.sequence]),
            queue.append([Buffer.from('new')]),
            others.put('kept', { tags: [] }, { ifVersion: 7 }),
          ]),
          VersionMismatch,
        );
        assert.deepEqual(await lamps.get('kept'), { key: 'kept', value: { room: 'hall', tags: [] }, version: 1 });
        assert.equal((await others.get('kept'))?.version, 1);
        assert.equal(await lamps.count(), 1);
        assert.equal(await lamps.count('room', 'hall'), 1);
        assert.equal(await lamps.count('room', 'attic'), 0);
        assert.deepEqual(await queue.read(0, 10), [kept]);
      });

      test('of many commits under way at once, one that fails takes no other with it', async () => {
        const commits = Array.from({ length: 20 }, (_, i) =>
          store.commit([lamps.put(`lamp-${i}`, { tags: [] }), lamps.put('all', { tags: [] }, { ifVersion: i % 2 })]),
        );
        const results = await Promise.allSettled(commits);
        // 'all' is made by the first and replaced by the second; from then on its version is 2.
        assert.deepEqual(
          results.map(({ status }) => status),
          ['fulfilled', 'fulfilled', ...Array(18).fill('rejected')],
        );
        assert.deepEqual(keysOf(await lamps.scan()), ['all', 'lamp-0', 'lamp-1']);
      });

      test('commits are done in the order they were called in', async () => {
        await Promise.all(Array.from({ length: 50 }, (_, i) => store.commit([lamps.put('one', { tags: [`${i}`] })])));
        assert.deepEqual(await lamps.get('one'), { key: 'one', value: { tags: ['49'] }, version: 50 });
      });
    });

    describe('indexes', () => {
      test('a document is found under each of its index keys, once each', async () => {
        await store.commit([
          lamps.put('a', { room: 'hall', tags: ['red', 'old', 'red'] }),
          lamps.put('b', { room: 'hall', tags: ['red'] }),
          lamps.put('c', { tags: [] }),
        ]);
        assert.deepEqual(keysOf(await lamps.find('tag', 'red')), ['a', 'b']);
        assert.deepEqual(keysOf(await lamps.find('tag', 'old')), ['a']);
        assert.deepEqual(keysOf(await lamps.find('room', 'hall', { descending: true })), ['b', 'a']);
        assert.deepEqual(keysOf(await lamps.find('room', 'hal')), []);
        assert.equal(await lamps.count('tag', 'red'), 2);
        assert.equal(await lamps.count('tag', 'none'), 0);
        assert.equal(await lamps.count(), 3);
      });

      test('a put moves a document to its new index keys, a delete removes it from all', async () => {
        await store.commit([lamps.put('a', { room: 'hall', tags: ['red', 'old'] })]);
        await store.commit([lamps.put('a', { room: 'attic', tags: ['old', 'odd'] })]);
        assert.deepEqual(keysOf(await lamps.findPrefix('room', '')), ['a']);
        assert.deepEqual(keysOf(await lamps.find('room', 'attic')), ['a']);
        assert.deepEqual(keysOf(await lamps.find('tag', 'red')), []);
        assert.deepEqual(keysOf(await lamps.findPrefix('tag', 'o')), ['a', 'a']);
        assert.equal((await lamps.find('tag', 'odd')).items[0].value.room, 'attic');
        await store.commit([lamps.delete('a')]);
        assert.deepEqual(keysOf(await lamps.findPrefix('tag', '')), []);
        assert.equal(await lamps.count('room', 'attic'), 0);
      });

      test('findPrefix orders by index key, then by key, and pages in both directions', async () => {
        await store.commit([
          lamps.put('1', { tags: ['ab', 'b'] }),
          lamps.put('2', { tags: ['a', 'ab'] }),
          lamps.put('3', { tags: ['abc', 'c', 'a\u{10ffff}'] }),
        ]);
        const order = ['2', '1', '2', '3', '3'];
        for (const limit of [1, 2, 4, 5]) {
          const pages = (descending: boolean) =>
            everyPage((after) => lamps.findPrefix('tag', 'a', { limit, after, descending }), limit);
          assert.deepEqual(await pages(false), order);
          assert.deepEqual(await pages(true), order.toReversed());
        }
      });

      test('find takes a prefix of keys and pages like scan', async () => {
        await fill(['a1', 'a2', 'a3', 'b1'], { room: 'hall', tags: [] });
        await fill(['a4'], { room: 'attic', tags: [] });
        const find = (after?: string) => lamps.find('room', 'hall', { prefix: 'a', limit: 2, after });
        assert.deepEqual(await everyPage(find, 2), ['a1', 'a2', 'a3']);
      });

      test('an index that was not declared is refused', async () => {
        await assert.rejects(lamps.find('colour', 'red'), StoreError);
        await assert.rejects(lamps.findPrefix('colour', 'red'), StoreError);
        await assert.rejects(lamps.count('colour', 'red'), StoreError);
        await assert.rejects(lamps.count('room'), StoreError);
      });

      test('a collection may be declared again alike, but not with other indexes', async () => {
        await fill(['one']);
        assert.equal(await declare(store).count(), 1);
        assert.throws(() => store.collection({ name: 'lamp', indexes: { other: () => [] } }), StoreError);
      });
    });

    describe('scans', () => {
      const strange = [
        '',
        '\0',
        'a',
        'a\0',
        'a\0b',
        'ab',
        'b',
        'ÿ',
        '\ud7ff',
        '\ue000',
        '\uffff',
        '\u{10000}',
        '\u{10ffff}',
        '\u{10ffff}\u{10ffff}',
      ];

      test('keys come in the order of their UTF-8 bytes, whatever they are made of', async () => {
        await fill(strange.toReversed());
        const sorted = strange.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(keysOf(await lamps.scan()), sorted);
        assert.deepEqual(keysOf(await lamps.scan({ descending: true })), sorted.toReversed());
      });

      test('a prefix finds exactly the keys that begin with it, page by page, both ways', async () => {
        await fill(strange);
        const sorted = strange.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        for (const prefix of [...strange, 'c', 'a\u{10ffff}']) {
          const expected = sorted.filter((key) => key.startsWith(prefix));
          const scan = (descending: boolean) =>
            everyPage((after) => lamps.scan({ prefix, limit: 2, after, descending }), 2);
          assert.deepEqual(await scan(false), expected);
          assert.deepEqual(await scan(true), expected.toReversed());
        }
      });

      test('a page has 250 documents unless told, and `next` only when there are more', async () => {
        await fill(Array.from({ length: 251 }, (_, i) => String(i).padStart(3, '0')));
        const first = await lamps.scan();
        assert.equal(first.items.length, 250);
        const last = await lamps.scan({ after: first.next });
        assert.deepEqual(keysOf(last), ['250']);
        assert.equal(last.next, undefined);
        assert.equal((await lamps.scan({ limit: 251 })).next, undefined);
      });

      test('paging goes on at the right place while documents come and go', async () => {
        await fill(['b', 'd', 'f', 'h']);
        const up = await lamps.scan({ limit: 2 });
        const down = await lamps.scan({ limit: 2, descending: true });
        assert.deepEqual(
          [keysOf(up), keysOf(down)],
          [
            ['b', 'd'],
            ['h', 'f'],
          ],
        );
        await store.commit([
          lamps.delete('d'),
          lamps.delete('f'),
          ...['a', 'c', 'e', 'g', 'i'].map((key) => lamps.put(key, { tags: [] })),
        ]);
        assert.deepEqual(keysOf(await lamps.scan({ after: up.next })), ['e', 'g', 'h', 'i']);
        assert.deepEqual(keysOf(await lamps.scan({ after: down.next, descending: true })), ['e', 'c', 'b', 'a']);
      });

      test('a malformed continuation token is an invalid request', async () => {
        await fill(['a', 'b'], { tags: ['x', 'y'] });
        const { next: keyToken } = await lamps.scan({ limit: 1 });
        const { next: entryToken } = await lamps.findPrefix('tag', '', { limit: 1 });
        const invalid = (error: unknown) =>
          error instanceof ServiceError &&
          error.code === 'InvalidRequestException' &&
          error.message === 'Invalid nextToken';
        const bad = [
          '',
          '!',
          'a',
          `${keyToken}A`,
          ` ${keyToken}`,
          keyToken?.slice(1),
          Buffer.from('[1]').toString('base64url'),
          entryToken,
        ];
        for (const after of bad) {
          await assert.rejects(lamps.scan({ after }), invalid, `scan after ${after}`);
          await assert.rejects(lamps.find('tag', 'x', { after }), invalid, `find after ${after}`);
        }
        await assert.rejects(lamps.findPrefix('tag', '', { after: keyToken }), invalid);
        await assert.rejects(lamps.scan({ prefix: 'b', after: keyToken }), invalid);
        await assert.rejects(lamps.findPrefix('tag', 'y', { after: entryToken }), invalid);
      });

      test('a limit that is not a positive whole number is refused', async () => {
        for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          await assert.rejects(lamps.scan({ limit }), RangeError);
        }
      });
    });

    describe('keys', () => {
      const longest = 'é'.repeat(512);

      test('1,024 bytes of UTF-8 are kept, more are refused and nothing of that commit is done', async () => {
        await store.commit([
          lamps.put(longest, { room: longest, tags: [] }),
          store.queue(longest).append([Buffer.of(1)]),
        ]);
        assert.equal((await lamps.get(longest))?.key, longest);
        assert.deepEqual(keysOf(await lamps.find('room', longest, { prefix: longest })), [longest]);
        assert.equal(await store.queue(longest).length(), 1);
        const tooLong = `${longest}a`;
        const refused: Write[] = [
          lamps.put(tooLong, { tags: [] }),
          lamps.put('a', { room: tooLong, tags: [] }),
          lamps.delete(tooLong),
        ];
        for (const write of refused) {
          await assert.rejects(store.commit([lamps.put('new', { tags: [] }), write]), /1025 bytes/);
        }
        assert.throws(() => store.queue(tooLong), StoreError);
        assert.equal(await lamps.get('new'), undefined);
      });

      test('half a surrogate pair is refused, for UTF-8 cannot tell it from another', async () => {
        await assert.rejects(store.commit([lamps.put('\ud800', { tags: [] })]), /surrogate/);
        await assert.rejects(store.commit([lamps.put('a', { tags: ['\udc00'] })]), /surrogate/);
        await assert.rejects(lamps.get('\ud800'), /surrogate/);
        await assert.rejects(lamps.scan({ prefix: '\ud83d' }), /surrogate/);
      });
    });

    describe('queues', () => {
      const texts = async (name: string): Promise<string[]> =>
        (await store.queue(name).read(0, 100)).map(({ item }) => item.toString());

      test('items come out in the order they were appended, from after a sequence, at most so many', async () => {
        const queue = store.queue('q');
        await store.commit([queue.append([Buffer.from('a'), Buffer.alloc(0)]), queue.append([Buffer.from('c')])]);
        assert.deepEqual(await texts('q'), ['a', '', 'c']);
        const [first, second] = await queue.read(0, 2);
        assert.ok(second.sequence > first.sequence && first.sequence > 0);
        const rest = await queue.read(second.sequence, 100);
        assert.deepEqual(
          rest.map(({ item }) => item.toString()),
          ['c'],
        );
        assert.deepEqual(await queue.read(0, 0), []);
        assert.equal(await queue.length(), 3);
      });

      test('acknowledged items are gone; sequences of others, or of another queue, are passed over', async () => {
        const queue = store.queue('q');
        const other = store.queue('other');
        await store.commit([
          queue.append(['a', 'b', 'c'].map((text) => Buffer.from(text))),
          other.append([Buffer.from('x')]),
        ]);
        const [, second] = await queue.read(0, 10);
        const [foreign] = await other.read(0, 10);
        await store.commit([queue.ack([second.sequence, second.sequence, foreign.sequence, 999_999])]);
        assert.deepEqual(await texts('q'), ['a', 'c']);
        assert.deepEqual(await texts('other'), ['x']);
      });

      test('drop empties one queue, and no sequence comes again', async () => {
        const queue = store.queue('q');
        await store.commit([
          queue.append([Buffer.from('a'), Buffer.from('b')]),
          store.queue('r').append([Buffer.from('r')]),
        ]);
        const before = (await queue.read(0, 10)).at(-1)!.sequence;
        await store.commit([queue.drop(), queue.append([Buffer.from('c')])]);
        assert.deepEqual(await texts('q'), ['c']);
        assert.deepEqual(await texts('r'), ['r']);
        assert.ok((await queue.read(0, 10))[0].sequence > before);
      });

      test('items are copies: changing the buffer that was appended changes nothing stored', async () => {
        const shared = Buffer.from('--payload--');
        const done = store.commit([store.queue('q').append([shared.subarray(2, 9)])]);
        shared.fill(0);
        await done;
        assert.deepEqual(await texts('q'), ['payload']);
      });
    });

    describe('the whole', () => {
      test('clear removes every document and queue, and what was declared goes on working', async () => {
        const queue = store.queue('q');
        await store.commit([lamps.put('one', { room: 'hall', tags: ['a'] }), queue.append([Buffer.from('a')])]);
        const [{ sequence }] = await queue.read(0, 1);
        await store.clear();
        assert.deepEqual([await lamps.count(), await lamps.count('room', 'hall'), await queue.length()], [0, 0, 0]);
        await store.commit([lamps.put('one', { room: 'hall', tags: [] }), queue.append([Buffer.from('b')])]);
        assert.equal((await lamps.get('one'))?.version, 1);
        assert.equal(await lamps.count('room', 'hall'), 1);
        assert.ok((await queue.read(0, 1))[0].sequence > sequence);
      });

      test('a read sees every commit that has resolved, however busily others read', async () => {
        let isReading = true;
        const reader = (async () => {
          for (; isReading; await nextTurn()) await lamps.get('one');
        })();
        for (let version = 1; version <= 50; version++) {
          await fill(['one']);
          assert.equal((await lamps.get('one'))?.version, version);
        }
        isReading = false;
        await reader;
      });

      test('an empty commit is done at once', () => store.commit([]));

      test('a document that is no JSON is refused and the store goes on', async () => {
        const knot: Lamp & { self?: object } = { tags: [] };
        knot.self = knot;
        await assert.rejects(store.commit([lamps.put('one', knot)]), TypeError);
        await fill(['one']);
      });

      test('a write of a collection that was not declared is refused', async () => {
        const write: Write = { kind: 'delete', collection: 'stranger', key: 'a' };
        await assert.rejects(store.commit([write]), StoreError);
      });

      test('close finishes what was committed before it, and everything after it is refused', async () => {
        const commits = Array.from({ length: 30 }, (_, i) => store.commit([lamps.put(`${i}`, { tags: [] })]));
        const closing = store.close();
        await Promise.all(commits);
        await closing;
        await store.close();
        await assert.rejects(store.commit([lamps.put('late', { tags: [] })]), /closed/);
        await assert.rejects(lamps.get('one'), /closed/);
        await assert.rejects(lamps.scan(), /closed/);
      });

      test('random commits do what a simple model says', async () => {
        await fc.assert(
          fc.asyncProperty(roundsArbitrary, async (rounds) => {
            await store.clear();
            await checkRounds(store, rounds);
          }),
          { numRuns: 60 },
        );
      });

      test('everything is there again after reopening, and no sequence comes again', async (t) => {
        if (!opened.reopen) return t.skip('this back end keeps nothing');
        await store.commit([
          lamps.put('one', { room: 'hall', tags: ['a'] }),
          lamps.put('one', { room: 'hall', tags: ['b'] }),
          store.queue('q').append([Buffer.from('a'), Buffer.from('b')]),
        ]);
        const before = await store.queue('q').read(0, 10);
        store = await opened.reopen();
        lamps = declare(store);
        assert.deepEqual(await lamps.get('one'), { key: 'one', value: { room: 'hall', tags: ['b'] }, version: 2 });
        assert.deepEqual(keysOf(await lamps.find('tag', 'b')), ['one']);
        assert.deepEqual(await store.queue('q').read(0, 10), before);
        await store.commit([store.queue('q').drop()]);
        store = await opened.reopen();
        await store.commit([store.queue('q').append([Buffer.from('c')])]);
        const [after] = await store.queue('q').read(0, 10);
        assert.ok(after.sequence > before[1].sequence);
      });
    });
  });
}

function keysOf(page: Page<object>): string[] {
  return page.items.map(({ key }) => key);
}

/** The keys of all pages, which are full except the last. */
async function everyPage(read: (after: Range['after']) => Promise<Page<object>>, limit: number): Promise<string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    if (page.next !== undefined) assert.equal(page.items.length, limit);
    keys.push(...keysOf(page));
    after = page.next;
  } while (after !== undefined);
  return keys;
}
