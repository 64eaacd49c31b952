/**
 * STS: who calls, and the sessions of roles (GetCallerIdentity, AssumeRole). A role must trust whoever assumes it; where
 * it trusts the whole account, the caller's own policies must allow it as well.
 */
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { AccessRecords } from './access-records.ts';
import type { PolicyAuthority } from './policy-authority.ts';
import { policyContext } from './policy-context.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { Principal, RolePrincipal, UserPrincipal } from './principal.ts';
import {
  invalidParameter,
  kinds,
  optional,
  type QueryContext,
  type QueryInput,
  type QueryOperations,
  required,
} from './query-operation.ts';
import type { RoleSessions } from './role-session.ts';
import { parseTrustPolicy, trustOf } from './trust-policy.ts';

export interface StsDeps {
  readonly records: AccessRecords;
  readonly sessions: RoleSessions;
  readonly clock: Clock;
  /** What the caller's own policies say. */
  readonly decide: PolicyAuthority['decide'];
}

const SHORTEST_SECONDS = 900;
const DEFAULT_SECONDS = 3600;
/** Of a session that another session begins. */
const LONGEST_CHAINED_SECONDS = 3600;
const ASSUME_ROLE = 'sts:AssumeRole';

export function stsOperations(deps: StsDeps): QueryOperations {
  const { records, sessions } = deps;
  return {
    /** Nobody needs a permission to learn who they are. */
    GetCallerIdentity: {
      parameters: {},
      run: async (_input, { principal }) => ({ UserId: principal.id, Account: records.account, Arn: principal.arn }),
    },
    AssumeRole: {
      parameters: {
        RoleArn: required(kinds.arn),
        RoleSessionName: required(kinds.sessionName),
        DurationSeconds: optional(kinds.seconds),
        ExternalId: optional(kinds.externalId),
        Policy: optional(kinds.document),
      },
      run: async (input, context) => {
        const { RoleArn: roleArn, RoleSessionName: sessionName, Policy: policy } = input;
        const found = await records.roleOf(roleArn);
        const caller = iamCaller(context.principal);
        if (!found || !caller || !(await mayAssume(deps, found.role.trustPolicy, caller, input, context))) {
          throw notAllowed(context.principal, roleArn);
        }
        const longest = caller.kind === 'role' ? LONGEST_CHAINED_SECONDS : found.role.maxSessionSeconds;
        const durationSeconds = sessionSeconds(input['DurationSeconds'], longest);
        if (policy !== undefined) parsePolicyDocument(policy);
        const session = { ...found, sessionName, durationSeconds, ...(policy !== undefined && { policy }) };
        const issued = sessions.issue(session);
        return {
          Credentials: {
            AccessKeyId: issued.accessKeyId,
            SecretAccessKey: issued.secretAccessKey,
            SessionToken: issued.sessionToken,
            Expiration: new Date(issued.expiresMs),
          },
          AssumedRoleUser: { AssumedRoleId: issued.principal.id, Arn: issued.principal.arn },
        };
      },
    },
  };
}

async function mayAssume(
  { records, clock, decide }: StsDeps,
  trustPolicy: string,
  caller: UserPrincipal | RolePrincipal,
  input: QueryInput,
  { sourceIp, secure }: QueryContext,
): Promise<boolean> {
  const general = policyContext({ circumstances: { sourceIp, secure }, clock, principal: caller });
  const ofRequest: Readonly<Record<string, string | undefined>> = {
    'sts:externalid': input['ExternalId'],
    'sts:rolesessionname': input['RoleSessionName'],
  };
  const lookup = (key: string): readonly string[] | undefined => {
    const value = Object.hasOwn(ofRequest, key) ? ofRequest[key] : undefined;
    return value === undefined ? general(key, ASSUME_ROLE.toLowerCase()) : [value];
  };
  const arns = caller.kind === 'role' ? [caller.arn, caller.roleArn] : [caller.arn];
  const candidate = { kind: 'principal', arns, account: records.account } as const;
  const trust = trustOf(parseTrustPolicy(trustPolicy), candidate, ASSUME_ROLE, lookup);
  if (trust === 'NONE') return false;
  const roleArn = input['RoleArn'];
  const { outcome } = await decide(caller, { sourceIp, secure }, ASSUME_ROLE, roleArn);
  // A user whom the role names needs no policy of its own, but must not be denied by one.
  if (outcome === 'IMPLICIT_DENY') return trust === 'DIRECT' && caller.kind === 'user';
  return outcome === 'ALLOWED';
}

function sessionSeconds(text: string | undefined, longest: number): number {
  const seconds = text === undefined ? Math.min(DEFAULT_SECONDS, longest) : Number(text);
  if (seconds < SHORTEST_SECONDS || seconds > longest) {
    throw invalidParameter(`DurationSeconds must be from ${SHORTEST_SECONDS} to ${longest} for this role and caller`);
  }
  return seconds;
}

function iamCaller(principal: Principal): UserPrincipal | RolePrincipal | undefined {
  return principal.kind === 'user' || principal.kind === 'role' ? principal : undefined;
}

function notAllowed({ arn }: Principal, roleArn: string): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    `User: ${arn} is not authorized to perform: ${ASSUME_ROLE} on resource: ${roleArn}`,
  );
}
