/**
 * Makes X.509 version 3 certificates (RFC 5280). Called by `key-material.ts`, for the CAs, the server's certificate and
 * those of devices. Only ECDSA with SHA-256 signs here; reading and verifying certificates is OpenSSL's work
 * (`X509Certificate` of node:crypto), which also has the last word on every certificate made.
 */
import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Random } from '../base/random.ts';
import * as der from './der.ts';

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** Bits of KeyUsage as the BIT STRING carries them: value, unused bits. */
const KEY_USAGE = {
  digitalSignature: der.bitString(Buffer.of(0x80), 7),
  keyCertSignAndCrlSign: der.bitString(Buffer.of(0x06), 1),
} as const;

/** The parts of a distinguished name this program gives to what it makes. */
export interface NameParts {
  readonly organization?: string;
  readonly organizationalUnit?: string;
  readonly commonName?: string;
}

/** Who signs: for a self-signed certificate the subject itself. */
export interface Signer {
  /** DER of the signer's distinguished name. */
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  /** The signer's certificate names its key so. */
  readonly keyId: Buffer;
}

export interface CertificateContents {
  /** DER of a distinguished name. */
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly use: 'ca' | 'server' | 'device';
  /** A server's extension made by `subjectAltName`. */
  readonly subjectAltName?: Buffer;
}

/** Makes and signs a certificate with a random serial of 128 bits. Throws if OpenSSL cannot read the outcome. */
export function makeCertificate(contents: CertificateContents, signer: Signer, random: Random): X509Certificate {
  const algorithm = der.sequence(der.oid(ECDSA_WITH_SHA256));
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(serialNumber(random)),
    algorithm,
    signer.name,
    der.sequence(der.time(contents.notBeforeMs), der.time(contents.notAfterMs)),
    contents.subject,
    publicKeyInfo(contents.publicKey),
    der.explicit(3, der.sequence(...extensions(contents, signer))),
  );
  const signature = sign('sha256', toBeSigned, signer.privateKey);
  return new X509Certificate(der.sequence(toBeSigned, algorithm, der.bitString(signature)));
}

/** DER of a distinguished name, from the most general part to the most specific. */
export function distinguishedName(parts: NameParts): Buffer {
  const attributes: Buffer[] = [];
  const add = (type: string, value: string | undefined): void => {
    if (value !== undefined) attributes.push(der.setOf(der.sequence(der.oid(type), der.utf8String(value))));
  };
  add(OID.organization, parts.organization);
  add(OID.organizationalUnit, parts.organizationalUnit);
  add(OID.commonName, parts.commonName);
  return der.sequence(...attributes);
}

/** How a certificate names a key: 160 bits of SHA-256 over it (RFC 7093, method 4). */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha256').update(publicKeyInfo(publicKey)).digest().subarray(0, 20);
}

/**
 * The extension that names a server: host names and IP addresses, in this order. The same names give the same bytes, so
 * that a certificate can be asked whether it carries exactly them. Throws a TypeError on what is neither.
 */
export function subjectAltName(names: readonly string[]): Buffer {
  return extension(OID.subjectAltName, false, der.sequence(...names.map(generalName)));
}

function extensions(contents: CertificateContents, signer: Signer): Buffer[] {
  const isCa = contents.use === 'ca';
  const list = [
    extension(OID.basicConstraints, true, isCa ? der.sequence(der.boolean(true)) : der.sequence()),
    extension(OID.keyUsage, true, isCa ? KEY_USAGE.keyCertSignAndCrlSign : KEY_USAGE.digitalSignature),
    extension(OID.subjectKeyIdentifier, false, der.octetString(keyIdentifier(contents.publicKey))),
    extension(OID.authorityKeyIdentifier, false, der.sequence(der.implicit(0, signer.keyId))),
  ];
  if (contents.use === 'server') {
    list.push(extension(OID.extendedKeyUsage, false, der.sequence(der.oid(OID.serverAuth))));
  }
  if (contents.subjectAltName) list.push(contents.subjectAltName);
  return list;
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der.boolean(true)] : [];
  return der.sequence(der.oid(id), ...critical, der.octetString(value));
}

function generalName(name: string): Buffer {
  const version = isIP(name);
  if (version === 4) return der.implicit(7, Buffer.from(name.split('.').map(Number)));
  if (version === 6) return der.implicit(7, ipv6Bytes(name));
  const ascii = domainToASCII(name);
  if (!ascii || ascii.length > 253) throw new TypeError(`'${name}' is neither a host name nor an IP address`);
  return der.implicit(2, Buffer.from(ascii, 'latin1'));
}

/** A URL spells an IPv6 address in one way: groups of hex digits, at most one run of zeros shortened to `::`. */
function ipv6Bytes(address: string): Buffer {
  const canonical = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [head, tail] = canonical.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head.length - (tail?.length ?? 0)).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...head, ...zeros, ...(tail ?? [])].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  }
  return bytes;
}

/** Positive and always 16 bytes long: the highest bit is clear, the next one set. */
function serialNumber(random: Random): Buffer {
  const serial = Buffer.from(random.bytes(16));
  serial[0] = (serial[0] & 0x3f) | 0x40;
  return serial;
}

function publicKeyInfo(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}
