/** `startServer` as a test or a program uses it, and what the operator's endpoints answer. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateThingCommand, DescribeThingCommand, IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { GetRetainedMessageCommand, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { connect, connectAsync } from 'mqtt';
import { startServer } from '../../src/server.ts';
import { type Fleet, makeDevice, startFleet } from './fleet.ts';

describe('an ephemeral server with a virtual clock', () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet({ clock: 'virtual' });
  });
  after(() => fleet.stop());

  const post = (path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${fleet.server.endpoints.http}/_tsunagu/${path}`, {
      method: 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });

  test('health, the CA and metrics are at fixed addresses', async () => {
    const { http } = fleet.server.endpoints;
    const health = (await (await fetch(`${http}/_tsunagu/health`)).json()) as { status: string };
    assert.equal(health.status, 'ok');
    assert.equal(await (await fetch(`${http}/_tsunagu/ca.pem`)).text(), fleet.ca);
    assert.match(await (await fetch(`${http}/metrics`)).text(), /^tsunagu_clients_connected 0$/m);
    assert.equal((await fetch(`${http}/_tsunagu/nothing`)).status, 404);
    assert.equal((await fetch(`${http}/_tsunagu/reset`)).status, 405);
  });

  test('a test sees messages as they are accepted, and publishes in the name of a device', async () => {
    const next = fleet.server.nextMessage('a/+');
    const all = fleet.server.record('a/#');
    const publisher = { clientId: 'lamp', principal: 'p', sourceIp: '192.0.2.1', protocol: 'MQTT' as const };
    await fleet.server.publish({ topic: 'a/b', payload: Buffer.from('x'), publisher });
    assert.equal((await next).publisher?.clientId, 'lamp');
    assert.equal(all.messages.length, 1);
    all.stop();
    await assert.rejects(fleet.server.nextMessage('never', 1), /no message on 'never' within 1 ms/);
  });

  test('time stands still until it is moved, over HTTP or by the test', async () => {
    const before = fleet.server.clock.now();
    const response = await post('clock', { advanceMs: 86_400_000 });
    assert.deepEqual(await response.json(), { now: before + 86_400_000 });
    await fleet.server.clock.advance(1000);
    assert.equal(fleet.server.clock.now(), before + 86_401_000);
    for (const body of [{ advanceMs: -1 }, { advanceMs: '5' }, {}])
      assert.equal((await post('clock', body)).status, 400);
  });

  test('a message whose time is up is not delivered, without waiting', async () => {
    await fleet.data.send(
      new PublishCommand({ topic: 'kept', payload: Buffer.from('x'), retain: true, messageExpiry: 3600 }),
    );
    await fleet.data.send(new GetRetainedMessageCommand({ topic: 'kept' }));
    await fleet.server.clock.advance(3_600_000);
    const gone = fleet.data.send(new GetRetainedMessageCommand({ topic: 'kept' }));
    await assert.rejects(gone, { name: 'ResourceNotFoundException' });
  });

  test('a reset forgets what clients made and closes their connections; ports, CA and admin key stay', async () => {
    const device = await makeDevice(fleet, 'lamp');
    const options = {
      ca: fleet.ca,
      cert: device.certificatePem,
      key: device.privateKey,
      clientId: 'lamp',
      reconnectPeriod: 0,
    };
    const client = await connectAsync(`mqtts://localhost:${fleet.ports.mqtts}`, options);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await fleet.data.send(new PublishCommand({ topic: 'kept', payload: Buffer.from('x'), retain: true }));
    assert.equal((await post('reset')).status, 200);
    await closed;
    assert.deepEqual((await fleet.control.send(new ListThingsCommand({}))).things, []);
    await assert.rejects(fleet.data.send(new GetRetainedMessageCommand({ topic: 'kept' })), {
      name: 'ResourceNotFoundException',
    });
    const unknown = connect(`mqtts://localhost:${fleet.ports.mqtts}`, options);
    const connected = { yes: false };
    unknown.once('connect', () => {
      connected.yes = true;
    });
    await new Promise<void>((resolve) => unknown.once('close', () => resolve()));
    assert.equal(connected.yes, false, 'the certificate is unknown now');
    await makeDevice(fleet, 'lamp');
    await fleet.server.reset();
    assert.deepEqual((await fleet.control.send(new ListThingsCommand({}))).things, []);
  });

  test('a web page of another origin can neither reset the server nor move its clock', async () => {
    for (const path of ['reset', 'clock']) {
      assert.equal((await post(path, { advanceMs: 1 }, { origin: 'https://evil.example' })).status, 403);
    }
    assert.equal((await post('reset', undefined, { origin: fleet.server.endpoints.http })).status, 200);
  });

  describe('lets nobody in', () => {
    const call = (overrides: object) =>
      new IoTClient({ endpoint: fleet.server.endpoints.http, region: 'us-east-1', maxAttempts: 1, ...overrides });
    const refused = async (client: IoTClient, name: string): Promise<void> => {
      await assert.rejects(
        client.send(new ListThingsCommand({})),
        (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
          assert.equal(error.name, name);
          assert.equal(error.$metadata?.httpStatusCode, 403);
          return true;
        },
      );
    };

    test('with an unknown key', () =>
      refused(
        call({ credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' } }),
        'UnrecognizedClientException',
      ));

    test('with a forged signature', () =>
      refused(
        call({ credentials: { ...fleet.server.credentials, secretAccessKey: 'guessed' } }),
        'InvalidSignatureException',
      ));

    test('with a signature for another region', () =>
      refused(call({ credentials: fleet.server.credentials, region: 'eu-west-1' }), 'InvalidSignatureException'));

    test('with a signature from ten minutes ago', () =>
      refused(
        call({
          credentials: fleet.server.credentials,
          systemClockOffset: -600_000,
        }),
        'InvalidSignatureException',
      ));

    test('without a signature', async () => {
      const response = await fetch(`${fleet.server.endpoints.http}/things`);
      assert.equal(response.status, 403);
      assert.equal(response.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
    });

    test('on a WebSocket without a signature, at another path, or without the subprotocol', async () => {
      const upgrade = async (path: string, protocol: string): Promise<string> => {
        const url = `${fleet.server.endpoints.http.replace('http', 'ws')}${path}`;
        return new Promise((resolve) => {
          const socket = new WebSocket(url, protocol);
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('refused');
        });
      };
      assert.equal(await upgrade('/mqtt', 'mqtt'), 'refused');
      assert.equal(await upgrade('/other', 'mqtt'), 'refused');
      assert.equal(await upgrade('/mqtt', 'chat'), 'refused');
    });
  });
});

test('what was made survives a restart: things, certificates, retained messages, the CA and the admin key', async () => {
  const data = await mkdtemp(join(tmpdir(), 'tsunagu-test-'));
  try {
    const first = await startFleet({ ephemeral: false, data });
    const { credentials } = first.server;
    const device = await makeDevice(first, 'lamp');
    await first.data.send(new PublishCommand({ topic: 'kept', payload: Buffer.from('x'), retain: true }));
    await assert.rejects(first.server.reset(), /only an ephemeral server/);
    const reset = await fetch(`${first.server.endpoints.http}/_tsunagu/reset`, { method: 'POST' });
    assert.equal(reset.status, 403);
    await first.stop();

    const second = await startFleet({ ephemeral: false, data });
    assert.deepEqual(second.server.credentials, credentials);
    assert.equal(second.ca, first.ca);
    await second.control.send(new DescribeThingCommand({ thingName: 'lamp' }));
    const { payload } = await second.data.send(new GetRetainedMessageCommand({ topic: 'kept' }));
    assert.equal(Buffer.from(payload as Uint8Array).toString(), 'x');
    const options = {
      ca: second.ca,
      cert: device.certificatePem,
      key: device.privateKey,
      clientId: 'lamp',
      reconnectPeriod: 0,
    };
    const client = await connectAsync(`mqtts://localhost:${second.ports.mqtts}`, options);
    await client.endAsync();
    await second.stop();
    for (const file of ['root-ca.pem', 'device-ca.pem', 'server.pem']) {
      assert.equal((await stat(join(data, file))).mode & 0o777, 0o600, file);
    }
  } finally {
    await rm(data, { recursive: true });
  }
});

test('a server that was stopped leaves nothing open, and its ports can be taken again', async () => {
  const first = await startServer({
    ephemeral: true,
    logLevel: 'silent',
    httpPort: 0,
    tlsPort: 0,
    mqttsPort: 0,
    mqttPort: 0,
  });
  const port = Number(new URL(first.endpoints.mqtt ?? '').port);
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  await first.stop();
  const second = await startServer({
    ephemeral: true,
    logLevel: 'silent',
    httpPort: 0,
    tlsPort: 0,
    mqttsPort: 0,
    mqttPort: port,
  });
  await second.stop();
  await client.endAsync(true);
});

test('things made over HTTPS with the CA are the same as over HTTP', async () => {
  const { default: https } = await import('node:https');
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const fleet = await startFleet();
  try {
    const client = new IoTClient({
      endpoint: fleet.server.endpoints.https.replace('127.0.0.1', 'localhost'),
      region: 'us-east-1',
      credentials: fleet.server.credentials,
      requestHandler: new NodeHttpHandler({ httpsAgent: new https.Agent({ ca: fleet.ca }) }),
    });
    const { thingId } = await client.send(new CreateThingCommand({ thingName: 'secure' }));
    assert.equal((await fleet.control.send(new DescribeThingCommand({ thingName: 'secure' }))).thingId, thingId);
    client.destroy();
  } finally {
    await fleet.stop();
  }
});
