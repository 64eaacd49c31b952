import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { type ProvisioningWorld, provisioningWorld } from '../../test/support/provisioning-bench.ts';

const role = { provisioningRoleArn: 'arn:aws:iam::000000000000:role/provisioning' };

/** A template that can be told from others by its device configuration. */
function body(name = 'one'): string {
  return JSON.stringify({
    Resources: {
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' } },
      },
    },
    DeviceConfiguration: { name },
  });
}

async function withTemplate(): Promise<ProvisioningWorld> {
  const world = await provisioningWorld();
  await world.api.createProvisioningTemplate({ templateName: 'T', templateBody: body(), ...role });
  return world;
}

const refusal = (code: string, message = /./) => ({ name: 'ServiceError', code, message });

test('a template is described as it was made, and starts with version 1, not enabled', async () => {
  const { api, clock, provisioning } = await provisioningWorld();
  const hook = { payloadVersion: '2020-04-01', targetArn: 'arn:aws:lambda:us-east-1:000000000000:function:hook' };
  const templateArn = 'arn:aws:iot:us-east-1:000000000000:provisioningtemplate/T';
  const input = { templateName: 'T', templateBody: body(), description: 'lamps', preProvisioningHook: hook, ...role };
  assert.deepEqual(await api.createProvisioningTemplate(input), {
    templateArn,
    templateName: 'T',
    defaultVersionId: 1,
  });
  const created = new Date(clock.now());
  const expected = { templateArn, templateName: 'T', description: 'lamps', type: 'FLEET_PROVISIONING', enabled: false };
  const dates = { creationDate: created, lastModifiedDate: created };
  assert.deepEqual(await api.describeProvisioningTemplate({ templateName: 'T' }), {
    ...expected,
    ...dates,
    ...role,
    templateBody: body(),
    defaultVersionId: 1,
    preProvisioningHook: hook,
  });
  assert.deepEqual((await api.listProvisioningTemplates({})).templates, [{ ...expected, ...dates }]);
  assert.equal(await provisioning.exists(templateArn), true);
  assert.equal(await provisioning.exists(`${templateArn}x`), false);
});

test('an update changes what it names, a deletion takes the versions along', async () => {
  const { api } = await withTemplate();
  const targetArn = 'arn:aws:lambda:us-east-1:000000000000:function:hook';
  await api.createProvisioningTemplateVersion({ templateName: 'T', templateBody: body('two') });
  const change = { enabled: true, description: 'd', defaultVersionId: 2, preProvisioningHook: { targetArn } };
  await api.updateProvisioningTemplate({ templateName: 'T', ...change });
  const described = await api.describeProvisioningTemplate({ templateName: 'T' });
  assert.deepEqual([described.enabled, described.description, described.templateBody], [true, 'd', body('two')]);
  assert.equal(described.preProvisioningHook?.targetArn, targetArn);
  await api.updateProvisioningTemplate({ templateName: 'T', removePreProvisioningHook: true });
  assert.equal((await api.describeProvisioningTemplate({ templateName: 'T' })).preProvisioningHook, undefined);
  await api.deleteProvisioningTemplate({ templateName: 'T' });
  for (const ask of [
    () => api.describeProvisioningTemplate({ templateName: 'T' }),
    () => api.describeProvisioningTemplateVersion({ templateName: 'T', versionId: 2 }),
    () => api.listProvisioningTemplateVersions({ templateName: 'T' }),
    () => api.updateProvisioningTemplate({ templateName: 'T' }),
    () => api.deleteProvisioningTemplate({ templateName: 'T' }),
    () => api.createProvisioningClaim({ templateName: 'T' }),
  ]) {
    await assert.rejects(ask(), refusal('ResourceNotFoundException', /T does not exist/));
  }
});

test('there are five versions at most, numbers are not used again, the default one stays', async () => {
  const { api } = await withTemplate();
  const add = (setAsDefault: boolean) =>
    api.createProvisioningTemplateVersion({ templateName: 'T', templateBody: body('more'), setAsDefault });
  for (const versionId of [2, 3, 4, 5]) {
    const made = await add(versionId === 5);
    assert.deepEqual([made.versionId, made.isDefaultVersion], [versionId, versionId === 5]);
  }
  await assert.rejects(add(false), refusal('VersionsLimitExceededException', /maximum number of versions \(5\)/));
  const remove = (versionId: number) => api.deleteProvisioningTemplateVersion({ templateName: 'T', versionId });
  await assert.rejects(remove(5), refusal('DeleteConflictException', /default version/));
  await assert.rejects(remove(9), refusal('ResourceNotFoundException', /no version 9/));
  await remove(4);
  assert.equal((await add(false)).versionId, 6);
  const first = await api.listProvisioningTemplateVersions({ templateName: 'T', maxResults: 3 });
  const second = await api.listProvisioningTemplateVersions({ templateName: 'T', nextToken: first.nextToken ?? '' });
  assert.deepEqual(
    [first, second].map(({ versions = [] }) => versions.map((it) => [it.versionId, it.isDefaultVersion])),
    [
      [
        [1, false],
        [2, false],
        [3, false],
      ],
      [
        [5, true],
        [6, false],
      ],
    ],
  );
  assert.equal(second.nextToken, undefined);
});

describe('a template is refused', () => {
  const thing = { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a' } };
  const pem = { Type: 'AWS::IoT::Certificate', Properties: { CertificatePem: 'x' } };
  for (const [what, change, code, message] of [
    [
      'with an error in its body',
      { templateBody: '{"Resources":{"a":{"Type":"b"}}}' },
      'InvalidRequestException',
      /Resources.a.Type must be one of/,
    ],
    [
      'without a certificate',
      { templateBody: JSON.stringify({ Resources: { thing } }) },
      'InvalidRequestException',
      /must have a certificate/,
    ],
    [
      'for any certificate',
      { templateBody: JSON.stringify({ Resources: { pem } }) },
      'InvalidRequestException',
      /Resources.pem.Properties must have a CertificateId/,
    ],
    ['with a name that is taken', { templateName: 'T' }, 'ResourceAlreadyExistsException', /T already exists/],
    [
      'with a hook of another form',
      { preProvisioningHook: { targetArn: 'a', payloadVersion: '2021-01-01' } },
      'InvalidRequestException',
      /must be 2020-04-01/,
    ],
    [
      'with tags, where there are none',
      { tags: [{ Key: 'a', Value: 'b' }] },
      'InvalidRequestException',
      /cannot have tags/,
    ],
  ] as const) {
    test(what, async () => {
      const { api } = await withTemplate();
      const input = { templateName: 'U', templateBody: body(), ...role, ...change };
      await assert.rejects(api.createProvisioningTemplate(input), refusal(code, message));
    });
  }

  test('as a version, and as a change', async () => {
    const { api } = await withTemplate();
    const version = { templateName: 'T', templateBody: '{}' };
    await assert.rejects(api.createProvisioningTemplateVersion(version), refusal('InvalidRequestException'));
    const missing = { templateName: 'T', defaultVersionId: 7 };
    await assert.rejects(api.updateProvisioningTemplate(missing), refusal('ResourceNotFoundException', /no version 7/));
    const both = { templateName: 'T', removePreProvisioningHook: true, preProvisioningHook: { targetArn: 'a' } };
    await assert.rejects(api.updateProvisioningTemplate(both), refusal('InvalidRequestException'));
  });
});

describe('a claim', () => {
  const circumstances = { clientId: 'any', sourceIp: '127.0.0.1', secure: true };

  test('may provision by its template and nothing else, whatever the account has', async () => {
    const { api, identity } = await withTemplate();
    const { certificatePem = '', certificateId, keyPair } = await api.createProvisioningClaim({ templateName: 'T' });
    assert.match(keyPair?.PrivateKey ?? '', /PRIVATE KEY/);
    const who = await identity.authenticateCertificate(new X509Certificate(certificatePem).raw, {
      serverName: undefined,
      sourceIp: '127.0.0.1',
    });
    assert.ok(who.kind === 'certificate' && who.id === certificateId);
    const authority = await identity.openAuthority(who, circumstances);
    const may = (action: string, resource: string): boolean => authority.allows(`iot:${action}`, resource);
    assert.ok(may('Connect', 'client/any'));
    assert.ok(may('Publish', 'topic/$aws/certificates/create/json'));
    assert.ok(may('Publish', 'topic/$aws/provisioning-templates/T/provision/cbor'));
    assert.ok(may('Receive', 'topic/$aws/provisioning-templates/T/provision/json/accepted'));
    assert.ok(may('Subscribe', 'topicfilter/$aws/certificates/create-from-csr/json/rejected'));
    assert.ok(!may('Publish', 'topic/$aws/provisioning-templates/U/provision/json'));
    assert.ok(!may('Publish', 'topic/anything'));
    assert.ok(!may('Subscribe', 'topicfilter/$aws/provisioning-templates/U/provision/json/accepted'));
    authority.release();
  });

  test('works for five minutes, then it is gone', async () => {
    const { api, clock, identity, inventory } = await withTemplate();
    const { certificatePem = '', certificateId, expiration } = await api.createProvisioningClaim({ templateName: 'T' });
    assert.equal(expiration?.getTime(), clock.now() + 300_000);
    const der = new X509Certificate(certificatePem).raw;
    await clock.advance(299_000);
    assert.equal(
      (await identity.authenticateCertificate(der, { serverName: undefined, sourceIp: '127.0.0.1' })).kind,
      'certificate',
    );
    const ended: string[] = [];
    identity.onCertificateEnd((id) => ended.push(id));
    await clock.advance(2000);
    assert.equal(
      (await identity.authenticateCertificate(der, { serverName: undefined, sourceIp: '127.0.0.1' })).kind,
      'refusal',
    );
    await clock.advance(10_000);
    assert.ok(ended.includes(certificateId as string));
    assert.deepEqual((await inventory()).certificates, []);
  });

  test('is not for templates of just-in-time provisioning', async () => {
    const { api } = await provisioningWorld();
    await api.createProvisioningTemplate({ templateName: 'J', templateBody: body(), type: 'JITP', ...role });
    await assert.rejects(api.createProvisioningClaim({ templateName: 'J' }), refusal('InvalidRequestException'));
  });
});

test('RegisterThing makes what its template says, and says what is wrong', async () => {
  const { api, inventory } = await provisioningWorld();
  const templateBody = JSON.stringify({
    Parameters: { Name: { Type: 'String' } },
    Resources: { thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'Name' } } } },
  });
  assert.deepEqual(await api.registerThing({ templateBody, parameters: { Name: 'lamp' } }), {
    certificatePem: undefined,
    resourceArns: { thing: 'arn:aws:iot:us-east-1:000000000000:thing/lamp' },
  });
  assert.deepEqual((await inventory()).things, ['lamp']);
  await assert.rejects(
    api.registerThing({ templateBody }),
    refusal('ResourceRegistrationFailureException', /ThingName needs a value for the parameter 'Name'/),
  );
  await assert.rejects(api.registerThing({ templateBody: '' }), refusal('InvalidRequestException', /is not JSON/));
});
