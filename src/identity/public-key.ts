/**
 * Which public keys and signatures the service takes (gateway-broker.md section 3). Called by `csr.ts` and
 * `certificate-intake.ts` for what comes from outside.
 */
import { type KeyObject, verify } from 'node:crypto';

const SMALLEST_RSA_BITS = 2048;
/** OpenSSL's names of P-256, P-384 and P-521. */
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

interface SignatureAlgorithm {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly keyType: 'rsa' | 'ec';
}

const VERIFIABLE: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.113549.1.1.11', { hash: 'sha256', keyType: 'rsa' }],
  ['1.2.840.113549.1.1.12', { hash: 'sha384', keyType: 'rsa' }],
  ['1.2.840.113549.1.1.13', { hash: 'sha512', keyType: 'rsa' }],
  ['1.2.840.10045.4.3.2', { hash: 'sha256', keyType: 'ec' }],
  ['1.2.840.10045.4.3.3', { hash: 'sha384', keyType: 'ec' }],
  ['1.2.840.10045.4.3.4', { hash: 'sha512', keyType: 'ec' }],
]);

/** RSASSA-PSS and DSA with SHA-256: CAs of others may sign device certificates so. */
const ALSO_ON_CERTIFICATES: ReadonlySet<string> = new Set(['1.2.840.113549.1.1.10', '2.16.840.1.101.3.4.3.2']);

/** What is wrong with a device's key, as a sentence for its owner; undefined if nothing is. */
export function problemOfKey(key: KeyObject): string | undefined {
  const type = key.asymmetricKeyType;
  if (type === 'rsa') {
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < SMALLEST_RSA_BITS ? `An RSA key must have ${SMALLEST_RSA_BITS} bits or more, not ${bits}` : undefined;
  }
  if (type === 'ec') {
    const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
    return CURVES.has(curve) ? undefined : 'An EC key must be on the curve P-256, P-384 or P-521';
  }
  return `The key must be RSA or EC, not ${type}`;
}

/** Whether a certificate may be signed with the algorithm of this OID: SHA-256 or better. */
export function isAcceptedOnCertificates(signatureOid: string): boolean {
  return VERIFIABLE.has(signatureOid) || ALSO_ON_CERTIFICATES.has(signatureOid);
}

/** Whether a request may be signed with the algorithm of this OID. */
export function isVerifiable(signatureOid: string): boolean {
  return VERIFIABLE.has(signatureOid);
}

/** True if `key` made `signature` over `data` with the algorithm of this OID. */
export function isSignedBy(key: KeyObject, signatureOid: string, data: Buffer, signature: Buffer): boolean {
  const algorithm = VERIFIABLE.get(signatureOid);
  if (!algorithm || key.asymmetricKeyType !== algorithm.keyType) return false;
  return verify(algorithm.hash, data, key, signature);
}
