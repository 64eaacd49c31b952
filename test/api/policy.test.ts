/** Policies and signatures as AWS clients meet them: the SDK's signer and errors, against the whole server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteConflictException,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListTargetsForPolicyCommand,
  MalformedPolicyException,
  paginateListPolicies,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  SetDefaultPolicyVersionCommand,
  VersionsLimitExceededException,
} from '@aws-sdk/client-iot';
import {
  GetRetainedMessageCommand,
  IoTDataPlaneClient,
  ResourceNotFoundException as NothingRetained,
  PublishCommand,
} from '@aws-sdk/client-iot-data-plane';
import { type RunningServer, startServer } from '../../src/server.ts';

const policyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: 'arn:aws:iot:*:*:client/${iot:ClientId}' }],
});

let server: RunningServer;
let client: IoTClient;
let data: IoTDataPlaneClient;

function clientOptions(secretAccessKey = server.credentials.secretAccessKey) {
  const credentials = { accessKeyId: server.credentials.accessKeyId, secretAccessKey };
  return { endpoint: server.endpoints.http, region: 'us-east-1', credentials, maxAttempts: 1 };
}

before(async () => {
  server = await startServer({ ephemeral: true, httpPort: 0, tlsPort: 0, mqttsPort: 0, logLevel: 'silent' });
  client = new IoTClient(clientOptions());
  data = new IoTDataPlaneClient(clientOptions());
});

after(async () => {
  client.destroy();
  data.destroy();
  await server.stop();
});

test('a policy lives from its creation over its versions to its deletion', async () => {
  const policyName = 'life+of=a,policy.@-1';
  const created = await client.send(new CreatePolicyCommand({ policyName, policyDocument }));
  assert.equal(created.policyArn, `arn:aws:iot:us-east-1:000000000000:policy/${policyName}`);
  await assert.rejects(client.send(new CreatePolicyCommand({ policyName, policyDocument })), (error) => {
    assert.ok(error instanceof ResourceAlreadyExistsException);
    assert.equal(error.resourceArn, created.policyArn);
    return true;
  });
  const setAsDefault = true;
  await client.send(new CreatePolicyVersionCommand({ policyName, policyDocument, setAsDefault }));
  const policy = await client.send(new GetPolicyCommand({ policyName }));
  assert.equal(policy.defaultVersionId, '2');
  assert.ok(policy.creationDate instanceof Date);
  await client.send(new SetDefaultPolicyVersionCommand({ policyName, policyVersionId: '1' }));
  const version = await client.send(new GetPolicyVersionCommand({ policyName, policyVersionId: '1' }));
  assert.deepEqual([version.isDefaultVersion, version.policyDocument], [true, policyDocument]);
  await assert.rejects(
    client.send(new DeletePolicyVersionCommand({ policyName, policyVersionId: '1' })),
    DeleteConflictException,
  );
  await assert.rejects(client.send(new DeletePolicyCommand({ policyName })), DeleteConflictException);
  await client.send(new DeletePolicyVersionCommand({ policyName, policyVersionId: '2' }));
  await client.send(new DeletePolicyCommand({ policyName }));
  await assert.rejects(client.send(new GetPolicyCommand({ policyName })), ResourceNotFoundException);
  await assert.rejects(client.send(new ListPolicyVersionsCommand({ policyName })), ResourceNotFoundException);
});

test('a sixth version and a malformed document are refused with the modelled errors', async () => {
  const policyName = 'versions';
  await client.send(new CreatePolicyCommand({ policyName, policyDocument }));
  const another = () => client.send(new CreatePolicyVersionCommand({ policyName, policyDocument }));
  for (let n = 0; n < 4; n++) await another();
  await assert.rejects(another(), VersionsLimitExceededException);
  await assert.rejects(
    client.send(new CreatePolicyCommand({ policyName: 'bad', policyDocument: '{"Statement":{"Effect":"Maybe"}}' })),
    (error) => {
      assert.ok(error instanceof MalformedPolicyException);
      assert.equal(error.message, 'Policy document is malformed: Statement[0].Effect must be "Allow" or "Deny"');
      return true;
    },
  );
});

test('a policy is attached to a certificate, listed from both sides, and not deleted while attached', async () => {
  const { certificateArn: target } = await client.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const policyName = 'attached';
  const { policyArn } = await client.send(new CreatePolicyCommand({ policyName, policyDocument }));
  await client.send(new AttachPolicyCommand({ policyName, target }));
  const attached = await client.send(new ListAttachedPoliciesCommand({ target }));
  assert.deepEqual(attached.policies, [{ policyName, policyArn }]);
  assert.deepEqual((await client.send(new ListTargetsForPolicyCommand({ policyName }))).targets, [target]);
  await assert.rejects(client.send(new DeletePolicyCommand({ policyName })), DeleteConflictException);
  await client.send(new DetachPolicyCommand({ policyName, target }));
  await client.send(new DeletePolicyCommand({ policyName }));
});

test('policies are listed in pages', async () => {
  for (const policyName of ['page-1', 'page-2', 'page-3']) {
    await client.send(new CreatePolicyCommand({ policyName, policyDocument }));
  }
  const names: (string | undefined)[] = [];
  for await (const page of paginateListPolicies({ client, pageSize: 2 }, { ascendingOrder: true })) {
    assert.ok(page.policies!.length <= 2);
    names.push(...page.policies!.map((policy) => policy.policyName));
  }
  assert.deepEqual(
    names.filter((name) => name?.startsWith('page-')),
    ['page-1', 'page-2', 'page-3'],
  );
});

test('the signature over a topic holds whatever characters it has', async () => {
  for (const topic of [
    'a/b',
    '/a//b/',
    'a b/plus=1&x?y:z,@',
    "it's (a) *topic*!~",
    '温室/ü',
    'a/../b/./c',
    'dollar$/%2F',
  ]) {
    await data.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from('x') }));
    await assert.rejects(data.send(new GetRetainedMessageCommand({ topic })), NothingRetained, topic);
  }
});

test('a wrong secret is told from an unknown key', async () => {
  const wrong = new IoTClient(clientOptions('not the secret'));
  await assert.rejects(wrong.send(new ListPoliciesCommand({})), { name: 'InvalidSignatureException' });
  const unknown = new IoTClient({ ...clientOptions(), credentials: { accessKeyId: 'AKIA0', secretAccessKey: 'x' } });
  await assert.rejects(unknown.send(new ListPoliciesCommand({})), { name: 'UnrecognizedClientException' });
});
