/**
 * The registered CA certificates as they are stored. Several may have one subject (a CA that was renewed, or CAs that
 * chose the same name): a document for each subject lists them, which finds the issuer of a certificate in one read and
 * makes the limit hold when two register at once. Called by `ca-certificate.ts` and `issuer.ts`; knows the store, not the API.
 */
import type { CACertificateStatus, CertificateMode } from '../api/generated/iot.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, Page, Range, Store, Write } from '../store/store.ts';
import { sortableTime } from './certificate-records.ts';
import type { RegistrationTemplate } from './registration-template.ts';

/** Its key in the store is the certificate id. Times are milliseconds since the epoch. */
export interface CaCertificateRecord {
  readonly pem: string;
  /** What names alike have in common; see `nameKey` in `issuer.ts`. */
  readonly subjectKey: string;
  readonly status: CACertificateStatus;
  readonly mode: CertificateMode;
  /** Whether certificates it issued register themselves when they are first shown. */
  readonly autoRegistration: boolean;
  readonly template?: RegistrationTemplate;
  readonly ownedBy: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly customerVersion: number;
  readonly generationId: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface RegisteredCa {
  readonly caCertificateId: string;
  readonly record: CaCertificateRecord;
}

/** How many CA certificates may have one subject. */
export const CAS_PER_SUBJECT = 10;

export class CaCertificateRecords {
  readonly #store: Store;
  readonly #collection: Collection<CaCertificateRecord>;
  readonly #subjects: Collection<{ readonly caCertificateIds: readonly string[] }>;
  readonly #turns = new Turns();

  constructor(store: Store) {
    this.#store = store;
    this.#collection = store.collection<CaCertificateRecord>({
      name: 'ca_certificate',
      indexes: {
        created: (record) => [sortableTime(record.createdMs)],
        template: ({ template, createdMs }) =>
          template && 'templateName' in template ? [`${template.templateName}/${sortableTime(createdMs)}`] : [],
      },
    });
    this.#subjects = store.collection({ name: 'ca_subject' });
  }

  async get(caCertificateId: string): Promise<CaCertificateRecord | undefined> {
    return (await this.#collection.get(caCertificateId))?.value;
  }

  /** In the order of registration; with `templateName` only those that provision with it. */
  list(range: Omit<Range, 'prefix'>, templateName?: string): Promise<Page<CaCertificateRecord>> {
    if (templateName === undefined) return this.#collection.findPrefix('created', '', range);
    return this.#collection.findPrefix('template', `${templateName}/`, range);
  }

  /** Those with this subject, in the order of registration. */
  async withSubject(subjectKey: string): Promise<readonly RegisteredCa[]> {
    const subject = await this.#subjects.get(subjectKey);
    const found: RegisteredCa[] = [];
    for (const caCertificateId of subject?.value.caCertificateIds ?? []) {
      const record = await this.get(caCertificateId);
      if (record) found.push({ caCertificateId, record });
    }
    return found;
  }

  /**
   * Adds a CA together with `alongside`: all or nothing. EXISTS: it is registered already. FULL: there are as many with its
   * subject as there may be.
   */
  add(
    caCertificateId: string,
    record: CaCertificateRecord,
    alongside: readonly Write[],
  ): Promise<'ADDED' | 'EXISTS' | 'FULL'> {
    return this.#inTurn(async () => {
      if (await this.#collection.get(caCertificateId)) return 'EXISTS';
      const subject = await this.#subjects.get(record.subjectKey);
      const siblings = subject?.value.caCertificateIds ?? [];
      if (siblings.length >= CAS_PER_SUBJECT) return 'FULL';
      const caCertificateIds = [...siblings, caCertificateId];
      await this.#store.commit([
        this.#collection.put(caCertificateId, record, { ifVersion: 0 }),
        this.#subjects.put(record.subjectKey, { caCertificateIds }, { ifVersion: subject?.version ?? 0 }),
        ...alongside,
      ]);
      return 'ADDED';
    });
  }

  /** Replaces a record by what `decide` makes of it; unchanged it is not written. False if there is no such CA. */
  change(caCertificateId: string, decide: (record: CaCertificateRecord) => CaCertificateRecord): Promise<boolean> {
    return this.#inTurn(async () => {
      const stored = await this.#collection.get(caCertificateId);
      if (!stored) return false;
      const changed = decide(stored.value);
      if (changed === stored.value) return true;
      await this.#store.commit([this.#collection.put(caCertificateId, changed, { ifVersion: stored.version })]);
      return true;
    });
  }

  /** Deletes a CA together with what `decide`, which may throw, returns: all or nothing. False if there is no such CA. */
  remove(caCertificateId: string, decide: (record: CaCertificateRecord) => readonly Write[]): Promise<boolean> {
    return this.#inTurn(async () => {
      const stored = await this.#collection.get(caCertificateId);
      if (!stored) return false;
      const alongside = decide(stored.value);
      const { subjectKey } = stored.value;
      const subject = await this.#subjects.get(subjectKey);
      const caCertificateIds = (subject?.value.caCertificateIds ?? []).filter((id) => id !== caCertificateId);
      const condition = { ifVersion: subject?.version ?? 0 };
      await this.#store.commit([
        this.#collection.delete(caCertificateId, { ifVersion: stored.version }),
        caCertificateIds.length > 0
          ? this.#subjects.put(subjectKey, { caCertificateIds }, condition)
          : this.#subjects.delete(subjectKey, condition),
        ...alongside,
      ]);
      return true;
    });
  }

  /** Changes of CAs are rare: they go one after the other, and only other nodes can be in the way. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run('', () => retryConflicts(work));
  }
}
