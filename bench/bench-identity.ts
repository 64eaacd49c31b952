/** The certificates and policies of a benchmark run: one CA made with openssl, a server and a client certificate below it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  IoTClient,
  RegisterCertificateWithoutCACommand,
} from '@aws-sdk/client-iot';

export interface TlsFiles {
  /** Signs Mosquitto's certificate and the client's. */
  readonly ca: string;
  /** What the generator trusts: that CA and Tsunagu's own. */
  readonly trusted: string;
  readonly cert: string;
  readonly key: string;
  readonly serverCert: string;
  readonly serverKey: string;
}

export const policyForAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: 'arn:aws:iot:us-east-1:000000000000:*' }],
});

/** Makes the files once; afterwards names them. */
export function makeTlsFiles(folder: string): TlsFiles {
  const at = (name: string): string => join(folder, name);
  const files = {
    ca: at('ca.pem'),
    trusted: at('trusted.pem'),
    cert: at('client.pem'),
    key: at('client.key'),
    serverCert: at('server.pem'),
    serverKey: at('server.key'),
  };
  if (existsSync(files.cert)) return files;
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', files.ca, '-days', '2', '-subj', '/CN=bench CA');
  for (const [name, cert, key] of [
    ['localhost', files.serverCert, files.serverKey],
    ['device', files.cert, files.key],
  ]) {
    openssl(
      'req',
      ...newKey,
      '-keyout',
      key,
      '-out',
      at('request.csr'),
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${name}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      at('request.csr'),
      '-CA',
      files.ca,
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
      '-out',
      cert,
      '-days',
      '2',
      '-copy_extensions',
      'copy',
    );
  }
  return files;
}

/** Registers the client certificate with a running server, with a policy that allows everything. */
export async function registerBenchDevice(
  ready: { endpoints: { http: string }; region: string; credentials: { accessKeyId: string; secretAccessKey: string } },
  files: TlsFiles,
): Promise<void> {
  const client = new IoTClient({
    endpoint: ready.endpoints.http,
    region: ready.region,
    credentials: ready.credentials,
  });
  const certificatePem = readFileSync(files.cert, 'utf8');
  const { certificateArn } = await client.send(
    new RegisterCertificateWithoutCACommand({ certificatePem, status: 'ACTIVE' }),
  );
  await client.send(new CreatePolicyCommand({ policyName: 'bench', policyDocument: policyForAll }));
  await client.send(new AttachPolicyCommand({ policyName: 'bench', target: certificateArn as string }));
  client.destroy();
}
