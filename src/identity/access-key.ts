/**
 * Access keys: what programs sign their requests with. SigV4 is symmetric, so the store holds the secrets themselves;
 * they leave it only for the verifier and, for the admin key, for the one line that `start` prints. Never logged, never
 * in an error. The door calls `createAccessKeys` once.
 *
 * Users are only a name so far: the key made at the first start belongs to `admin`, whom no policy restricts.
 */
import type { Clock } from '../base/clock.ts';
import { Lru } from '../base/lru.ts';
import type { Random } from '../base/random.ts';
import { type Store, VersionMismatch } from '../store/store.ts';
import type { UserPrincipal } from './principal.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly status: 'Active' | 'Inactive';
  readonly principal: UserPrincipal;
}

export interface AdminKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Its key in the store is the access key's id. */
interface AccessKeyRecord {
  readonly secretAccessKey: string;
  readonly status: 'Active' | 'Inactive';
  readonly userName: string;
  /** `AIDA…`, the same for all keys of a user. */
  readonly userId: string;
  readonly isAdmin: boolean;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
}

/** Which key was made at the first start; under the one key `admin`, so that two starts cannot make two. */
interface AdminRecord {
  readonly accessKeyId: string;
}

export interface AccessKeysDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** 12 digits. */
  readonly account: string;
}

export interface AccessKeys {
  /** For the verifier; from memory when recently used. */
  findAccessKey(accessKeyId: string): Promise<AccessKey | undefined>;
  /** The admin's key, made when there is none yet; `given` is then stored as it is: a reset keeps the key of before. */
  ensureAdminKey(given?: AdminKey): Promise<AdminKey>;
}

const REMEMBERED = 1000;
const ADMIN = 'admin';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const UNIQUE_PART = 16;
/** 30 random bytes are 40 characters of base64. */
const SECRET_BYTES = 30;

export function createAccessKeys({ store, clock, random, account }: AccessKeysDeps): AccessKeys {
  const keys = store.collection<AccessKeyRecord>({ name: 'access_key' });
  const admins = store.collection<AdminRecord>({ name: 'admin_key' });
  const recent = new Lru<string, AccessKey>(REMEMBERED);

  const findAccessKey = async (accessKeyId: string): Promise<AccessKey | undefined> => {
    const known = recent.get(accessKeyId);
    if (known) return known;
    const stored = await keys.get(accessKeyId);
    if (!stored) return undefined;
    const found = accessKeyOf(accessKeyId, stored.value, account);
    recent.set(accessKeyId, found);
    return found;
  };

  const adminKey = async (): Promise<AdminKey | undefined> => {
    const admin = await admins.get(ADMIN);
    const key = admin && (await findAccessKey(admin.value.accessKeyId));
    return key && { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
  };

  return {
    findAccessKey,
    ensureAdminKey: async (given) => {
      const existing = await adminKey();
      if (existing) return existing;
      const made = given ?? {
        accessKeyId: `AKIA${uniquePart(random)}`,
        secretAccessKey: random.bytes(SECRET_BYTES).toString('base64'),
      };
      const record: AccessKeyRecord = {
        secretAccessKey: made.secretAccessKey,
        status: 'Active',
        userName: ADMIN,
        userId: `AIDA${uniquePart(random)}`,
        isAdmin: true,
        createdMs: clock.now(),
      };
      try {
        await store.commit([
          admins.put(ADMIN, { accessKeyId: made.accessKeyId }, { ifVersion: 0 }),
          keys.put(made.accessKeyId, record),
        ]);
        return made;
      } catch (error) {
        const madeElsewhere = error instanceof VersionMismatch ? await adminKey() : undefined;
        if (madeElsewhere) return madeElsewhere;
        throw error;
      }
    },
  };
}

function accessKeyOf(accessKeyId: string, record: AccessKeyRecord, account: string): AccessKey {
  const { secretAccessKey, status, userName, userId, isAdmin } = record;
  const arn = `arn:aws:iam::${account}:user/${userName}`;
  return { accessKeyId, secretAccessKey, status, principal: { kind: 'user', id: userId, arn, accessKeyId, isAdmin } };
}

/** The random end of ids such as `AKIA…`: 80 bits in base 32. */
function uniquePart(random: Random): string {
  return [...random.bytes(UNIQUE_PART)].map((byte) => BASE32[byte % BASE32.length]).join('');
}
