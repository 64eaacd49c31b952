import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, test } from 'node:test';
import type { Change } from './sqlite-batch.ts';
import { Engine } from './sqlite-engine.ts';
import { openMemory } from './sqlite-file.ts';

describe('the engine', () => {
  let database: DatabaseSync;
  let engine: Engine;

  const put = (key: string, change: Partial<Extract<Change, { kind: 'put' }>> = {}): Change => ({
    kind: 'put',
    collection: 'lamp',
    key,
    value: '{}',
    entries: '[]',
    ...change,
  });
  const keys = (): unknown[] =>
    database
      .prepare('SELECT key FROM document ORDER BY key')
      .all()
      .map(({ key }) => key);

  beforeEach(() => {
    database = openMemory();
    engine = new Engine(database);
  });

  test('a batch with a failed condition is undone, those around it are done', () => {
    const failures = engine.apply([[put('a')], [put('b'), put('a', { ifVersion: 0 })], [put('c')]]);
    assert.deepEqual([...failures], [[1, { kind: 'mismatch', collection: 'lamp', key: 'a' }]]);
    assert.deepEqual(keys(), ['a', 'c']);
  });

  test('a batch that the database refuses fails alone, with the cause', () => {
    const impossible = put('b', { value: null as unknown as string });
    const failures = engine.apply([[put('a')], [put('new'), impossible], [put('c')]]);
    assert.deepEqual([...failures.keys()], [1]);
    assert.match((failures.get(1) as { message: string }).message, /NOT NULL/);
    assert.deepEqual(keys(), ['a', 'c']);
  });

  test('a full disk fails what does not fit with the cause, and the engine goes on when there is room again', () => {
    engine.apply([[put('a')]]);
    const { page_count: pages } = database.prepare('PRAGMA page_count').get()!;
    database.exec(`PRAGMA max_page_count = ${Number(pages) + 4}`);
    const failures = engine.apply([[put('b'), put('large', { value: `"${'x'.repeat(100_000)}"` })]]);
    assert.deepEqual([...failures], [[0, { kind: 'error', message: 'database or disk is full', errcode: 13 }]]);
    assert.equal(database.isTransaction, false);
    assert.deepEqual(engine.apply([[put('small')]]), new Map());
    assert.deepEqual(keys(), ['a', 'small']);
    database.exec('PRAGMA max_page_count = 1000000');
    assert.deepEqual(engine.apply([[put('large', { value: `"${'x'.repeat(100_000)}"` })]]), new Map());
  });

  test('when the transaction cannot be committed, all of its batches fail and nothing of them is there', () => {
    database.exec('CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT');
    database.exec('CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED) STRICT');
    database.exec(
      "CREATE TRIGGER late AFTER INSERT ON document WHEN new.key = 'bad' BEGIN INSERT INTO child VALUES (1); END",
    );
    const failures = engine.apply([[put('a')], [put('bad')], [put('c', { ifVersion: 9 })]]);
    assert.deepEqual([...failures].map(([position, { kind }]) => [position, kind]).sort(), [
      [0, 'error'],
      [1, 'error'],
      [2, 'mismatch'],
    ]);
    assert.deepEqual(keys(), []);
    assert.deepEqual(engine.apply([[put('a')]]), new Map());
  });

  test('index entries are written only when they change', () => {
    const entries = '[["room","hall"],["tag","red"]]';
    engine.apply([[put('a', { entries })]]);
    const before = changes();
    engine.apply([[put('a', { entries, value: '{"on":true}' })]]);
    assert.equal(changes() - before, 1);
    engine.apply([[put('a', { entries: '[["room","hall"]]' })]]);
    assert.deepEqual(
      database
        .prepare('SELECT name, index_key FROM entry')
        .all()
        .map(({ name }) => name),
      ['room'],
    );
  });

  const changes = (): number => Number(database.prepare('SELECT total_changes() AS n').get()!.n);
});
