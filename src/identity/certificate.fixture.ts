/**
 * For the tests of certificates: a world with all of their operations on a store in memory, and CAs of others with the
 * certificates they issue.
 */
import { sign, X509Certificate } from 'node:crypto';
import type { CertificateStatus, Tag } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { VirtualClock } from '../base/clock.ts';
import { invalidRequest } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import type { Publication } from '../broker/message.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import {
  type CertificateOperations,
  type Certificates,
  type CertificatesDeps,
  createCertificates,
} from './certificate.ts';
import { certificateIdOf } from './certificate-intake.ts';
import { ecKeys, type KeyPair, requestPem } from './csr.fixture.ts';
import * as der from './der.ts';
import { memoryKeyFiles } from './key-files.ts';
import { type KeyMaterial, openKeyMaterial } from './key-material.ts';
import { anonymous } from './principal.ts';
import { type CertificateContents, distinguishedName, keyIdentifier, makeCertificate } from './x509.ts';

export const START_MS = Date.parse('2026-11-25T12:00:00Z');
export const DAY_MS = 86_400_000;
export const UNKNOWN_ID = '0'.repeat(64);
export const ACCOUNT = '123456789012';
export const keys = ecKeys();
const serials = seededRandom(3);
const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => {},
};

export type WorldOptions = Partial<Pick<CertificatesDeps, 'publish' | 'provisioning' | 'log'>>;

export interface World {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly certificates: Certificates;
  readonly material: KeyMaterial;
  /** ARNs of certificates with policies and with things attached. */
  readonly withPolicies: Set<string>;
  readonly withThings: Set<string>;
  /** The events of certificates that registered themselves. */
  readonly published: Publication[];
  call<Name extends keyof CertificateOperations>(
    name: Name,
    input: Parameters<CertificateOperations[Name]>[0],
  ): ReturnType<CertificateOperations[Name]>;
  /** Registers a certificate from a request and gives its id. */
  create(setAsActive?: boolean): Promise<string>;
  statusOf(certificateId: string): Promise<CertificateStatus | undefined>;
}

export async function world(options: WorldOptions = {}): Promise<World> {
  const clock = new VirtualClock(START_MS);
  const random = seededRandom(7);
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const detached = store.collection<{ arn: string }>({ name: 'detached' });
  const tagged = store.collection<{ arn: string; tags: readonly Tag[] }>({ name: 'tagged' });
  const withPolicies = new Set<string>();
  const withThings = new Set<string>();
  const published: Publication[] = [];
  const material = await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: [] });
  const certificates = createCertificates({
    store,
    clock,
    random,
    place: { region: 'eu-west-1', account: ACCOUNT },
    keyMaterial: material,
    policies: {
      hasPolicies: async (arn) => withPolicies.has(arn),
      detachAll: async (arn) => [detached.put(arn, { arn })],
    },
    things: { hasThings: async (arn) => withThings.has(arn) },
    tagsFor: (arn, tags) => {
      if (tags?.some(({ Key }) => Key.startsWith('aws:'))) throw invalidRequest('a bad tag');
      return [tagged.put(arn, { arn, tags: tags ?? [] })];
    },
    log: silentLog,
    publish: async (publication) => {
      published.push(publication);
    },
    ...options,
  });
  const operations = certificates.operations as Record<string, (input: unknown, context: RequestContext) => unknown>;
  const call = ((name: string, input: unknown) => operations[name](input, context)) as World['call'];
  const create = async (setAsActive = false): Promise<string> => {
    const certificateSigningRequest = requestPem({ keys });
    return (await call('createCertificateFromCsr', { certificateSigningRequest, setAsActive })).certificateId!;
  };
  const statusOf = async (certificateId: string) =>
    (await call('describeCertificate', { certificateId })).certificateDescription?.status;
  return { clock, store, certificates, material, withPolicies, withThings, published, call, create, statusOf };
}

export const arnOf = (certificateId: string): string => `arn:aws:iot:eu-west-1:123456789012:cert/${certificateId}`;

/** A certificate that a CA of somebody else gave a device. */
export function foreignCertificate(validity: Validity = {}): X509Certificate {
  return makeCa({ commonName: 'Elsewhere' }).issue({ commonName: 'foreign', ...validity });
}

type Validity = Partial<Pick<CertificateContents, 'notBeforeMs' | 'notAfterMs'>>;

export interface CaOptions extends Validity {
  readonly commonName?: string;
  /** Instead of a name of one common name. */
  readonly subject?: Buffer;
  readonly keys?: KeyPair;
  readonly use?: CertificateContents['use'];
}

export interface DeviceOptions extends Validity {
  readonly commonName?: string;
}

export interface Ca {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly id: string;
  readonly keys: KeyPair;
  /** A certificate for a device, each with a serial of its own. */
  issue(options?: DeviceOptions): X509Certificate;
}

/** A CA that signs itself, valid from yesterday until tomorrow unless said otherwise. */
export function makeCa(options: CaOptions = {}): Ca {
  const caKeys = options.keys ?? ecKeys();
  const subject =
    options.subject ?? distinguishedName({ organization: 'Acme', commonName: options.commonName ?? 'Acme CA' });
  const signer = { name: subject, privateKey: caKeys.privateKey, keyId: keyIdentifier(caKeys.publicKey) };
  const day = { notBeforeMs: START_MS - DAY_MS, notAfterMs: START_MS + DAY_MS };
  const own = { ...day, ...validityIn(options), use: options.use ?? 'ca' } as const;
  const certificate = makeCertificate({ subject, publicKey: caKeys.publicKey, ...own }, signer, serials);
  return {
    certificate,
    pem: certificate.toString(),
    id: certificateIdOf(certificate.raw),
    keys: caKeys,
    issue: (device = {}) => {
      const name = distinguishedName({ commonName: device.commonName ?? 'lamp' });
      const contents = {
        subject: name,
        publicKey: keys.publicKey,
        ...day,
        ...validityIn(device),
        use: 'device',
      } as const;
      return makeCertificate(contents, signer, serials);
    },
  };
}

/** A self-signed certificate as of 1988: no version, no extensions. */
export function version1Certificate(): X509Certificate {
  const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'));
  const name = distinguishedName({ commonName: 'Old CA' });
  const toBeSigned = der.sequence(
    der.integer(Buffer.of(1)),
    algorithm,
    name,
    der.sequence(der.time(START_MS - DAY_MS), der.time(START_MS + DAY_MS)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', toBeSigned, keys.privateKey);
  return new X509Certificate(der.sequence(toBeSigned, algorithm, der.bitString(signature)));
}

/** What RegisterCACertificate takes to register `ca` in the mode DEFAULT, once there is a registration code. */
export async function possession(
  { call }: World,
  ca: Ca,
): Promise<{ caCertificate: string; verificationCertificate: string }> {
  const { registrationCode } = await call('getRegistrationCode', {});
  return { caCertificate: ca.pem, verificationCertificate: ca.issue({ commonName: registrationCode }).toString() };
}

function validityIn({ notBeforeMs, notAfterMs }: Validity): Validity {
  return { ...(notBeforeMs !== undefined && { notBeforeMs }), ...(notAfterMs !== undefined && { notAfterMs }) };
}
