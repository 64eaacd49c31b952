/**
 * Policies, their versions and what they are attached to, as they are stored; the compiled documents of those in use are
 * kept in memory. Called by the operations in `policy*.ts` and, as its source of policies, by the policy authority.
 *
 * A target (certificate, thing group, Cognito identity) has one document with the names of its policies, so that
 * attaching is atomic, idempotent and counted, and deleting the target takes one write.
 */
import { iotArn, type Place } from '../base/arn.ts';
import { notFound, type ServiceError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, Store, Stored, Write } from '../store/store.ts';
import type { NamedDocument } from './policy-decision.ts';
import { type PolicyDocument, parsePolicyDocument } from './policy-document.ts';

/** Its key is the policy's name. Times are milliseconds since the epoch. */
export interface PolicyRecord {
  /** Tells a policy from an earlier one of the same name. */
  readonly generationId: string;
  readonly defaultVersionId: string;
  /** The versions there are, oldest first. */
  readonly versionIds: readonly string[];
  /** The highest number a version ever had. */
  readonly newestVersion: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** Its deletion has begun: nothing may be attached to it any more. */
  readonly isDeleting?: boolean;
}

/** Its key is `<policy name>/<version id>`. */
export interface PolicyVersionRecord {
  readonly document: string;
  readonly createdMs: number;
}

/** Its key is the target. There is none for a target without policies. */
export interface PolicyTargetRecord {
  /** In order. */
  readonly policyNames: readonly string[];
}

/** What may have changed for principals: everything of one policy, or the policies of one target. */
export type PolicyChange = { readonly policyName: string } | { readonly target: string };

/** Called once a change is durable; the operation answers when the promise has resolved. Must not reject. */
export type PolicyListener = (change: PolicyChange) => Promise<void>;

/** Compiled documents kept: some 2 to 10 KB each. */
const REMEMBERED = 2000;

export class PolicyRecords {
  readonly policies: Collection<PolicyRecord>;
  readonly versions: Collection<PolicyVersionRecord>;
  readonly targets: Collection<PolicyTargetRecord>;
  readonly #store: Store;
  readonly #place: Place;
  readonly #compiled = new Lru<string, PolicyDocument>(REMEMBERED);
  readonly #listeners = new Set<PolicyListener>();
  readonly #turns = new Turns();

  constructor(store: Store, place: Place) {
    this.#store = store;
    this.#place = place;
    this.policies = store.collection<PolicyRecord>({
      name: 'policy',
      indexes: { created: (record) => [String(record.createdMs).padStart(16, '0')] },
    });
    this.versions = store.collection<PolicyVersionRecord>({ name: 'policy_version' });
    this.targets = store.collection<PolicyTargetRecord>({
      name: 'policy_target',
      indexes: { policy: (record) => record.policyNames },
    });
  }

  arn(policyName: string): string {
    return iotArn(this.#place, `policy/${policyName}`);
  }

  /** Throws ResourceNotFoundException. */
  async policy(policyName: string): Promise<Stored<PolicyRecord>> {
    const stored = await this.policies.get(policyName);
    if (!stored) throw unknownPolicy(policyName);
    return stored;
  }

  /** Throws ResourceNotFoundException. */
  async version(policyName: string, versionId: string): Promise<PolicyVersionRecord> {
    const stored = await this.versions.get(versionKey(policyName, versionId));
    if (!stored) throw notFound(`The policy ${policyName} has no version ${versionId}`);
    return stored.value;
  }

  /** The default versions of the policies attached to `target`, ready to be judged. */
  async policiesOf(target: string): Promise<readonly NamedDocument[]> {
    const attached = await this.targets.get(target);
    const loaded = await Promise.all((attached?.value.policyNames ?? []).map((name) => this.#load(name)));
    return loaded.filter((policy) => policy !== undefined);
  }

  /** The default version of one policy, ready to be judged. Throws ResourceNotFoundException. */
  async named(policyName: string): Promise<NamedDocument> {
    const loaded = await this.#load(policyName);
    if (!loaded) throw unknownPolicy(policyName);
    return loaded;
  }

  /** The default version as it was written; undefined when the policy is gone. */
  async text(policyName: string): Promise<string | undefined> {
    const stored = await this.policies.get(policyName);
    if (!stored) return undefined;
    const version = await this.versions.get(versionKey(policyName, stored.value.defaultVersionId));
    return version ? version.value.document : this.text(policyName);
  }

  async hasPolicies(target: string): Promise<boolean> {
    return (await this.targets.get(target)) !== undefined;
  }

  async hasTargets(policyName: string): Promise<boolean> {
    return (await this.targets.find('policy', policyName, { limit: 1 })).items.length > 0;
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#store.commit(writes);
  }

  /**
   * Runs `work`, which reads, decides and commits with conditions, after all work given for `key` before, and again when
   * another node changed what it had read.
   */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(key, () => retryConflicts(work));
  }

  onChange(listener: PolicyListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners, and resolves when the change is in force. */
  async changed(change: PolicyChange): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener(change)));
  }

  /** Undefined for a policy that was deleted after the target was read. */
  async #load(policyName: string): Promise<NamedDocument | undefined> {
    const stored = await this.policies.get(policyName);
    if (!stored) return undefined;
    const { generationId, defaultVersionId } = stored.value;
    const key = `${generationId}/${defaultVersionId}`;
    let document = this.#compiled.get(key);
    if (!document) {
      const version = await this.versions.get(versionKey(policyName, defaultVersionId));
      if (!version) return this.#load(policyName);
      document = parsePolicyDocument(version.value.document);
      this.#compiled.set(key, document);
    }
    return { policyName, policyArn: this.arn(policyName), document };
  }
}

function unknownPolicy(policyName: string): ServiceError {
  return notFound(`The policy ${policyName} does not exist`);
}

export function versionKey(policyName: string, versionId: string): string {
  return `${policyName}/${versionId}`;
}
