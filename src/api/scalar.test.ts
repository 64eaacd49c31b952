import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { epochSeconds, formatTimestamp, parseBase64, parseBoolean, parseNumber, parseTimestamp } from './scalar.ts';

test('numbers are decimal and nothing else', () => {
  for (const [text, value] of [
    ['0', 0],
    ['-12', -12],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['9007199254740991', 2 ** 53 - 1],
  ] as const)
    assert.equal(parseNumber(text), value);
  for (const text of ['', ' 1', '1 ', '+1', '0x10', '1_0', 'NaN', 'Infinity', '1.', '.5', '--1', '१', '1'.repeat(400)])
    assert.equal(parseNumber(text), undefined, text);
});

test('booleans are true and false', () => {
  assert.deepEqual(['true', 'TRUE', 'false', 'False'].map(parseBoolean), [true, true, false, false]);
  for (const text of ['', '1', 'yes', ' true', 'truee']) assert.equal(parseBoolean(text), undefined, text);
});

test('base64 is taken only as it would be written', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      assert.deepEqual(parseBase64(text), Buffer.from(bytes));
    }),
  );
  for (const text of ['a', 'YQ', 'YQ=', 'Y Q==', 'YQ==\n', 'YR==', '-_-_', 'ä', '===='])
    assert.equal(parseBase64(text), undefined, text);
});

test('timestamps are taken in all three formats', () => {
  const at = new Date('2025-03-01T12:30:45.678Z');
  const whole = new Date('2025-03-01T12:30:45Z');
  assert.deepEqual(parseTimestamp(at.getTime() / 1000), at);
  assert.deepEqual(parseTimestamp('1740832245.678'), at);
  assert.deepEqual(parseTimestamp('2025-03-01T12:30:45.678Z'), at);
  assert.deepEqual(parseTimestamp('2025-03-01T14:30:45.678+02:00'), at);
  assert.deepEqual(parseTimestamp('Sat, 01 Mar 2025 12:30:45 GMT'), whole);
  assert.deepEqual(parseTimestamp('2024-02-29T00:00:00Z'), new Date('2024-02-29T00:00:00Z'));
});

test('what is no timestamp is refused', () => {
  const bad = [
    '',
    'now',
    '2025-03-01',
    '2025-02-30T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-03-01T25:00:00Z',
    '2025-03-01 12:00:00Z',
  ];
  for (const text of [...bad, 'Sat, 01 Foo 2025 12:30:45 GMT', '1e300'])
    assert.equal(parseTimestamp(text), undefined, text);
  for (const number of [1e15, -1e15, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(parseTimestamp(number), undefined);
});

test('every date comes back from every format', () => {
  const range = { min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true };
  fc.assert(
    fc.property(fc.date(range), (date) => {
      assert.deepEqual(parseTimestamp(epochSeconds(date)), date);
      assert.deepEqual(parseTimestamp(formatTimestamp(date, 'iso8601')), date);
      assert.deepEqual(parseTimestamp(formatTimestamp(date, 'unixTimestamp')), date);
      const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
      assert.deepEqual(parseTimestamp(formatTimestamp(date, 'rfc822')), whole);
    }),
  );
});
