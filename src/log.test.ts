import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, type LogLevel } from './log.ts';

function logged(level: LogLevel, isTTY: boolean, write: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  write(createLog(level, { isTTY, write: (line) => (text += line) }));
  return text;
}

test('a machine reads one JSON object a line, with the level as a word', () => {
  const text = logged('info', false, (log) => {
    log.debug({}, 'not this');
    log.warn({ rule: 'r1' }, 'a rule action failed');
  });
  const { time, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, { level: 'warn', rule: 'r1', msg: 'a rule action failed' });
  assert.match(time, /^\d{4}-\d\d-\d\dT/);
});

test('a person at a terminal reads a sentence, its fields, and the stack of an error', () => {
  const error = new Error('disk full');
  const text = logged('info', true, (log) => log.error({ rule: 'r1', why: 'two words', err: error }, 'it failed'));
  assert.match(text, /^\d\d:\d\d:\d\d error it failed {2}rule=r1 {2}why="two words"\n {4}Error: disk full\n/);
});

test('a silent log says nothing', () => {
  assert.equal(
    logged('silent', false, (log) => log.error({}, 'x')),
    '',
  );
});
