/**
 * Who is it, from the certificate shown in a TLS handshake. The handshake has proved that the client holds the key; what
 * counts here is only that this exact certificate is registered, ACTIVE and within its validity. Nobody's signature on it is
 * asked for (gateway-broker.md section 3), but for an unknown one that its CA lets register itself: that is refused too, and
 * known from then on. Called by the gateway for every connection, so the answer mostly comes from memory.
 */
import type { CertificateStatus } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { AutoRegistration } from './auto-registration.ts';
import { certificateIdOf } from './certificate-intake.ts';
import type { CertificateRecord, CertificateRecords } from './certificate-records.ts';
import type { CertificatePrincipal } from './principal.ts';

/**
 * UNKNOWN: not registered. WITHOUT_SNI: registered without a CA, so that its client must name the server in the handshake
 * (which it does when it connects to a host name, not an address). A status: registered, but that is its status.
 */
export type CertificateRefusalReason =
  | 'UNKNOWN'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'WITHOUT_SNI'
  | Exclude<CertificateStatus, 'ACTIVE'>;

export interface CertificateRefusal {
  readonly kind: 'refusal';
  readonly certificateId: string;
  /** For the log; a client is not told. */
  readonly reason: CertificateRefusalReason;
}

export interface CertificateAuthenticationDeps {
  readonly records: Pick<CertificateRecords, 'get'>;
  readonly clock: Clock;
  readonly place: Place;
  readonly autoRegistration: AutoRegistration;
}

/**
 * `der`: the certificate as the client sent it; `serverName`: its SNI; `chain`: the certificates it sent along, if it
 * did. The answer is about now: whoever keeps a connection open watches
 * `onStatusChange`, beginning before it asks.
 */
export async function authenticateCertificate(
  der: Buffer,
  serverName: string | undefined,
  chain: readonly Buffer[],
  { records, clock, place, autoRegistration }: CertificateAuthenticationDeps,
): Promise<CertificatePrincipal | CertificateRefusal> {
  const id = certificateIdOf(der);
  const record = (await records.get(id)) ?? (await autoRegistration.register(der, chain));
  if (record?.status === 'PENDING_ACTIVATION') await autoRegistration.announce(id, record);
  const reason = reasonToRefuse(record, serverName, clock.now());
  if (reason) return { kind: 'refusal', certificateId: id, reason };
  return { kind: 'certificate', id, arn: iotArn(place, `cert/${id}`) };
}

function reasonToRefuse(
  record: CertificateRecord | undefined,
  serverName: string | undefined,
  nowMs: number,
): CertificateRefusalReason | undefined {
  if (!record) return 'UNKNOWN';
  if (record.status !== 'ACTIVE') return record.status;
  if (nowMs < record.notBeforeMs) return 'NOT_YET_VALID';
  if (nowMs > record.notAfterMs) return 'EXPIRED';
  if (record.mode === 'SNI_ONLY' && !serverName) return 'WITHOUT_SNI';
  return undefined;
}
