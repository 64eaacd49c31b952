/** A registry on a store in memory, for tests alone. */

import type { RequestContext } from '../../src/api/operation.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { anonymous } from '../../src/identity/principal.ts';
import type { RegistryChange } from '../../src/registry/change.ts';
import { createRegistry, type Registry, type RegistryDeps } from '../../src/registry/registry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { type Store, VersionMismatch, type Write } from '../../src/store/store.ts';
import { withCommit } from './with-commit.ts';

type Operations = Registry['operations'];

/** The operations without their context. */
export type Calls = { [K in keyof Operations]: (input: Parameters<Operations[K]>[0]) => ReturnType<Operations[K]> };

export interface Bench extends Calls {
  readonly registry: Registry;
  readonly changes: RegistryChange[];
  /** Stands at 1,700,000,000,000 ms. */
  readonly clock: VirtualClock;
  /** The ARNs of thing groups with a policy. */
  readonly withPolicies: Set<string>;
  /** The event messages so far. */
  published(): Promise<readonly { readonly topic: string; readonly message: Record<string, unknown> }[]>;
  /** A second registry on the same store, as on another node: it shares no turns. */
  readonly elsewhere: Calls;
  /** Runs `meanwhile` just before the next commit, as another node would in that moment. */
  beforeNextCommit(meanwhile: () => Promise<unknown>): void;
  /** The next `count` commits lose to somebody else's write. */
  loseCommits(count: number): void;
}

export const place = { region: 'us-east-1', account: '000000000000' };

export const certificate = (n: number): string => `arn:aws:iot:us-east-1:000000000000:cert/${`${n}`.padStart(64, '0')}`;
export const identity = 'us-east-1:1b9d4c5e-0000-4000-8000-000000000000';

const context: RequestContext = {
  requestId: 'r',
  principal: anonymous,
  sourceIp: '127.0.0.1',
  authorize: async () => {},
};

/** Certificates 1 to 99, the identity and the policy `known` exist. */
export async function bench(options: Partial<RegistryDeps> = {}): Promise<Bench> {
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const known = new Set([identity, ...Array.from({ length: 99 }, (_, i) => certificate(i + 1))]);
  const clock = new VirtualClock(1_700_000_000_000);
  const withPolicies = new Set<string>();
  const messages: { topic: string; message: Record<string, unknown> }[] = [];
  let meanwhile: (() => Promise<unknown>) | undefined;
  let losses = 0;
  const commit = async (writes: readonly Write[]): Promise<void> => {
    const interference = meanwhile;
    meanwhile = undefined;
    await interference?.();
    if (losses-- > 0) throw new VersionMismatch('thing', 'lamp');
    await store.commit(writes);
  };
  const make = (on: Store, seed: number): Registry =>
    createRegistry({
      store: on,
      clock,
      random: seededRandom(seed),
      place,
      log: silentLog,
      principals: { exists: async (principal) => known.has(principal) },
      groupPolicies: { hasPolicies: async (arn) => withPolicies.has(arn), detachAll: async () => [] },
      taggable: { policy: async (arn) => arn.endsWith('policy/known') },
      publish: async ({ topic, payload }) => {
        messages.push({ topic, message: JSON.parse(payload.toString()) });
      },
      ...options,
    });
  const registry = make(withCommit(store, commit), 1);
  const changes: RegistryChange[] = [];
  registry.onChange((change) => changes.push(change));
  return {
    ...callsOf(registry),
    registry,
    changes,
    clock,
    withPolicies,
    published: async () => {
      await registry.idle();
      return messages;
    },
    elsewhere: callsOf(make(store, 2)),
    beforeNextCommit: (interference) => {
      meanwhile = interference;
    },
    loseCommits: (count) => {
      losses = count;
    },
  };
}

function callsOf({ operations }: Registry): Calls {
  const calls = Object.entries(operations).map(([name, handler]) => [
    name,
    (input: never) => (handler as (input: never, context: RequestContext) => Promise<unknown>)(input, context),
  ]);
  return Object.fromEntries(calls) as Calls;
}

/** All items of a list, page by page of `maxResults`. */
export async function allPages<T>(
  maxResults: number,
  list: (page: { maxResults: number; nextToken?: string }) => Promise<{ items: readonly T[]; nextToken?: string }>,
): Promise<T[][]> {
  const pages: T[][] = [];
  let nextToken: string | undefined;
  do {
    const page = await list(nextToken === undefined ? { maxResults } : { maxResults, nextToken });
    pages.push([...page.items]);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return pages;
}
