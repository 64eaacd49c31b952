/**
 * Users, roles and their keys, joined: records, the admin's first key, sessions of roles, and the operations of IAM and
 * STS on them. The door calls `createAccess` once.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Store } from '../store/store.ts';
import { type AdminKey, ensureAdminKey } from './access-key.ts';
import { type AccessKey, AccessRecords } from './access-records.ts';
import { roleOperations } from './iam-role.ts';
import { userOperations } from './iam-user.ts';
import type { PolicyAuthority } from './policy-authority.ts';
import type { QueryOperations } from './query-operation.ts';
import { createRoleSessions, type RoleSessions } from './role-session.ts';
import type { SecretBox } from './secret-box.ts';
import { stsOperations } from './sts.ts';

export interface AccessDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** 12 digits. */
  readonly account: string;
  readonly secrets: SecretBox;
  /** Seals session tokens: 32 bytes. */
  readonly tokenKey: Buffer;
  readonly decide: PolicyAuthority['decide'];
  /** The admin key of before, after a reset. */
  readonly adminKey?: AdminKey;
}

export interface Access {
  readonly records: AccessRecords;
  readonly sessions: RoleSessions;
  readonly adminKey: AdminKey;
  /** For the front that speaks the Query protocol, by signing name. */
  readonly operations: { readonly iam: QueryOperations; readonly sts: QueryOperations };
  /** For the verifier of signatures. */
  findAccessKey(accessKeyId: string, sessionToken: string | undefined): Promise<AccessKey | undefined>;
}

/** Rejects with SecretsKeyError when what is stored cannot be read with the keys that are here. */
export async function createAccess(deps: AccessDeps): Promise<Access> {
  const records = new AccessRecords(deps);
  await records.resealSecrets();
  const adminKey = await ensureAdminKey({ ...deps, records }, deps.adminKey);
  const sessions = createRoleSessions({ ...deps, records });
  return {
    records,
    sessions,
    adminKey,
    operations: {
      iam: { ...userOperations({ ...deps, records }), ...roleOperations({ ...deps, records }) },
      sts: stsOperations({ ...deps, records, sessions }),
    },
    // A token makes no sense with a key that lasts, and one that does not is nothing without its token.
    findAccessKey: (accessKeyId, sessionToken) =>
      sessionToken === undefined ? records.findAccessKey(accessKeyId) : sessions.find(accessKeyId, sessionToken),
  };
}
