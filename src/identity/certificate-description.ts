/**
 * How a registered certificate is shown: its ARN, the line in a list, the whole of DescribeCertificate. Called by every
 * operation that shows certificates of devices. Pure.
 */
import type { Certificate, CertificateDescription, TransferData } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { CertificateRecord, CertificateTransfer } from './certificate-records.ts';

export function certificateArn(place: Place, certificateId: string): string {
  return iotArn(place, `cert/${certificateId}`);
}

export function certificateSummary(certificateId: string, record: CertificateRecord, place: Place): Certificate {
  return {
    certificateArn: certificateArn(place, certificateId),
    certificateId,
    status: record.status,
    certificateMode: record.mode,
    creationDate: new Date(record.createdMs),
  };
}

export function certificateDescription(
  certificateId: string,
  record: CertificateRecord,
  place: Place,
): CertificateDescription {
  return {
    ...certificateSummary(certificateId, record, place),
    certificatePem: record.pem,
    caCertificateId: record.caCertificateId,
    ownedBy: record.ownedBy,
    lastModifiedDate: new Date(record.modifiedMs),
    customerVersion: record.customerVersion,
    generationId: record.generationId,
    validity: { notBefore: new Date(record.notBeforeMs), notAfter: new Date(record.notAfterMs) },
    ...(record.previousOwnedBy !== undefined && { previousOwnedBy: record.previousOwnedBy }),
    ...(record.transfer && { transferData: transferData(record.transfer) }),
  };
}

function transferData({ message, transferMs, acceptMs, rejectMs, rejectReason }: CertificateTransfer): TransferData {
  return {
    transferDate: new Date(transferMs),
    ...(message !== undefined && { transferMessage: message }),
    ...(acceptMs !== undefined && { acceptDate: new Date(acceptMs) }),
    ...(rejectMs !== undefined && { rejectDate: new Date(rejectMs) }),
    ...(rejectReason !== undefined && { rejectReason }),
  };
}
