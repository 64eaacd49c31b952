/**
 * Which registered CA issued a certificate: the one whose subject is the certificate's issuer and whose key made its
 * signature. Called for registrations, by the API and by devices themselves. The name alone proves nothing, as anybody
 * can write it; several may match when a CA was renewed with the key it had.
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { CaCertificateRecords, RegisteredCa } from './ca-certificate-records.ts';

/**
 * The same for names that X.509 takes for the same: case and repeated spaces do not count (RFC 5280, 7.1), nor does
 * the kind of string. `name` as node:crypto writes it; undefined for an empty name.
 */
export function nameKey(name: string | undefined): string | undefined {
  if (!name) return undefined;
  const folded = name.toLowerCase().replace(/ +/g, ' ');
  return createHash('sha256').update(folded).digest('hex');
}

export function isIssuedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  const issuer = nameKey(certificate.issuer);
  return issuer !== undefined && issuer === nameKey(ca.subject) && certificate.verify(ca.publicKey);
}

/** The registered CAs that issued `certificate`, in the order of their registration, whatever their status. */
export async function findIssuers(
  certificate: X509Certificate,
  cas: Pick<CaCertificateRecords, 'withSubject'>,
): Promise<readonly RegisteredCa[]> {
  const issuer = nameKey(certificate.issuer);
  if (issuer === undefined) return [];
  const namesakes = await cas.withSubject(issuer);
  return namesakes.filter(({ record }) => certificate.verify(new X509Certificate(record.pem).publicKey));
}

/** Whether a certificate, or the certificate of a CA, is valid at this moment. */
export function isValidAt(
  { notBeforeMs, notAfterMs }: { readonly notBeforeMs: number; readonly notAfterMs: number },
  nowMs: number,
): boolean {
  return nowMs >= notBeforeMs && nowMs <= notAfterMs;
}

export function validityOf(certificate: X509Certificate): { notBeforeMs: number; notAfterMs: number } {
  return { notBeforeMs: certificate.validFromDate.getTime(), notAfterMs: certificate.validToDate.getTime() };
}
