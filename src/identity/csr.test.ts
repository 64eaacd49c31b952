import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import { ecKeys, type RequestToMake, requestDer, requestPem } from './csr.fixture.ts';
import { readCertificateRequest } from './csr.ts';
import * as der from './der.ts';
import { toPem } from './pem.ts';
import { distinguishedName } from './x509.ts';

const keys = ecKeys();
const ECDSA_SHA384 = '1.2.840.10045.4.3.3';
const RSA_SHA256 = '1.2.840.113549.1.1.11';

test('a request gives its subject byte by byte and its key', () => {
  const subject = distinguishedName({ organization: 'Tōkyō', commonName: 'lamp' });
  const request = readCertificateRequest(requestPem({ keys, subject }));
  assert.deepEqual(request.subject, subject);
  assert.equal(request.publicKey.equals(keys.publicKey), true);
});

test('the older label of requests, text before the block and CRLF line ends are fine', () => {
  const pem = `subject: lamp\n${requestPem({ keys })}`.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST');
  assert.ok(readCertificateRequest(pem.replaceAll('\n', '\r\n')));
});

const accepted: readonly [string, RequestToMake][] = [
  ['P-384 with SHA-384', { keys: ecKeys('P-384'), hash: 'sha384', signatureOid: ECDSA_SHA384 }],
  ['P-521 with SHA-256', { keys: ecKeys('P-521') }],
  ['RSA of 2,048 bits', { keys: generateKeyPairSync('rsa', { modulusLength: 2048 }), signatureOid: RSA_SHA256 }],
  ['an empty subject', { keys, subject: der.sequence() }],
];
for (const [what, options] of accepted) {
  test(`a request with ${what} is accepted`, () => {
    assert.ok(readCertificateRequest(requestPem(options)));
  });
}

const refused: readonly [string, string, RegExp][] = [
  ['no PEM', 'hello', /not a PEM block/],
  ['a PEM block of something else', toPem('CERTIFICATE', requestDer({ keys })), /not a PEM block/],
  [
    'bytes after the request',
    toPem('CERTIFICATE REQUEST', Buffer.concat([requestDer({ keys }), Buffer.of(0)])),
    /after/,
  ],
  ['another key than signed it', requestPem({ keys, signingKey: ecKeys().privateKey }), /not signed with its own key/],
  [
    'SHA-1',
    requestPem({ keys, hash: 'sha1', signatureOid: '1.2.840.10045.4.1' }),
    /SHA-256 or better, not 1\.2\.840\.10045\.4\.1/,
  ],
  [
    'a signature algorithm of another kind of key',
    requestPem({ keys, signatureOid: RSA_SHA256 }),
    /not signed with its/,
  ],
  [
    'RSA of 1,024 bits',
    requestPem({ keys: generateKeyPairSync('rsa', { modulusLength: 1024 }), signatureOid: RSA_SHA256 }),
    /2048 bits or more, not 1024/,
  ],
  ['a curve nobody uses', requestPem({ keys: ecKeys('secp256k1') }), /P-256, P-384 or P-521/],
  ['a subject that is no name', requestPem({ keys, subject: der.utf8String('lamp') }), /subject is not a DER sequence/],
];
for (const [what, pem, reason] of refused) {
  test(`a request with ${what} is refused with the reason`, () => {
    assert.throws(() => readCertificateRequest(pem), { code: 'InvalidRequestException', message: reason });
  });
}

test('an Ed25519 key is refused', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = requestPem({ keys: { publicKey, privateKey: keys.privateKey } });
  assert.throws(() => readCertificateRequest(pem), /must be RSA or EC, not ed25519/);
});

function refusedOrRead(pem: string): boolean {
  try {
    readCertificateRequest(pem);
    return true;
  } catch (error) {
    assert.ok(error instanceof ServiceError && error.code === 'InvalidRequestException', String(error));
    return false;
  }
}

test('any text, and any bytes in the shape of a request, are refused without a crash', () => {
  fc.assert(fc.property(fc.string(), (text) => !refusedOrRead(text)));
  const anyBytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(fc.property(anyBytes, (bytes) => !refusedOrRead(toPem('CERTIFICATE REQUEST', Buffer.from(bytes)))));
});

test('a request with any one byte changed, cut out or put in is refused: its signature covers all of it', () => {
  const good = requestDer({ keys });
  const edit = fc.record({ at: fc.nat(good.length - 1), by: fc.integer({ min: 1, max: 255 }), kind: fc.nat(2) });
  fc.assert(
    fc.property(edit, ({ at, by, kind }) => {
      const middle = kind === 0 ? [good[at] ^ by] : kind === 1 ? [] : [by, good[at]];
      const edited = Buffer.concat([good.subarray(0, at), Buffer.from(middle), good.subarray(at + 1)]);
      return !refusedOrRead(toPem('CERTIFICATE REQUEST', edited));
    }),
    { numRuns: 500 },
  );
});

test('a request in PEM with any characters changed never crashes', () => {
  const good = requestPem({ keys });
  const edit = fc.record({ at: fc.nat(good.length - 1), text: fc.string({ maxLength: 3 }) });
  fc.assert(
    fc.property(edit, ({ at, text }) => {
      refusedOrRead(good.slice(0, at) + text + good.slice(at + 1));
    }),
    { numRuns: 300 },
  );
});
