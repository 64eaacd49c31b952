/** The main job, with clients that nobody here wrote: a device connects, its message reaches a subscriber, a rule and its shadow. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { CreateTopicRuleCommand, DescribeEndpointCommand, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { GetThingShadowCommand, PublishCommand, UpdateThingShadowCommand } from '@aws-sdk/client-iot-data-plane';
import { connectAsync } from 'mqtt';
import {
  auth,
  type Device,
  deviceConnection,
  type Fleet,
  iot,
  makeDevice,
  mqtt,
  mqtt5,
  startDevice5,
  started,
  startFleet,
  stopped,
} from './fleet.ts';

const QOS1 = mqtt.QoS.AtLeastOnce;

describe('a device on the platform', () => {
  let fleet: Fleet;
  let lamp: Device;
  let panel: Device;

  before(async () => {
    fleet = await startFleet();
    lamp = await makeDevice(fleet, 'lamp');
    panel = await makeDevice(fleet, 'panel');
    await fleet.control.send(
      new CreateTopicRuleCommand({
        ruleName: 'hot',
        topicRulePayload: {
          sql: "SELECT temperature, temperature * 9 / 5 + 32 AS fahrenheit, topic(2) AS device FROM 'devices/+/telemetry' WHERE temperature > 40",
          awsIotSqlVersion: '2016-03-23',
          actions: [
            { republish: { topic: 'alarms/${topic(2)}', roleArn: 'arn:aws:iam::000000000000:role/rules', qos: 1 } },
          ],
        },
      }),
    );
  });

  after(() => fleet.stop());

  test('DescribeEndpoint names a host that the server certificate covers', async () => {
    const { endpointAddress } = await fleet.control.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
    assert.equal(endpointAddress, 'localhost');
  });

  for (const [door, port] of [
    ['8883', () => fleet.ports.mqtts],
    ['ALPN on 8443', () => fleet.ports.tls],
  ] as const) {
    test(`the device SDK (MQTT 3.1.1, ${door}) publishes: a subscriber gets it, the rule republishes, the shadow answers`, async () => {
      const sensor = deviceConnection(fleet, lamp, port());
      const watcher = await startDevice5(fleet, panel, port());
      try {
        await sensor.connect();
        const alarm = once(watcher, 'messageReceived');
        await watcher.subscribe({ subscriptions: [{ qos: mqtt5.QoS.AtLeastOnce, topicFilter: 'alarms/+' }] });
        const delta = new Promise<string>((resolve) => {
          void sensor.subscribe('$aws/things/lamp/shadow/update/delta', QOS1, (_topic, payload) =>
            resolve(Buffer.from(payload).toString()),
          );
        });
        const echo = new Promise<string>((resolve) => {
          void sensor.subscribe('devices/lamp/#', QOS1, (_topic, payload) => resolve(Buffer.from(payload).toString()));
        });
        await sensor.publish('devices/lamp/telemetry', JSON.stringify({ temperature: 41.5 }), QOS1);
        assert.deepEqual(JSON.parse(await echo), { temperature: 41.5 });
        const [{ message }] = (await alarm) as [{ message: { topicName: string; payload: ArrayBuffer } }];
        assert.equal(message.topicName, 'alarms/lamp');
        assert.deepEqual(JSON.parse(Buffer.from(message.payload).toString()), {
          temperature: 41.5,
          fahrenheit: 106.7,
          device: 'lamp',
        });

        const desired = { state: { desired: { power: `on at ${port()}` } } };
        await fleet.data.send(new UpdateThingShadowCommand({ thingName: 'lamp', payload: JSON.stringify(desired) }));
        assert.deepEqual(JSON.parse(await delta).state, desired.state.desired);
        const reported = { state: { reported: desired.state.desired } };
        const accepted = fleet.server.nextMessage('$aws/things/lamp/shadow/update/accepted');
        await sensor.publish('$aws/things/lamp/shadow/update', JSON.stringify(reported), QOS1);
        await accepted;
        const { payload } = await fleet.data.send(new GetThingShadowCommand({ thingName: 'lamp' }));
        const shadow = JSON.parse(Buffer.from(payload as Uint8Array).toString());
        assert.deepEqual(shadow.state.reported, desired.state.desired);
        assert.equal(shadow.state.delta, undefined);
      } finally {
        await sensor.disconnect();
        await stopped(watcher);
      }
    });
  }

  test('the device SDK (MQTT 5) over WebSocket with SigV4 subscribes and gets what is published over HTTP', async () => {
    const { accessKeyId, secretAccessKey } = fleet.server.credentials;
    const builder = iot.AwsIotMqtt5ClientConfigBuilder.newWebsocketMqttBuilderWithSigv4Auth('localhost', {
      region: fleet.server.region,
      credentialsProvider: auth.AwsCredentialsProvider.newStatic(accessKeyId, secretAccessKey),
    });
    builder.withPort(fleet.ports.tls).withCertificateAuthority(fleet.ca);
    const client = await started(new mqtt5.Mqtt5Client(builder.build()));
    try {
      const message = once(client, 'messageReceived');
      await client.subscribe({ subscriptions: [{ qos: mqtt5.QoS.AtLeastOnce, topicFilter: 'from/http' }] });
      await fleet.data.send(new PublishCommand({ topic: 'from/http', payload: Buffer.from('hello'), qos: 1 }));
      const [event] = (await message) as [{ message: { payload: ArrayBuffer } }];
      assert.equal(Buffer.from(event.message.payload).toString(), 'hello');
    } finally {
      await stopped(client);
    }
  });

  test('the device SDK (MQTT 3.1.1) over WebSocket with SigV4 connects', async () => {
    const { accessKeyId, secretAccessKey } = fleet.server.credentials;
    const config = iot.AwsIotMqttConnectionConfigBuilder.new_builder_for_websocket()
      .with_certificate_authority(fleet.ca)
      .with_endpoint('localhost')
      .with_port(fleet.ports.tls)
      .with_client_id('browser')
      .with_credentials(fleet.server.region, accessKeyId, secretAccessKey)
      .build();
    const connection = new mqtt.MqttClient().new_connection(config);
    await connection.connect();
    await connection.publish('from/browser', 'x', QOS1);
    await connection.disconnect();
  });

  test('MQTT.js connects over mutual TLS with both versions and receives what it publishes', async () => {
    for (const protocolVersion of [4, 5] as const) {
      const client = await connectAsync(`mqtts://localhost:${fleet.ports.mqtts}`, {
        ca: fleet.ca,
        cert: lamp.certificatePem,
        key: lamp.privateKey,
        clientId: 'lamp',
        protocolVersion,
        reconnectPeriod: 0,
      });
      const received = new Promise<string>((resolve) => {
        client.once('message', (_topic, payload) => resolve(String(payload)));
      });
      await client.subscribeAsync('devices/lamp/echo', { qos: 1 });
      await client.publishAsync('devices/lamp/echo', `v${protocolVersion}`, { qos: 1 });
      assert.equal(await received, `v${protocolVersion}`);
      await client.endAsync();
    }
  });

  describe('is kept out', () => {
    const refused = async (device: Device, clientId = device.thingName): Promise<void> => {
      const connection = deviceConnection(fleet, device, fleet.ports.mqtts, clientId);
      await assert.rejects(connection.connect());
    };

    test('with a certificate of another platform', async () => {
      const other = await startFleet();
      try {
        await refused(await makeDevice(other, 'foreign'));
      } finally {
        await other.stop();
      }
    });

    test('with a certificate that is not active, and one connected is thrown out the moment it is deactivated', async () => {
      const device = await makeDevice(fleet, 'fired');
      const client = await startDevice5(fleet, device, fleet.ports.mqtts);
      const gone = once(client, 'disconnection');
      await fleet.control.send(
        new UpdateCertificateCommand({ certificateId: device.certificateId, newStatus: 'INACTIVE' }),
      );
      await gone;
      await stopped(client);
      await refused(device);
    });

    test('with a client id that its policy does not allow', () => refused(lamp, 'somebody-else'));

    test('without any policy', async () => {
      const device = await makeDevice(
        fleet,
        'powerless',
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'iot:Publish', Resource: '*' }],
        }),
      );
      await refused(device);
    });

    test('from topics that its policy does not allow: the connection is closed', async () => {
      const client = await startDevice5(fleet, lamp, fleet.ports.mqtts);
      const seen = fleet.server.record('devices/panel/#');
      const gone = once(client, 'disconnection');
      await client.publish({ topicName: 'devices/panel/telemetry', payload: 'x', qos: mqtt5.QoS.AtMostOnce });
      const [event] = (await gone) as [{ disconnect?: { reasonCode: number } }];
      assert.equal(event.disconnect?.reasonCode, 0x87);
      await stopped(client);
      seen.stop();
      assert.equal(seen.messages.length, 0);
    });
  });
});
