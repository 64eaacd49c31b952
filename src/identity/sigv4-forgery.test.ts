import { test } from 'node:test';
import fc from 'fast-check';
import {
  credentials,
  HOST,
  NOW,
  nothing,
  publish,
  refused,
  services,
  signed,
  upgrade,
  verify,
  withHeader,
} from '../../test/support/sigv4-request.ts';
import { presignV4 } from './sigv4-sign.ts';

function flip(text: string, at: number): string {
  const code = text.charCodeAt(at);
  return text.slice(0, at) + String.fromCharCode(code ^ 1) + text.slice(at + 1);
}

test('one changed character of anything signed in headers is refused', async () => {
  const request = signed(publish);
  await verify(request, services);
  for (const name of ['authorization', 'host', 'x-amz-date', 'x-amz-mqtt5-user-properties']) {
    const value = request.headers.find(([key]) => key.toLowerCase() === name)![1];
    for (let at = 0; at < value.length; at++) {
      // A blank between the parameters of the Authorization header means nothing.
      if (name === 'authorization' && value[at] === ' ' && value[at - 1] === ',') continue;
      await refused(
        withHeader(request, name, (given) => flip(given, at)),
        `${name} ${at}`,
      );
    }
  }
  for (let at = 0; at < publish.rawPath.length; at++) {
    await refused({ ...request, rawPath: flip(publish.rawPath, at) }, `path ${at}`);
  }
  for (let at = 0; at < publish.rawQuery.length; at++) {
    await refused({ ...request, rawQuery: flip(publish.rawQuery, at) }, `query ${at}`);
  }
  for (let at = 0; at < publish.body.length; at++) {
    await refused({ ...request, body: Buffer.from(flip('hello', at)) }, `body ${at}`);
  }
  await refused({ ...request, method: 'PUT' }, 'method');
  await refused({ ...request, rawQuery: `${request.rawQuery}&retain=true` }, 'another parameter');
  await refused({ ...request, rawQuery: '' }, 'no query');
  await refused({ ...request, headers: [...request.headers, ['x-amz-mqtt5-user-properties', 'def']] }, 'header twice');
  await refused({ ...request, headers: [...request.headers, ['x-amz-mqtt5-message-expiry', '1']] }, 'unsigned header');
});

test('one changed character of a presigned query is refused', async () => {
  for (let at = 0; at < upgrade.rawQuery.length; at++) {
    const rawQuery = flip(upgrade.rawQuery, at);
    await refused({ ...upgrade, rawQuery }, `${at} of ${rawQuery}`);
  }
  const query = presignV4(publish, credentials, { region: 'us-east-1', service: 'iotdata', nowMs: NOW }, 60);
  await verify({ ...publish, rawQuery: query }, services);
  await refused({ ...publish, rawQuery: query.replace('Expires=60', 'Expires=61') }, 'a longer life');
  await refused({ ...publish, rawQuery: query.replace('qos=1', 'qos=0') }, 'another parameter');
  await refused({ ...publish, rawQuery: query, body: Buffer.from('hellp') }, 'another body');
  await refused({ ...upgrade, headers: [['Host', 'elsewhere']] }, 'another host');
});

test('whatever is sent, the answer is a principal or a ServiceError', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'AWS4-HMC=&,;/%2 X\n\u00ff') });
  const authorization = fc.oneof(
    text,
    text.map((rest) => `AWS4-HMAC-SHA256 ${rest}`),
    text.map((rest) => `AWS4-HMAC-SHA256 Credential=${rest}, SignedHeaders=host, Signature=${rest}`),
  );
  const rawQuery = fc.oneof(
    text,
    text.map((rest) => `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${rest}&X-Amz-Date=${rest}`),
  );
  await fc.assert(
    fc.asyncProperty(text, rawQuery, authorization, async (rawPath, query, value) => {
      const headers: [string, string][] = [
        ['host', HOST],
        ['x-amz-date', '20260115T120000Z'],
        ['authorization', value],
      ];
      await refused({ method: 'GET', rawPath, rawQuery: query, headers, body: nothing }, value);
    }),
    { numRuns: 500 },
  );
});
