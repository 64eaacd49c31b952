/**
 * Certificates that register themselves (identity-registry-provisioning.md section 3): when a device shows one that nobody
 * knows, and a registered CA that allows it has issued it, it is stored as PENDING_ACTIVATION and the platform is told, so
 * that a rule can activate it (JITR) or the CA's template provisions it (JITP). The connection is refused in any case.
 * Called by `certificate-authentication.ts` only. Anything may be shown: nothing here throws for what a device sends.
 */
import { X509Certificate } from 'node:crypto';
import { messageOf, ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { MessageBus } from '../broker/message.ts';
import type { RegisteredCa } from './ca-certificate-records.ts';
import { certificateIdOf, readCertificateDer } from './certificate-intake.ts';
import type { CertificateRecord } from './certificate-records.ts';
import { newRecord, type RegistrationDeps } from './certificate-registration.ts';
import { findIssuers, isValidAt, validityOf } from './issuer.ts';
import type { Provisioning, RegistrationTemplate } from './registration-template.ts';

export interface AutoRegistrationDeps extends RegistrationDeps {
  readonly log: Log;
  readonly publish: MessageBus['publish'];
  /** Absent: certificates of a CA with a template wait to be activated, as those of one without. */
  readonly provisioning?: Pick<Provisioning, 'provision'>;
}

export interface AutoRegistration {
  /** The record of a certificate (DER) that was unknown, if it is registered now; undefined if it may not be. */
  register(der: Buffer, chain: readonly Buffer[]): Promise<CertificateRecord | undefined>;
  /** A certificate that is PENDING_ACTIVATION was shown, the first time or again: tells the platform, runs the template. */
  announce(certificateId: string, record: CertificateRecord): Promise<void>;
}

export function createAutoRegistration(deps: AutoRegistrationDeps): AutoRegistration {
  const { cas, clock, log, records } = deps;
  /** Ids of certificates being provisioned: one that comes back meanwhile does not start another run. */
  const beingProvisioned = new Set<string>();

  const provision = async (
    certificateId: string,
    { pem }: CertificateRecord,
    caCertificateId: string,
    template: RegistrationTemplate,
  ): Promise<void> => {
    if (!deps.provisioning) {
      log.warn(
        { certificateId, caCertificateId },
        'a certificate waits: nothing here runs its CA certificate’s template',
      );
      return;
    }
    if (beingProvisioned.has(certificateId)) return;
    beingProvisioned.add(certificateId);
    try {
      await deps.provisioning.provision({ certificateId, certificatePem: pem }, caCertificateId, template);
    } finally {
      beingProvisioned.delete(certificateId);
    }
  };

  return {
    async register(der, chain) {
      const certificate = readable(der);
      if (!certificate) return undefined;
      const certificateId = certificateIdOf(der);
      const issuer = chosen(await findIssuers(certificate, cas), chain, clock.now());
      if (!issuer) return undefined;
      const { caCertificateId, record: ca } = issuer;
      const reason = reasonToRefuse(der, clock.now());
      if (reason) {
        log.warn(
          { certificateId, caCertificateId, reason },
          'a certificate was not registered when it was first shown',
        );
        return undefined;
      }
      const record = newRecord(deps, certificate, { status: 'PENDING_ACTIVATION', mode: ca.mode, caCertificateId });
      if (!(await records.add(certificateId, record))) return records.get(certificateId);
      log.info({ certificateId, caCertificateId }, 'a certificate was registered when it was first shown');
      return record;
    },
    async announce(certificateId, record) {
      const { caCertificateId } = record;
      if (caCertificateId === undefined || !isValidAt(record, clock.now())) return;
      const ca = await cas.get(caCertificateId);
      if (!ca || !mayRegister({ caCertificateId, record: ca }, clock.now())) return;
      try {
        await deps.publish(registeredEvent(deps, certificateId, caCertificateId, record));
        if (ca.template) await provision(certificateId, record, caCertificateId, ca.template);
      } catch (error) {
        // The device is refused anyway and comes back, which tries again.
        log.error({ certificateId, caCertificateId, cause: messageOf(error) }, 'a new certificate was not provisioned');
      }
    },
  };
}

/** Undefined for what is no certificate. Whether it is a good one is asked once its issuer is known. */
function readable(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** Why a certificate is not registered although its issuer would allow it. */
function reasonToRefuse(der: Buffer, nowMs: number): string | undefined {
  try {
    return isValidAt(validityOf(readCertificateDer(der)), nowMs) ? undefined : 'It is not within its validity';
  } catch (error) {
    if (error instanceof ServiceError) return error.message;
    throw error;
  }
}

/** Of several, the one whose certificate the device sent along; else the one registered last. */
function chosen(issuers: readonly RegisteredCa[], chain: readonly Buffer[], nowMs: number): RegisteredCa | undefined {
  const willing = issuers.filter((issuer) => mayRegister(issuer, nowMs));
  const sent = new Set(chain.map(certificateIdOf));
  return willing.find(({ caCertificateId }) => sent.has(caCertificateId)) ?? willing.at(-1);
}

function mayRegister({ record }: RegisteredCa, nowMs: number): boolean {
  return record.status === 'ACTIVE' && record.autoRegistration && isValidAt(record, nowMs);
}

function registeredEvent(
  { clock, place }: AutoRegistrationDeps,
  certificateId: string,
  caCertificateId: string,
  record: CertificateRecord,
) {
  const event = {
    certificateId,
    caCertificateId,
    timestamp: clock.now(),
    certificateStatus: 'PENDING_ACTIVATION',
    awsAccountId: place.account,
    certificateRegistrationTimestamp: String(record.createdMs),
  };
  const topic = `$aws/events/certificates/registered/${caCertificateId}`;
  return { topic, payload: Buffer.from(JSON.stringify(event)) };
}
