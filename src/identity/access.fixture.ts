/** Users, roles and sessions in memory at a fixed time, for the tests beside. */
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { createAccess } from './access.ts';
import type { AdminKey } from './access-key.ts';
import type { Circumstances } from './authority.ts';
import { createPolicyAuthority } from './policy-authority.ts';
import type { Principal } from './principal.ts';
import type { QueryContext } from './query-operation.ts';
import { createSecretBox } from './secret-box.ts';

export const ACCOUNT = '123456789012';
export const here: Circumstances = { sourceIp: '192.0.2.1', secure: true };

export interface AccessOptions {
  readonly store?: Store;
  readonly adminKey?: AdminKey;
  readonly secretsKey?: string;
  readonly seed?: number;
}

export async function openAccess({ store, adminKey, secretsKey, seed = 1 }: AccessOptions = {}) {
  const clock = new VirtualClock(Date.parse('2026-01-15T12:00:00Z'));
  const random = seededRandom(seed);
  const opened = store ?? (await openSqliteStore({ file: ':memory:', log: silentLog }));
  const access = await createAccess({
    store: opened,
    clock,
    random,
    log: silentLog,
    account: ACCOUNT,
    secrets: createSecretBox(secretsKey, random),
    tokenKey: seededRandom(9).bytes(32),
    decide: (...question) => authority.decide(...question),
    ...(adminKey && { adminKey }),
  });
  const authority = createPolicyAuthority({
    policies: { policiesOf: async () => [], onChange: () => () => {} },
    access: access.records,
    resourceTags: async (arn) => (arn.endsWith('tagged') ? { Team: 'blue' } : undefined),
    things: { associatedThing: async () => undefined, onChange: () => () => {} },
    certificateAttributes: async () => undefined,
    onRefusal: () => {},
    place: { region: 'us-east-1', account: ACCOUNT },
    clock,
    log: silentLog,
  });
  const admin = (await access.findAccessKey(access.adminKey.accessKeyId, undefined))!.principal;
  const asked: string[] = [];

  /** Runs an operation of IAM or STS as `principal`, whose policies are not asked but noted. */
  const call = async (operation: string, input: Record<string, string> = {}, principal: Principal = admin) => {
    const context: QueryContext = {
      requestId: 'r',
      principal,
      ...here,
      authorize: async (action, resource) => void asked.push(`${action} ${resource}`),
    };
    const { iam, sts } = access.operations;
    return (await { ...iam, ...sts }[operation].run(input, context)) as Record<string, never>;
  };

  const allows = async (principal: Principal, action: string, resource: string, more: Partial<Circumstances> = {}) =>
    (await authority.decide(principal, { ...here, ...more }, action, resource)).outcome === 'ALLOWED';

  return { access, authority, store: opened, clock, call, allows, asked, admin };
}

export function allowing(action: string, resource = '*', extra: object = {}): string {
  const statement = { Effect: 'Allow', Action: action, Resource: resource, ...extra };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

export function trusting(principal: object | string, extra: object = {}): string {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...extra };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
