/**
 * How certificates come into the registry: the one function that adds them, and the operations that register a
 * certificate somebody else issued (identity-registry-provisioning.md section 1.3, ways 4 and 7). Called by `certificate.ts`
 * and, for certificates that register themselves, by `auto-registration.ts`.
 */
import type { X509Certificate } from 'node:crypto';
import type { CertificateStatus, IotOperations } from '../api/generated/iot.ts';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, ServiceError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { CaCertificateRecords, RegisteredCa } from './ca-certificate-records.ts';
import { certificateArn } from './certificate-description.ts';
import { wrongState } from './certificate-error.ts';
import { certificateIdOf, invalidCertificate, readCaCertificate, readCertificate } from './certificate-intake.ts';
import type { CertificateRecord, CertificateRecords } from './certificate-records.ts';
import { findIssuers, isIssuedBy, isValidAt, validityOf } from './issuer.ts';

export interface RegistrationDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly records: CertificateRecords;
  readonly cas: CaCertificateRecords;
}

/** What registration decides; the rest of a record is the certificate's own, or the same for all. */
export type Registration = Pick<CertificateRecord, 'status' | 'mode' | 'caCertificateId' | 'servicePolicy'>;

type RegistrationOperations = Pick<IotOperations, 'registerCertificate' | 'registerCertificateWithoutCA'>;

export function registrationOperations(deps: RegistrationDeps): RegistrationOperations {
  return {
    registerCertificate: async ({ certificatePem, caCertificatePem, status, setAsActive = false }) => {
      const registeredStatus = checkedStatus(status ?? (setAsActive ? 'ACTIVE' : 'INACTIVE'));
      const certificate = readCertificate(certificatePem);
      await refuseKnown(deps, certificate);
      const { caCertificateId, record: ca } = await issuerOf(deps, certificate, caCertificatePem);
      return register(deps, certificate, { status: registeredStatus, mode: ca.mode, caCertificateId });
    },
    registerCertificateWithoutCA: async ({ certificatePem, status = 'INACTIVE' }) =>
      register(deps, readCertificate(certificatePem), { status: checkedStatus(status), mode: 'SNI_ONLY' }),
  };
}

/** What is registered, as every operation that does so returns it. Throws ResourceAlreadyExistsException. */
export async function register(
  deps: RegistrationDeps,
  certificate: X509Certificate,
  registration: Registration,
): Promise<{ certificateArn: string; certificateId: string }> {
  const certificateId = certificateIdOf(certificate.raw);
  if (!(await deps.records.add(certificateId, newRecord(deps, certificate, registration)))) {
    throw isKnown(deps.place, certificateId);
  }
  return { certificateArn: certificateArn(deps.place, certificateId), certificateId };
}

export function newRecord(
  { clock, random, place }: Pick<RegistrationDeps, 'clock' | 'random' | 'place'>,
  certificate: X509Certificate,
  registration: Registration,
): CertificateRecord {
  return {
    pem: certificate.toString(),
    ...registration,
    ownedBy: place.account,
    createdMs: clock.now(),
    modifiedMs: clock.now(),
    customerVersion: 1,
    generationId: random.uuid(),
    ...validityOf(certificate),
  };
}

/** Said before anything is said of its CA, which may be gone by now. */
async function refuseKnown({ records, place }: RegistrationDeps, certificate: X509Certificate): Promise<void> {
  const certificateId = certificateIdOf(certificate.raw);
  if (await records.get(certificateId)) throw isKnown(place, certificateId);
}

function isKnown(place: Place, certificateId: string): ServiceError {
  return alreadyExists('The certificate is already provisioned or registered', {
    resourceId: certificateId,
    resourceArn: certificateArn(place, certificateId),
  });
}

/** The other statuses are reached on ways of their own. */
function checkedStatus(status: CertificateStatus): CertificateStatus {
  if (status === 'ACTIVE' || status === 'INACTIVE' || status === 'REVOKED') return status;
  throw invalidRequest(`A certificate cannot be registered with the status ${status}`);
}

/**
 * The registered CA through which `certificate` is registered. Throws CertificateValidationException when there is none,
 * CertificateConflictException when only `caCertificatePem` could say which, CertificateStateException when it is INACTIVE.
 */
async function issuerOf(
  deps: RegistrationDeps,
  certificate: X509Certificate,
  caCertificatePem: string | undefined,
): Promise<RegisteredCa> {
  const issuers = caCertificatePem
    ? [await namedIssuer(deps, certificate, caCertificatePem)]
    : await findIssuers(certificate, deps.cas);
  if (issuers.length === 0) throw invalidCertificate('it was not issued by a registered CA certificate');
  const active = issuers.filter(({ record }) => record.status === 'ACTIVE');
  if (active.length === 0) throw wrongState('The CA certificate that issued the certificate is not ACTIVE');
  if (active.length > 1) {
    throw new ServiceError(
      'CertificateConflictException',
      'Several registered CA certificates have the subject and the key that issued the certificate: name one with caCertificatePem',
    );
  }
  if (!isValidAt(active[0].record, deps.clock.now())) {
    throw invalidCertificate('the CA certificate that issued it is not within its validity');
  }
  return active[0];
}

async function namedIssuer(
  { cas }: RegistrationDeps,
  certificate: X509Certificate,
  caCertificatePem: string,
): Promise<RegisteredCa> {
  const ca = readCaCertificate(caCertificatePem);
  const caCertificateId = certificateIdOf(ca.raw);
  const record = await cas.get(caCertificateId);
  if (!record) throw invalidCertificate('the CA certificate that was given is not registered');
  if (!isIssuedBy(certificate, ca)) throw invalidCertificate('it was not issued by the CA certificate that was given');
  return { caCertificateId, record };
}
