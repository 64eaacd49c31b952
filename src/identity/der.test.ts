import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as der from './der.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

test('values are written in the one form DER has for them', () => {
  assert.equal(hex(der.integer(Buffer.of(0, 0, 1))), '020101');
  assert.equal(hex(der.integer(Buffer.of(0x80))), '02020080');
  assert.equal(hex(der.integer(Buffer.alloc(0))), '020100');
  assert.equal(hex(der.boolean(true)), '0101ff');
  assert.equal(hex(der.oid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
  assert.equal(hex(der.oid('2.5.29.17')), '0603551d11');
  assert.equal(hex(der.bitString(Buffer.of(0x06), 1)), '03020106');
  assert.equal(
    hex(der.sequence(der.octetString(Buffer.of(1)), der.setOf(der.utf8String('é')))),
    '300904010131040c02c3a9',
  );
  assert.equal(hex(der.explicit(3, der.implicit(2, Buffer.from('JP')))), 'a30482024a50');
  assert.equal(hex(der.octetString(Buffer.alloc(200))).slice(0, 6), '0481c8');
  assert.equal(hex(der.octetString(Buffer.alloc(70_000))).slice(0, 10), '0483011170');
});

test('a time before 2050 is a UTCTime, a later one a GeneralizedTime', () => {
  assert.equal(der.time(Date.parse('2049-12-31T23:59:59Z')).toString('latin1'), '\x17\r491231235959Z');
  assert.equal(der.time(Date.parse('2050-01-01T00:00:00.5Z')).toString('latin1'), '\x18\x0f20500101000000Z');
});

test('what was written is read back', () => {
  const [number, name, signature] = der.members(
    der.readWhole(
      der.sequence(der.integer(Buffer.of(5)), der.oid('2.999.1234567'), der.bitString(Buffer.from('xyz'))),
      'sample',
    ),
    'member',
  );
  assert.equal(hex(der.expect(number, 'integer', 'number').content), '05');
  assert.equal(der.readOid(name, 'name'), '2.999.1234567');
  assert.equal(der.wholeBytes(signature, 'signature').toString(), 'xyz');
});

const malformed: readonly [string, string][] = [
  ['', 'cut off'],
  ['30', 'cut off'],
  ['3002', 'cut off'],
  ['3080', 'malformed length'],
  ['30850000000001', 'malformed length'],
  ['308101', 'not in DER'],
  ['30820001', 'not in DER'],
  ['1f0100', 'unknown tag'],
  ['300000', 'bytes after'],
];

for (const [bytes, complaint] of malformed) {
  test(`the bytes "${bytes}" are refused: ${complaint}`, () => {
    assert.throws(() => der.readWhole(Buffer.from(bytes, 'hex'), 'sample'), {
      name: 'DerError',
      message: new RegExp(complaint),
    });
  });
}

test('any bytes are either read within their bounds or refused as malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
      try {
        const value = der.readWhole(Buffer.from(random), 'sample');
        for (const member of der.members(value, 'member')) der.readOid(member, 'member');
      } catch (error) {
        assert.ok(error instanceof der.DerError, String(error));
      }
    }),
  );
});

test('every object identifier survives writing and reading', () => {
  const arcs = fc.array(fc.nat(2 ** 31 - 1), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 }), fc.nat(39), arcs, (first, second, rest) => {
      const dotted = [first, second, ...rest].join('.');
      assert.equal(der.readOid(der.readWhole(der.oid(dotted), 'oid'), 'oid'), dotted);
    }),
  );
});
