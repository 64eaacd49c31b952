/**
 * Domain configurations as they are stored, and those that are always there: `iot:Data-ATS`, `iot:CredentialProvider`
 * and `iot:Jobs`, which exist without being stored until somebody changes them. Called by the operations in
 * `domain-configuration.ts` and by `domains.ts`, which is told of every change.
 */
import { createHash } from 'node:crypto';
import type {
  ApplicationProtocol,
  AuthenticationType,
  DomainConfigurationStatus,
  DomainType,
  ServiceType,
  Tag,
} from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { Turns } from '../base/turns.ts';
import type { Collection, Store, Stored, Write } from '../store/store.ts';
import { DEFAULT_SECURITY_POLICY } from './security-policy.ts';

/** Its key is the configuration's name. Times are milliseconds since the epoch. */
export interface DomainConfigurationRecord {
  /** The end of the ARN, which tells a configuration from another one that had its name before. */
  readonly arnSuffix: string;
  /** In lower case. */
  readonly domainName: string;
  readonly domainType: DomainType;
  readonly serviceType: ServiceType;
  readonly status: DomainConfigurationStatus;
  readonly statusChangedMs: number;
  /** None or one. */
  readonly serverCertificateArns: readonly string[];
  readonly securityPolicy: string;
  readonly authenticationType: AuthenticationType;
  readonly applicationProtocol: ApplicationProtocol;
  readonly authorizerConfig?: {
    readonly defaultAuthorizerName?: string;
    readonly allowAuthorizerOverride?: boolean;
  };
  readonly clientCertificateCallbackArn?: string;
}

/** The one that devices come through that name no other domain. */
export const DATA_ENDPOINT = 'iot:Data-ATS';

const LONGEST_NAME = 128;

const ENDPOINTS: ReadonlyMap<string, ServiceType> = new Map([
  [DATA_ENDPOINT, 'DATA'],
  ['iot:CredentialProvider', 'CREDENTIAL_PROVIDER'],
  ['iot:Jobs', 'JOBS'],
]);

export interface DomainConfigurationRecordsDeps {
  readonly store: Store;
  readonly place: Place;
  /** The host of the endpoints that are always there. */
  readonly host: string;
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
}

export class DomainConfigurationRecords {
  readonly #deps: DomainConfigurationRecordsDeps;
  readonly #collection: Collection<DomainConfigurationRecord>;
  readonly #listeners = new Set<() => void>();
  readonly #turns = new Turns();

  constructor(deps: DomainConfigurationRecordsDeps) {
    this.#deps = deps;
    this.#collection = deps.store.collection<DomainConfigurationRecord>({
      name: 'domain_configuration',
      indexes: { domain_name: ({ domainName, domainType }) => (domainType === 'ENDPOINT' ? [] : [domainName]) },
    });
  }

  arn(name: string, { arnSuffix }: Pick<DomainConfigurationRecord, 'arnSuffix'>): string {
    return iotArn(this.#deps.place, `domainconfiguration/${name}/${arnSuffix}`);
  }

  /** Version 0: one that is always there, as nobody has changed it yet. */
  async get(name: string): Promise<Stored<DomainConfigurationRecord> | undefined> {
    return (await this.#collection.get(name)) ?? this.#endpoint(name);
  }

  async byDomainName(domainName: string): Promise<Stored<DomainConfigurationRecord> | undefined> {
    return (await this.#collection.find('domain_name', domainName, { limit: 1 })).items[0];
  }

  /** Whether the ARN names a configuration. */
  async exists(arn: string): Promise<boolean> {
    const name = arn.split('/')[1] ?? '';
    const stored = name.length <= LONGEST_NAME ? await this.get(name) : undefined;
    return stored !== undefined && this.arn(name, stored.value) === arn;
  }

  /** All, those that are always there first. There are never many. */
  async all(): Promise<readonly Stored<DomainConfigurationRecord>[]> {
    const stored = (await this.#collection.scan()).items;
    const endpoints = await Promise.all([...ENDPOINTS.keys()].map((name) => this.get(name)));
    return [
      ...endpoints.filter((endpoint) => endpoint !== undefined),
      ...stored.filter(({ key }) => !ENDPOINTS.has(key)),
    ];
  }

  /** One creation at a time, so that what `check` finds still holds when the record is written. */
  async create(
    name: string,
    record: DomainConfigurationRecord,
    tags: readonly Tag[] | undefined,
    check: () => Promise<void>,
  ): Promise<void> {
    const writes = [
      this.#collection.put(name, record, { ifVersion: 0 }),
      ...this.#deps.tagsFor(this.arn(name, record), tags),
    ];
    await this.#turns.run('create', async () => {
      await check();
      await this.#commit(writes);
    });
  }

  /** Rejects with VersionMismatch when the stored one is not `version`. */
  async replace(name: string, record: DomainConfigurationRecord, version: number): Promise<void> {
    await this.#commit([this.#collection.put(name, record, { ifVersion: version })]);
  }

  /** Rejects with VersionMismatch when the stored one is not that. */
  async remove({ key, value, version }: Stored<DomainConfigurationRecord>): Promise<void> {
    await this.#commit([
      this.#collection.delete(key, { ifVersion: version }),
      ...this.#deps.tagsFor(this.arn(key, value), undefined),
    ]);
  }

  /** Calls `listener` after every change, once that is durable. It must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    await this.#deps.store.commit(writes);
    for (const listener of this.#listeners) listener();
  }

  #endpoint(name: string): Stored<DomainConfigurationRecord> | undefined {
    const serviceType = ENDPOINTS.get(name);
    if (!serviceType) return undefined;
    const { place, host } = this.#deps;
    const value: DomainConfigurationRecord = {
      arnSuffix: createHash('sha256').update(`${place.account} ${name}`).digest('hex').slice(0, 5),
      domainName: host.toLowerCase(),
      domainType: 'ENDPOINT',
      serviceType,
      status: 'ENABLED',
      statusChangedMs: 0,
      serverCertificateArns: [],
      securityPolicy: DEFAULT_SECURITY_POLICY,
      authenticationType: 'DEFAULT',
      applicationProtocol: 'DEFAULT',
    };
    return { key: name, value, version: 0 };
  }
}
