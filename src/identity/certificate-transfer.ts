/**
 * Certificates on their way from one account to another (identity-registry-provisioning.md sections 1.2 and 1.5).
 *
 *     INACTIVE ── TransferCertificate ──▶ PENDING_TRANSFER ─┬─ Cancel (sender), Reject (receiver) ──▶ INACTIVE
 *                                                           └─ Accept (receiver) ──▶ INACTIVE or ACTIVE, the receiver's
 *
 * An installation has one account. What it sends elsewhere waits until it is cancelled; what it sends to itself it can
 * accept and reject. Called by `certificate.ts`.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { notFound, ServiceError } from '../base/errors.ts';
import type { ThingDirectory } from './authority.ts';
import { certificateArn } from './certificate-description.ts';
import { noSuchCertificate, wrongState } from './certificate-error.ts';
import type { CertificateRecord, CertificateRecords, CertificateTransfer } from './certificate-records.ts';

export interface TransferDeps {
  readonly clock: Clock;
  readonly place: Place;
  readonly records: CertificateRecords;
  readonly policies: { hasPolicies(principalArn: string): Promise<boolean> };
  readonly things: Pick<ThingDirectory, 'hasThings'>;
}

export type TransferOperations = Pick<
  IotOperations,
  | 'transferCertificate'
  | 'acceptCertificateTransfer'
  | 'rejectCertificateTransfer'
  | 'cancelCertificateTransfer'
  | 'listOutgoingCertificates'
>;

const DEFAULT_PAGE_SIZE = 25;

export function transferOperations(deps: TransferDeps): TransferOperations {
  const { clock, place, records } = deps;

  const change = async (
    id: string,
    decide: (record: CertificateRecord, certificateId: string) => CertificateRecord | Promise<CertificateRecord>,
  ): Promise<void> => {
    const certificateId = id.toLowerCase();
    const found = await records.change(certificateId, async (record) => ({
      ...(await decide(record, certificateId)),
      modifiedMs: clock.now(),
      customerVersion: record.customerVersion + 1,
    }));
    if (!found) throw noSuchCertificate(certificateId);
  };

  return {
    transferCertificate: async ({ certificateId, targetAwsAccount: targetAccount, transferMessage }) => {
      await change(certificateId, async (record, id) => {
        await refuseTransfer(deps, id, record);
        const message = transferMessage === undefined ? {} : { message: transferMessage };
        return {
          ...record,
          status: 'PENDING_TRANSFER',
          transfer: { targetAccount, ...message, transferMs: clock.now() },
        };
      });
      const target = { ...place, account: targetAccount };
      return { transferredCertificateArn: certificateArn(target, certificateId.toLowerCase()) };
    },
    acceptCertificateTransfer: async ({ certificateId, setAsActive = false }) => {
      await change(certificateId, (record, id) => {
        const transfer = incomingTransfer(id, record, place);
        return {
          ...record,
          status: setAsActive ? 'ACTIVE' : 'INACTIVE',
          ownedBy: transfer.targetAccount,
          previousOwnedBy: record.ownedBy,
          transfer: { ...transfer, acceptMs: clock.now() },
        };
      });
      return {};
    },
    rejectCertificateTransfer: async ({ certificateId, rejectReason }) => {
      await change(certificateId, (record, id) => {
        const transfer = incomingTransfer(id, record, place);
        const reason = rejectReason === undefined ? {} : { rejectReason };
        return { ...record, status: 'INACTIVE', transfer: { ...transfer, rejectMs: clock.now(), ...reason } };
      });
      return {};
    },
    cancelCertificateTransfer: async ({ certificateId }) => {
      await change(certificateId, (record, id) => {
        openTransfer(id, record);
        const { transfer: _, ...rest } = record;
        return { ...rest, status: 'INACTIVE' };
      });
      return {};
    },
    listOutgoingCertificates: async ({ ascendingOrder = false, ...input }) => {
      const list = `ListOutgoingCertificates ${ascendingOrder}`;
      const range = { ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder };
      const page = await records.listOutgoing(place.account, range);
      return {
        outgoingCertificates: page.items.map(({ key, value }) => outgoing(key, value, place)),
        nextMarker: pageToken(list, page),
      };
    },
  };
}

async function refuseTransfer(
  { policies, things, place }: TransferDeps,
  certificateId: string,
  { status }: CertificateRecord,
): Promise<void> {
  if (status === 'PENDING_TRANSFER')
    throw transferConflict(`Certificate ${certificateId} is already being transferred`);
  if (status !== 'INACTIVE') {
    throw wrongState(`A certificate with the status ${status} cannot be transferred. Id: ${certificateId}`);
  }
  const arn = certificateArn(place, certificateId);
  if (await policies.hasPolicies(arn)) {
    throw transferConflict(`Certificate policies must be detached before a transfer (arn: ${arn})`);
  }
  if (await things.hasThings(arn)) throw transferConflict(`Things must be detached before a transfer (arn: ${arn})`);
}

/** The transfer under way. Throws TransferAlreadyCompletedException once it is over, ResourceNotFoundException without one. */
function openTransfer(certificateId: string, { status, transfer }: CertificateRecord): CertificateTransfer {
  if (!transfer) throw notFound(`There is no transfer of certificate ${certificateId}`);
  if (status !== 'PENDING_TRANSFER') {
    throw new ServiceError(
      'TransferAlreadyCompletedException',
      `The transfer of certificate ${certificateId} is already complete`,
    );
  }
  return transfer;
}

/** As `openTransfer`, for the account it goes to: others do not know of it. */
function incomingTransfer(certificateId: string, record: CertificateRecord, place: Place): CertificateTransfer {
  if (record.transfer && record.transfer.targetAccount !== place.account) {
    throw notFound(`There is no transfer of certificate ${certificateId} to account ${place.account}`);
  }
  return openTransfer(certificateId, record);
}

function outgoing(certificateId: string, { transfer, createdMs }: CertificateRecord, place: Place) {
  return {
    certificateArn: certificateArn(place, certificateId),
    certificateId,
    creationDate: new Date(createdMs),
    ...(transfer && { transferredTo: transfer.targetAccount, transferDate: new Date(transfer.transferMs) }),
    ...(transfer?.message !== undefined && { transferMessage: transfer.message }),
  };
}

function transferConflict(message: string): ServiceError {
  return new ServiceError('TransferConflictException', message);
}
