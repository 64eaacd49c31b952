/**
 * Certificates that come from outside, in PEM: read, judged, named. Called by `certificate.ts` for the registrations.
 * Anything may come in here: the outcome is a certificate the service can work with, or CertificateValidationException.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { messageOf, ServiceError } from '../base/errors.ts';
import * as der from './der.ts';
import { firstPemBlock } from './pem.ts';
import { isAcceptedOnCertificates, problemOfKey } from './public-key.ts';

const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];

/** The name of a certificate everywhere in the service: lower-case hex SHA-256 of its DER. */
export function certificateIdOf(certificateDer: Buffer): string {
  return createHash('sha256').update(certificateDer).digest('hex');
}

/**
 * Reads the first certificate of `pem`; of a chain that is the device's own. Throws CertificateValidationException with
 * the reason if there is none, or if its key or signature is too weak.
 */
export function readCertificate(pem: string): X509Certificate {
  const bytes = firstPemBlock(pem, LABELS);
  if (!bytes) throw invalidCertificate('it is not a PEM block labelled CERTIFICATE');
  const certificate = parse(bytes);
  // A device proves itself with the bytes its certificate has, so what is registered must be those and no others.
  if (!certificate.raw.equals(bytes)) throw invalidCertificate('there are bytes after it, or it is not in DER');
  const problem = problemOfKey(publicKeyOf(certificate));
  if (problem) throw invalidCertificate(problem);
  if (Number.isNaN(certificate.validFromDate.getTime()) || Number.isNaN(certificate.validToDate.getTime())) {
    throw invalidCertificate('the dates of its validity cannot be read');
  }
  const signature = signatureOid(bytes);
  if (!isAcceptedOnCertificates(signature)) {
    throw invalidCertificate(`it must be signed with SHA-256 or better, not ${signature}`);
  }
  return certificate;
}

export function invalidCertificate(reason: string): ServiceError {
  return new ServiceError('CertificateValidationException', `The certificate is not valid: ${reason}`);
}

function parse(bytes: Buffer): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    throw invalidCertificate(`it cannot be read (${messageOf(error)})`);
  }
}

/** OpenSSL reads the key only when it is asked for. */
function publicKeyOf(certificate: X509Certificate): X509Certificate['publicKey'] {
  try {
    return certificate.publicKey;
  } catch (error) {
    throw invalidCertificate(`its public key cannot be read (${messageOf(error)})`);
  }
}

function signatureOid(bytes: Buffer): string {
  try {
    const [, algorithm] = der.members(der.readWhole(bytes, 'certificate'), 'certificate');
    const [oid] = der.members(der.expect(algorithm, 'sequence', 'signature algorithm'), 'signature algorithm');
    return der.readOid(oid, 'signature algorithm');
  } catch (error) {
    if (error instanceof der.DerError) throw invalidCertificate(error.message);
    throw error;
  }
}
