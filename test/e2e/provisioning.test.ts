/** Devices that join a fleet by themselves, with the device SDK's identity clients, MQTT.js and the AWS SDK. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateProvisioningClaimCommand,
  CreateProvisioningTemplateCommand,
  DescribeCertificateCommand,
  DescribeThingRegistrationTaskCommand,
  ListThingRegistrationTaskReportsCommand,
  ListThingsCommand,
  RegisterThingCommand,
  StartThingRegistrationTaskCommand,
} from '@aws-sdk/client-iot';
import sdk from 'aws-iot-device-sdk-v2';
import { connectAsync, type MqttClient } from 'mqtt';
import { type CborValue, decodeCbor, encodeCbor } from '../../src/base/cbor.ts';
import { requestPem } from '../../src/identity/csr.fixture.ts';
import { type Device, deviceConnection, type Fleet, mqtt, startDevice5, startFleet, stopped } from './fleet.ts';

const { iotidentity } = sdk;
const ROLE = 'arn:aws:iam::000000000000:role/provisioning';
const requestResponse = {
  maxRequestResponseSubscriptions: 6,
  maxStreamingSubscriptions: 2,
  operationTimeoutInSeconds: 10,
};

const policyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: 'arn:aws:iot:us-east-1:000000000000:client/${iot:Connection.Thing.ThingName}',
    },
    {
      Effect: 'Allow',
      Action: 'iot:Publish',
      Resource: 'arn:aws:iot:us-east-1:000000000000:topic/devices/${iot:Connection.Thing.ThingName}/*',
    },
  ],
});

const templateBody = JSON.stringify({
  Parameters: { Serial: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { 'Fn::Sub': 'lamp-${Serial}' }, AttributePayload: { serial: { Ref: 'Serial' } } },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: JSON.parse(policyDocument) } },
  },
  DeviceConfiguration: { telemetry: { 'Fn::Sub': 'devices/lamp-${Serial}/telemetry' } },
});

/** What a claim shipped in devices may do. */
const claimPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['iot:Publish', 'iot:Receive', 'iot:Subscribe'],
      Resource: ['topic', 'topicfilter'].flatMap((kind) =>
        ['$aws/certificates/*', '$aws/provisioning-templates/lamps/provision/*'].map(
          (topic) => `arn:aws:iot:us-east-1:000000000000:${kind}/${topic}`,
        ),
      ),
    },
  ],
});

function newKeys() {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { csr: requestPem({ keys }), privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

describe('a device joins a fleet', () => {
  let fleet: Fleet;
  let claim: Device;
  let inputs: string;

  before(async () => {
    inputs = await mkdtemp(join(tmpdir(), 'tsunagu-inputs-'));
    fleet = await startFleet({ registrationInputs: inputs });
    const { control } = fleet;
    await control.send(
      new CreateProvisioningTemplateCommand({
        templateName: 'lamps',
        templateBody,
        enabled: true,
        provisioningRoleArn: ROLE,
      }),
    );
    await control.send(new CreatePolicyCommand({ policyName: 'claim', policyDocument: claimPolicy }));
    const made = await control.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const certificateArn = made.certificateArn as string;
    await control.send(new AttachPolicyCommand({ policyName: 'claim', target: certificateArn }));
    claim = deviceOf('claim', made.certificateId, made.certificatePem, made.keyPair?.PrivateKey);
  });

  after(async () => {
    await fleet.stop();
    await rm(inputs, { recursive: true });
  });

  function deviceOf(thingName: string, certificateId?: string, certificatePem?: string, privateKey?: string): Device {
    const known = { certificateId, certificatePem, privateKey } as Record<string, string>;
    return { thingName, certificateArn: '', ...(known as unknown as Omit<Device, 'thingName' | 'certificateArn'>) };
  }

  /** The device comes back with its own certificate and does what it is for. */
  async function works(device: Device): Promise<void> {
    const topic = `devices/${device.thingName}/telemetry`;
    const heard = fleet.server.nextMessage(topic);
    const connection = deviceConnection(fleet, device, fleet.ports.mqtts);
    await connection.connect();
    await connection.publish(topic, '{"lux":7}', mqtt.QoS.AtLeastOnce);
    assert.equal(String((await heard).payload), '{"lux":7}');
    await connection.disconnect();
  }

  test('with the identity client (MQTT 5) and keys made for it', async () => {
    const protocol = await startDevice5(fleet, claim, fleet.ports.mqtts);
    const client = iotidentity.IotIdentityClientv2.newFromMqtt5(protocol, requestResponse);
    try {
      const keys = await client.createKeysAndCertificate({});
      const { certificateOwnershipToken } = keys;
      const parameters = { Serial: '1' };
      const made = await client.registerThing({ templateName: 'lamps', certificateOwnershipToken, parameters });
      assert.equal(made.thingName, 'lamp-1');
      assert.deepEqual(made.deviceConfiguration, { telemetry: 'devices/lamp-1/telemetry' });
      await assert.rejects(
        client.registerThing({ templateName: 'lamps', certificateOwnershipToken, parameters }),
        (error: { modeledError?: { errorCode?: string } }) =>
          error.modeledError?.errorCode === 'InvalidCertificateOwnershipToken',
      );
      await works(deviceOf('lamp-1', keys.certificateId, keys.certificatePem, keys.privateKey));
    } finally {
      client.close();
      await stopped(protocol);
    }
  });

  test('with the identity client (MQTT 3.1.1) and keys of its own', async () => {
    const connection = deviceConnection(fleet, claim, fleet.ports.mqtts, 'factory-2');
    await connection.connect();
    const client = iotidentity.IotIdentityClientv2.newFromMqtt311(connection, requestResponse);
    try {
      const { csr, privateKey } = newKeys();
      const made = await client.createCertificateFromCsr({ certificateSigningRequest: csr });
      const { certificateOwnershipToken } = made;
      await client.registerThing({ templateName: 'lamps', certificateOwnershipToken, parameters: { Serial: '2' } });
      await works(deviceOf('lamp-2', made.certificateId, made.certificatePem, privateKey));
    } finally {
      client.close();
      await connection.disconnect();
    }
  });

  test('with the first identity client, which subscribes and publishes by itself', async () => {
    const connection = deviceConnection(fleet, claim, fleet.ports.mqtts, 'factory-3');
    await connection.connect();
    const client = new iotidentity.IotIdentityClient(connection);
    const qos = mqtt.QoS.AtLeastOnce;
    const answered = Promise.withResolvers<sdk.iotidentity.model.CreateKeysAndCertificateResponse>();
    await client.subscribeToCreateKeysAndCertificateAccepted({}, qos, (error, response) =>
      response ? answered.resolve(response) : answered.reject(error),
    );
    await client.publishCreateKeysAndCertificate({}, qos);
    const { certificateId, certificatePem, privateKey, certificateOwnershipToken } = await answered.promise;
    const registered = Promise.withResolvers<sdk.iotidentity.model.RegisterThingResponse>();
    await client.subscribeToRegisterThingAccepted({ templateName: 'lamps' }, qos, (error, response) =>
      response ? registered.resolve(response) : registered.reject(error),
    );
    const parameters = { Serial: '3' };
    await client.publishRegisterThing({ templateName: 'lamps', certificateOwnershipToken, parameters }, qos);
    assert.equal((await registered.promise).thingName, 'lamp-3');
    await connection.disconnect();
    await works(deviceOf('lamp-3', certificateId, certificatePem, privateKey));
  });

  /** Publishes and waits for the answer on one of its two topics. */
  async function ask(client: MqttClient, topic: string, payload: Buffer): Promise<[string, Buffer]> {
    await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
    const answer = new Promise<[string, Buffer]>((resolve) => {
      client.once('message', (on, bytes) => resolve([on.slice(topic.length + 1), bytes]));
    });
    await client.publishAsync(topic, payload, { qos: 1 });
    return answer;
  }

  const mqttJs = (device: Device, clientId: string) =>
    connectAsync(`mqtts://localhost:${fleet.ports.mqtts}`, {
      ca: fleet.ca,
      cert: device.certificatePem,
      key: device.privateKey,
      clientId,
      reconnectPeriod: 0,
    });

  test('with a claim of a trusted user, MQTT.js and CBOR; no other client of the claim sees the answer', async () => {
    const made = await fleet.control.send(new CreateProvisioningClaimCommand({ templateName: 'lamps' }));
    const ownClaim = deviceOf('claim', made.certificateId, made.certificatePem, made.keyPair?.PrivateKey);
    const client = await mqttJs(ownClaim, 'phone-4');
    const spy = await mqttJs(claim, 'spy');
    const seen: string[] = [];
    spy.on('message', (topic) => seen.push(topic));
    await spy.subscribeAsync([
      '$aws/certificates/create-from-csr/+/accepted',
      '$aws/provisioning-templates/lamps/provision/+/accepted',
    ]);
    const cbor = async (topic: string, body: CborValue) => {
      const [outcome, bytes] = await ask(client, topic, encodeCbor(body));
      assert.equal(outcome, 'accepted', JSON.stringify(decodeCbor(bytes)));
      return decodeCbor(bytes) as Record<string, string>;
    };
    const { csr, privateKey } = newKeys();
    const { certificateOwnershipToken, certificateId, certificatePem } = await cbor(
      '$aws/certificates/create-from-csr/cbor',
      {
        certificateSigningRequest: csr,
      },
    );
    const { thingName } = await cbor('$aws/provisioning-templates/lamps/provision/cbor', {
      certificateOwnershipToken,
      parameters: { Serial: '4' },
    });
    assert.equal(thingName, 'lamp-4');
    await works(deviceOf('lamp-4', certificateId, certificatePem, privateKey));
    // Whatever was on its way to the spy is there once its own publish has been answered.
    await ask(spy, '$aws/provisioning-templates/lamps/provision/json', Buffer.from('{}'));
    assert.deepEqual(seen, ['$aws/provisioning-templates/lamps/provision/json/rejected']);
    await Promise.all([client.endAsync(), spy.endAsync()]);
  });

  const bulkTemplate = JSON.stringify({
    Parameters: { Name: { Type: 'String' }, CSR: { Type: 'String' } },
    Resources: {
      thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'Name' } } },
      certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateSigningRequest: { Ref: 'CSR' } } },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: JSON.parse(policyDocument) } },
    },
  });

  test('by RegisterThing, with a request of its own', async () => {
    const { csr, privateKey } = newKeys();
    const parameters = { Name: 'lamp-5', CSR: csr };
    const made = await fleet.control.send(new RegisterThingCommand({ templateBody: bulkTemplate, parameters }));
    const certificateId = made.resourceArns?.certificate.split('/')[1] as string;
    const { certificateDescription } = await fleet.control.send(new DescribeCertificateCommand({ certificateId }));
    assert.equal(certificateDescription?.status, 'ACTIVE');
    await works(deviceOf('lamp-5', certificateId, made.certificatePem, privateKey));
  });

  /** Starts a task and waits for its end. */
  async function bulk(inputFileKey: string, templateBody = bulkTemplate) {
    const input = { templateBody, inputFileBucket: 'bucket', inputFileKey, roleArn: ROLE };
    const { taskId } = await fleet.control.send(new StartThingRegistrationTaskCommand(input));
    for (;;) {
      const task = await fleet.control.send(new DescribeThingRegistrationTaskCommand({ taskId }));
      if (task.status !== 'InProgress') return task;
    }
  }

  test('with many others, from a file', async () => {
    const { csr, privateKey } = newKeys();
    const lines = Array.from({ length: 300 }, (_, n) => JSON.stringify({ Name: `bulk-${n}`, CSR: csr }));
    await mkdir(join(inputs, 'bucket', 'in'), { recursive: true });
    await writeFile(join(inputs, 'bucket', 'in', 'devices.json'), [...lines, '{"Name":"no request"}'].join('\n'));
    const task = await bulk('in/devices.json');
    assert.deepEqual(
      [task.status, task.successCount, task.failureCount, task.percentageProgress],
      ['Completed', 300, 1, 100],
    );
    const report = async (reportType: 'RESULTS' | 'ERRORS') => {
      const ask = new ListThingRegistrationTaskReportsCommand({ taskId: task.taskId, reportType });
      const { resourceLinks = [] } = await fleet.control.send(ask);
      const response = await fetch(resourceLinks[0]);
      return (await response.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    const results = await report('RESULTS');
    assert.equal(results.length, 300);
    assert.equal((await report('ERRORS'))[0].error.code, 'ResourceRegistrationFailureException');
    const { CertificatePem, ResourceArns } = results[299].response;
    await works(deviceOf('bulk-299', ResourceArns.certificate.split('/')[1], CertificatePem, privateKey));
    assert.equal((await fleet.control.send(new ListThingsCommand({}))).things?.length, 250);
  });

  test('but not from a file outside the folder of input files', async () => {
    await mkdir(join(inputs, 'bucket'), { recursive: true });
    const secret = await mkdtemp(join(tmpdir(), 'tsunagu-outside-'));
    await writeFile(join(secret, 'file'), '{}');
    await symlink(join(secret, 'file'), join(inputs, 'bucket', 'link'));
    for (const key of ['nothing', 'in', 'link', `../../${secret.split('/').pop()}/file`]) {
      const { status, message } = await bulk(key);
      assert.equal(status, 'Failed', key);
      assert.match(message ?? '', /^There is no file /);
    }
    await rm(secret, { recursive: true });
  });

  test('or from a server', async () => {
    const { createServer } = await import('node:http');
    const files = createServer((request, response) => {
      if (request.url === '/store/bucket/devices.json') response.end('{"Name":"remote-1"}\n');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const { port } = files.address() as { port: number };
    const remote = await startFleet({ registrationInputs: `http://127.0.0.1:${port}/store` });
    const local = fleet;
    fleet = remote;
    const thingOnly = JSON.stringify({
      Parameters: { Name: { Type: 'String' } },
      Resources: { thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'Name' } } } },
    });
    try {
      const done = await bulk('devices.json', thingOnly);
      assert.deepEqual([done.status, done.successCount], ['Completed', 1]);
      const missing = await bulk('nothing.json', thingOnly);
      assert.match(missing.message ?? '', /answered 404/);
      const outside = await bulk('../../devices.json', thingOnly);
      assert.equal(outside.status, 'Failed');
    } finally {
      fleet = local;
      await remote.stop();
      files.close();
    }
  });
});
