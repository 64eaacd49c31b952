/**
 * Users and their access keys, as operations of IAM. Part of `createIam`. A secret is in the one answer that made its
 * key, and nowhere else. The admin and its last active key cannot be taken away: nobody could come in any more.
 */
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Stored } from '../store/store.ts';
import { ADMIN } from './access-key.ts';
import type { AccessKeyRecord, AccessRecords, UserRecord } from './access-records.ts';
import { iamPage, whole } from './iam-page.ts';
import { inlinePolicyOperations } from './iam-policy.ts';
import {
  entityExists,
  inUse,
  kinds,
  noSuchEntity,
  optional,
  paging,
  type QueryContext,
  type QueryInput,
  type QueryOperations,
  required,
  tooMany,
} from './query-operation.ts';
import { newSecret, uniqueId } from './unique-id.ts';

export interface IamDeps {
  readonly records: AccessRecords;
  readonly clock: Clock;
  readonly random: Random;
}

const MOST_KEYS = 2;
/** Of all inline policies of a user. */
const LONGEST_POLICIES = 2048;

export function userOperations(deps: IamDeps): QueryOperations {
  return { ...users(deps), ...accessKeys(deps), ...userPolicies(deps) };
}

function users({ records, clock, random }: IamDeps): QueryOperations {
  const describe = (userName: string, record: UserRecord): object => ({
    Path: record.path,
    UserName: userName,
    UserId: record.userId,
    Arn: records.userArn(userName, record),
    CreateDate: new Date(record.createdMs),
  });
  return {
    CreateUser: {
      parameters: { UserName: required(kinds.userName), Path: optional(kinds.path) },
      run: async ({ UserName: userName, Path: path = '/' }, context) => {
        await context.authorize('iam:CreateUser', records.userArn(userName, { path }));
        const userId = uniqueId('AIDA', random);
        const record: UserRecord = { userId, path, isAdmin: false, policies: {}, createdMs: clock.now() };
        await records.inTurn(userTurn(userName), async () => {
          if (await records.users.get(userName)) throw entityExists('User', userName);
          await records.commit(
            [records.users.put(userName, record, { ifVersion: 0 })],
            records.userArn(userName, record),
          );
        });
        return { User: describe(userName, record) };
      },
    },
    GetUser: {
      parameters: { UserName: optional(kinds.userName) },
      run: async (input, context) => {
        const userName = userNameOf(input, context);
        await context.authorize('iam:GetUser', await userArn(records, userName));
        return { User: describe(userName, (await userNamed(records, userName)).value) };
      },
    },
    ListUsers: {
      parameters: paging,
      run: async (input, context) => {
        await context.authorize('iam:ListUsers', `arn:aws:iam::${records.account}:user/`);
        const { items, more } = await iamPage('ListUsers', records.users, input);
        return { Users: items.map(({ key, value }) => describe(key, value)), ...more };
      },
    },
    DeleteUser: {
      parameters: { UserName: required(kinds.userName) },
      run: async ({ UserName: userName }, context) => {
        await context.authorize('iam:DeleteUser', await userArn(records, userName));
        await records.inTurn(userTurn(userName), async () => {
          const { value, version } = await userNamed(records, userName);
          if (value.isAdmin) throw inUse('The admin cannot be deleted.');
          if (Object.keys(value.policies).length > 0) {
            throw inUse('Cannot delete entity, must delete policies first.');
          }
          if ((await records.keysOf(userName)).length > 0) {
            throw inUse('Cannot delete entity, must delete access keys first.');
          }
          const deletion = records.users.delete(userName, { ifVersion: version });
          await records.commit([deletion], records.userArn(userName, value));
        });
        return {};
      },
    },
    // There are no groups; Terraform asks all the same before it deletes a user.
    ListGroupsForUser: {
      parameters: { UserName: required(kinds.userName) },
      run: async ({ UserName: userName }, context) => {
        await context.authorize('iam:ListGroupsForUser', await userArn(records, userName));
        await userNamed(records, userName);
        return { Groups: [], ...whole };
      },
    },
  };
}

function accessKeys({ records, clock, random }: IamDeps): QueryOperations {
  const describe = (accessKeyId: string, { userName, status, createdMs }: AccessKeyRecord): object => ({
    UserName: userName,
    AccessKeyId: accessKeyId,
    Status: status,
    CreateDate: new Date(createdMs),
  });
  const ofUser = async (userName: string, accessKeyId: string): Promise<Stored<AccessKeyRecord>> => {
    const key = await records.keys.get(accessKeyId);
    if (key?.value.userName !== userName) throw noSuchKey(accessKeyId);
    return key;
  };
  const keepOneForAdmin = async (userName: string, accessKeyId: string): Promise<void> => {
    const others = (await records.keysOf(userName)).filter((key) => key.accessKeyId !== accessKeyId);
    if (userName === ADMIN && !others.some(({ record }) => record.status === 'Active')) {
      throw inUse('The last active key of the admin cannot be taken away: create another one first.');
    }
  };
  return {
    CreateAccessKey: {
      parameters: { UserName: optional(kinds.userName) },
      run: async (input, context) => {
        const userName = userNameOf(input, context);
        await context.authorize('iam:CreateAccessKey', await userArn(records, userName));
        return records.inTurn(userTurn(userName), async () => {
          const user = await userNamed(records, userName);
          if ((await records.keysOf(userName)).length >= MOST_KEYS) {
            throw tooMany(`Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
          }
          const accessKeyId = uniqueId('AKIA', random);
          const secret = newSecret(random);
          const secretAccessKey = records.sealSecret(accessKeyId, secret);
          const { userId } = user.value;
          const record = { secretAccessKey, status: 'Active', userName, userId, createdMs: clock.now() } as const;
          await records.commit([
            records.keys.put(accessKeyId, record, { ifVersion: 0 }),
            // So that the user is not deleted meanwhile, by another node.
            records.users.put(userName, user.value, { ifVersion: user.version }),
          ]);
          return { AccessKey: { ...describe(accessKeyId, record), SecretAccessKey: secret } };
        });
      },
    },
    ListAccessKeys: {
      parameters: { UserName: optional(kinds.userName) },
      run: async (input, context) => {
        const userName = userNameOf(input, context);
        await context.authorize('iam:ListAccessKeys', await userArn(records, userName));
        await userNamed(records, userName);
        const keys = await records.keysOf(userName);
        const described = keys.map(({ accessKeyId, record }) => describe(accessKeyId, record));
        return { UserName: userName, AccessKeyMetadata: described, ...whole };
      },
    },
    /** Tells whose key it is; when it was last used is not recorded, which IAM writes as `N/A`. */
    GetAccessKeyLastUsed: {
      parameters: { AccessKeyId: required(kinds.accessKeyId) },
      run: async ({ AccessKeyId: accessKeyId }, context) => {
        const key = await records.keys.get(accessKeyId);
        const owner = key ? await userArn(records, key.value.userName) : '*';
        await context.authorize('iam:GetAccessKeyLastUsed', owner);
        if (!key) throw noSuchKey(accessKeyId);
        return { UserName: key.value.userName, AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } };
      },
    },
    UpdateAccessKey: {
      parameters: {
        UserName: optional(kinds.userName),
        AccessKeyId: required(kinds.accessKeyId),
        Status: required(kinds.status),
      },
      run: async (input, context) => {
        const userName = userNameOf(input, context);
        const { AccessKeyId: accessKeyId } = input;
        const status = input['Status'] === 'Active' ? 'Active' : 'Inactive';
        await context.authorize('iam:UpdateAccessKey', await userArn(records, userName));
        await records.inTurn(userTurn(userName), async () => {
          const { value, version } = await ofUser(userName, accessKeyId);
          if (status === 'Inactive') await keepOneForAdmin(userName, accessKeyId);
          await records.commit([records.keys.put(accessKeyId, { ...value, status }, { ifVersion: version })]);
        });
        return {};
      },
    },
    DeleteAccessKey: {
      parameters: { UserName: optional(kinds.userName), AccessKeyId: required(kinds.accessKeyId) },
      run: async (input, context) => {
        const userName = userNameOf(input, context);
        const { AccessKeyId: accessKeyId } = input;
        await context.authorize('iam:DeleteAccessKey', await userArn(records, userName));
        await records.inTurn(userTurn(userName), async () => {
          const { version } = await ofUser(userName, accessKeyId);
          await keepOneForAdmin(userName, accessKeyId);
          await records.commit([records.keys.delete(accessKeyId, { ifVersion: version })]);
        });
        return {};
      },
    },
  };
}

function userPolicies({ records }: IamDeps): QueryOperations {
  return inlinePolicyOperations({
    kind: 'User',
    longest: LONGEST_POLICIES,
    owner: async (name) => {
      const { value, version } = await userNamed(records, name);
      return {
        arn: records.userArn(name, value),
        policies: value.policies,
        withPolicies: (policies) => records.users.put(name, { ...value, policies }, { ifVersion: version }),
      };
    },
    arnOf: (name) => userArn(records, name),
    inTurn: (name, work) => records.inTurn(userTurn(name), work),
    commit: (writes, arn) => records.commit(writes, arn),
  });
}

async function userNamed(records: AccessRecords, userName: string): Promise<Stored<UserRecord>> {
  const user = await records.users.get(userName);
  if (!user) throw noSuchEntity('user', userName);
  return user;
}

/** Also of a user there is not: what may be known of it is for policies to say. */
async function userArn(records: AccessRecords, userName: string): Promise<string> {
  const user = await records.users.get(userName);
  return records.userArn(userName, user?.value ?? { path: '/' });
}

/** Without a name, whoever calls is meant. */
function userNameOf({ UserName: userName }: QueryInput, { principal }: QueryContext): string {
  if (userName !== undefined) return userName;
  if (principal.kind === 'user') return principal.arn.slice(principal.arn.lastIndexOf('/') + 1);
  throw new ServiceError('ValidationError', 'Must specify userName when calling with non-User credentials');
}

function userTurn(userName: string): string {
  return `user ${userName}`;
}

function noSuchKey(accessKeyId: string): ServiceError {
  return new ServiceError('NoSuchEntity', `The Access Key with id ${accessKeyId} cannot be found.`);
}
