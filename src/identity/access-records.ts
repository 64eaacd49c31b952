/**
 * Users, roles and access keys as they are stored. Every change of them goes through here, so that what is kept in
 * memory stays right and the policy authority learns of new policies. Called by the operations of IAM and STS, by the
 * verifier of signatures and, for policies, by the authority; knows no protocol.
 *
 * SigV4 is symmetric, so the store holds the secrets of keys themselves, sealed when the server has a secrets key. They
 * leave only for the verifier and for the one answer that made them. Never logged, never in an error.
 */
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Lru } from '../base/lru.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, Store, Write } from '../store/store.ts';
import type { NamedDocument } from './policy-decision.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { AccessPolicies } from './policy-principal.ts';
import type { RolePrincipal, UserPrincipal } from './principal.ts';
import type { SecretBox } from './secret-box.ts';

/** Inline policies: documents by name. */
export type PolicyTexts = Readonly<Record<string, string>>;

/** Its key is the user's name. */
export interface UserRecord {
  /** `AIDA…`. */
  readonly userId: string;
  /** `/`, or `/division/` before the name in the ARN. */
  readonly path: string;
  /** The user of the first key: no policy restricts it, and it cannot be deleted. */
  readonly isAdmin: boolean;
  readonly policies: PolicyTexts;
  readonly createdMs: number;
}

/** Its key is the role's name. */
export interface RoleRecord {
  /** `AROA…`. */
  readonly roleId: string;
  readonly path: string;
  readonly description?: string;
  /** Who may assume it. */
  readonly trustPolicy: string;
  readonly policies: PolicyTexts;
  readonly maxSessionSeconds: number;
  readonly createdMs: number;
}

/** Its key is the access key's id. */
export interface AccessKeyRecord {
  /** As the secret box keeps it. */
  readonly secretAccessKey: string;
  readonly status: 'Active' | 'Inactive';
  readonly userName: string;
  /** Of the user the key was made for: a later one of the same name does not have it. */
  readonly userId: string;
  readonly createdMs: number;
}

/** What a signature is verified with, and who made it then. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly status: 'Active' | 'Inactive';
  readonly principal: UserPrincipal | RolePrincipal;
}

export interface AccessRecordsDeps {
  readonly store: Store;
  readonly secrets: SecretBox;
  readonly log: Log;
  /** 12 digits. */
  readonly account: string;
}

/** Called once a change is durable; must not reject. */
export type AccessListener = (arn: string) => Promise<void>;

const REMEMBERED = 1000;
const PAGE = 250;
/** Of one inline policy; how much all of a user or role may have is the operations' matter. */
export const LONGEST_INLINE_POLICY = 10_240;

export class AccessRecords {
  readonly users: Collection<UserRecord>;
  readonly roles: Collection<RoleRecord>;
  readonly keys: Collection<AccessKeyRecord>;
  readonly account: string;
  readonly #store: Store;
  readonly #secrets: SecretBox;
  readonly #log: Log;
  readonly #recent = new Lru<string, AccessKey>(REMEMBERED);
  readonly #listeners = new Set<AccessListener>();
  readonly #turns = new Turns();
  /** Counts changes, so that a read which began before one is not remembered. */
  #changes = 0;

  constructor({ store, secrets, log, account }: AccessRecordsDeps) {
    this.#store = store;
    this.#secrets = secrets;
    this.#log = log;
    this.account = account;
    this.users = store.collection<UserRecord>({ name: 'iam_user' });
    this.roles = store.collection<RoleRecord>({ name: 'iam_role' });
    this.keys = store.collection<AccessKeyRecord>({
      name: 'access_key',
      indexes: { user: (record) => [record.userName] },
    });
  }

  userArn(userName: string, { path }: Pick<UserRecord, 'path'>): string {
    return `arn:aws:iam::${this.account}:user${path}${userName}`;
  }

  roleArn(roleName: string, { path }: Pick<RoleRecord, 'path'>): string {
    return `arn:aws:iam::${this.account}:role${path}${roleName}`;
  }

  /** The role of an ARN of this account, if there is one. */
  async roleOf(arn: string): Promise<{ readonly roleName: string; readonly role: RoleRecord } | undefined> {
    const roleName = arn.slice(arn.lastIndexOf('/') + 1);
    const role = await this.roles.get(roleName);
    return role && this.roleArn(roleName, role.value) === arn ? { roleName, role: role.value } : undefined;
  }

  /** A long-term key with its user; from memory when recently used. Throws SecretsKeyError. */
  async findAccessKey(accessKeyId: string): Promise<AccessKey | undefined> {
    const known = this.#recent.get(accessKeyId);
    if (known) return known;
    const changesBefore = this.#changes;
    const key = await this.keys.get(accessKeyId);
    const user = key && (await this.users.get(key.value.userName));
    if (!user || user.value.userId !== key.value.userId) return undefined;
    const { userName, status } = key.value;
    const { userId, isAdmin } = user.value;
    const found: AccessKey = {
      accessKeyId,
      secretAccessKey: this.openSecret(accessKeyId, key.value),
      status,
      principal: { kind: 'user', id: userId, arn: this.userArn(userName, user.value), accessKeyId, isAdmin },
    };
    if (this.#changes === changesBefore) this.#recent.set(accessKeyId, found);
    return found;
  }

  sealSecret(accessKeyId: string, secretAccessKey: string): string {
    return this.#secrets.seal(secretAccessKey, aboutKey(accessKeyId));
  }

  openSecret(accessKeyId: string, { secretAccessKey }: AccessKeyRecord): string {
    return this.#secrets.open(secretAccessKey, aboutKey(accessKeyId));
  }

  /** Every key of a user; there are at most two. */
  async keysOf(
    userName: string,
  ): Promise<readonly { readonly accessKeyId: string; readonly record: AccessKeyRecord }[]> {
    const page = await this.keys.find('user', userName, { limit: PAGE });
    return page.items.map(({ key, value }) => ({ accessKeyId: key, record: value }));
  }

  /** Stores every secret anew that the secret box would keep otherwise now: encryption came, or its key changed. */
  async resealSecrets(): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.keys.scan({ limit: PAGE, ...(after !== undefined && { after }) });
      const stale = page.items.filter(({ value }) => !this.#secrets.isCurrent(value.secretAccessKey));
      const writes = stale.map(({ key, value, version }) => {
        const secretAccessKey = this.sealSecret(key, this.openSecret(key, value));
        return this.keys.put(key, { ...value, secretAccessKey }, { ifVersion: version });
      });
      if (writes.length > 0) await this.#store.commit(writes);
      after = page.next;
    } while (after !== undefined);
  }

  /** The policies that count for a principal; none when its user or role is gone. */
  async policiesOf(principal: UserPrincipal | RolePrincipal): Promise<AccessPolicies> {
    if (principal.kind === 'user') {
      const userName = principal.arn.slice(principal.arn.lastIndexOf('/') + 1);
      const user = await this.users.get(userName);
      return { documents: user?.value.userId === principal.id ? this.#named(principal.arn, user.value.policies) : [] };
    }
    const { roleArn, sessionPolicy } = principal;
    const found = await this.roleOf(roleArn);
    const isSame = found !== undefined && principal.id.startsWith(`${found.role.roleId}:`);
    return {
      documents: isSame ? this.#named(roleArn, found.role.policies) : [],
      ...(sessionPolicy !== undefined && { session: this.#named(principal.arn, { session: sessionPolicy }) }),
    };
  }

  /** Runs `work`, which reads, decides and commits with conditions, after all work given for `key` before. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(key, () => retryConflicts(work));
  }

  /** Commits a change; `arns` are the users and roles whose policies may now be others. Resolves when in force. */
  async commit(writes: readonly Write[], ...arns: readonly string[]): Promise<void> {
    await this.#store.commit(writes);
    this.#changes++;
    this.#recent.clear();
    await Promise.all(arns.flatMap((arn) => [...this.#listeners].map((listener) => listener(arn))));
  }

  onChange(listener: AccessListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is stored was parsed before; should it not be readable now, nothing of its owner's may be allowed. */
  #named(policyArn: string, texts: PolicyTexts): NamedDocument[] {
    try {
      return Object.entries(texts).map(([policyName, text]) => {
        return { policyName, policyArn, document: parsePolicyDocument(text, LONGEST_INLINE_POLICY) };
      });
    } catch (error) {
      this.#log.error(
        { arn: policyArn, error: messageOf(error) },
        'stored policies cannot be read; they allow nothing',
      );
      return [];
    }
  }
}

function aboutKey(accessKeyId: string): string {
  return `access-key/${accessKeyId}`;
}
