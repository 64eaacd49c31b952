/**
 * Certificates of devices: the API's operations on them, and their statuses (identity-registry-provisioning.md section
 * 1). The door calls `createCertificates` once. A private key made here is returned once and never stored. Nothing
 * writes a certificate except through `CertificateRecords`.
 */
import { generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateStatus, IotOperations, Tag } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { deleteConflict, invalidRequest, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { MessageBus } from '../broker/message.ts';
import type { Store, Write } from '../store/store.ts';
import type { ThingDirectory } from './authority.ts';
import { createAutoRegistration } from './auto-registration.ts';
import { type CaCertificateOperations, caCertificateArn, caCertificateOperations } from './ca-certificate.ts';
import { CaCertificateRecords } from './ca-certificate-records.ts';
import { certificateAttributes } from './certificate-attributes.ts';
import { authenticateCertificate, type CertificateRefusal } from './certificate-authentication.ts';
import { certificateArn, certificateDescription, certificateSummary } from './certificate-description.ts';
import { noSuchCertificate, wrongState } from './certificate-error.ts';
import { readCertificate } from './certificate-intake.ts';
import { type CertificateRecord, CertificateRecords, type StatusListener } from './certificate-records.ts';
import { type RegistrationDeps, register, registrationOperations } from './certificate-registration.ts';
import { type TransferOperations, transferOperations } from './certificate-transfer.ts';
import { invalidCsr, readCertificateRequest } from './csr.ts';
import type { KeyMaterial } from './key-material.ts';
import type { CertificateAttributes } from './policy-context.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { CertificatePrincipal } from './principal.ts';
import { createRegistrationCode } from './registration-code.ts';
import type { Provisioning } from './registration-template.ts';
import { distinguishedName } from './x509.ts';

/** What certificates need to know of policies. */
export interface PolicyAttachments {
  hasPolicies(principalArn: string): Promise<boolean>;
  /** Writes that take every policy off the principal, for the commit that deletes it. */
  detachAll(principalArn: string): Promise<readonly Write[]>;
}

export interface CertificatesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly keyMaterial: Pick<KeyMaterial, 'issueDeviceCertificate'>;
  readonly policies: PolicyAttachments;
  readonly things: Pick<ThingDirectory, 'hasThings'>;
  /** The writes that give the CA certificate of this ARN its first tags, or, with none, take all. Throws for bad tags. */
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
  readonly log: Log;
  /** Tells the platform of certificates that registered themselves. */
  readonly publish: MessageBus['publish'];
  /** Runs the templates of CA certificates; absent until there is provisioning. */
  readonly provisioning?: Provisioning;
}

/** What the parts of this file work with. */
type Inside = CertificatesDeps & RegistrationDeps;

type OwnOperations =
  | 'createKeysAndCertificate'
  | 'createCertificateFromCsr'
  | 'describeCertificate'
  | 'listCertificates'
  | 'updateCertificate'
  | 'deleteCertificate';

export type CertificateOperations = Pick<IotOperations, OwnOperations> &
  ReturnType<typeof registrationOperations> &
  TransferOperations &
  CaCertificateOperations;

/** What the platform decides of a certificate it makes for itself, not for a caller of the API. */
export interface IssueOptions {
  readonly status: CertificateStatus;
  /** Default: as long as other certificates of devices. */
  readonly notAfterMs?: number;
  /** A policy document besides the policies that are attached. */
  readonly servicePolicy?: string;
}

/** Makes certificates for other parts of the platform (provisioning), as the operations do for callers. */
export interface CertificateIssuing {
  withKeys(options: IssueOptions): ReturnType<CertificateOperations['createKeysAndCertificate']>;
  fromCsr(csr: string, options: IssueOptions): ReturnType<CertificateOperations['createCertificateFromCsr']>;
  /** Registers a certificate (PEM) that somebody else made for us. */
  adopt(pem: string, options: IssueOptions): ReturnType<CertificateOperations['createCertificateFromCsr']>;
}

export interface Certificates {
  readonly operations: CertificateOperations;
  readonly issuing: CertificateIssuing;
  /** Whether an ARN names a registered certificate, for those who attach things and policies to it. */
  readonly principals: { exists(arn: string): Promise<boolean> };
  /** Whether an ARN names a registered CA certificate, for those who give it tags. */
  caCertificateExists(arn: string): Promise<boolean>;
  /** What a registered certificate says of itself, for policy variables. */
  attributes(certificateId: string): Promise<CertificateAttributes | undefined>;
  /** The policies that the platform gave it, besides those attached; by ARN of the principal. */
  servicePolicies(principalArn: string): Promise<readonly NamedDocument[]>;
  /** Who shows this certificate (DER), and `chain` with it, in a handshake; see `certificate-authentication.ts`. */
  authenticateCertificate(
    der: Buffer,
    serverName: string | undefined,
    chain?: readonly Buffer[],
  ): Promise<CertificatePrincipal | CertificateRefusal>;
  /** Calls `listener` after each change of a status and each deletion ('DELETED'); returns how to stop. It must not throw. */
  onStatusChange(listener: StatusListener): () => void;
}

const DEFAULT_PAGE_SIZE = 25;
const SERVICE_MADE_SUBJECT = distinguishedName({ commonName: 'AWS IoT Certificate' });
const EMPTY_SUBJECT = distinguishedName({});
/** RSA keys take tens to hundreds of milliseconds: made in libuv's threads, not on the loop. */
const generateRsaKeys = promisify(generateKeyPair);

export function createCertificates(deps: CertificatesDeps): Certificates {
  const { clock, place, store } = deps;
  const records = new CertificateRecords(store);
  const cas = new CaCertificateRecords(store);
  const inside: Inside = { ...deps, records, cas };
  const autoRegistration = createAutoRegistration(inside);
  const issuing = createIssuing(inside);
  const code = createRegistrationCode(store, deps.random);
  return {
    operations: {
      ...creation(issuing),
      ...administration(inside),
      ...registrationOperations(inside),
      ...transferOperations(inside),
      ...caCertificateOperations({ ...deps, records: cas, certificates: records, code }),
    },
    issuing,
    principals: { exists: (arn) => isRegistered(records, arn, place) },
    caCertificateExists: async (arn) => {
      const id = idIn(arn, caCertificateArn(place, ''));
      return id !== undefined && (await cas.get(id)) !== undefined;
    },
    attributes: async (certificateId) => {
      const record = await records.get(certificateId);
      return record && certificateAttributes(new X509Certificate(record.pem));
    },
    servicePolicies: async (arn) => {
      const id = idIn(arn, certificateArn(place, ''));
      const record = id === undefined ? undefined : await records.get(id);
      if (record?.servicePolicy === undefined) return [];
      return [{ policyName: 'service', policyArn: arn, document: parsePolicyDocument(record.servicePolicy) }];
    },
    authenticateCertificate: (der, serverName, chain = []) =>
      authenticateCertificate(der, serverName, chain, { records, clock, place, autoRegistration }),
    onStatusChange: (listener) => records.onStatusChange(listener),
  };
}

type Creation = 'createKeysAndCertificate' | 'createCertificateFromCsr';

function createIssuing(deps: Inside): CertificateIssuing {
  return {
    async withKeys({ notAfterMs, ...registration }) {
      const keys = await generateRsaKeys('rsa', { modulusLength: 2048 });
      const certificate = deps.keyMaterial.issueDeviceCertificate(SERVICE_MADE_SUBJECT, keys.publicKey, notAfterMs);
      const registered = await register(deps, certificate, { ...registration, mode: 'DEFAULT' });
      return {
        ...registered,
        certificatePem: certificate.toString(),
        keyPair: {
          PublicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
          PrivateKey: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
        },
      };
    },
    async fromCsr(csr, { notAfterMs, ...registration }) {
      const { subject, publicKey } = readCertificateRequest(csr);
      const certificate = issueFor(deps, subject, publicKey, notAfterMs);
      const registered = await register(deps, certificate, { ...registration, mode: 'DEFAULT' });
      return { ...registered, certificatePem: certificate.toString() };
    },
    async adopt(pem, { notAfterMs: _, ...registration }) {
      const certificate = readCertificate(pem);
      const registered = await register(deps, certificate, { ...registration, mode: 'DEFAULT' });
      return { ...registered, certificatePem: certificate.toString() };
    },
  };
}

function creation(issuing: CertificateIssuing): Pick<IotOperations, Creation> {
  return {
    createKeysAndCertificate: ({ setAsActive }) => issuing.withKeys({ status: initialStatus(setAsActive) }),
    createCertificateFromCsr: ({ certificateSigningRequest, setAsActive }) =>
      issuing.fromCsr(certificateSigningRequest, { status: initialStatus(setAsActive) }),
  };
}

function administration(deps: Inside): Pick<IotOperations, Exclude<OwnOperations, Creation>> {
  const { clock, place, records } = deps;
  return {
    describeCertificate: async (input) => {
      const certificateId = input.certificateId.toLowerCase();
      const record = await records.get(certificateId);
      if (!record) throw noSuchCertificate(certificateId);
      return { certificateDescription: certificateDescription(certificateId, record, place) };
    },
    listCertificates: async ({ ascendingOrder = false, ...input }) => {
      const list = `ListCertificates ${ascendingOrder}`;
      const page = await records.list({ ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder });
      return {
        certificates: page.items.map(({ key, value }) => certificateSummary(key, value, place)),
        nextMarker: pageToken(list, page),
      };
    },
    updateCertificate: async (input) => {
      const certificateId = input.certificateId.toLowerCase();
      const found = await records.change(certificateId, (record) => withStatus(record, input.newStatus, clock.now()));
      if (!found) throw noSuchCertificate(certificateId);
      return {};
    },
    deleteCertificate: async ({ forceDelete = false, ...input }) => {
      const certificateId = input.certificateId.toLowerCase();
      const found = await records.remove(certificateId, async (record) => {
        await refuseDeletion(deps, certificateId, record.status, forceDelete);
        return deps.policies.detachAll(certificateArn(place, certificateId));
      });
      if (!found) throw noSuchCertificate(certificateId);
      return {};
    },
  };
}

function initialStatus(setAsActive = false): CertificateStatus {
  return setAsActive ? 'ACTIVE' : 'INACTIVE';
}

/**
 * A certificate must have a subject (RFC 5280, 4.1.2.6), a request need not. And a subject that reads as a name may still
 * be one that OpenSSL refuses.
 */
function issueFor(
  deps: CertificatesDeps,
  subject: Buffer,
  publicKey: KeyObject,
  notAfterMs: number | undefined,
): X509Certificate {
  const isEmpty = subject.equals(EMPTY_SUBJECT);
  try {
    return deps.keyMaterial.issueDeviceCertificate(isEmpty ? SERVICE_MADE_SUBJECT : subject, publicKey, notAfterMs);
  } catch (error) {
    throw invalidCsr(`no certificate can be made of its subject (${messageOf(error)})`);
  }
}

/** The status machine of UpdateCertificate. REVOKED is final; a certificate in transfer is not its owner's to change. */
function withStatus(record: CertificateRecord, newStatus: CertificateStatus, nowMs: number): CertificateRecord {
  if (newStatus !== 'ACTIVE' && newStatus !== 'INACTIVE' && newStatus !== 'REVOKED') {
    throw invalidRequest(`The status of a certificate cannot be set to ${newStatus}`);
  }
  if (record.status === newStatus) return record;
  if (record.status === 'REVOKED' || record.status === 'PENDING_TRANSFER') {
    throw wrongState(`A certificate with the status ${record.status} cannot be set to ${newStatus}`);
  }
  return { ...record, status: newStatus, modifiedMs: nowMs, customerVersion: record.customerVersion + 1 };
}

async function refuseDeletion(
  { policies, things, place }: CertificatesDeps,
  certificateId: string,
  status: CertificateStatus,
  forceDelete: boolean,
): Promise<void> {
  const arn = certificateArn(place, certificateId);
  if (status === 'ACTIVE') {
    throw wrongState(`Certificate must be deactivated (not ACTIVE) before deletion. Id: ${certificateId}`);
  }
  if (status === 'PENDING_TRANSFER') {
    throw wrongState(`The transfer of the certificate must be cancelled before deletion. Id: ${certificateId}`);
  }
  if (await things.hasThings(arn)) {
    throw deleteConflict(`Things must be detached before deletion (arn: ${arn})`);
  }
  if (!forceDelete && (await policies.hasPolicies(arn))) {
    throw deleteConflict(`Certificate policies must be detached before deletion (arn: ${arn})`);
  }
}

async function isRegistered(records: CertificateRecords, arn: string, place: Place): Promise<boolean> {
  const certificateId = idIn(arn, certificateArn(place, ''));
  return certificateId !== undefined && (await records.get(certificateId)) !== undefined;
}

/** The certificate id after `head`; undefined if the ARN is another. */
function idIn(arn: string, head: string): string | undefined {
  const id = arn.startsWith(head) ? arn.slice(head.length) : '';
  return /^[0-9a-f]{64}$/.test(id) ? id : undefined;
}
