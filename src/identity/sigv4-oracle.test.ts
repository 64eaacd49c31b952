import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import {
  credentials,
  HOST,
  NOW,
  nothing,
  oracle,
  services,
  verifierAt,
  verify,
  wireQuery,
} from '../../test/support/sigv4-request.ts';
import type { SignedRequest } from './sigv4.ts';
import { presignV4, signV4 } from './sigv4-sign.ts';

// The oracle: the signer that the AWS SDKs for JavaScript use.

const segment = fc.string({ unit: fc.constantFrom(..."aZ09-_.~:=$@!'()*é日/ +%&?#"), minLength: 1, maxLength: 8 });
const word = fc.string({ unit: fc.constantFrom(..."aZ09 é+/&=%~*!'()日"), maxLength: 8 });
const anyRequest = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  segments: fc.array(fc.oneof(segment.map(encodeURIComponent), fc.constantFrom('', '.', '..', ':', '$aws', 'a=b')), {
    maxLength: 5,
  }),
  query: fc.dictionary(word.filter(Boolean), fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  headers: fc.dictionary(
    fc.stringMatching(/^x-(amz|amzn|other)-[a-z]{1,5}$/),
    fc.string({ unit: fc.constantFrom(...'aB0 ,;=\t"'), maxLength: 12 }).map((value) => value.trim()),
    { maxKeys: 3, noNullPrototype: true },
  ),
  body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  service: fc.constantFrom(...services),
});

test('what the AWS signer signs in headers verifies', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ method, segments, query, headers, body, service }) => {
      const path = `/${segments.join('/')}`;
      const request = {
        method,
        protocol: 'https:',
        hostname: HOST,
        path,
        query,
        headers: { host: HOST, ...headers },
        body,
      };
      const ready = await oracle(service).sign(request, { signingDate: new Date(NOW) });
      const received: SignedRequest = {
        method,
        rawPath: path,
        rawQuery: wireQuery(query),
        headers: Object.entries(ready.headers),
        body,
      };
      assert.equal((await verify(received, services)).service, service);
      await assert.rejects(verifierAt(NOW, { secretAccessKey: 'x' })(received, services), {
        code: 'InvalidSignatureException',
      });
    }),
    { numRuns: 150 },
  );
});

test('what the AWS signer presigns verifies', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ method, segments, query, body, service }) => {
      const isUpgrade = service === 'iotdevicegateway';
      const path = isUpgrade ? '/mqtt' : `/${segments.join('/')}`;
      const sent = isUpgrade ? nothing : body;
      const request = { method, protocol: 'https:', hostname: HOST, path, query, headers: { host: HOST }, body: sent };
      const ready = await oracle(service).presign(request, { signingDate: new Date(NOW), expiresIn: 60 });
      const received: SignedRequest = {
        method,
        rawPath: path,
        rawQuery: wireQuery(ready.query ?? {}),
        headers: [['host', HOST]],
        body: sent,
      };
      assert.equal((await verify(received, services)).service, service);
    }),
    { numRuns: 150 },
  );
});

test('our signer and the AWS signer agree, in headers and presigned', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ method, segments, query, headers, body, service }) => {
      const path = `/${segments.join('/')}`;
      const unsigned = {
        method,
        rawPath: path,
        rawQuery: wireQuery(query),
        headers: [['host', HOST], ...Object.entries(headers)] as [string, string][],
        body,
      };
      const request = {
        method,
        protocol: 'https:',
        hostname: HOST,
        path,
        query,
        headers: { host: HOST, ...headers },
        body,
      };
      // Given the payload's hash, the AWS signer signs the header too; without applyChecksum it adds none.
      const bare = new SignatureV4({ service, region: 'us-east-1', credentials, sha256: Sha256, applyChecksum: false });
      const { headers: theirs } = await bare.sign(request, { signingDate: new Date(NOW) });
      const ours = signV4(unsigned, credentials, { region: 'us-east-1', service, nowMs: NOW });
      assert.equal(ours.authorization, theirs['authorization']);
      const plain = { ...unsigned, headers: [['host', HOST]] as [string, string][] };
      const presigned = await oracle(service).presign(
        { ...request, headers: { host: HOST } },
        { signingDate: new Date(NOW), expiresIn: 60 },
      );
      const query2 = presignV4(plain, credentials, { region: 'us-east-1', service, nowMs: NOW }, 60);
      assert.equal(/X-Amz-Signature=(.*)$/.exec(query2)![1], presigned.query!['X-Amz-Signature']);
    }),
    { numRuns: 100 },
  );
});
