/**
 * The admin's first access key: what a new installation is opened with. The user `admin` and its key are made at the
 * first start, and the key is found again at later ones, because `start` tells it. The door calls `ensureAdminKey`
 * once; other keys are made by the operations of IAM.
 */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { type Collection, type Store, VersionMismatch } from '../store/store.ts';
import type { AccessRecords, UserRecord } from './access-records.ts';
import { newSecret, uniqueId } from './unique-id.ts';

export interface AdminKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Which of the admin's keys `start` tells; under the one key `admin`, so that two starts cannot make two. */
interface AdminRecord {
  readonly accessKeyId: string;
}

export interface AdminKeysDeps {
  readonly store: Store;
  readonly records: AccessRecords;
  readonly clock: Clock;
  readonly random: Random;
}

export const ADMIN = 'admin';

/** The admin's key, made when there is none yet; `given` is then stored as it is: a reset keeps the key of before. */
export async function ensureAdminKey(deps: AdminKeysDeps, given?: AdminKey): Promise<AdminKey> {
  const { store, records, clock, random } = deps;
  const admins = store.collection<AdminRecord>({ name: 'admin_key' });
  const existing = await adminKey(records, admins);
  if (existing) {
    await ensureUser(deps, existing.accessKeyId);
    return existing;
  }
  const { accessKeyId, secretAccessKey } = given ?? {
    accessKeyId: uniqueId('AKIA', random),
    secretAccessKey: newSecret(random),
  };
  const user = adminUser(uniqueId('AIDA', random), clock);
  const key = {
    secretAccessKey: records.sealSecret(accessKeyId, secretAccessKey),
    status: 'Active',
    userName: ADMIN,
    userId: user.userId,
    createdMs: clock.now(),
  } as const;
  try {
    await records.commit([
      admins.put(ADMIN, { accessKeyId }, { ifVersion: 0 }),
      records.users.put(ADMIN, user, { ifVersion: 0 }),
      records.keys.put(accessKeyId, key),
    ]);
    return { accessKeyId, secretAccessKey };
  } catch (error) {
    const madeElsewhere = error instanceof VersionMismatch ? await adminKey(records, admins) : undefined;
    if (madeElsewhere) return madeElsewhere;
    throw error;
  }
}

/** The key told before; when it is gone, another active one of the admin's. */
async function adminKey(records: AccessRecords, admins: Collection<AdminRecord>): Promise<AdminKey | undefined> {
  const told = (await admins.get(ADMIN))?.value.accessKeyId;
  const keys = await records.keysOf(ADMIN);
  const active = keys.filter(({ record }) => record.status === 'Active');
  const key = active.find(({ accessKeyId }) => accessKeyId === told) ?? active[0];
  return key && { accessKeyId: key.accessKeyId, secretAccessKey: records.openSecret(key.accessKeyId, key.record) };
}

/** Folders of the first versions have the admin's key, but no user. */
async function ensureUser({ records, clock }: AdminKeysDeps, accessKeyId: string): Promise<void> {
  if (await records.users.get(ADMIN)) return;
  const key = await records.keys.get(accessKeyId);
  if (key) await records.commit([records.users.put(ADMIN, adminUser(key.value.userId, clock))]);
}

function adminUser(userId: string, clock: Clock): UserRecord {
  return { userId, path: '/', isAdmin: true, policies: {}, createdMs: clock.now() };
}
