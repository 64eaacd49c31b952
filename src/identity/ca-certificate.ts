/**
 * CA certificates: the API's operations on them (identity-registry-provisioning.md section 1.4). Whoever registers one
 * in DEFAULT mode proves to have its key with a certificate for the registration code. Called by `certificate.ts`.
 * Deactivating or deleting a CA stops new registrations; certificates that came in through it stay what they are.
 */
import type { X509Certificate } from 'node:crypto';
import type {
  CACertificateDescription,
  IotOperations,
  RegisterCACertificateRequest,
  RegistrationConfig,
  Tag,
  UpdateCACertificateRequest,
} from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, limitExceeded, notFound, ServiceError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Write } from '../store/store.ts';
import { CAS_PER_SUBJECT, type CaCertificateRecord, type CaCertificateRecords } from './ca-certificate-records.ts';
import { certificateSummary } from './certificate-description.ts';
import { noSuchCaCertificate, wrongState } from './certificate-error.ts';
import { certificateIdOf, invalidCertificate, readCaCertificate, readCertificate } from './certificate-intake.ts';
import type { CertificateRecords } from './certificate-records.ts';
import { isIssuedBy, nameKey, validityOf } from './issuer.ts';
import type { RegistrationCode } from './registration-code.ts';
import { type Provisioning, type RegistrationTemplate, registrationTemplate } from './registration-template.ts';

export interface CaCertificatesDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly records: CaCertificateRecords;
  readonly certificates: Pick<CertificateRecords, 'listByCa'>;
  readonly code: RegistrationCode;
  /** The writes that give the CA certificate of this ARN its first tags, or, with none, take all. Throws for bad tags. */
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
  /** Absent: templates are kept as they are given. */
  readonly provisioning?: Pick<Provisioning, 'checkTemplate'>;
}

export type CaCertificateOperations = Pick<
  IotOperations,
  | 'getRegistrationCode'
  | 'deleteRegistrationCode'
  | 'registerCACertificate'
  | 'describeCACertificate'
  | 'listCACertificates'
  | 'updateCACertificate'
  | 'deleteCACertificate'
  | 'listCertificatesByCA'
>;

const DEFAULT_PAGE_SIZE = 25;

export function caCertificateOperations(deps: CaCertificatesDeps): CaCertificateOperations {
  const { clock, place, records, code } = deps;
  return {
    getRegistrationCode: async () => ({ registrationCode: await code.ensure() }),
    deleteRegistrationCode: async () => {
      if (!(await code.remove())) throw notFound('There is no registration code');
      return {};
    },
    registerCACertificate: (input) => register(deps, input),
    describeCACertificate: async (input) => {
      const caCertificateId = input.certificateId.toLowerCase();
      const record = await records.get(caCertificateId);
      if (!record) throw noSuchCaCertificate(caCertificateId);
      return {
        certificateDescription: description(caCertificateId, record, place),
        ...(record.template && { registrationConfig: record.template }),
      };
    },
    listCACertificates: async ({ ascendingOrder = false, templateName, ...input }) => {
      const list = `ListCACertificates ${ascendingOrder} ${templateName ?? ''}`;
      const range = { ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder };
      const page = await records.list(range, templateName);
      return {
        certificates: page.items.map(({ key, value }) => summary(key, value, place)),
        nextMarker: pageToken(list, page),
      };
    },
    updateCACertificate: async (input) => {
      const caCertificateId = input.certificateId.toLowerCase();
      const update = await readUpdate(deps, input);
      const found = await records.change(caCertificateId, (record) => updated(record, update, clock.now()));
      if (!found) throw noSuchCaCertificate(caCertificateId);
      return {};
    },
    deleteCACertificate: async (input) => {
      const caCertificateId = input.certificateId.toLowerCase();
      const found = await records.remove(caCertificateId, ({ status }) => {
        if (status === 'ACTIVE') {
          throw wrongState(`CA certificate must be deactivated (not ACTIVE) before deletion. Id: ${caCertificateId}`);
        }
        return deps.tagsFor(caCertificateArn(place, caCertificateId), undefined);
      });
      if (!found) throw noSuchCaCertificate(caCertificateId);
      return {};
    },
    listCertificatesByCA: async ({ ascendingOrder = false, ...input }) => {
      const caCertificateId = input.caCertificateId.toLowerCase();
      const list = `ListCertificatesByCA ${ascendingOrder} ${caCertificateId}`;
      const range = { ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder };
      const page = await deps.certificates.listByCa(caCertificateId, range);
      return {
        certificates: page.items.map(({ key, value }) => certificateSummary(key, value, place)),
        nextMarker: pageToken(list, page),
      };
    },
  };
}

async function register(deps: CaCertificatesDeps, input: RegisterCACertificateRequest) {
  const { clock, random, place, records } = deps;
  const { certificateMode = 'DEFAULT', setAsActive = false, allowAutoRegistration = false, tags } = input;
  const certificate = readCaCertificate(input.caCertificate);
  const validity = validityOf(certificate);
  if (clock.now() > validity.notAfterMs) throw invalidCertificate('it has expired');
  if (certificateMode === 'DEFAULT') await checkPossession(deps, certificate, input.verificationCertificate);
  else if (input.verificationCertificate !== undefined) {
    throw invalidRequest('A CA certificate in the mode SNI_ONLY is registered without a verification certificate');
  }
  const template = await readTemplate(deps, input.registrationConfig);
  const certificateId = certificateIdOf(certificate.raw);
  const certificateArn = caCertificateArn(place, certificateId);
  const record: CaCertificateRecord = {
    pem: certificate.toString(),
    subjectKey: nameKey(certificate.subject) ?? '',
    status: setAsActive ? 'ACTIVE' : 'INACTIVE',
    mode: certificateMode,
    autoRegistration: allowAutoRegistration,
    ...(template && { template }),
    ownedBy: place.account,
    createdMs: clock.now(),
    modifiedMs: clock.now(),
    customerVersion: 1,
    generationId: random.uuid(),
    ...validity,
  };
  const outcome = await records.add(certificateId, record, deps.tagsFor(certificateArn, tags));
  if (outcome === 'EXISTS') {
    throw alreadyExists('The CA certificate is already registered', {
      resourceId: certificateId,
      resourceArn: certificateArn,
    });
  }
  if (outcome === 'FULL') {
    throw limitExceeded(`No more than ${CAS_PER_SUBJECT} CA certificates can have the same subject`);
  }
  return { certificateArn, certificateId };
}

/** The verification certificate: made with the CA's key, now, for nobody but this installation. */
async function checkPossession(
  { clock, code }: CaCertificatesDeps,
  ca: X509Certificate,
  verificationPem: string | undefined,
): Promise<void> {
  if (verificationPem === undefined) {
    throw invalidRequest('A CA certificate in the mode DEFAULT is registered with a verification certificate');
  }
  const verification = readCertificate(verificationPem);
  if (!isIssuedBy(verification, ca)) {
    throw invalidCertificate('the verification certificate was not issued by the CA certificate');
  }
  if (clock.now() > verification.validToDate.getTime()) {
    throw invalidCertificate('the verification certificate has expired');
  }
  const registrationCode = await code.current();
  if (registrationCode === undefined || commonName(verification) !== registrationCode) {
    throw new ServiceError(
      'RegistrationCodeValidationException',
      'The common name of the verification certificate is not the registration code',
    );
  }
}

/** Undefined when there is none, or several. */
function commonName(certificate: X509Certificate): string | undefined {
  const { CN } = certificate.toLegacyObject().subject as { readonly CN?: string | string[] };
  return typeof CN === 'string' ? CN : undefined;
}

async function readTemplate(
  { provisioning }: CaCertificatesDeps,
  config: RegistrationConfig | undefined,
): Promise<RegistrationTemplate | undefined> {
  if (!config) return undefined;
  const template = registrationTemplate(config);
  await provisioning?.checkTemplate(template);
  return template;
}

type Update = Partial<Pick<CaCertificateRecord, 'status' | 'autoRegistration' | 'template'>> & {
  readonly withoutTemplate: boolean;
};

/** `removeAutoRegistration` takes away the template, and auto-registration too unless the same call enables it. */
async function readUpdate(deps: CaCertificatesDeps, input: UpdateCACertificateRequest): Promise<Update> {
  const { newStatus, newAutoRegistrationStatus, registrationConfig, removeAutoRegistration = false } = input;
  if (registrationConfig && removeAutoRegistration) {
    throw invalidRequest('registrationConfig cannot be given together with removeAutoRegistration');
  }
  const template = await readTemplate(deps, registrationConfig);
  const autoRegistration = newAutoRegistrationStatus ?? (removeAutoRegistration ? 'DISABLE' : undefined);
  return {
    ...(newStatus && { status: newStatus }),
    ...(autoRegistration && { autoRegistration: autoRegistration === 'ENABLE' }),
    ...(template && { template }),
    withoutTemplate: removeAutoRegistration,
  };
}

/** The record itself when the update changes nothing. */
function updated(record: CaCertificateRecord, update: Update, nowMs: number): CaCertificateRecord {
  const { withoutTemplate, ...changes } = update;
  const { template, ...rest } = { ...record, ...changes };
  const changed: CaCertificateRecord = { ...rest, ...(template && !withoutTemplate && { template }) };
  const isSame =
    changed.status === record.status &&
    changed.autoRegistration === record.autoRegistration &&
    JSON.stringify(changed.template) === JSON.stringify(record.template);
  return isSame ? record : { ...changed, modifiedMs: nowMs, customerVersion: record.customerVersion + 1 };
}

function summary(caCertificateId: string, record: CaCertificateRecord, place: Place) {
  return {
    certificateArn: caCertificateArn(place, caCertificateId),
    certificateId: caCertificateId,
    status: record.status,
    creationDate: new Date(record.createdMs),
  };
}

function description(caCertificateId: string, record: CaCertificateRecord, place: Place): CACertificateDescription {
  return {
    ...summary(caCertificateId, record, place),
    certificatePem: record.pem,
    ownedBy: record.ownedBy,
    autoRegistrationStatus: record.autoRegistration ? 'ENABLE' : 'DISABLE',
    lastModifiedDate: new Date(record.modifiedMs),
    customerVersion: record.customerVersion,
    generationId: record.generationId,
    validity: { notBefore: new Date(record.notBeforeMs), notAfter: new Date(record.notAfterMs) },
    certificateMode: record.mode,
  };
}

export function caCertificateArn(place: Place, caCertificateId: string): string {
  return iotArn(place, `cacert/${caCertificateId}`);
}
