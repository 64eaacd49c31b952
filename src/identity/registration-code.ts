/**
 * The registration code: what the owner of a CA signs to prove to have its key (identity-registry-provisioning.md section
 * 1.4). There is one at a time, made when it is first asked for, the same until it is deleted. Called by `ca-certificate.ts`.
 */
import type { Random } from '../base/random.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Store } from '../store/store.ts';

export interface RegistrationCode {
  /** 64 hex digits; undefined if nobody has asked for one since the last deletion. */
  current(): Promise<string | undefined>;
  ensure(): Promise<string>;
  /** False if there was none. */
  remove(): Promise<boolean>;
}

const KEY = 'current';
const CODE_BYTES = 32;

export function createRegistrationCode(store: Store, random: Random): RegistrationCode {
  const collection = store.collection<{ readonly code: string }>({ name: 'registration_code' });
  const current = async (): Promise<string | undefined> => (await collection.get(KEY))?.value.code;
  return {
    current,
    ensure: () =>
      retryConflicts(async () => {
        const known = await current();
        if (known !== undefined) return known;
        const code = random.bytes(CODE_BYTES).toString('hex');
        await store.commit([collection.put(KEY, { code }, { ifVersion: 0 })]);
        return code;
      }),
    remove: () =>
      retryConflicts(async () => {
        const stored = await collection.get(KEY);
        if (!stored) return false;
        await store.commit([collection.delete(KEY, { ifVersion: stored.version })]);
        return true;
      }),
  };
}
