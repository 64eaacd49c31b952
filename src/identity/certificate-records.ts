/**
 * The registered certificates as they are stored, with the few recently used kept in memory, because every connection
 * asks for one. Every change of a certificate goes through here: that is what keeps the memory right and tells those
 * who must know (the broker) that a certificate is no longer what it was. Called by everything here that is about
 * certificates of devices; knows the store, not the API.
 */

import type { CertificateMode, CertificateStatus } from '../api/generated/iot.ts';
import { Lru } from '../base/lru.ts';
import { type Collection, type Page, type Range, type Store, VersionMismatch, type Write } from '../store/store.ts';

/** A registered certificate; its key in the store is the certificate id. Times are milliseconds since the epoch. */
export interface CertificateRecord {
  readonly pem: string;
  readonly status: CertificateStatus;
  readonly mode: CertificateMode;
  /** The registered CA it came in through. */
  readonly caCertificateId?: string;
  readonly ownedBy: string;
  /** Who had it before the latest transfer that was accepted. */
  readonly previousOwnedBy?: string;
  /** The latest transfer; none once it was cancelled. */
  readonly transfer?: CertificateTransfer;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** Counts the changes: 1 for a new certificate. */
  readonly customerVersion: number;
  readonly generationId: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** A policy document that the platform gave it, and nobody can take away: that of a provisioning claim. */
  readonly servicePolicy?: string;
}

/** A transfer to another account: under way while the certificate is PENDING_TRANSFER, over with one of the later dates. */
export interface CertificateTransfer {
  readonly targetAccount: string;
  readonly message?: string;
  readonly transferMs: number;
  readonly acceptMs?: number;
  readonly rejectMs?: number;
  readonly rejectReason?: string;
}

/** Called after a certificate's status changed or it was deleted, once that is durable. Must not throw. */
export type StatusListener = (certificateId: string, status: CertificateStatus | 'DELETED') => void;

/** How many certificates are kept in memory: some 2 KB each. */
const REMEMBERED = 10_000;
/** A change that loses a race is decided anew; so often in a row it does not happen by chance. */
const ATTEMPTS = 20;

export class CertificateRecords {
  readonly #store: Store;
  readonly #collection: Collection<CertificateRecord>;
  readonly #recent: Lru<string, CertificateRecord>;
  readonly #listeners = new Set<StatusListener>();
  /** Counts what was forgotten, so that a read which began before does not bring it back. */
  #forgotten = 0;

  constructor(store: Store, remembered = REMEMBERED) {
    this.#store = store;
    this.#recent = new Lru(remembered);
    this.#collection = store.collection<CertificateRecord>({
      name: 'certificate',
      indexes: {
        created: (record) => [sortableTime(record.createdMs)],
        ca: ({ caCertificateId, createdMs }) =>
          caCertificateId === undefined ? [] : [`${caCertificateId}/${sortableTime(createdMs)}`],
        outgoing: ({ status, ownedBy, transfer }) =>
          status === 'PENDING_TRANSFER' && transfer ? [`${ownedBy}/${sortableTime(transfer.transferMs)}`] : [],
      },
    });
  }

  /** As last committed, possibly from memory. Unknown certificates are not remembered: anybody can make some up. */
  async get(certificateId: string): Promise<CertificateRecord | undefined> {
    const known = this.#recent.get(certificateId);
    if (known) return known;
    const forgottenBefore = this.#forgotten;
    const stored = await this.#collection.get(certificateId);
    if (stored && this.#forgotten === forgottenBefore) this.#recent.set(certificateId, stored.value);
    return stored?.value;
  }

  /** In the order of creation. */
  list(range: Omit<Range, 'prefix'>): Promise<Page<CertificateRecord>> {
    return this.#collection.findPrefix('created', '', range);
  }

  /** Those that came in through a CA, in the order of creation. */
  listByCa(caCertificateId: string, range: Omit<Range, 'prefix'>): Promise<Page<CertificateRecord>> {
    return this.#collection.findPrefix('ca', `${caCertificateId}/`, range);
  }

  /** Those of an account that wait to be accepted by another, in the order of their transfers. */
  listOutgoing(account: string, range: Omit<Range, 'prefix'>): Promise<Page<CertificateRecord>> {
    return this.#collection.findPrefix('outgoing', `${account}/`, range);
  }

  /** Adds a certificate; false if it is there already. */
  async add(certificateId: string, record: CertificateRecord): Promise<boolean> {
    try {
      await this.#store.commit([this.#collection.put(certificateId, record, { ifVersion: 0 })]);
    } catch (error) {
      if (error instanceof VersionMismatch) return false;
      throw error;
    }
    return true;
  }

  /**
   * Replaces a certificate's record by what `decide` makes of it; what `decide` returns unchanged is not written.
   * False if there is no such certificate. `decide` may throw, and is asked again when somebody else was faster.
   */
  change(
    certificateId: string,
    decide: (record: CertificateRecord) => CertificateRecord | Promise<CertificateRecord>,
  ): Promise<boolean> {
    return this.#untilUncontested(certificateId, async (record, version) => {
      const changed = await decide(record);
      if (changed === record) return;
      await this.#store.commit([this.#collection.put(certificateId, changed, { ifVersion: version })]);
      this.#changed(certificateId, changed.status);
    });
  }

  /**
   * Deletes a certificate together with what `decide`, which may throw, returns: all or nothing. False if there is no
   * such certificate.
   */
  remove(certificateId: string, decide: (record: CertificateRecord) => Promise<readonly Write[]>): Promise<boolean> {
    return this.#untilUncontested(certificateId, async (record, version) => {
      const alongside = await decide(record);
      await this.#store.commit([...alongside, this.#collection.delete(certificateId, { ifVersion: version })]);
      this.#changed(certificateId, 'DELETED');
    });
  }

  onStatusChange(listener: StatusListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(certificateId: string, status: CertificateStatus | 'DELETED'): void {
    this.#forgotten++;
    this.#recent.delete(certificateId);
    for (const listener of this.#listeners) listener(certificateId, status);
  }

  async #untilUncontested(
    certificateId: string,
    attempt: (record: CertificateRecord, version: number) => Promise<void>,
  ): Promise<boolean> {
    for (let left = ATTEMPTS; ; left--) {
      const stored = await this.#collection.get(certificateId);
      if (!stored) return false;
      try {
        await attempt(stored.value, stored.version);
        return true;
      } catch (error) {
        if (!(error instanceof VersionMismatch) || left <= 1) throw error;
      }
    }
  }
}

/** Milliseconds as digits that sort like the number. */
export function sortableTime(epochMs: number): string {
  return String(epochMs).padStart(16, '0');
}
