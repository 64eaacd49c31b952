/** Domain configurations with clients that nobody here wrote: MQTT.js, Node's TLS and HTTPS, each by the name it asks for. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import {
  CreateAuthorizerCommand,
  CreateDomainConfigurationCommand,
  type CreateDomainConfigurationCommandInput,
  UpdateCertificateCommand,
  UpdateDomainConfigurationCommand,
} from '@aws-sdk/client-iot';
import { connect, connectAsync, type IClientOptions } from 'mqtt';
import { type Device, type Fleet, makeDevice, startFleet } from './fleet.ts';

/** Lets everybody in who knows the password; with a certificate, as that. */
const AUTHORIZER = `
const arn = (resource) => 'arn:aws:iot:us-east-1:000000000000:' + resource;
export async function handler({ protocolData: { mqtt, http, tls } }) {
  const password = mqtt?.password && Buffer.from(mqtt.password, 'base64').toString();
  const isKnown = password === 'open sesame' || http?.headers['x-password'] === 'open sesame';
  return {
    isAuthenticated: isKnown,
    principalId: tls.principalId ?? 'user1',
    refreshAfterInSeconds: 300,
    disconnectAfterInSeconds: 400,
    policyDocuments: [{
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: [arn('client/*'), arn('topic/custom/*')] }],
    }],
  };
}`;
const CALLBACK =
  'export const handler = async ({ serverName }) => ({ isAuthenticated: serverName === "checked.example.com" });';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:';

const configurations: readonly Omit<CreateDomainConfigurationCommandInput, 'domainConfigurationName'>[] = [
  { domainName: 'plain.example.com' },
  { domainName: 'x509.example.com', authenticationType: 'AWS_X509', applicationProtocol: 'SECURE_MQTT' },
  { domainName: 'https.example.com', authenticationType: 'AWS_X509', applicationProtocol: 'HTTPS' },
  {
    domainName: 'custom.example.com',
    authenticationType: 'CUSTOM_AUTH',
    applicationProtocol: 'SECURE_MQTT',
    authorizerConfig: { defaultAuthorizerName: 'A', allowAuthorizerOverride: false },
  },
  {
    domainName: 'wss.example.com',
    authenticationType: 'CUSTOM_AUTH',
    applicationProtocol: 'MQTT_WSS',
    authorizerConfig: { defaultAuthorizerName: 'A', allowAuthorizerOverride: false },
  },
  {
    domainName: 'both.example.com',
    authenticationType: 'CUSTOM_AUTH_X509',
    applicationProtocol: 'SECURE_MQTT',
    authorizerConfig: { defaultAuthorizerName: 'A', allowAuthorizerOverride: false },
  },
  { domainName: 'new.example.com', tlsConfig: { securityPolicy: 'IoTSecurityPolicy_TLS13_1_3_2022_10' } },
  { domainName: 'old.example.com', tlsConfig: { securityPolicy: 'IoTSecurityPolicy_TLS12_1_2_2022_10' } },
  {
    domainName: 'checked.example.com',
    authenticationType: 'AWS_X509',
    applicationProtocol: 'SECURE_MQTT',
    clientCertificateConfig: { clientCertificateCallbackArn: `${FUNCTION}callback` },
  },
  {
    domainName: 'unchecked.example.com',
    authenticationType: 'AWS_X509',
    applicationProtocol: 'SECURE_MQTT',
    clientCertificateConfig: { clientCertificateCallbackArn: `${FUNCTION}callback` },
  },
];

describe('clients of domain configurations', () => {
  let folder: string;
  let fleet: Fleet;
  let device: Device;
  const shown = () => ({ cert: device.certificatePem, key: device.privateKey });
  const password = { username: 'u', password: 'open sesame' };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsunagu-domains-'));
    await writeFile(join(folder, 'authorizer.mjs'), AUTHORIZER);
    await writeFile(join(folder, 'callback.mjs'), CALLBACK);
    fleet = await startFleet({ functions: folder });
    device = await makeDevice(fleet, 'lamp');
    const authorizer = {
      authorizerFunctionArn: `${FUNCTION}authorizer`,
      signingDisabled: true,
      status: 'ACTIVE',
    } as const;
    await fleet.control.send(new CreateAuthorizerCommand({ authorizerName: 'A', ...authorizer }));
    for (const input of configurations) {
      const domainConfigurationName = input.domainName?.split('.')[0];
      await fleet.control.send(new CreateDomainConfigurationCommand({ domainConfigurationName, ...input }));
    }
  });
  after(async () => {
    await fleet.stop();
    await rm(folder, { recursive: true });
  });

  const tls = async (port: number, options: ConnectionOptions): Promise<TLSSocket> => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: fleet.ca, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  /** Whether MQTT.js gets a CONNACK that lets it in. */
  const connects = async (port: number, servername: string, options: IClientOptions = {}): Promise<boolean> => {
    const common = { ca: fleet.ca, servername, clientId: 'lamp', reconnectPeriod: 0, connectTimeout: 5000 };
    const client = connect(`mqtts://127.0.0.1:${port}`, { ...common, ...options });
    return new Promise((resolve) => {
      client.on('error', () => resolve(false));
      client.on('close', () => resolve(false));
      client.on('connect', () => {
        resolve(true);
        client.end();
      });
    });
  };
  const status = async (servername: string, options: RequestOptions = {}): Promise<number> => {
    const target = { host: '127.0.0.1', port: fleet.ports.tls, ca: fleet.ca, servername, agent: false, method: 'POST' };
    const sent = httpsRequest({ ...target, path: '/topics/alarms%2Flamp?qos=1', ...options });
    sent.end('hello');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode as number;
  };

  test('each name has its certificate, on both ports', async () => {
    for (const port of [fleet.ports.tls, fleet.ports.mqtts]) {
      for (const servername of ['plain.example.com', 'x509.example.com', 'localhost']) {
        const socket = await tls(port, { servername });
        assert.ok(socket.getPeerX509Certificate()?.checkHost(servername));
        socket.destroy();
      }
    }
  });

  test('a name that the server has not fails the handshake', async () => {
    const unknown = tls(fleet.ports.mqtts, { servername: 'unknown.example.com' });
    await assert.rejects(unknown, { code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' });
  });

  test('a domain for X.509 over MQTT lets in a certificate on any port, and nobody without', async () => {
    for (const port of [fleet.ports.tls, fleet.ports.mqtts]) {
      assert.equal(await connects(port, 'x509.example.com', shown()), true);
      assert.equal(await connects(port, 'x509.example.com', password), false);
    }
  });

  test('a domain for a custom authorizer asks its own, without ALPN and on any port', async () => {
    for (const port of [fleet.ports.tls, fleet.ports.mqtts]) {
      assert.equal(await connects(port, 'custom.example.com', password), true);
      assert.equal(await connects(port, 'custom.example.com', { ...password, password: 'wrong' }), false);
      assert.equal(await connects(port, 'custom.example.com', shown()), false);
    }
  });

  test('a domain for both demands certificate and authorizer', async () => {
    const port = fleet.ports.mqtts;
    assert.equal(await connects(port, 'both.example.com', { ...shown(), ...password }), true);
    assert.equal(await connects(port, 'both.example.com', password), false);
    assert.equal(await connects(port, 'both.example.com', shown()), false);
  });

  test('TLS versions are those of the security policy', async () => {
    const port = fleet.ports.tls;
    const limited = (servername: string, version: 'TLSv1.2' | 'TLSv1.3') =>
      tls(port, { servername, minVersion: version, maxVersion: version });
    await assert.rejects(limited('new.example.com', 'TLSv1.2'), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    await assert.rejects(limited('old.example.com', 'TLSv1.3'), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    for (const [name, version] of [
      ['new', 'TLSv1.3'],
      ['old', 'TLSv1.2'],
      ['plain', 'TLSv1.2'],
      ['plain', 'TLSv1.3'],
    ] as const) {
      const socket = await limited(`${name}.example.com`, version);
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    await assert.rejects(tls(port, { servername: 'plain.example.com', maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }));
  });

  test('a domain for HTTPS publishes with a certificate only, and serves no MQTT', async () => {
    assert.equal(await status('https.example.com', shown()), 200);
    assert.equal(await status('https.example.com'), 403);
    assert.equal(await status('https.example.com', { ...shown(), path: '/things/x' }), 403);
    assert.equal(await connects(fleet.ports.mqtts, 'https.example.com', shown()), false);
    assert.equal(
      await connects(fleet.ports.tls, 'https.example.com', { ...shown(), ALPNProtocols: ['x-amzn-mqtt-ca'] }),
      false,
    );
  });

  test('a domain for WebSockets serves them with its authorizer, and no other HTTP', async () => {
    const ws = (wssPassword: string) =>
      connectAsync(`wss://127.0.0.1:${fleet.ports.tls}/mqtt`, {
        // More than the types know reaches Node's TLS.
        wsOptions: { ca: fleet.ca, servername: 'wss.example.com' } as object,
        clientId: 'lamp',
        username: 'u',
        password: wssPassword,
        reconnectPeriod: 0,
      });
    const client = await ws('open sesame');
    await client.endAsync();
    await assert.rejects(ws('wrong'));
    assert.equal(await status('wss.example.com', { headers: { 'x-password': 'open sesame' } }), 403);
    assert.equal(await connects(fleet.ports.mqtts, 'wss.example.com', password), false);
  });

  test("a domain's function has a say about certificates", async () => {
    assert.equal(await connects(fleet.ports.mqtts, 'checked.example.com', shown()), true);
    assert.equal(await connects(fleet.ports.mqtts, 'unchecked.example.com', shown()), false);
  });

  test('a disabled domain refuses the handshake until it is enabled again', async () => {
    const set = (domainConfigurationStatus: 'ENABLED' | 'DISABLED') =>
      fleet.control.send(
        new UpdateDomainConfigurationCommand({ domainConfigurationName: 'x509', domainConfigurationStatus }),
      );
    await set('DISABLED');
    const refused = tls(fleet.ports.mqtts, { servername: 'x509.example.com' });
    await assert.rejects(refused, { code: 'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED' });
    await set('ENABLED');
    assert.equal(await connects(fleet.ports.mqtts, 'x509.example.com', shown()), true);
  });

  test('a resumed TLS session lets nobody in whose certificate is not active any more', async () => {
    const set = (newStatus: 'ACTIVE' | 'INACTIVE') =>
      fleet.control.send(new UpdateCertificateCommand({ certificateId: device.certificateId, newStatus }));
    const socket = await tls(fleet.ports.mqtts, { servername: 'x509.example.com', ...shown() });
    const [session] = (await once(socket, 'session')) as [Buffer];
    socket.destroy();
    await set('INACTIVE');
    const resumed = await tls(fleet.ports.mqtts, { servername: 'x509.example.com', session });
    resumed.resume();
    await once(resumed, 'close');
    await set('ACTIVE');
    assert.equal(await connects(fleet.ports.mqtts, 'x509.example.com', shown()), true);
  });
});
