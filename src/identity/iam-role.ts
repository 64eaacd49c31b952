/**
 * Roles, as operations of IAM: who may assume them (trust policy) and what they may do then (inline policies). Part of
 * `createIam`. Deleting a role ends its sessions.
 */
import type { Stored } from '../store/store.ts';
import type { AccessRecords, RoleRecord } from './access-records.ts';
import { LONGEST_INLINE_POLICY } from './access-records.ts';
import { iamPage, whole } from './iam-page.ts';
import { inlinePolicyOperations } from './iam-policy.ts';
import type { IamDeps } from './iam-user.ts';
import {
  entityExists,
  inUse,
  invalidParameter,
  kinds,
  noSuchEntity,
  optional,
  paging,
  type QueryOperations,
  required,
} from './query-operation.ts';
import { parseTrustPolicy } from './trust-policy.ts';
import { uniqueId } from './unique-id.ts';

const DEFAULT_SESSION_SECONDS = 3600;
const LONGEST_SESSION_SECONDS = 43_200;

export function roleOperations(deps: IamDeps): QueryOperations {
  return { ...roles(deps), ...roleChanges(deps), ...rolePolicies(deps) };
}

function roles({ records, clock, random }: IamDeps): QueryOperations {
  return {
    CreateRole: {
      parameters: {
        RoleName: required(kinds.roleName),
        AssumeRolePolicyDocument: required(kinds.document),
        Path: optional(kinds.path),
        Description: optional(kinds.description),
        MaxSessionDuration: optional(kinds.seconds),
      },
      run: async (input, context) => {
        const { RoleName: roleName, AssumeRolePolicyDocument: trustPolicy, Path: path = '/' } = input;
        const { Description: description } = input;
        await context.authorize('iam:CreateRole', records.roleArn(roleName, { path }));
        parseTrustPolicy(trustPolicy);
        const record: RoleRecord = {
          roleId: uniqueId('AROA', random),
          path,
          ...(description !== undefined && { description }),
          trustPolicy,
          policies: {},
          maxSessionSeconds: sessionSeconds(input['MaxSessionDuration']),
          createdMs: clock.now(),
        };
        await records.inTurn(roleTurn(roleName), async () => {
          if (await records.roles.get(roleName)) throw entityExists('Role', roleName);
          await records.commit(
            [records.roles.put(roleName, record, { ifVersion: 0 })],
            records.roleArn(roleName, record),
          );
        });
        return { Role: describe(records, roleName, record) };
      },
    },
    GetRole: {
      parameters: { RoleName: required(kinds.roleName) },
      run: async ({ RoleName: roleName }, context) => {
        await context.authorize('iam:GetRole', await roleArn(records, roleName));
        return { Role: describe(records, roleName, (await roleNamed(records, roleName)).value) };
      },
    },
    ListRoles: {
      parameters: paging,
      run: async (input, context) => {
        await context.authorize('iam:ListRoles', `arn:aws:iam::${records.account}:role/`);
        const { items, more } = await iamPage('ListRoles', records.roles, input);
        return { Roles: items.map(({ key, value }) => describe(records, key, value)), ...more };
      },
    },
    // There are no instances; Terraform asks all the same before it deletes a role.
    ListInstanceProfilesForRole: {
      parameters: { RoleName: required(kinds.roleName) },
      run: async ({ RoleName: roleName }, context) => {
        await context.authorize('iam:ListInstanceProfilesForRole', await roleArn(records, roleName));
        await roleNamed(records, roleName);
        return { InstanceProfiles: [], ...whole };
      },
    },
  };
}

function roleChanges({ records }: IamDeps): QueryOperations {
  const change = (roleName: string, decide: (record: RoleRecord) => RoleRecord): Promise<void> =>
    records.inTurn(roleTurn(roleName), async () => {
      const { value, version } = await roleNamed(records, roleName);
      const write = records.roles.put(roleName, decide(value), { ifVersion: version });
      await records.commit([write], records.roleArn(roleName, value));
    });
  return {
    UpdateAssumeRolePolicy: {
      parameters: { RoleName: required(kinds.roleName), PolicyDocument: required(kinds.document) },
      run: async ({ RoleName: roleName, PolicyDocument: trustPolicy }, context) => {
        await context.authorize('iam:UpdateAssumeRolePolicy', await roleArn(records, roleName));
        parseTrustPolicy(trustPolicy);
        await change(roleName, (record) => ({ ...record, trustPolicy }));
        return {};
      },
    },
    UpdateRole: {
      parameters: {
        RoleName: required(kinds.roleName),
        Description: optional(kinds.description),
        MaxSessionDuration: optional(kinds.seconds),
      },
      run: async ({ RoleName: roleName, Description: description, MaxSessionDuration: duration }, context) => {
        await context.authorize('iam:UpdateRole', await roleArn(records, roleName));
        await change(roleName, (record) => ({
          ...record,
          ...(description !== undefined && { description }),
          ...(duration !== undefined && { maxSessionSeconds: sessionSeconds(duration) }),
        }));
        return {};
      },
    },
    DeleteRole: {
      parameters: { RoleName: required(kinds.roleName) },
      run: async ({ RoleName: roleName }, context) => {
        await context.authorize('iam:DeleteRole', await roleArn(records, roleName));
        await records.inTurn(roleTurn(roleName), async () => {
          const { value, version } = await roleNamed(records, roleName);
          if (Object.keys(value.policies).length > 0) {
            throw inUse('Cannot delete entity, must delete policies first.');
          }
          const deletion = records.roles.delete(roleName, { ifVersion: version });
          await records.commit([deletion], records.roleArn(roleName, value));
        });
        return {};
      },
    },
  };
}

function rolePolicies({ records }: IamDeps): QueryOperations {
  return inlinePolicyOperations({
    kind: 'Role',
    longest: LONGEST_INLINE_POLICY,
    owner: async (name) => {
      const { value, version } = await roleNamed(records, name);
      return {
        arn: records.roleArn(name, value),
        policies: value.policies,
        withPolicies: (policies) => records.roles.put(name, { ...value, policies }, { ifVersion: version }),
      };
    },
    arnOf: (name) => roleArn(records, name),
    inTurn: (name, work) => records.inTurn(roleTurn(name), work),
    commit: (writes, arn) => records.commit(writes, arn),
  });
}

function describe(records: AccessRecords, roleName: string, record: RoleRecord): object {
  return {
    Path: record.path,
    RoleName: roleName,
    RoleId: record.roleId,
    Arn: records.roleArn(roleName, record),
    CreateDate: new Date(record.createdMs),
    // Percent-encoded, as the service does it.
    AssumeRolePolicyDocument: encodeURIComponent(record.trustPolicy),
    ...(record.description !== undefined && { Description: record.description }),
    MaxSessionDuration: record.maxSessionSeconds,
  };
}

function sessionSeconds(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_SESSION_SECONDS : Number(text);
  if (seconds < DEFAULT_SESSION_SECONDS || seconds > LONGEST_SESSION_SECONDS) {
    throw invalidParameter(`MaxSessionDuration must be from ${DEFAULT_SESSION_SECONDS} to ${LONGEST_SESSION_SECONDS}`);
  }
  return seconds;
}

async function roleNamed(records: AccessRecords, roleName: string): Promise<Stored<RoleRecord>> {
  const role = await records.roles.get(roleName);
  if (!role) throw noSuchEntity('role', roleName);
  return role;
}

/** Also of a role there is not. */
async function roleArn(records: AccessRecords, roleName: string): Promise<string> {
  const role = await records.roles.get(roleName);
  return records.roleArn(roleName, role?.value ?? { path: '/' });
}

function roleTurn(roleName: string): string {
  return `role ${roleName}`;
}
