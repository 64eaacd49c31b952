import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from './input-lines.ts';

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

test('lines are the same however the file is cut, each with its place', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ü', '\n', '\r'), maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(6), { maxLength: 20 }), async (whole, sizes) => {
      const bytes = Buffer.from(whole);
      const lines = await Array.fromAsync(linesOf(pieces(bytes, sizes), { offset: 0, lines: 0 }, 1000));
      const expected = whole.split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(
        lines.map((line) => String(line.bytes)),
        expected,
      );
      for (const [index, { lineNumber, offset, end, bytes: part }] of lines.entries()) {
        assert.equal(lineNumber, index + 1);
        assert.deepEqual(bytes.subarray(offset, offset + (part?.length ?? 0)), part);
        assert.equal(end, lines[index + 1]?.offset ?? bytes.length);
      }
    }),
  );
});

test('a line that is too long is told of but not kept, and the next one is whole', async () => {
  const bytes = Buffer.from(`${'x'.repeat(11)}\n${'y'.repeat(10)}\n`);
  const lines = await Array.fromAsync(linesOf(pieces(bytes, [4, 4, 4]), { offset: 100, lines: 5 }, 10));
  assert.deepEqual(lines, [
    { lineNumber: 6, offset: 100, end: 112, bytes: undefined },
    { lineNumber: 7, offset: 112, end: 123, bytes: Buffer.from('y'.repeat(10)) },
  ]);
});
