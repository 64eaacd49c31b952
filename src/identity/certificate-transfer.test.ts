import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateStatus } from '../api/generated/iot.ts';
import { ACCOUNT, arnOf, makeCa, possession, START_MS, UNKNOWN_ID, type World, world } from './certificate.fixture.ts';

const OTHER = '999999999999';
type Step = 'transfer' | 'accept' | 'acceptActive' | 'reject' | 'cancel';

function steps(
  { call }: World,
  certificateId: string,
  targetAwsAccount = ACCOUNT,
): Record<Step, () => Promise<unknown>> {
  return {
    transfer: () => call('transferCertificate', { certificateId, targetAwsAccount }),
    accept: () => call('acceptCertificateTransfer', { certificateId }),
    acceptActive: () => call('acceptCertificateTransfer', { certificateId, setAsActive: true }),
    reject: () => call('rejectCertificateTransfer', { certificateId }),
    cancel: () => call('cancelCertificateTransfer', { certificateId }),
  };
}

/** Steps that have been taken, the next one, and its outcome: the status after it, or the error. */
const transitions: readonly [readonly Step[], Step, CertificateStatus | `${string}Exception`][] = [
  [[], 'transfer', 'PENDING_TRANSFER'],
  [[], 'accept', 'ResourceNotFoundException'],
  [[], 'reject', 'ResourceNotFoundException'],
  [[], 'cancel', 'ResourceNotFoundException'],
  [['transfer'], 'transfer', 'TransferConflictException'],
  [['transfer'], 'accept', 'INACTIVE'],
  [['transfer'], 'acceptActive', 'ACTIVE'],
  [['transfer'], 'reject', 'INACTIVE'],
  [['transfer'], 'cancel', 'INACTIVE'],
  [['transfer', 'accept'], 'accept', 'TransferAlreadyCompletedException'],
  [['transfer', 'accept'], 'reject', 'TransferAlreadyCompletedException'],
  [['transfer', 'accept'], 'cancel', 'TransferAlreadyCompletedException'],
  [['transfer', 'reject'], 'accept', 'TransferAlreadyCompletedException'],
  [['transfer', 'reject'], 'reject', 'TransferAlreadyCompletedException'],
  [['transfer', 'reject'], 'cancel', 'TransferAlreadyCompletedException'],
  [['transfer', 'cancel'], 'accept', 'ResourceNotFoundException'],
  [['transfer', 'cancel'], 'cancel', 'ResourceNotFoundException'],
  [['transfer', 'accept'], 'transfer', 'PENDING_TRANSFER'],
  [['transfer', 'reject'], 'transfer', 'PENDING_TRANSFER'],
  [['transfer', 'cancel'], 'transfer', 'PENDING_TRANSFER'],
  [['transfer', 'acceptActive'], 'transfer', 'CertificateStateException'],
];
for (const [before, step, outcome] of transitions) {
  test(`after ${['nothing', ...before].join(', ')}: ${step} gives ${outcome}`, async () => {
    const there = await world();
    const certificateId = await there.create();
    const take = steps(there, certificateId);
    for (const one of before) await take[one]();
    const { certificateDescription } = await there.call('describeCertificate', { certificateId });
    if (outcome.endsWith('Exception')) {
      await assert.rejects(take[step](), { code: outcome });
      const after = await there.call('describeCertificate', { certificateId });
      assert.deepEqual(after.certificateDescription, certificateDescription);
    } else {
      await take[step]();
      assert.equal(await there.statusOf(certificateId), outcome);
    }
  });
}

test('a certificate that is sent elsewhere waits until it is cancelled, and nobody here can receive it', async () => {
  const there = await world();
  const certificateId = await there.create();
  const sent = await there.call('transferCertificate', {
    certificateId: certificateId.toUpperCase(),
    targetAwsAccount: OTHER,
    transferMessage: 'for the north plant',
  });
  assert.deepEqual(sent, { transferredCertificateArn: arnOf(certificateId).replace(ACCOUNT, OTHER) });
  const take = steps(there, certificateId);
  await assert.rejects(take.accept(), { code: 'ResourceNotFoundException' });
  await assert.rejects(take.reject(), { code: 'ResourceNotFoundException' });
  const { outgoingCertificates } = await there.call('listOutgoingCertificates', {});
  assert.deepEqual(outgoingCertificates, [
    {
      certificateArn: arnOf(certificateId),
      certificateId,
      transferredTo: OTHER,
      transferDate: new Date(START_MS),
      transferMessage: 'for the north plant',
      creationDate: new Date(START_MS),
    },
  ]);
  assert.deepEqual(await take.cancel(), {});
  assert.deepEqual((await there.call('listOutgoingCertificates', {})).outgoingCertificates, []);
  const { certificateDescription } = await there.call('describeCertificate', { certificateId });
  assert.equal(certificateDescription?.transferData, undefined);
});

test('what happened in a transfer is told by DescribeCertificate', async () => {
  const there = await world();
  const { call, clock } = there;
  const certificateId = await there.create();
  const told = async () => {
    const { certificateDescription } = await call('describeCertificate', { certificateId });
    const { transferData, ownedBy, previousOwnedBy, customerVersion, lastModifiedDate } = certificateDescription!;
    return { transferData, ownedBy, previousOwnedBy, customerVersion, lastModifiedDate };
  };
  const sent = { transferDate: new Date(START_MS), transferMessage: 'please' };
  await call('transferCertificate', { certificateId, targetAwsAccount: ACCOUNT, transferMessage: 'please' });
  assert.deepEqual(await told(), {
    transferData: sent,
    ownedBy: ACCOUNT,
    previousOwnedBy: undefined,
    customerVersion: 2,
    lastModifiedDate: new Date(START_MS),
  });
  await clock.advance(1000);
  await call('rejectCertificateTransfer', { certificateId, rejectReason: 'not ours' });
  const rejected = { ...sent, rejectDate: new Date(START_MS + 1000), rejectReason: 'not ours' };
  assert.deepEqual((await told()).transferData, rejected);
  await call('transferCertificate', { certificateId, targetAwsAccount: ACCOUNT });
  assert.deepEqual((await told()).transferData, { transferDate: new Date(START_MS + 1000) });
  await clock.advance(1000);
  await call('acceptCertificateTransfer', { certificateId });
  assert.deepEqual(await told(), {
    transferData: { transferDate: new Date(START_MS + 1000), acceptDate: new Date(START_MS + 2000) },
    ownedBy: ACCOUNT,
    previousOwnedBy: ACCOUNT,
    customerVersion: 5,
    lastModifiedDate: new Date(START_MS + 2000),
  });
});

for (const status of ['ACTIVE', 'REVOKED'] as const) {
  test(`a certificate that is ${status} is not transferred`, async () => {
    const there = await world();
    const certificateId = await there.create();
    await there.call('updateCertificate', { certificateId, newStatus: status });
    await assert.rejects(steps(there, certificateId).transfer(), { code: 'CertificateStateException' });
    assert.equal(await there.statusOf(certificateId), status);
  });
}

test('a certificate PENDING_ACTIVATION is not transferred', async () => {
  const there = await world();
  const ca = makeCa();
  const input = { ...(await possession(there, ca)), setAsActive: true, allowAutoRegistration: true };
  await there.call('registerCACertificate', input);
  const refusal = await there.certificates.authenticateCertificate(ca.issue().raw, undefined);
  assert.ok(refusal.kind === 'refusal' && refusal.reason === 'PENDING_ACTIVATION');
  const transfer = steps(there, refusal.certificateId).transfer();
  await assert.rejects(transfer, { code: 'CertificateStateException' });
});

test('a certificate with policies or things is not transferred', async () => {
  const there = await world();
  const certificateId = await there.create();
  const { transfer } = steps(there, certificateId);
  there.withPolicies.add(arnOf(certificateId));
  await assert.rejects(transfer(), { code: 'TransferConflictException', message: /policies must be detached/ });
  there.withPolicies.clear();
  there.withThings.add(arnOf(certificateId));
  await assert.rejects(transfer(), { code: 'TransferConflictException', message: /Things must be detached/ });
  there.withThings.clear();
  await transfer();
});

test('a certificate in transfer is neither updated nor deleted', async () => {
  const there = await world();
  const certificateId = await there.create();
  await steps(there, certificateId).transfer();
  const refused = { code: 'CertificateStateException' };
  for (const newStatus of ['ACTIVE', 'INACTIVE', 'REVOKED'] as const) {
    await assert.rejects(there.call('updateCertificate', { certificateId, newStatus }), refused);
  }
  await assert.rejects(there.call('deleteCertificate', { certificateId, forceDelete: true }), refused);
});

test('transfers of unknown certificates are not found', async () => {
  const there = await world();
  for (const step of Object.values(steps(there, UNKNOWN_ID))) {
    await assert.rejects(step(), { code: 'ResourceNotFoundException' });
  }
});

test('of all who answer a transfer at the same time one succeeds', async () => {
  const there = await world();
  const certificateId = await there.create();
  const take = steps(there, certificateId);
  await take.transfer();
  const outcomes = await Promise.allSettled([take.accept(), take.reject(), take.accept()]);
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.code);
  assert.deepEqual(failures, ['TransferAlreadyCompletedException', 'TransferAlreadyCompletedException']);
});

test('listeners hear of the statuses of a transfer', async () => {
  const there = await world();
  const certificateId = await there.create();
  const heard: string[] = [];
  there.certificates.onStatusChange((_, status) => heard.push(status));
  const take = steps(there, certificateId);
  await take.transfer();
  await take.acceptActive();
  assert.deepEqual(heard, ['PENDING_TRANSFER', 'ACTIVE']);
});

test('outgoing certificates are listed by the date of their transfer, page by page', async () => {
  const there = await world();
  const ids = [await there.create(), await there.create(), await there.create()];
  await there.create();
  for (const id of ids.toReversed()) {
    await steps(there, id, OTHER).transfer();
    await there.clock.advance(1000);
  }
  for (const ascendingOrder of [true, false]) {
    const first = await there.call('listOutgoingCertificates', { pageSize: 2, ascendingOrder });
    const marker = first.nextMarker!;
    const second = await there.call('listOutgoingCertificates', { pageSize: 2, ascendingOrder, marker });
    const listed = [...first.outgoingCertificates!, ...second.outgoingCertificates!].map((one) => one.certificateId);
    assert.deepEqual(listed, ascendingOrder ? ids.toReversed() : ids);
  }
});
