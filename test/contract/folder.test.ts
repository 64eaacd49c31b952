import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/base/folder.ts';
import { silentLog } from '../../src/base/log.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';

test('a folder is made with those above it, for its owner only, and may be there already', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'tsunagu-folder-'));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'a', 'b');
  makeFolder(folder);
  makeFolder(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a folder that the system lets nobody make is refused at once', {
  skip: !existsSync('/proc/self') && 'there is no /proc here',
}, async () => {
  assert.throws(() => makeFolder('/proc/tsunagu/data'), { code: 'ENOENT' });
  await assert.rejects(openSqliteStore({ file: '/proc/tsunagu/store.db', log: silentLog }), {
    name: 'StoreError',
    message: /\/proc\/tsunagu\/store\.db cannot be opened for writing/,
  });
});
