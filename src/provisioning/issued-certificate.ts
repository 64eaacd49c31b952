/**
 * Certificates that provisioning makes and watches: those of devices on their way into a fleet, which wait an hour for
 * whoever has their ownership token, and claims, which work for five minutes (identity-registry-provisioning.md section 4).
 * What is not used by then is deleted. Called by `fleet-provisioning.ts` and `provisioning-claim.ts`.
 */
import { hash } from 'node:crypto';
import type { IotOperations, KeyPair } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf, ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Turns } from '../base/turns.ts';
import type { Collection, CollectionSpec, Store } from '../store/store.ts';

interface IssueOptions {
  readonly status: 'ACTIVE' | 'PENDING_ACTIVATION';
  readonly notAfterMs?: number;
  /** A policy document. */
  readonly servicePolicy?: string;
}

interface Requester {
  readonly principalId: string;
  readonly clientId: string;
}

interface Issued {
  readonly certificateId?: string;
  readonly certificatePem?: string;
}

/** Makes and registers certificates; identity provides it. */
export interface CertificateIssuing {
  withKeys(options: IssueOptions): Promise<Issued & { readonly keyPair?: KeyPair }>;
  /** `requester`: who asked, for whoever signs in our place. */
  fromCsr(csr: string, options: IssueOptions & { readonly requester?: Requester }): Promise<Issued>;
}

export interface IssuedCertificateDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly issuing: CertificateIssuing;
  readonly operations: Pick<IotOperations, 'describeCertificate' | 'updateCertificate' | 'deleteCertificate'>;
  /** In whose name expired certificates are deleted. */
  readonly context: RequestContext;
}

/** A certificate that waits, with what its device must show to get it provisioned. */
export interface PendingCertificate {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly certificateOwnershipToken: string;
}

export interface IssuedCertificates {
  /** `principalId`: who alone may use the token. */
  pendingWithKeys(principalId: string): Promise<PendingCertificate & { readonly privateKey: string }>;
  pendingFromCsr(csr: string, requester: Requester): Promise<PendingCertificate>;
  /** A certificate with these rights and no others, and its keys; its end, ms since the epoch. */
  claim(servicePolicy: string): Promise<{ certificate: Issued & { keyPair?: KeyPair }; expiresAtMs: number }>;
  /**
   * Runs `work` with the certificate of a token, which is spent when it resolves; undefined for a token that does not
   * hold: made up, spent, expired, or somebody else's.
   */
  redeem<T>(
    token: string,
    principalId: string,
    work: (certificate: { certificateId: string; certificatePem: string }) => Promise<T>,
  ): Promise<T | undefined>;
  /** Deletes what has expired from now on, and what did before. Returns how to stop. */
  start(): () => void;
}

/** Its key is the certificate id. */
interface IssuedRecord {
  readonly kind: 'pending' | 'claim';
  /** Of a pending one. Tokens themselves are kept nowhere. */
  readonly tokenHash?: string;
  readonly principalId?: string;
  readonly expiresAtMs: number;
}

const issuedCollection: CollectionSpec<IssuedRecord> = {
  name: 'provisioning_certificate',
  indexes: {
    token: ({ tokenHash }) => (tokenHash === undefined ? [] : [tokenHash]),
    expiry: ({ expiresAtMs }) => [String(expiresAtMs).padStart(16, '0')],
  },
};

const TOKEN_LIFE_MS = 3_600_000;
const CLAIM_LIFE_MS = 300_000;
/** A claim that is connected when it expires may stay so for this long. */
const SWEEP_MS = 10_000;
const SWEPT_AT_ONCE = 100;
const TOKEN_BYTES = 64;

export function createIssuedCertificates(deps: IssuedCertificateDeps): IssuedCertificates {
  const { clock, issuing, log, random, store } = deps;
  const records = store.collection(issuedCollection);
  const turns = new Turns();
  let isSweeping = false;

  async function withToken(issued: Issued, principalId: string): Promise<PendingCertificate> {
    const certificateOwnershipToken = random.bytes(TOKEN_BYTES).toString('base64url');
    const { certificateId, certificatePem } = issued as Required<Issued>;
    const record: IssuedRecord = {
      kind: 'pending',
      tokenHash: hashOf(certificateOwnershipToken),
      principalId,
      expiresAtMs: clock.now() + TOKEN_LIFE_MS,
    };
    await store.commit([records.put(certificateId, record, { ifVersion: 0 })]);
    return { certificateId, certificatePem, certificateOwnershipToken };
  }

  /** The certificate that a token is for, if it holds. */
  async function holderOf(token: string, principalId: string): Promise<string | undefined> {
    const [found] = (await records.find('token', hashOf(token), { limit: 1 })).items;
    if (!found || found.value.principalId !== principalId || found.value.expiresAtMs <= clock.now()) return undefined;
    return found.key;
  }

  async function sweep(): Promise<void> {
    if (isSweeping) return;
    isSweeping = true;
    try {
      for (const { key, value } of (await records.findPrefix('expiry', '', { limit: SWEPT_AT_ONCE })).items) {
        if (value.expiresAtMs > clock.now()) break;
        await turns.run(key, () => expire(deps, records, key));
      }
    } catch (error) {
      log.error({ cause: messageOf(error) }, 'expired certificates of provisioning could not be deleted');
    } finally {
      isSweeping = false;
    }
  }

  return {
    async pendingWithKeys(principalId) {
      const issued = await issuing.withKeys({ status: 'PENDING_ACTIVATION' });
      return { ...(await withToken(issued, principalId)), privateKey: issued.keyPair?.PrivateKey as string };
    },
    async pendingFromCsr(csr, requester) {
      const issued = await issuing.fromCsr(csr, { status: 'PENDING_ACTIVATION', requester });
      return withToken(issued, requester.principalId);
    },
    async claim(servicePolicy) {
      // Certificates know no milliseconds.
      const expiresAtMs = Math.floor((clock.now() + CLAIM_LIFE_MS) / 1000) * 1000;
      const certificate = await issuing.withKeys({ status: 'ACTIVE', notAfterMs: expiresAtMs, servicePolicy });
      await store.commit([records.put(certificate.certificateId as string, { kind: 'claim', expiresAtMs })]);
      return { certificate, expiresAtMs };
    },
    async redeem(token, principalId, work) {
      const certificateId = await holderOf(token, principalId);
      if (certificateId === undefined) return undefined;
      return turns.run(certificateId, async () => {
        if ((await holderOf(token, principalId)) !== certificateId) return undefined;
        const { certificateDescription } = await deps.operations.describeCertificate({ certificateId }, deps.context);
        const certificatePem = certificateDescription?.certificatePem as string;
        const result = await work({ certificateId, certificatePem });
        await store.commit([records.delete(certificateId)]);
        return result;
      });
    },
    start() {
      const timer = clock.every(SWEEP_MS, () => void sweep());
      void sweep();
      return () => timer.cancel();
    },
  };
}

/** Deletes one certificate whose time is over, unless somebody has taken it into use meanwhile. */
async function expire(
  deps: IssuedCertificateDeps,
  records: Collection<IssuedRecord>,
  certificateId: string,
): Promise<void> {
  const { clock, context, log, operations, store } = deps;
  const stored = await records.get(certificateId);
  if (!stored || stored.value.expiresAtMs > clock.now()) return;
  try {
    const isClaim = stored.value.kind === 'claim';
    if (isClaim) await operations.updateCertificate({ certificateId, newStatus: 'INACTIVE' }, context);
    const { certificateDescription } = await operations.describeCertificate({ certificateId }, context);
    if (isClaim || certificateDescription?.status === 'PENDING_ACTIVATION') {
      await operations.deleteCertificate({ certificateId, forceDelete: isClaim }, context);
    }
  } catch (error) {
    // Deleted already, or in use: it has a thing or a policy, or was activated.
    const isSettled = ['ResourceNotFoundException', 'DeleteConflictException', 'CertificateStateException'];
    if (!(error instanceof ServiceError) || !isSettled.includes(error.code)) throw error;
    if (error.code !== 'ResourceNotFoundException')
      log.info({ certificateId, cause: error.message }, 'a certificate stays');
  }
  await store.commit([records.delete(certificateId)]);
}

function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}
