/**
 * What the operator is told of a failed authentication. Never a secret, a signature or a token: of a signed request
 * only the key id, the method and the path.
 */
import type { ServiceError } from '../base/errors.ts';
import type { CertificateRefusal } from './certificate-authentication.ts';
import type { Refusal } from './refusal.ts';
import type { SignedRequest } from './sigv4.ts';
import { claimedKeyId } from './sigv4-claim.ts';

const ADVICE: Readonly<Record<string, string>> = {
  UNKNOWN: 'no certificate like the one shown is registered here',
  INACTIVE: 'the certificate is registered but not active: UpdateCertificate sets its status',
  REVOKED: 'the certificate was revoked',
  EXPIRED: 'the time the certificate is valid for is over',
  NOT_YET_VALID: 'the time the certificate is valid for has not begun',
};

export function refusedCertificate({ certificateId, reason }: CertificateRefusal, sourceIp: string): Refusal {
  const word = reason.toLowerCase().replaceAll('_', '-');
  const detail = ADVICE[reason] ?? `the status of the certificate is ${reason}`;
  return { reason: `certificate-${word}`, detail, sourceIp, certificateId };
}

/** `reason` is the error's code without its end: `invalid-signature`, `unrecognized-client` … */
export function refusedSignature({ code, message }: ServiceError, request: SignedRequest, sourceIp: string): Refusal {
  const accessKeyId = claimedKeyId(request);
  const words = code.replace(/Exception$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-');
  return {
    reason: words.toLowerCase(),
    detail: message,
    sourceIp,
    action: request.method,
    resource: request.rawPath,
    ...(accessKeyId !== undefined && { accessKeyId }),
  };
}
