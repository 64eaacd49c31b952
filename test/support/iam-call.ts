/** Calls of IAM and STS as the Query protocol has them, signed by our own signer, answered in JSON. */
import { signV4 } from '../../src/identity/sigv4-sign.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const versions = { iam: '2010-05-08', sts: '2011-06-15' } as const;

/** The result of the operation. Rejects with an error that has the service's `code`. */
export async function iamCall(
  endpoint: string,
  keys: Keys,
  service: keyof typeof versions,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Record<string, never>> {
  const { host } = new URL(endpoint);
  const body = new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString();
  const headers = {
    host,
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(keys.sessionToken !== undefined && { 'x-amz-security-token': keys.sessionToken }),
  };
  const signature = signV4(
    { method: 'POST', rawPath: '/', rawQuery: '', headers: Object.entries(headers), body: Buffer.from(body) },
    keys,
    { region: 'us-east-1', service, nowMs: Date.now() },
  );
  const response = await fetch(`${endpoint}/`, { method: 'POST', headers: { ...headers, ...signature }, body });
  const answer = JSON.parse(await response.text());
  if (!response.ok) throw Object.assign(new Error(answer.Error.Message), { code: answer.Error.Code });
  return answer[`${action}Response`][`${action}Result`];
}
