/**
 * Custom authorizers and which of them is the default, as they are stored. Called by the operations in `authorizer.ts`
 * and by `custom-auth.ts`. The default is always an ACTIVE authorizer that there is: whoever makes one the default
 * writes its record too, so that a deletion or deactivation at the same time loses the race and decides anew.
 */
import type { AuthorizerStatus } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import {
  type Collection,
  type Page,
  type Range,
  type Store,
  type Stored,
  VersionMismatch,
  type Write,
} from '../store/store.ts';

/** Its key is the authorizer's name. Times are milliseconds since the epoch. */
export interface AuthorizerRecord {
  readonly functionArn: string;
  readonly status: AuthorizerStatus;
  /** Tokens need no signature. Never changes. */
  readonly signingDisabled: boolean;
  readonly enableCachingForHttp: boolean;
  readonly tokenKeyName?: string;
  /** PEM by key name. */
  readonly tokenSigningPublicKeys: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

interface DefaultRecord {
  readonly authorizerName: string;
}

/** The key of the one document that names the default. */
const DEFAULT = 'default';

export class AuthorizerRecords {
  readonly #store: Store;
  readonly #place: Place;
  readonly #authorizers: Collection<AuthorizerRecord>;
  readonly #defaults: Collection<DefaultRecord>;

  constructor(store: Store, place: Place) {
    this.#store = store;
    this.#place = place;
    this.#authorizers = store.collection<AuthorizerRecord>({
      name: 'authorizer',
      indexes: {
        created: ({ createdMs }) => [sortable(createdMs)],
        status: ({ status, createdMs }) => [`${status}/${sortable(createdMs)}`],
      },
    });
    this.#defaults = store.collection<DefaultRecord>({ name: 'default_authorizer' });
  }

  arn(name: string): string {
    return iotArn(this.#place, `authorizer/${name}`);
  }

  get(name: string): Promise<Stored<AuthorizerRecord> | undefined> {
    return this.#authorizers.get(name);
  }

  /** In the order of creation. */
  list(status: AuthorizerStatus | undefined, range: Omit<Range, 'prefix'>): Promise<Page<AuthorizerRecord>> {
    if (status === undefined) return this.#authorizers.findPrefix('created', '', range);
    return this.#authorizers.findPrefix('status', `${status}/`, range);
  }

  count(): Promise<number> {
    return this.#authorizers.count();
  }

  /** Whether any client could be let in by an authorizer. */
  async hasActive(): Promise<boolean> {
    return (await this.list('ACTIVE', { limit: 1 })).items.length > 0;
  }

  async defaultName(): Promise<string | undefined> {
    return (await this.#defaults.get(DEFAULT))?.value.authorizerName;
  }

  /** Adds it together with what is written `alongside`. False if there is one of that name. */
  async add(name: string, record: AuthorizerRecord, alongside: readonly Write[]): Promise<boolean> {
    try {
      await this.#store.commit([this.#authorizers.put(name, record, { ifVersion: 0 }), ...alongside]);
    } catch (error) {
      if (error instanceof VersionMismatch) return false;
      throw error;
    }
    return true;
  }

  /** Rejects with VersionMismatch when the stored one is not `version`. */
  async replace(name: string, record: AuthorizerRecord, version: number): Promise<void> {
    await this.#store.commit([this.#authorizers.put(name, record, { ifVersion: version })]);
  }

  /** Rejects with VersionMismatch when the stored one is not `version`. */
  async remove(name: string, version: number, alongside: readonly Write[]): Promise<void> {
    await this.#store.commit([this.#authorizers.delete(name, { ifVersion: version }), ...alongside]);
  }

  /** Makes an authorizer the default in place of none. Rejects with VersionMismatch when either has changed meanwhile. */
  async setDefault(name: string, { value, version }: Stored<AuthorizerRecord>): Promise<void> {
    await this.#store.commit([
      this.#authorizers.put(name, value, { ifVersion: version }),
      this.#defaults.put(DEFAULT, { authorizerName: name }, { ifVersion: 0 }),
    ]);
  }

  /** False if there was no default. */
  async clearDefault(): Promise<boolean> {
    const stored = await this.#defaults.get(DEFAULT);
    if (stored) await this.#store.commit([this.#defaults.delete(DEFAULT, { ifVersion: stored.version })]);
    return stored !== undefined;
  }
}

/** Milliseconds as digits that sort like the number. */
function sortable(epochMs: number): string {
  return String(epochMs).padStart(16, '0');
}
