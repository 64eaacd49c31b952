/**
 * Certificate signing requests (PKCS #10, RFC 2986): what a device sends that made its own key. Called by
 * `certificate.ts` for CreateCertificateFromCsr. Of a request only the subject and the key are taken; extensions it asks
 * for are passed over. Anything may come in here: the outcome is a request whose signature holds, or InvalidRequest.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { invalidRequest, messageOf, type ServiceError } from '../base/errors.ts';
import * as der from './der.ts';
import { firstPemBlock } from './pem.ts';
import { isSignedBy, isVerifiable, problemOfKey } from './public-key.ts';

export interface CertificateRequest {
  /** DER of the distinguished name, as the device wrote it. */
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
}

interface UnverifiedRequest {
  readonly subject: Buffer;
  readonly publicKeyInfo: Buffer;
  readonly signed: Buffer;
  readonly signatureOid: string;
  readonly signature: Buffer;
}

/**
 * Reads a request in PEM and verifies that it was signed with the key it carries. Throws InvalidRequestException with
 * the reason for anything else, and for keys and signatures that are too weak.
 */
export function readCertificateRequest(pem: string): CertificateRequest {
  const bytes = firstPemBlock(pem, ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']);
  if (!bytes) throw invalidCsr('it is not a PEM block labelled CERTIFICATE REQUEST');
  const request = takeApart(bytes);
  const publicKey = readPublicKey(request.publicKeyInfo);
  const problem = problemOfKey(publicKey);
  if (problem) throw invalidCsr(problem);
  if (!isVerifiable(request.signatureOid)) {
    throw invalidCsr(`it must be signed with RSA or ECDSA and SHA-256 or better, not ${request.signatureOid}`);
  }
  if (!isSignedBy(publicKey, request.signatureOid, request.signed, request.signature)) {
    throw invalidCsr('it is not signed with its own key');
  }
  return { subject: request.subject, publicKey };
}

export function invalidCsr(reason: string): ServiceError {
  return invalidRequest(`The certificate signing request is not valid: ${reason}`);
}

function takeApart(bytes: Buffer): UnverifiedRequest {
  try {
    const request = der.expect(der.readWhole(bytes, 'request'), 'sequence', 'request');
    const [info, algorithm, signature] = der.members(request, 'request');
    const [version, subject, publicKeyInfo] = der.members(der.expect(info, 'sequence', 'request info'), 'request info');
    der.expect(version, 'integer', 'version');
    checkName(subject);
    const [signatureOid] = der.members(der.expect(algorithm, 'sequence', 'signature algorithm'), 'signature algorithm');
    return {
      subject: subject.whole,
      publicKeyInfo: der.expect(publicKeyInfo, 'sequence', 'public key').whole,
      signed: info.whole,
      signatureOid: der.readOid(signatureOid, 'signature algorithm'),
      signature: der.wholeBytes(signature, 'signature'),
    };
  } catch (error) {
    if (error instanceof der.DerError) throw invalidCsr(error.message);
    throw error;
  }
}

/** A distinguished name is a sequence of sets of (type, value) pairs. It goes into the certificate byte by byte. */
function checkName(name: der.DerValue): void {
  for (const part of der.members(der.expect(name, 'sequence', 'subject'), 'subject')) {
    for (const pair of der.members(der.expect(part, 'set', 'part of the subject'), 'part of the subject')) {
      const [type] = der.members(der.expect(pair, 'sequence', 'attribute of the subject'), 'attribute of the subject');
      der.readOid(type, 'type of an attribute of the subject');
    }
  }
}

function readPublicKey(publicKeyInfo: Buffer): KeyObject {
  try {
    return createPublicKey({ key: publicKeyInfo, format: 'der', type: 'spki' });
  } catch (error) {
    throw invalidCsr(`its public key cannot be read (${messageOf(error)})`);
  }
}
