/** Devices of the owner's own CA, over real TLS: registered by their owner, or by themselves when they first connect. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import {
  AcceptCertificateTransferCommand,
  AttachPolicyCommand,
  CancelCertificateTransferCommand,
  CreatePolicyCommand,
  CreateTopicRuleCommand,
  DeleteCACertificateCommand,
  DescribeCACertificateCommand,
  DescribeCertificateCommand,
  GetRegistrationCodeCommand,
  ListCACertificatesCommand,
  ListCertificatesByCACommand,
  ListOutgoingCertificatesCommand,
  ListTagsForResourceCommand,
  ListThingPrincipalsCommand,
  RegisterCACertificateCommand,
  RegisterCertificateCommand,
  TransferCertificateCommand,
  UpdateCACertificateCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { connectAsync } from 'mqtt';
import { type Ca, type CaOptions, keys, makeCa } from '../../src/identity/certificate.fixture.ts';
import { certificateIdOf } from '../../src/identity/certificate-intake.ts';
import { type Device, type Fleet, startDevice5, startFleet, stopped } from './fleet.ts';

const HOUR_MS = 3_600_000;
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const validity = { notBeforeMs: Date.now() - HOUR_MS, notAfterMs: Date.now() + HOUR_MS };
const makeCaForNow = (options: CaOptions = {}): Ca => makeCa({ ...validity, ...options });

function makeDevice(ca: Ca, thingName: string): Device {
  const certificate = ca.issue({ commonName: thingName, ...validity });
  const certificateId = certificateIdOf(certificate.raw);
  const certificateArn = `arn:aws:iot:us-east-1:000000000000:cert/${certificateId}`;
  return { thingName, certificateId, certificateArn, certificatePem: certificate.toString(), privateKey };
}

describe('devices of a CA of their owner', () => {
  const ca = makeCaForNow();
  let fleet: Fleet;

  const registerCa = async (one: Ca, more: object = {}) => {
    const { registrationCode } = await fleet.control.send(new GetRegistrationCodeCommand({}));
    const verificationCertificate = one.issue({ commonName: registrationCode!, ...validity }).toString();
    const input = { caCertificate: one.pem, verificationCertificate, setAsActive: true, ...more };
    return fleet.control.send(new RegisterCACertificateCommand(input));
  };

  /** MQTT.js, trying once. `sent`: the certificate, with or without its chain. */
  const connect = (device: Device, sent = device.certificatePem) =>
    connectAsync(
      `mqtts://localhost:${fleet.ports.mqtts}`,
      { ca: fleet.ca, cert: sent, key: device.privateKey, clientId: device.thingName, reconnectPeriod: 0 },
      false,
    );

  const nextEvent = async (filter: string) => {
    const { topic, payload } = await fleet.server.nextMessage(filter);
    return { topic, ...JSON.parse(payload.toString()) };
  };

  before(async () => {
    fleet = await startFleet();
    await registerCa(ca, { allowAutoRegistration: true, tags: [{ Key: 'plant', Value: 'north' }] });
    const everything = [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }];
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: everything });
    await fleet.control.send(new CreatePolicyCommand({ policyName: 'everything', policyDocument }));
    await fleet.control.send(
      new CreateTopicRuleCommand({
        ruleName: 'newcomers',
        topicRulePayload: {
          sql: "SELECT certificateId, topic(5) AS ca FROM '$aws/events/certificates/registered/#'",
          actions: [{ republish: { topic: 'newcomers', roleArn: 'arn:aws:iam::000000000000:role/rules', qos: 1 } }],
        },
      }),
    );
  });

  after(() => fleet.stop());

  for (const [how, more] of [
    ['alone', ''],
    ['with its CA', ca.pem],
  ] as const) {
    test(`MQTT.js, showing its certificate ${how}, is refused, announced to a rule, activated and let in`, async () => {
      const device = makeDevice(ca, `sensor ${how}`);
      const sent = device.certificatePem + more;
      const [event, newcomer] = [nextEvent('$aws/events/certificates/registered/+'), nextEvent('newcomers')];
      await assert.rejects(connect(device, sent));
      const { timestamp, certificateRegistrationTimestamp, ...rest } = await event;
      assert.ok(timestamp <= Date.now() && String(timestamp) >= certificateRegistrationTimestamp);
      assert.deepEqual(rest, {
        topic: `$aws/events/certificates/registered/${ca.id}`,
        certificateId: device.certificateId,
        caCertificateId: ca.id,
        certificateStatus: 'PENDING_ACTIVATION',
        awsAccountId: '000000000000',
      });
      const { certificateId, ca: from } = await newcomer;
      assert.equal(from, ca.id);
      await fleet.control.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
      await fleet.control.send(new AttachPolicyCommand({ policyName: 'everything', target: device.certificateArn }));
      const client = await connect(device, sent);
      const message = fleet.server.nextMessage('from/the/newcomer');
      await client.publishAsync('from/the/newcomer', 'hello', { qos: 1 });
      assert.equal((await message).publisher?.principal, device.certificateId);
      await client.endAsync();
    });
  }

  test('the device SDK is registered when it first connects, and told each time until it is activated', async () => {
    const device = makeDevice(ca, 'lamp');
    for (let i = 0; i < 2; i++) {
      const event = nextEvent(`$aws/events/certificates/registered/${ca.id}`);
      await assert.rejects(startDevice5(fleet, device, fleet.ports.mqtts));
      assert.equal((await event).certificateId, device.certificateId);
    }
    const { certificateId } = device;
    await fleet.control.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
    await fleet.control.send(new AttachPolicyCommand({ policyName: 'everything', target: device.certificateArn }));
    await stopped(await startDevice5(fleet, device, fleet.ports.tls));
  });

  test('a CA with a template has its devices provisioned when they first connect: the second time they are let in', async () => {
    const withTemplate = makeCaForNow({ commonName: 'Template CA' });
    const commonName = { Ref: 'AWS::IoT::Certificate::CommonName' };
    const CertificateId = { Ref: 'AWS::IoT::Certificate::Id' };
    const templateBody = JSON.stringify({
      Parameters: {
        'AWS::IoT::Certificate::CommonName': { Type: 'String' },
        'AWS::IoT::Certificate::Id': { Type: 'String' },
      },
      Resources: {
        thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: commonName } },
        certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateId, Status: 'ACTIVE' } },
        policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'everything' } },
      },
    });
    const registrationConfig = { templateBody, roleArn: 'arn:aws:iam::000000000000:role/jitp' };
    await registerCa(withTemplate, { allowAutoRegistration: true, registrationConfig });
    const device = makeDevice(withTemplate, 'meter');
    const event = nextEvent(`$aws/events/certificates/registered/${withTemplate.id}`);
    await assert.rejects(startDevice5(fleet, device, fleet.ports.mqtts));
    assert.equal((await event).certificateId, device.certificateId);
    await stopped(await startDevice5(fleet, device, fleet.ports.mqtts));
    const { principals } = await fleet.control.send(new ListThingPrincipalsCommand({ thingName: 'meter' }));
    assert.deepEqual(principals, [device.certificateArn]);
  });

  test('a device is registered when it first publishes over HTTPS', async () => {
    const device = makeDevice(ca, 'http');
    const event = nextEvent('$aws/events/certificates/registered/+');
    const status = await new Promise((resolve, reject) => {
      const { certificatePem: cert, privateKey: key } = device;
      const target = { host: 'localhost', port: fleet.ports.tls, path: '/topics/a?qos=1', method: 'POST' };
      const sent = request({ ...target, ca: fleet.ca, cert, key, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end('hello');
    });
    assert.equal(status, 403);
    assert.equal((await event).certificateId, device.certificateId);
  });

  test('a certificate with the name of the CA, but not its signature, is refused and stays unknown', async () => {
    const events = fleet.server.record('$aws/events/certificates/#');
    const device = makeDevice(makeCaForNow(), 'forger');
    await assert.rejects(connect(device, device.certificatePem + ca.pem));
    events.stop();
    assert.deepEqual(events.messages, []);
    const { certificateId } = device;
    await assert.rejects(fleet.control.send(new DescribeCertificateCommand({ certificateId })), {
      name: 'ResourceNotFoundException',
    });
  });

  test('a device that its owner registered connects at once, and goes on when the CA is deactivated', async () => {
    const other = makeCaForNow({ commonName: 'Other CA' });
    await registerCa(other);
    const device = makeDevice(other, 'fan');
    const { certificatePem, certificateArn } = device;
    const input = { certificatePem, status: 'ACTIVE' } as const;
    const registered = await fleet.control.send(new RegisterCertificateCommand(input));
    assert.equal(registered.certificateArn, certificateArn);
    await assert.rejects(fleet.control.send(new RegisterCertificateCommand(input)), {
      name: 'ResourceAlreadyExistsException',
      resourceId: device.certificateId,
      resourceArn: certificateArn,
    });
    await fleet.control.send(new AttachPolicyCommand({ policyName: 'everything', target: certificateArn }));
    await stopped(await startDevice5(fleet, device, fleet.ports.mqtts));
    await assert.rejects(fleet.control.send(new DeleteCACertificateCommand({ certificateId: other.id })), {
      name: 'CertificateStateException',
    });
    await fleet.control.send(new UpdateCACertificateCommand({ certificateId: other.id, newStatus: 'INACTIVE' }));
    await stopped(await startDevice5(fleet, device, fleet.ports.mqtts));
  });

  test('the SDK lists and describes CAs, and the certificates of each', async () => {
    const { certificates } = await fleet.control.send(new ListCACertificatesCommand({ ascendingOrder: true }));
    assert.equal(certificates?.[0].certificateId, ca.id);
    const described = await fleet.control.send(new DescribeCACertificateCommand({ certificateId: ca.id }));
    assert.equal(described.certificateDescription?.autoRegistrationStatus, 'ENABLE');
    assert.equal(described.certificateDescription?.validity?.notAfter?.getTime(), secondsOf(validity.notAfterMs));
    const resourceArn = described.certificateDescription?.certificateArn;
    const { tags } = await fleet.control.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, [{ Key: 'plant', Value: 'north' }]);
    const byCa = await fleet.control.send(new ListCertificatesByCACommand({ caCertificateId: ca.id, pageSize: 2 }));
    assert.equal(byCa.certificates?.length, 2);
    assert.ok(byCa.nextMarker);
  });

  test('the SDK transfers a certificate and takes it back', async () => {
    const { certificatePem, certificateId } = makeDevice(ca, 'traveller');
    await fleet.control.send(new RegisterCertificateCommand({ certificatePem }));
    const transfer = new TransferCertificateCommand({
      certificateId,
      targetAwsAccount: '999999999999',
      transferMessage: 'take care of it',
    });
    const { transferredCertificateArn } = await fleet.control.send(transfer);
    assert.equal(transferredCertificateArn, `arn:aws:iot:us-east-1:999999999999:cert/${certificateId}`);
    await assert.rejects(fleet.control.send(transfer), { name: 'TransferConflictException' });
    const { outgoingCertificates } = await fleet.control.send(new ListOutgoingCertificatesCommand({}));
    assert.equal(outgoingCertificates?.[0].transferMessage, 'take care of it');
    await assert.rejects(fleet.control.send(new AcceptCertificateTransferCommand({ certificateId })), {
      name: 'ResourceNotFoundException',
    });
    await fleet.control.send(new CancelCertificateTransferCommand({ certificateId }));
    const { certificateDescription } = await fleet.control.send(new DescribeCertificateCommand({ certificateId }));
    assert.equal(certificateDescription?.status, 'INACTIVE');
  });
});

/** A certificate's dates are whole seconds. */
function secondsOf(epochMs: number): number {
  return Math.floor(epochMs / 1000) * 1000;
}
