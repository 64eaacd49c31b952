/**
 * Role aliases: the names under which devices ask for credentials of a role (gateway-broker.md section 12). The API's
 * operations on them, and `find` for the credential provider. A role need not exist, since it may be another system's;
 * whoever names one must be allowed to pass it on, or an alias would be a way to its rights.
 */
import type { IotOperations, RoleAliasDescription, Tag } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, limitExceeded, notFound } from '../base/errors.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Store, Write } from '../store/store.ts';

/** Its key is the alias. */
export interface RoleAliasRecord {
  readonly roleArn: string;
  readonly durationSeconds: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface RoleAliasDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly place: Place;
  /** The writes that give a resource its first tags, or take all of them. */
  tagsFor(arn: string, tags: readonly Tag[] | undefined): readonly Write[];
}

export type RoleAliasOperations = Pick<
  IotOperations,
  'createRoleAlias' | 'updateRoleAlias' | 'describeRoleAlias' | 'deleteRoleAlias' | 'listRoleAliases'
>;

export interface RoleAliases {
  readonly operations: RoleAliasOperations;
  find(roleAlias: string): Promise<RoleAliasRecord | undefined>;
  arn(roleAlias: string): string;
}

const MOST_ALIASES = 100;
const DEFAULT_PAGE_SIZE = 25;
const DEFAULT_SECONDS = 3600;
/** All creations take turns, so that they are counted right. */
const CREATION = 'creation';

export function createRoleAliases({ store, clock, place, tagsFor }: RoleAliasDeps): RoleAliases {
  const aliases = store.collection<RoleAliasRecord>({ name: 'role_alias' });
  const turns = new Turns();
  const arn = (roleAlias: string): string => iotArn(place, `rolealias/${roleAlias}`);
  const named = async (roleAlias: string) => {
    const stored = await aliases.get(roleAlias);
    if (!stored) throw notFound(`Role alias ${roleAlias} does not exist`);
    return stored;
  };

  return {
    arn,
    find: async (roleAlias) => (await aliases.get(roleAlias))?.value,
    operations: {
      createRoleAlias: async ({ roleAlias, roleArn, credentialDurationSeconds, tags }, context) => {
        await requirePassable(roleArn, context);
        const nowMs = clock.now();
        const record: RoleAliasRecord = {
          roleArn,
          durationSeconds: credentialDurationSeconds ?? DEFAULT_SECONDS,
          createdMs: nowMs,
          modifiedMs: nowMs,
        };
        await turns.run(CREATION, () =>
          retryConflicts(async () => {
            if (await aliases.get(roleAlias)) {
              const resource = { resourceId: roleAlias, resourceArn: arn(roleAlias) };
              throw alreadyExists(`Role alias ${roleAlias} already exists`, resource);
            }
            if ((await aliases.count()) >= MOST_ALIASES) {
              throw limitExceeded(`An account can have at most ${MOST_ALIASES} role aliases`);
            }
            const writes = [aliases.put(roleAlias, record, { ifVersion: 0 }), ...tagsFor(arn(roleAlias), tags)];
            await store.commit(writes);
          }),
        );
        return { roleAlias, roleAliasArn: arn(roleAlias) };
      },

      updateRoleAlias: async ({ roleAlias, roleArn, credentialDurationSeconds }, context) => {
        if (roleArn !== undefined) await requirePassable(roleArn, context);
        await retryConflicts(async () => {
          const { value, version } = await named(roleAlias);
          const changed: RoleAliasRecord = {
            ...value,
            ...(roleArn !== undefined && { roleArn }),
            ...(credentialDurationSeconds !== undefined && { durationSeconds: credentialDurationSeconds }),
            modifiedMs: clock.now(),
          };
          await store.commit([aliases.put(roleAlias, changed, { ifVersion: version })]);
        });
        return { roleAlias, roleAliasArn: arn(roleAlias) };
      },

      describeRoleAlias: async ({ roleAlias }) => {
        const { value } = await named(roleAlias);
        const description: RoleAliasDescription = {
          roleAlias,
          roleAliasArn: arn(roleAlias),
          roleArn: value.roleArn,
          owner: place.account,
          credentialDurationSeconds: value.durationSeconds,
          creationDate: new Date(value.createdMs),
          lastModifiedDate: new Date(value.modifiedMs),
        };
        return { roleAliasDescription: description };
      },

      deleteRoleAlias: async ({ roleAlias }) => {
        await retryConflicts(async () => {
          const { version } = await named(roleAlias);
          await store.commit([
            aliases.delete(roleAlias, { ifVersion: version }),
            ...tagsFor(arn(roleAlias), undefined),
          ]);
        });
        return {};
      },

      listRoleAliases: async ({ ascendingOrder = false, ...input }) => {
        const list = `ListRoleAliases ${ascendingOrder}`;
        const page = await aliases.scan({
          ...pageRange(list, input, DEFAULT_PAGE_SIZE),
          descending: !ascendingOrder,
        });
        return { roleAliases: page.items.map(({ key }) => key), nextMarker: pageToken(list, page) };
      },
    },
  };
}

async function requirePassable(roleArn: string, context: RequestContext): Promise<void> {
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/[\u0021-\u007e]{1,1024}$/.test(roleArn)) {
    throw invalidRequest(`${roleArn} is not the ARN of a role`);
  }
  await context.authorize('iam:PassRole', roleArn);
}
