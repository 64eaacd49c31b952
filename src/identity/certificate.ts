/**
 * Certificates of devices: the API's operations on them, and their statuses (identity-registry-provisioning.md section
 * 1). The door calls `createCertificates` once. A private key made here is returned once and never stored. Nothing
 * writes a certificate except through `CertificateRecords`.
 */
import { generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateMode, CertificateStatus, IotOperations } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, deleteConflict, invalidRequest, messageOf, notFound, ServiceError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Store, Write } from '../store/store.ts';
import type { ThingDirectory } from './authority.ts';
import { certificateAttributes } from './certificate-attributes.ts';
import { authenticateCertificate, type CertificateRefusal } from './certificate-authentication.ts';
import { certificateIdOf, readCertificate } from './certificate-intake.ts';
import { type CertificateRecord, CertificateRecords, type StatusListener } from './certificate-records.ts';
import { invalidCsr, readCertificateRequest } from './csr.ts';
import type { KeyMaterial } from './key-material.ts';
import type { CertificateAttributes } from './policy-context.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { CertificatePrincipal } from './principal.ts';
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
}

export type CertificateOperations = Pick<
  IotOperations,
  | 'createKeysAndCertificate'
  | 'createCertificateFromCsr'
  | 'registerCertificateWithoutCA'
  | 'describeCertificate'
  | 'listCertificates'
  | 'updateCertificate'
  | 'deleteCertificate'
>;

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
}

export interface Certificates {
  readonly operations: CertificateOperations;
  readonly issuing: CertificateIssuing;
  /** Whether an ARN names a registered certificate, for those who attach things and policies to it. */
  readonly principals: { exists(arn: string): Promise<boolean> };
  /** What a registered certificate says of itself, for policy variables. */
  attributes(certificateId: string): Promise<CertificateAttributes | undefined>;
  /** The policies that the platform gave it, besides those attached; by ARN of the principal. */
  servicePolicies(principalArn: string): Promise<readonly NamedDocument[]>;
  /** Who shows this certificate (DER) in a handshake; see `certificate-authentication.ts`. */
  authenticateCertificate(der: Buffer): Promise<CertificatePrincipal | CertificateRefusal>;
  /** Calls `listener` after each change of a status and each deletion ('DELETED'); returns how to stop. It must not throw. */
  onStatusChange(listener: StatusListener): () => void;
  /** Forgets what is kept in memory, after the store was cleared. */
  forgetAll(): void;
}

const DEFAULT_PAGE_SIZE = 25;
const SERVICE_MADE_SUBJECT = distinguishedName({ commonName: 'AWS IoT Certificate' });
const EMPTY_SUBJECT = distinguishedName({});
/** RSA keys take tens to hundreds of milliseconds: made in libuv's threads, not on the loop. */
const generateRsaKeys = promisify(generateKeyPair);

export function createCertificates(deps: CertificatesDeps): Certificates {
  const { clock, place } = deps;
  const records = new CertificateRecords(deps.store);
  const issuing = createIssuing(deps, records);
  return {
    operations: { ...creation(deps, records, issuing), ...administration(deps, records) },
    issuing,
    principals: { exists: (arn) => isRegistered(records, arn, place) },
    attributes: async (certificateId) => {
      const record = await records.get(certificateId);
      return record && certificateAttributes(new X509Certificate(record.pem));
    },
    servicePolicies: async (arn) => {
      const head = arnOf('', place);
      const record = arn.startsWith(head) ? await records.get(arn.slice(head.length)) : undefined;
      if (record?.servicePolicy === undefined) return [];
      return [{ policyName: 'service', policyArn: arn, document: parsePolicyDocument(record.servicePolicy) }];
    },
    authenticateCertificate: (der) => authenticateCertificate(der, { records, clock, place }),
    onStatusChange: (listener) => records.onStatusChange(listener),
    forgetAll: () => records.forgetAll(),
  };
}

type Creation = 'createKeysAndCertificate' | 'createCertificateFromCsr' | 'registerCertificateWithoutCA';

function createIssuing(deps: CertificatesDeps, records: CertificateRecords): CertificateIssuing {
  return {
    async withKeys({ notAfterMs, ...registration }) {
      const keys = await generateRsaKeys('rsa', { modulusLength: 2048 });
      const certificate = deps.keyMaterial.issueDeviceCertificate(SERVICE_MADE_SUBJECT, keys.publicKey, notAfterMs);
      const registered = await register(deps, records, certificate, registration);
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
      const registered = await register(deps, records, certificate, registration);
      return { ...registered, certificatePem: certificate.toString() };
    },
  };
}

function creation(
  deps: CertificatesDeps,
  records: CertificateRecords,
  issuing: CertificateIssuing,
): Pick<CertificateOperations, Creation> {
  return {
    createKeysAndCertificate: ({ setAsActive }) => issuing.withKeys({ status: initialStatus(setAsActive) }),
    createCertificateFromCsr: ({ certificateSigningRequest, setAsActive }) =>
      issuing.fromCsr(certificateSigningRequest, { status: initialStatus(setAsActive) }),
    registerCertificateWithoutCA: async ({ certificatePem, status = 'INACTIVE' }) => {
      if (status !== 'ACTIVE' && status !== 'INACTIVE' && status !== 'REVOKED') {
        throw invalidRequest(`A certificate cannot be registered with the status ${status}`);
      }
      return register(deps, records, readCertificate(certificatePem), { status, mode: 'SNI_ONLY' });
    },
  };
}

function administration(deps: CertificatesDeps, records: CertificateRecords): Omit<CertificateOperations, Creation> {
  const { clock, place } = deps;
  return {
    describeCertificate: async (input) => {
      const certificateId = input.certificateId.toLowerCase();
      const record = await records.get(certificateId);
      if (!record) throw noSuchCertificate(certificateId);
      return { certificateDescription: description(certificateId, record, place) };
    },
    listCertificates: async ({ ascendingOrder = false, ...input }) => {
      const list = `ListCertificates ${ascendingOrder}`;
      const page = await records.list({ ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder });
      return {
        certificates: page.items.map(({ key, value }) => summary(key, value, place)),
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
      const arn = arnOf(certificateId, place);
      const found = await records.remove(certificateId, async (record) => {
        await refuseDeletion(deps, certificateId, record.status, forceDelete);
        return deps.policies.detachAll(arn);
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

/** What is registered, as every operation that does so returns it. Throws ResourceAlreadyExistsException. */
async function register(
  { clock, random, place }: CertificatesDeps,
  records: CertificateRecords,
  certificate: X509Certificate,
  { mode = 'DEFAULT', ...rest }: Pick<CertificateRecord, 'status' | 'servicePolicy'> & { mode?: CertificateMode },
): Promise<{ certificateArn: string; certificateId: string }> {
  const certificateId = certificateIdOf(certificate.raw);
  const certificateArn = arnOf(certificateId, place);
  const isNew = await records.add(certificateId, {
    pem: certificate.toString(),
    ...rest,
    mode,
    ownedBy: place.account,
    createdMs: clock.now(),
    modifiedMs: clock.now(),
    customerVersion: 1,
    generationId: random.uuid(),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  });
  if (!isNew) {
    throw alreadyExists('The certificate is already provisioned or registered', {
      resourceId: certificateId,
      resourceArn: certificateArn,
    });
  }
  return { certificateArn, certificateId };
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
  const arn = arnOf(certificateId, place);
  if (status === 'ACTIVE') {
    throw wrongState(`Certificate must be deactivated (not ACTIVE) before deletion. Id: ${certificateId}`);
  }
  if (await things.hasThings(arn)) {
    throw deleteConflict(`Things must be detached before deletion (arn: ${arn})`);
  }
  if (!forceDelete && (await policies.hasPolicies(arn))) {
    throw deleteConflict(`Certificate policies must be detached before deletion (arn: ${arn})`);
  }
}

function summary(certificateId: string, record: CertificateRecord, place: Place) {
  return {
    certificateArn: arnOf(certificateId, place),
    certificateId,
    status: record.status,
    certificateMode: record.mode,
    creationDate: new Date(record.createdMs),
  };
}

function description(certificateId: string, record: CertificateRecord, place: Place) {
  return {
    ...summary(certificateId, record, place),
    certificatePem: record.pem,
    caCertificateId: record.caCertificateId,
    ownedBy: record.ownedBy,
    lastModifiedDate: new Date(record.modifiedMs),
    customerVersion: record.customerVersion,
    generationId: record.generationId,
    validity: { notBefore: new Date(record.notBeforeMs), notAfter: new Date(record.notAfterMs) },
  };
}

function arnOf(certificateId: string, place: Place): string {
  return iotArn(place, `cert/${certificateId}`);
}

async function isRegistered(records: CertificateRecords, arn: string, place: Place): Promise<boolean> {
  const head = arnOf('', place);
  const certificateId = arn.startsWith(head) ? arn.slice(head.length) : '';
  if (!/^[0-9a-f]{64}$/.test(certificateId)) return false;
  return (await records.get(certificateId)) !== undefined;
}

function noSuchCertificate(certificateId: string): ServiceError {
  return notFound(`Certificate with ID ${certificateId} does not exist`);
}

function wrongState(message: string): ServiceError {
  return new ServiceError('CertificateStateException', message);
}
