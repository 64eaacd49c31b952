/**
 * The keys the server itself has, made at the first start and read at every later one: the root CA, which clients trust
 * and which signs the server's certificate; and the device CA, which signs the certificates of devices. The device CA is
 * not below the root, so no device's certificate can ever pass for the server's. Called by `server.ts` once.
 *
 * Files: `ca.pem` (the root's certificate, for clients), and one file each with key and certificate together, so that a
 * crash cannot leave halves: `root-ca.pem`, `device-ca.pem`, `server.pem`; and the key of session tokens, `session-token.key`. A CA that
 * cannot be read stops the start: making another would lock out every client and device that knows the old one.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { KeyFiles } from './key-files.ts';
import { SEALING_KEY_BYTES } from './sealed-bytes.ts';
import { distinguishedName, keyIdentifier, makeCertificate, type NameParts, subjectAltName } from './x509.ts';

/** The name, among the key files, of the certificate that clients need. */
export const CA_FILE = 'ca.pem';

const TOKEN_KEY_FILE = 'session-token.key';

const DAY_MS = 86_400_000;
/** Clients' clocks may be a little behind. */
const BACKDATED_MS = 3_600_000;
const ROOT_CA_LIFE_MS = 20 * 365.25 * DAY_MS;
/** Apple's clients refuse server certificates that live longer than 398 days. */
const SERVER_LIFE_MS = 397 * DAY_MS;
const SERVER_RENEWAL_MS = 30 * DAY_MS;
/** What AWS gives the certificates it issues, and so the end of the CA that issues ours. */
export const DEVICE_NOT_AFTER_MS = Date.UTC(2049, 11, 31, 23, 59, 59);
const ALWAYS_SERVED: readonly string[] = ['localhost', '127.0.0.1', '::1'];

export interface KeyMaterialDeps {
  readonly files: KeyFiles;
  readonly clock: Clock;
  readonly random: Random;
  /** Host names and IP addresses the server is reached by, besides localhost. */
  readonly names: readonly string[];
}

export interface KeyMaterial {
  /** What clients must trust. */
  readonly rootCaPem: string;
  /** For `tls.createServer`: `certPem` begins with the server's certificate; the root, which signed it, is left out. */
  readonly server: { readonly certPem: string; readonly keyPem: string };
  /** The issuer of device certificates. Nothing has to trust it: a device is known by its exact certificate. */
  readonly deviceCaPem: string;
  /** A new key and a certificate for another name of the server, signed by the root, valid for 397 days. Not kept. */
  issueServerCertificate(names: readonly string[]): { readonly certPem: string; readonly keyPem: string };
  /** 32 bytes that seal the tokens of temporary credentials; with another key they are all void. */
  readonly tokenKey: Buffer;
  /** Signs a certificate for a device, valid from now until `notAfterMs`, or 2049-12-31T23:59:59Z. `subject` is the DER of a name. */
  issueDeviceCertificate(subject: Buffer, publicKey: KeyObject, notAfterMs?: number): X509Certificate;
}

interface KeyedCertificate {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

interface Authority extends KeyedCertificate {
  readonly name: Buffer;
}

/** Reads the material, making what is not there and renewing the server's certificate when it is due. */
export async function openKeyMaterial(deps: KeyMaterialDeps): Promise<KeyMaterial> {
  const root = await openAuthority(deps, 'root-ca.pem', rootNameParts, deps.clock.now() + ROOT_CA_LIFE_MS);
  const deviceCa = await openAuthority(deps, 'device-ca.pem', deviceCaNameParts, DEVICE_NOT_AFTER_MS);
  const server = await openServerCertificate(deps, root);
  const tokenKey = await openTokenKey(deps);
  const rootCaPem = root.certificate.toString();
  await publishRootCertificate(deps.files, rootCaPem);
  return {
    rootCaPem,
    server: pemOf(server),
    deviceCaPem: deviceCa.certificate.toString(),
    issueServerCertificate: (names) => pemOf(makeServerCertificate(deps, root, names)),
    tokenKey,
    issueDeviceCertificate: (subject, publicKey, notAfterMs = DEVICE_NOT_AFTER_MS) =>
      makeCertificate(
        { subject, publicKey, ...validity(deps.clock, notAfterMs), use: 'device' },
        signerOf(deviceCa),
        deps.random,
      ),
  };
}

async function openTokenKey({ files, random }: KeyMaterialDeps): Promise<Buffer> {
  const stored = await files.read(TOKEN_KEY_FILE);
  if (stored) {
    const key = Buffer.from(stored.toString(), 'base64');
    if (key.length !== SEALING_KEY_BYTES) throw new Error(`${TOKEN_KEY_FILE} holds no key that can be read`);
    return key;
  }
  const key = random.bytes(SEALING_KEY_BYTES);
  await files.write(TOKEN_KEY_FILE, key.toString('base64'), 0o600);
  return key;
}

function rootNameParts(shortId: string): NameParts {
  return { organization: 'Tsunagu', commonName: `Tsunagu Root CA ${shortId}` };
}

function deviceCaNameParts(shortId: string): NameParts {
  return { organization: 'Tsunagu', organizationalUnit: 'Tsunagu', commonName: `Tsunagu Device CA ${shortId}` };
}

/** The short id in a CA's name comes from its key, so the name need not be stored. */
async function openAuthority(
  deps: KeyMaterialDeps,
  file: string,
  nameParts: (shortId: string) => NameParts,
  notAfterMs: number,
): Promise<Authority> {
  const stored = await readKeyedCertificate(deps.files, file);
  const privateKey = stored?.privateKey ?? newPrivateKey();
  const publicKey = createPublicKey(privateKey);
  const name = distinguishedName(nameParts(keyIdentifier(publicKey).toString('hex', 0, 4)));
  if (stored) return { ...stored, name };
  const certificate = makeCertificate(
    { subject: name, publicKey, ...validity(deps.clock, notAfterMs), use: 'ca' },
    { name, privateKey, keyId: keyIdentifier(publicKey) },
    deps.random,
  );
  await writeKeyedCertificate(deps.files, file, { certificate, privateKey });
  return { certificate, privateKey, name };
}

async function openServerCertificate(deps: KeyMaterialDeps, root: Authority): Promise<KeyedCertificate> {
  const names = [...new Set([...ALWAYS_SERVED, ...deps.names.toSorted()])];
  const altName = subjectAltName(names);
  const stored = await readKeyedCertificate(deps.files, 'server.pem');
  if (stored && !isRenewalDue(stored.certificate, altName, root, deps.clock.now())) return stored;
  const made = makeServerCertificate(deps, root, names);
  await writeKeyedCertificate(deps.files, 'server.pem', made);
  return made;
}

function makeServerCertificate(deps: KeyMaterialDeps, root: Authority, names: readonly string[]): KeyedCertificate {
  const privateKey = newPrivateKey();
  const certificate = makeCertificate(
    {
      subject: distinguishedName({ commonName: names[0] }),
      publicKey: createPublicKey(privateKey),
      ...validity(deps.clock, serverNotAfter(deps.clock)),
      use: 'server',
      subjectAltName: subjectAltName(names),
    },
    signerOf(root),
    deps.random,
  );
  return { certificate, privateKey };
}

function isRenewalDue(certificate: X509Certificate, altName: Buffer, root: Authority, nowMs: number): boolean {
  const isOurs = certificate.verify(root.certificate.publicKey);
  const hasWantedNames = certificate.raw.includes(altName);
  const remainingMs = certificate.validToDate.getTime() - nowMs;
  return !isOurs || !hasWantedNames || remainingMs < SERVER_RENEWAL_MS;
}

/** The life is counted from the backdated start. */
function serverNotAfter(clock: Clock): number {
  return clock.now() - BACKDATED_MS + SERVER_LIFE_MS;
}

function validity(clock: Clock, notAfterMs: number): { notBeforeMs: number; notAfterMs: number } {
  return { notBeforeMs: clock.now() - BACKDATED_MS, notAfterMs };
}

function signerOf(authority: Authority): { name: Buffer; privateKey: KeyObject; keyId: Buffer } {
  const { name, privateKey, certificate } = authority;
  return { name, privateKey, keyId: keyIdentifier(certificate.publicKey) };
}

function newPrivateKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

function pemOf({ certificate, privateKey }: KeyedCertificate): { certPem: string; keyPem: string } {
  return { certPem: certificate.toString(), keyPem: privateKeyPem(privateKey) };
}

function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function readKeyedCertificate(files: KeyFiles, file: string): Promise<KeyedCertificate | undefined> {
  const pem = await files.read(file);
  if (!pem) return undefined;
  let read: KeyedCertificate;
  try {
    read = { privateKey: createPrivateKey(pem), certificate: new X509Certificate(pem) };
  } catch (error) {
    throw new Error(`${file} holds no key and certificate that can be read: ${messageOf(error)}`, { cause: error });
  }
  if (!read.certificate.checkPrivateKey(read.privateKey)) {
    throw new Error(`${file} holds a private key and a certificate that do not belong together`);
  }
  return read;
}

async function writeKeyedCertificate(files: KeyFiles, file: string, made: KeyedCertificate): Promise<void> {
  await files.write(file, privateKeyPem(made.privateKey) + made.certificate.toString(), 0o600);
}

/** Clients are pointed at this copy; whoever deletes or changes it gets it back at the next start. */
async function publishRootCertificate(files: KeyFiles, pem: string): Promise<void> {
  const published = await files.read(CA_FILE);
  if (published?.toString('latin1') !== pem) await files.write(CA_FILE, pem, 0o600);
}
