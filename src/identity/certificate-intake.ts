/**
 * Certificates that come from outside, in PEM or from a handshake: read, judged, named. Called for every registration.
 * Anything may come in here: the outcome is a certificate the service can work with, or CertificateValidationException.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { messageOf, ServiceError } from '../base/errors.ts';
import * as der from './der.ts';
import { firstPemBlock } from './pem.ts';
import { isAcceptedOnCertificates, problemOfKey } from './public-key.ts';

const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
const VERSION_3 = der.explicit(0, der.integer(Buffer.of(2)));

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
  return readCertificateDer(bytes);
}

/** As `readCertificate`, from the DER itself. */
export function readCertificateDer(bytes: Buffer): X509Certificate {
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

/**
 * Reads a CA's certificate: version 3, with a subject, and made for a CA (basicConstraints CA:TRUE, and keyCertSign
 * where it limits the use of its key). Throws CertificateValidationException.
 */
export function readCaCertificate(pem: string): X509Certificate {
  const certificate = readCertificate(pem);
  if (!isVersion3(certificate.raw)) throw invalidCertificate('a CA certificate must be of version 3');
  if (!certificate.ca) {
    throw invalidCertificate('its basic constraints or its key usage do not allow it to be a CA');
  }
  if (!certificate.subject) throw invalidCertificate('a CA certificate must have a subject');
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
  return reading(() => {
    const [, algorithm] = der.members(der.readWhole(bytes, 'certificate'), 'certificate');
    const [oid] = der.members(der.expect(algorithm, 'sequence', 'signature algorithm'), 'signature algorithm');
    return der.readOid(oid, 'signature algorithm');
  });
}

/** The version comes first, wrapped, and only when it is not 1; 3 is written as 2 (RFC 5280, 4.1). */
function isVersion3(bytes: Buffer): boolean {
  return reading(() => {
    const [contents] = der.members(der.readWhole(bytes, 'certificate'), 'certificate');
    const [version] = der.members(der.expect(contents, 'sequence', 'certificate'), 'certificate');
    return version?.whole.equals(VERSION_3) ?? false;
  });
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof der.DerError) throw invalidCertificate(error.message);
    throw error;
  }
}
