/**
 * The certificates that the server shows for domain configurations. An ARN `arn:aws:acm:…:certificate/NAME` stands for
 * the files `NAME.pem` (the chain, the server's own certificate first) and `NAME.key` in the operator's folder; where
 * there is no such file, or no ARN, the root CA issues one for the domain's name. Files may be replaced at any time:
 * whoever keeps a certificate asks again now and then.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { KeyFiles } from './key-files.ts';
import type { KeyMaterial } from './key-material.ts';

/** PEM, as `tls.createSecureContext` takes them. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is wanted for. */
export interface CertificateWish {
  readonly domainName: string;
  /** None or one. */
  readonly serverCertificateArns: readonly string[];
}

export interface ServerCertificates {
  /** Rejects with an Error that says what is wrong with the files. The same contents give equal results. */
  load(wish: CertificateWish): Promise<ServerCertificate>;
  /** The same, as a sentence; undefined when all is well. */
  problemOf(wish: CertificateWish): Promise<string | undefined>;
}

export interface ServerCertificatesDeps {
  /** The operator's folder; absent: all are issued here. */
  readonly certificateFiles?: Pick<KeyFiles, 'read'>;
  readonly keyMaterial: Pick<KeyMaterial, 'issueServerCertificate'>;
  readonly clock: Clock;
}

const MOST_IN_CHAIN = 5;
const LONGEST_CHAIN_BYTES = 16_384;
const MOST_NAMES = 4;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
/** An issued certificate is replaced so long before its end. */
const RENEWAL_MS = 30 * 86_400_000;

export function createServerCertificates(deps: ServerCertificatesDeps): ServerCertificates {
  /** Issued certificates by domain name. */
  const issued = new Map<string, ServerCertificate>();

  const issue = (domainName: string): ServerCertificate => {
    const known = issued.get(domainName);
    if (known && remainingMs(known, deps.clock) > RENEWAL_MS) return known;
    const { certPem, keyPem } = deps.keyMaterial.issueServerCertificate([domainName]);
    const made = { cert: certPem, key: keyPem };
    issued.set(domainName, made);
    return made;
  };
  const load = async ({ domainName, serverCertificateArns: [arn] }: CertificateWish): Promise<ServerCertificate> => {
    const found = arn === undefined ? undefined : await readFiles(deps, arn);
    return found ? checked(found, domainName, deps.clock) : issue(domainName);
  };
  return {
    load,
    problemOf: (wish) =>
      load(wish).then(
        () => undefined,
        (error: unknown) => messageOf(error),
      ),
  };
}

function remainingMs({ cert }: ServerCertificate, clock: Clock): number {
  return new X509Certificate(cert).validToDate.getTime() - clock.now();
}

/** Undefined if there is no file of that name. */
async function readFiles(
  { certificateFiles }: ServerCertificatesDeps,
  arn: string,
): Promise<{ readonly name: string; readonly pem: Buffer; readonly key: Buffer } | undefined> {
  const name = arn.slice(arn.indexOf('certificate/') + 'certificate/'.length);
  // A name with a slash would leave the folder.
  if (!certificateFiles || !/^[a-zA-Z0-9-]+$/.test(name)) return undefined;
  const pem = await certificateFiles.read(`${name}.pem`);
  if (!pem) return undefined;
  const key = await certificateFiles.read(`${name}.key`);
  if (!key) throw new Error(`${name}.pem is there, but no ${name}.key`);
  return { name, pem, key };
}

function checked(
  files: { name: string; pem: Buffer; key: Buffer },
  domainName: string,
  clock: Clock,
): ServerCertificate {
  const { name, pem } = files;
  const file = `${name}.pem`;
  const chain = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (chain.length === 0) throw new Error(`${file} holds no certificate in PEM`);
  if (chain.length > MOST_IN_CHAIN) throw new Error(`${file} holds more than ${MOST_IN_CHAIN} certificates`);
  if (pem.length > LONGEST_CHAIN_BYTES) throw new Error(`${file} is longer than ${LONGEST_CHAIN_BYTES} bytes`);
  const [certificate] = chain.map((one, index) => readCertificate(one, `certificate ${index + 1} of ${file}`));
  const key = readKey(files.key, `${name}.key`);
  if (!certificate.checkPrivateKey(key)) throw new Error(`${name}.key is not the key of ${file}`);
  const uses = certificate.keyUsage as readonly string[] | undefined;
  if (uses && !uses.includes(SERVER_AUTH)) throw new Error(`${file} is not for servers (extended key usage)`);
  if (!certificate.checkHost(domainName)) throw new Error(`${file} is not for ${domainName}`);
  const names = certificate.subjectAltName?.split(', ') ?? [];
  if (names.length > MOST_NAMES) throw new Error(`${file} has more than ${MOST_NAMES} names`);
  if (clock.now() < certificate.validFromDate.getTime()) throw new Error(`${file} is not valid yet`);
  if (clock.now() > certificate.validToDate.getTime()) throw new Error(`${file} has expired`);
  return { cert: `${chain.join('\n')}\n`, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function readCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error(`${what} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function readKey(pem: Buffer, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
