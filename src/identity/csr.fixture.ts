/** Certificate requests for tests, also ones no sane client would make. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as der from './der.ts';
import { toPem } from './pem.ts';
import { distinguishedName } from './x509.ts';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface RequestToMake {
  readonly keys: KeyPair;
  /** DER; by default a common name. */
  readonly subject?: Buffer;
  readonly hash?: string;
  readonly signatureOid?: string;
  /** Another key than the one in the request. */
  readonly signingKey?: KeyObject;
}

export function ecKeys(namedCurve = 'P-256'): KeyPair {
  return generateKeyPairSync('ec', { namedCurve });
}

export function requestDer(options: RequestToMake): Buffer {
  const { keys, hash = 'sha256', signatureOid = '1.2.840.10045.4.3.2', signingKey = keys.privateKey } = options;
  const info = der.sequence(
    der.integer(Buffer.of(0)),
    options.subject ?? distinguishedName({ commonName: 'lamp-1' }),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(0),
  );
  const signature = sign(hash, info, signingKey);
  return der.sequence(info, der.sequence(der.oid(signatureOid)), der.bitString(signature));
}

export function requestPem(options: RequestToMake): string {
  return toPem('CERTIFICATE REQUEST', requestDer(options));
}
