/** Signed requests for the tests of SigV4, a verifier for them at any time, and the signer of the AWS SDKs. */
import assert from 'node:assert/strict';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { VirtualClock } from '../../src/base/clock.ts';
import { ServiceError } from '../../src/base/errors.ts';
import type { AccessKey } from '../../src/identity/access-records.ts';
import type { UserPrincipal } from '../../src/identity/principal.ts';
import { createSigV4Verifier, type SignedRequest } from '../../src/identity/sigv4.ts';
import { signV4 } from '../../src/identity/sigv4-sign.ts';

export const NOW = Date.parse('2026-01-15T12:00:00Z');
export const HOST = 'a1b2c3d4e5f6g7-ats.iot.us-east-1.amazonaws.com';
export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
export const principal: UserPrincipal = {
  kind: 'user',
  id: 'AIDAEXAMPLE',
  arn: 'arn:aws:iam::000000000000:user/admin',
  accessKeyId: credentials.accessKeyId,
  isAdmin: true,
};
export const services = ['iotdata', 'iot', 'iotdevicegateway', 'IoTSecuredTunneling'];

export function verifierAt(nowMs: number, key: Partial<AccessKey> = {}) {
  const accessKey: AccessKey = { ...credentials, status: 'Active', principal, ...key };
  return createSigV4Verifier({
    findAccessKey: async (id) => (id === accessKey.accessKeyId ? accessKey : undefined),
    clock: new VirtualClock(nowMs),
    region: 'us-east-1',
  });
}

export const verify = verifierAt(NOW);
export const nothing = Buffer.alloc(0);

export function refusal(code: string, message?: string | RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code, error.message);
    if (typeof message === 'string') assert.equal(error.message, message);
    else if (message) assert.match(error.message, message);
    assert.ok(!JSON.stringify([error.message, error.detail]).includes(credentials.secretAccessKey));
    return true;
  };
}

export function signed(request: SignedRequest, service = 'iotdata', nowMs = NOW): SignedRequest {
  const headers = signV4(request, credentials, { region: 'us-east-1', service, nowMs });
  return { ...request, headers: [...request.headers, ...Object.entries(headers)] };
}

export const publish: SignedRequest = {
  method: 'POST',
  rawPath: '/topics/a%2Fb',
  rawQuery: 'qos=1',
  headers: [
    ['Host', 'data-ats.iot.us-east-1.amazonaws.com'],
    ['x-amz-mqtt5-user-properties', 'abc'],
  ],
  body: Buffer.from('hello'),
};

export const webSocketQuery =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260115%2Fus-east-1%2Fiotdevicegateway%2Faws4_request' +
  '&X-Amz-Date=20260115T120000Z&X-Amz-SignedHeaders=host';
export const webSocketSignature = '835b066892be246b946f963677ed94da883ddf740e9710ac772f3bb77a453a15';
export const upgrade: SignedRequest = {
  method: 'GET',
  rawPath: '/mqtt',
  rawQuery: `${webSocketQuery}&X-Amz-Signature=${webSocketSignature}`,
  headers: [
    ['Host', HOST],
    ['Upgrade', 'websocket'],
  ],
  body: nothing,
};

/** The signer that the AWS SDKs for JavaScript use. */
export const oracle = (service: string) =>
  new SignatureV4({ service, region: 'us-east-1', credentials, sha256: Sha256 });
/** A query as clients write it on the wire. */
export function wireQuery(query: Readonly<Record<string, string | readonly string[] | null | undefined>>): string {
  return Object.entries(query)
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value ?? ''] as const))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

export function withHeader(request: SignedRequest, name: string, change: (value: string) => string): SignedRequest {
  return {
    ...request,
    headers: request.headers.map(([key, value]) => [key, key.toLowerCase() === name ? change(value) : value] as const),
  };
}

export async function refused(request: SignedRequest, what: string): Promise<void> {
  await assert.rejects(verify(request, services), ServiceError, what);
}
