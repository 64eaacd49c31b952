/** Identity and registry on a store in memory, as provisioning finds them. For tests alone. */
import type { IotOperations } from '../../src/api/generated/iot.ts';
import type { RequestContext } from '../../src/api/operation.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createIdentity, type Identity, memoryKeyFiles, openKeyMaterial } from '../../src/identity/identity.ts';
import { anonymous } from '../../src/identity/principal.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';

export const place = { region: 'us-east-1', account: '000000000000' };

export const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => {},
};

export type Operations = Identity['operations'] & ReturnType<typeof createRegistry>['operations'];

/** The operations without their context. */
export type Calls = {
  [K in keyof Operations]: (input: Parameters<Operations[K]>[0]) => ReturnType<Operations[K]>;
};

export interface ProvisioningBench {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly random: ReturnType<typeof seededRandom>;
  readonly identity: Identity;
  readonly operations: Operations;
  readonly call: Calls;
  /** What there is: names of things and policies, ids and statuses of certificates. */
  inventory(): Promise<{ things: string[]; policies: string[]; certificates: string[] }>;
}

export async function provisioningBench(): Promise<ProvisioningBench> {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const clock = new VirtualClock(Date.parse('2026-11-25T12:00:00Z'));
  const random = seededRandom(11);
  const base = { store, clock, random, place, log: silentLog };
  const keyMaterial = await openKeyMaterial({ files: memoryKeyFiles(), clock, random, names: [] });
  const registry = createRegistry({ ...base, principals: { exists: (arn) => identity.exists(arn) } });
  const identity = await createIdentity({ ...base, keyMaterial, things: registry.directory, host: 'localhost' });
  const operations: Operations = { ...identity.operations, ...registry.operations };
  const call = callsOf(operations);
  return {
    store,
    clock,
    random,
    identity,
    operations,
    call,
    async inventory() {
      const { things = [] } = await call.listThings({});
      const { policies = [] } = await call.listPolicies({});
      const { certificates = [] } = await call.listCertificates({});
      return {
        things: things.map(({ thingName }) => thingName as string),
        policies: policies.map(({ policyName }) => policyName as string),
        certificates: certificates.map(({ certificateId, status }) => `${certificateId} ${status}`),
      };
    },
  };
}

export function callsOf(operations: Partial<IotOperations>): Calls {
  const calls = Object.entries(operations).map(([name, handler]) => [
    name,
    (input: never) => (handler as (input: never, context: RequestContext) => Promise<unknown>)(input, context),
  ]);
  return Object.fromEntries(calls) as Calls;
}
