/** The errors that several operations on certificates share. */
import { notFound, ServiceError } from '../base/errors.ts';

export function noSuchCertificate(certificateId: string): ServiceError {
  return notFound(`Certificate with ID ${certificateId} does not exist`);
}

export function noSuchCaCertificate(caCertificateId: string): ServiceError {
  return notFound(`CA certificate with ID ${caCertificateId} does not exist`);
}

/** 406: what was asked for is not allowed in the certificate's status, or its CA's. */
export function wrongState(message: string): ServiceError {
  return new ServiceError('CertificateStateException', message);
}
