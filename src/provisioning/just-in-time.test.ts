import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { provisioningWorld } from '../../test/support/provisioning-bench.ts';
import { ecKeys, requestPem } from '../identity/csr.fixture.ts';
import * as der from '../identity/der.ts';
import { subjectParameters } from './just-in-time.ts';

/** A distinguished name with any fields, by OID. */
function name(...fields: [oid: string, value: string][]): Buffer {
  return der.sequence(...fields.map(([oid, value]) => der.setOf(der.sequence(der.oid(oid), der.utf8String(value)))));
}
const COUNTRY = '2.5.4.6';
const COMMON_NAME = '2.5.4.3';
const UNIT = '2.5.4.11';
const SERIAL = '2.5.4.5';
const STATE = '2.5.4.8';

const template = (thingName: unknown, declared: string[] = []) =>
  JSON.stringify({
    Parameters: Object.fromEntries(declared.map((it) => [`AWS::IoT::Certificate::${it}`, { Type: 'String' }])),
    Resources: {
      thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: thingName } },
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' } },
      },
    },
  });
const commonName = { Ref: 'AWS::IoT::Certificate::CommonName' };
const roleArn = 'arn:aws:iam::000000000000:role/jitp';

/** A world with a certificate that is PENDING_ACTIVATION. */
async function withPending(subject = name([COMMON_NAME, 'lamp-1'], [SERIAL, '77'])) {
  const world = await provisioningWorld();
  const csr = requestPem({ keys: ecKeys(), subject });
  const made = await world.identity.issuing.fromCsr(csr, { status: 'PENDING_ACTIVATION' });
  const certificate = { certificateId: made.certificateId as string, certificatePem: made.certificatePem as string };
  return { ...world, certificate, provision: world.provisioning.justInTime.provision };
}

test('parameters come from the subject, the first value of each', async () => {
  const subject = name(
    [COUNTRY, 'JP'],
    [UNIT, 'first'],
    [UNIT, 'second'],
    [STATE, 'Kyoto'],
    [COMMON_NAME, 'l'],
    [SERIAL, '7'],
  );
  const { certificate } = await withPending(subject);
  assert.deepEqual(subjectParameters(certificate.certificatePem), {
    'AWS::IoT::Certificate::Country': 'JP',
    'AWS::IoT::Certificate::OrganizationalUnit': 'first',
    'AWS::IoT::Certificate::StateName': 'Kyoto',
    'AWS::IoT::Certificate::CommonName': 'l',
    'AWS::IoT::Certificate::SerialNumber': '7',
  });
});

test('a certificate is provisioned by a template written out, and can be again', async () => {
  const { certificate, provision, inventory, provisioning } = await withPending();
  const written = { templateBody: template(commonName, ['CommonName', 'SerialNumber']), roleArn };
  await provisioning.justInTime.checkTemplate(written);
  await provision(certificate, 'ca', written);
  await provision(certificate, 'ca', written);
  const { things, certificates } = await inventory();
  assert.deepEqual([things, certificates], [['lamp-1'], [`${certificate.certificateId} ACTIVE`]]);
});

test('or by one with a name, when that is enabled and of type JITP', async () => {
  const { certificate, provision, inventory, api, provisioning } = await withPending();
  const named = { templateName: 'J' };
  const { checkTemplate } = provisioning.justInTime;
  await assert.rejects(checkTemplate(named), { code: 'ResourceNotFoundException' });
  const input = { templateName: 'J', templateBody: template(commonName), provisioningRoleArn: roleArn };
  await api.createProvisioningTemplate(input);
  await assert.rejects(checkTemplate(named), { code: 'InvalidRequestException', message: /not of the type JITP/ });
  await api.deleteProvisioningTemplate(named);
  await api.createProvisioningTemplate({ ...input, type: 'JITP' });
  await checkTemplate(named);
  await assert.rejects(provision(certificate, 'ca', named), {
    code: 'InvalidRequestException',
    message: /not enabled/,
  });
  await api.updateProvisioningTemplate({ ...named, enabled: true });
  await provision(certificate, 'ca', named);
  assert.deepEqual((await inventory()).things, ['lamp-1']);
});

describe('the certificate stays PENDING_ACTIVATION', () => {
  for (const [what, templateBody, message] of [
    [
      'without a subject field that is declared',
      template('a', ['Country']),
      /nothing for the parameter AWS::IoT::Certificate::Country/,
    ],
    ['without one that is used', template({ Ref: 'AWS::IoT::Certificate::Country' }), /needs a value/],
    [
      'by a template for another certificate',
      template('a').replace('{"Ref":"AWS::IoT::Certificate::Id"}', `"${'a'.repeat(64)}"`),
      /another certificate/,
    ],
    ['by a template that is none', '{}', /Resources must be an object/],
  ] as const) {
    test(what, async () => {
      const { certificate, provision, inventory } = await withPending();
      await assert.rejects(provision(certificate, 'ca', { templateBody, roleArn }), { name: 'ServiceError', message });
      const { things, certificates } = await inventory();
      assert.deepEqual([things, certificates], [[], [`${certificate.certificateId} PENDING_ACTIVATION`]]);
    });
  }
});
