/**
 * Custom authentication with clients that nobody here wrote: the AWS IoT Device SDK's builders for it and MQTT.js, raw
 * MQTT by ALPN, WebSockets and HTTPS, an authorizer whose function is a module in a folder.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { type EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CreateAuthorizerCommand,
  DescribeDefaultAuthorizerCommand,
  ListTagsForResourceCommand,
  SetDefaultAuthorizerCommand,
  TestInvokeAuthorizerCommand,
} from '@aws-sdk/client-iot';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { type Fleet, iot, mqtt5, started, startFleet, stopped } from './fleet.ts';

/** Lets in whoever has the password, or a token that was verified, and lets them use topics below `custom/`. */
const MODULE = `
const arn = (resource) => 'arn:aws:iot:us-east-1:000000000000:' + resource;
let refuses = false;
export async function handler(event, context) {
  const { mqtt, http } = event.protocolData;
  if (mqtt?.username?.startsWith('crash')) throw new Error('crashed as asked');
  if (mqtt?.username?.startsWith('once') && refuses) return { isAuthenticated: false };
  if (mqtt?.username?.startsWith('once')) refuses = true;
  const password = mqtt?.password && Buffer.from(mqtt.password, 'base64').toString();
  const isAuthenticated = event.signatureVerified || password === 'open sesame' || http?.headers['authorization'] === 'Bearer sesame';
  return {
    isAuthenticated,
    principalId: 'user1',
    refreshAfterInSeconds: 300,
    disconnectAfterInSeconds: 400,
    policyDocuments: [{
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'iot:Connect', Resource: arn('client/custom-*') },
        { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: arn('topic/custom/*') },
        { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arn('topicfilter/custom/*') },
      ],
    }],
  };
}`;

const TOKEN = 'a token/with+signs';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signatureOf = (token: string): string =>
  sign('RSA-SHA256', Buffer.from(token), keys.privateKey).toString('base64');
const NAME = 'x-amz-customauthorizer-name';
const SIGNATURE = 'x-amz-customauthorizer-signature';

describe('clients of custom authorizers', () => {
  let folder: string;
  let fleet: Fleet;
  const open: MqttClient[] = [];

  /** An MQTT.js client on ALPN `mqtt`. */
  const raw = async (options: IClientOptions): Promise<MqttClient> => {
    const url = `mqtts://localhost:${fleet.ports.tls}`;
    const common = { ca: fleet.ca, ALPNProtocols: ['mqtt'], reconnectPeriod: 0, connectTimeout: 5000 };
    const client = await connectAsync(url, { ...common, ...options });
    open.push(client);
    return client;
  };
  const unsigned = { clientId: 'custom-1', username: `someone?${NAME}=unsigned`, password: 'open sesame' };

  /** What the upgrade to a WebSocket is answered with. */
  const upgradeStatus = async (headers: Record<string, string>): Promise<number> => {
    const handshake = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'mqtt',
    };
    const target = { host: 'localhost', port: fleet.ports.tls, ca: fleet.ca, path: '/mqtt', agent: false };
    const sent = httpsRequest({ ...target, headers: { ...handshake, ...headers } });
    sent.end();
    const [response] = (await Promise.race([once(sent, 'response'), once(sent, 'upgrade')])) as [IncomingMessage];
    response.socket.destroy();
    return response.statusCode as number;
  };

  const webSocket = async (headers: Record<string, string>, query: string, more: IClientOptions = {}) => {
    const url = `wss://localhost:${fleet.ports.tls}/mqtt${query}`;
    const wsOptions = { ca: fleet.ca, headers };
    const client = await connectAsync(url, { wsOptions, reconnectPeriod: 0, connectTimeout: 5000, ...more });
    open.push(client);
    return client;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsunagu-authorizers-'));
    await writeFile(join(folder, 'authorizer.mjs'), MODULE);
    fleet = await startFleet({ functions: folder, clock: 'virtual' });
  });

  after(async () => {
    await Promise.all(open.map((client) => client.endAsync(true)));
    await fleet.stop();
    await rm(folder, { recursive: true });
  });

  test('as long as there is no authorizer, a WebSocket that is not signed is refused at the upgrade', async () => {
    assert.equal(await upgradeStatus({}), 403);
  });

  test('authorizers are made and tried', async () => {
    const authorizerFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:authorizer';
    const common = { authorizerFunctionArn, status: 'ACTIVE' } as const;
    await fleet.control.send(
      new CreateAuthorizerCommand({
        authorizerName: 'unsigned',
        signingDisabled: true,
        tags: [{ Key: 'team', Value: 'light' }],
        ...common,
      }),
    );
    const resourceArn = 'arn:aws:iot:us-east-1:000000000000:authorizer/unsigned';
    const { tags } = await fleet.control.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, [{ Key: 'team', Value: 'light' }]);
    await fleet.control.send(
      new CreateAuthorizerCommand({
        authorizerName: 'signed',
        tokenKeyName: 'tokenKey',
        tokenSigningPublicKeys: { k: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
        ...common,
      }),
    );
    const tried = await fleet.control.send(
      new TestInvokeAuthorizerCommand({
        authorizerName: 'unsigned',
        mqttContext: { username: 'u', password: Buffer.from('open sesame'), clientId: 'custom-1' },
      }),
    );
    assert.equal(tried.isAuthenticated, true);
    assert.equal(tried.principalId, 'user1');
    assert.equal(JSON.parse(tried.policyDocuments?.[0] as string).Version, '2012-10-17');
    await assert.rejects(
      fleet.control.send(
        new TestInvokeAuthorizerCommand({ authorizerName: 'unsigned', mqttContext: { username: 'crash' } }),
      ),
      { name: 'InvalidResponseException', message: /crashed as asked/ },
    );
  });

  for (const protocolVersion of [4, 5] as const) {
    test(`MQTT.js (version ${protocolVersion}) by ALPN: what the policies allow works, the rest does not`, async () => {
      const connected = fleet.server.nextMessage('$aws/events/presence/connected/custom-1');
      const client = await raw({ ...unsigned, protocolVersion });
      const event = JSON.parse((await connected).payload.toString());
      assert.equal(event.principalIdentifier, 'user1');
      await client.subscribeAsync('custom/#', { qos: 1 });
      const message = once(client as unknown as EventEmitter, 'message');
      await client.publishAsync('custom/hello', 'there', { qos: 1 });
      assert.equal((await message)[1].toString(), 'there');
      await assert.rejects(client.subscribeAsync('other/#', { qos: 1 }));
      await client.endAsync();
    });

    test(`MQTT.js (version ${protocolVersion}) is refused with the code for it`, async () => {
      const code = protocolVersion === 5 ? 0x87 : 5;
      const wrong: readonly IClientOptions[] = [
        { ...unsigned, password: 'wrong' },
        { ...unsigned, username: `u?${NAME}=missing` },
        { ...unsigned, username: 'someone' },
        { ...unsigned, username: `crash?${NAME}=unsigned` },
        { ...unsigned, username: `u?${NAME}=signed&tokenKey=t&${SIGNATURE}=${encodeURIComponent(signatureOf('x'))}` },
        { ...unsigned, clientId: 'not-in-policy' },
      ];
      for (const options of wrong) {
        await assert.rejects(raw({ ...options, protocolVersion }), (error: Error & { code?: number }) => {
          assert.equal(error.code, code, `${options.username}: ${error.message}`);
          return true;
        });
      }
    });
  }

  const builders: readonly [
    string,
    (config: object) => ReturnType<typeof iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithCustomAuth>,
    encode: (text: string) => string,
  ][] = [
    [
      'direct',
      (config) => iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithCustomAuth('localhost', config),
      encodeURIComponent,
    ],
    // This one puts the signature into the user name as it is.
    [
      'WebSocket',
      (config) => iot.AwsIotMqtt5ClientConfigBuilder.newWebsocketMqttBuilderWithCustomAuth('localhost', config),
      (text) => text,
    ],
  ];
  for (const [name, build, encode] of builders) {
    const start = (config: object) => {
      const builder = build(config)
        .withPort(fleet.ports.tls)
        .withCertificateAuthority(fleet.ca)
        .withConnectProperties({ clientId: `custom-${name}`, keepAliveIntervalSeconds: 60 });
      return started(new mqtt5.Mqtt5Client(builder.build()));
    };

    test(`the device SDK's ${name} builder: with a password, unsigned`, async () => {
      const client = await start({
        authorizerName: 'unsigned',
        username: 'someone',
        password: Buffer.from('open sesame'),
      });
      const published = fleet.server.nextMessage('custom/sdk');
      await client.publish({ topicName: 'custom/sdk', qos: mqtt5.QoS.AtLeastOnce, payload: name });
      assert.equal((await published).payload.toString(), name);
      await stopped(client);
    });

    test(`the device SDK's ${name} builder: with a signed token`, async () => {
      const signed = { authorizerName: 'signed', tokenKeyName: 'tokenKey', tokenSignature: signatureOf(TOKEN) };
      const client = await start({ ...signed, tokenValue: encode(TOKEN) });
      await stopped(client);
      await assert.rejects(start({ ...signed, tokenValue: 'another' }), (error: Error & { connack?: object }) => {
        assert.equal((error.connack as { reasonCode?: number } | undefined)?.reasonCode, 0x87);
        return true;
      });
    });
  }

  test('a WebSocket has its credentials in headers or in the query, and is refused at the upgrade without a signature', async () => {
    const query = `?${NAME}=signed&tokenKey=${encodeURIComponent(TOKEN)}&${SIGNATURE}=`;
    const inQuery = await webSocket({}, query + encodeURIComponent(signatureOf(TOKEN)), { clientId: 'custom-ws' });
    await inQuery.endAsync();
    const headers = { [NAME]: 'signed', tokenKey: TOKEN, [SIGNATURE]: signatureOf(TOKEN) };
    const inHeaders = await webSocket(headers, '', { clientId: 'custom-ws' });
    await inHeaders.endAsync();
    assert.equal(await upgradeStatus(headers), 101);
    assert.equal(await upgradeStatus({ ...headers, [SIGNATURE]: signatureOf('other') }), 403);
    assert.equal(await upgradeStatus({ ...headers, [NAME]: 'missing' }), 403);
  });

  const publish = async (topic: string, headers: Record<string, string>, query = ''): Promise<number> => {
    const path = `/topics/${topic}?qos=1${query}`;
    const sent = httpsRequest({
      host: 'localhost',
      port: fleet.ports.tls,
      ca: fleet.ca,
      path,
      method: 'POST',
      headers,
    });
    sent.end('{"over":"https"}');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode as number;
  };

  test('a device publishes over HTTPS with headers or a query, as far as the policies go', async () => {
    const signed = { [NAME]: 'signed', tokenKey: TOKEN, [SIGNATURE]: signatureOf(TOKEN) };
    const received = fleet.server.nextMessage('custom/https');
    assert.equal(await publish('custom/https', signed), 200);
    assert.deepEqual(JSON.parse((await received).payload.toString()), { over: 'https' });
    const query = `&${NAME}=signed&tokenKey=${encodeURIComponent(TOKEN)}&${SIGNATURE}=${encodeURIComponent(signatureOf(TOKEN))}`;
    assert.equal(await publish('custom/https', {}, query), 200);
    assert.equal(await publish('custom/https', { [NAME]: 'unsigned', authorization: 'Bearer sesame' }), 200);
    assert.equal(await publish('other', signed), 403);
    assert.equal(await publish('custom/https', { ...signed, [SIGNATURE]: signatureOf('other') }), 403);
    assert.equal(await publish('custom/https', { [NAME]: 'unsigned', authorization: 'Bearer wrong' }), 403);
    assert.equal(await publish('custom/https', { [NAME]: 'missing' }), 403);
    assert.equal(await publish('custom/https', {}), 403);
  });

  test('the default authorizer is for those who name none', async () => {
    await fleet.control.send(new SetDefaultAuthorizerCommand({ authorizerName: 'unsigned' }));
    const { authorizerDescription } = await fleet.control.send(new DescribeDefaultAuthorizerCommand({}));
    assert.equal(authorizerDescription?.authorizerName, 'unsigned');
    const client = await raw({ clientId: 'custom-default', username: 'someone', password: 'open sesame' });
    await client.endAsync();
    assert.equal(await publish('custom/https', { authorization: 'Bearer sesame' }), 200);
    assert.equal(await publish('custom/https', { authorization: 'Bearer wrong' }), 403);
  });

  test('a connection ends when the time that its authorizer allowed is over', async () => {
    const client = await raw({ ...unsigned, clientId: 'custom-ttl', protocolVersion: 5, keepalive: 1200 });
    const disconnect = once(client as unknown as EventEmitter, 'disconnect');
    const event = fleet.server.nextMessage('$aws/events/presence/disconnected/custom-ttl', 20_000);
    await fleet.server.clock.advance(401_000);
    assert.equal((await disconnect)[0].reasonCode, 0xa0);
    assert.equal(JSON.parse((await event).payload.toString()).disconnectReason, 'CUSTOMAUTH_TTL_EXPIRATION');
  });

  test('a connection ends when its authorizer takes its word back', async () => {
    const username = `once?${NAME}=unsigned`;
    const options = { ...unsigned, username, clientId: 'custom-once', protocolVersion: 5, keepalive: 1200 } as const;
    const client = await raw(options);
    const disconnect = once(client as unknown as EventEmitter, 'disconnect');
    const event = fleet.server.nextMessage('$aws/events/presence/disconnected/custom-once', 20_000);
    await fleet.server.clock.advance(301_000);
    assert.equal((await disconnect)[0].reasonCode, 0x87);
    assert.equal(JSON.parse((await event).payload.toString()).disconnectReason, 'AUTH_ERROR');
  });

  test('a reset forgets authorizers and ends their connections', async () => {
    const client = await raw({ ...unsigned, clientId: 'custom-reset' });
    const closed = once(client as unknown as EventEmitter, 'close');
    await fleet.server.reset();
    await closed;
    await assert.rejects(raw(unsigned), /Not authorized/);
  });
});
