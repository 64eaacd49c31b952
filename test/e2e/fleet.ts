/** What the end-to-end tests share: a server in this process, the official SDK clients pointed at it, and devices. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  IoTClient,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import sdk from 'aws-iot-device-sdk-v2';
import { type RunningServer, startServer } from '../../src/server.ts';

export const { auth, iot, mqtt, mqtt5 } = sdk;

export interface Fleet {
  readonly server: RunningServer;
  readonly control: IoTClient;
  readonly data: IoTDataPlaneClient;
  /** PEM. */
  readonly ca: string;
  readonly ports: { readonly tls: number; readonly mqtts: number };
  stop(): Promise<void>;
}

export interface Device {
  readonly thingName: string;
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  readonly privateKey: string;
}

export async function startFleet(options: Parameters<typeof startServer>[0] = {}): Promise<Fleet> {
  const free = { httpPort: 0, tlsPort: 0, mqttsPort: 0 };
  const server = await startServer({ ephemeral: true, logLevel: 'silent', ...free, ...options });
  const { endpoints, credentials, region } = server;
  // A copy: the SDK notes in it where it came from.
  const clientOptions = { endpoint: endpoints.http, region, credentials: { ...credentials }, maxAttempts: 1 };
  const control = new IoTClient(clientOptions);
  const data = new IoTDataPlaneClient(clientOptions);
  return {
    server,
    control,
    data,
    ca: readFileSync(server.caFile, 'utf8'),
    ports: { tls: Number(new URL(endpoints.https).port), mqtts: Number(new URL(endpoints.mqtts).port) },
    async stop() {
      control.destroy();
      data.destroy();
      await server.stop();
    },
  };
}

/** A policy that lets a device use its own client id, its own topics and its own shadow. */
export function ownTopicsPolicy(): string {
  const arn = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
  const thing = '${iot:Connection.Thing.ThingName}';
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: arn(`client/${thing}`) },
      {
        Effect: 'Allow',
        Action: ['iot:Publish', 'iot:Receive'],
        Resource: [arn(`topic/devices/${thing}/*`), arn(`topic/$aws/things/${thing}/*`), arn('topic/alarms/*')],
      },
      {
        Effect: 'Allow',
        Action: 'iot:Subscribe',
        Resource: [
          arn(`topicfilter/devices/${thing}/*`),
          arn(`topicfilter/$aws/things/${thing}/*`),
          arn('topicfilter/alarms/*'),
        ],
      },
    ],
  });
}

/** A thing with an active certificate and a policy of the same name. */
export async function makeDevice(
  { control }: Fleet,
  thingName: string,
  policyDocument = ownTopicsPolicy(),
): Promise<Device> {
  const made = await control.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const certificateArn = made.certificateArn as string;
  await control.send(new CreateThingCommand({ thingName }));
  await control.send(new CreatePolicyCommand({ policyName: thingName, policyDocument }));
  await control.send(new AttachPolicyCommand({ policyName: thingName, target: certificateArn }));
  await control.send(new AttachThingPrincipalCommand({ thingName, principal: certificateArn }));
  return {
    thingName,
    certificateArn,
    certificateId: made.certificateId as string,
    certificatePem: made.certificatePem as string,
    privateKey: made.keyPair?.PrivateKey as string,
  };
}

/** An MQTT 3.1.1 connection of the AWS IoT Device SDK, not connected yet. */
export function deviceConnection(fleet: Fleet, device: Device, port: number, clientId = device.thingName) {
  const config = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(device.certificatePem, device.privateKey)
    .with_certificate_authority(fleet.ca)
    .with_endpoint('localhost')
    .with_port(port)
    .with_client_id(clientId)
    .with_clean_session(true)
    .with_ping_timeout_ms(3000)
    .build();
  return new mqtt.MqttClient().new_connection(config);
}

/** An MQTT 5 client of the AWS IoT Device SDK, started; resolves when it is connected. */
export async function startDevice5(
  fleet: Fleet,
  device: Device,
  port: number,
): Promise<InstanceType<typeof mqtt5.Mqtt5Client>> {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    'localhost',
    device.certificatePem,
    device.privateKey,
  );
  builder
    .withPort(port)
    .withCertificateAuthority(fleet.ca)
    .withConnectProperties({ clientId: device.thingName, keepAliveIntervalSeconds: 60 });
  return started(new mqtt5.Mqtt5Client(builder.build()));
}

/** Starts an MQTT 5 client and waits for its first connection, or rejects with why it was refused. */
export function started(
  client: InstanceType<typeof mqtt5.Mqtt5Client>,
): Promise<InstanceType<typeof mqtt5.Mqtt5Client>> {
  return new Promise((resolve, reject) => {
    client.on('connectionSuccess', () => resolve(client));
    client.on('connectionFailure', (event) => {
      client.stop();
      reject(Object.assign(new Error(String(event.error)), { connack: event.connack }));
    });
    client.start();
  });
}

export async function stopped(client: InstanceType<typeof mqtt5.Mqtt5Client>): Promise<void> {
  const isStopped = once(client, 'stopped');
  client.stop();
  await isStopped;
  client.close();
}
