import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseClientHello } from './client-hello.ts';

const sized = (bytes: Buffer, lengthBytes: number): Buffer => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
};
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.of(0, type), sized(body, 2)]);
const serverName = (name: string): Buffer =>
  extension(0, sized(Buffer.concat([Buffer.of(0), sized(Buffer.from(name), 2)]), 2));
const alpn = (names: readonly string[]): Buffer =>
  extension(16, sized(Buffer.concat(names.map((name) => sized(Buffer.from(name), 1))), 2));

/** A hello in records of at most `recordBytes`. */
function hello(extensions: readonly Buffer[] | undefined, recordBytes = 16_384): Buffer {
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    sized(Buffer.alloc(32), 1),
    sized(Buffer.of(0x13, 1), 2),
    sized(Buffer.of(0), 1),
    ...(extensions ? [sized(Buffer.concat(extensions), 2)] : []),
  ]);
  const message = Buffer.concat([Buffer.of(1), sized(body, 3)]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += recordBytes)
    records.push(Buffer.of(22, 3, 1), sized(message.subarray(at, at + recordBytes), 2));
  return Buffer.concat(records);
}

test('the name and the protocols of a hello are read, in whatever order and pieces they come', () => {
  const texts = fc.stringMatching(/^[a-z0-9./-]{1,40}$/);
  fc.assert(
    fc.property(
      texts,
      fc.array(texts, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 300 }),
      (name, protocols, size) => {
        const parts = [extension(43, Buffer.of(2, 3, 4)), alpn(protocols), serverName(name)];
        const bytes = hello(parts, size);
        assert.deepEqual(parseClientHello(bytes), { serverName: name, protocols });
        for (let end = 0; end < bytes.length; end += 17)
          assert.equal(parseClientHello(bytes.subarray(0, end)), 'incomplete');
      },
    ),
    { numRuns: 50 },
  );
});

test('a hello need not have extensions', () => {
  assert.deepEqual(parseClientHello(hello(undefined)), { protocols: [] });
  assert.deepEqual(parseClientHello(hello([])), { protocols: [] });
});

test('what is no hello is told at once', () => {
  const broken = hello([Buffer.of(0, 0, 0, 9, 0, 7, 0, 0, 200)]);
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n'),
    Buffer.of(0x10, 12),
    Buffer.of(22, 3, 1, 0, 0),
    Buffer.of(22, 3, 1, 0, 4, 2),
    broken,
  ])
    assert.equal(parseClientHello(bytes), 'notHello', bytes.toString('hex'));
});

test('any bytes are read without an exception', () => {
  const start = hello([serverName('a.example.com')]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseClientHello(Buffer.from(bytes))));
  fc.assert(
    fc.property(fc.nat(start.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(start);
      changed[at] = value;
      parseClientHello(changed);
    }),
  );
});
