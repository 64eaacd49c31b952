/**
 * What the IAM principals (users, and sessions of roles) bring into a policy's decision: the policies that count, and
 * the condition keys that tell who they are. Used by the policy authority, its context and the trust policies.
 */
import type { NamedDocument } from './policy-decision.ts';
import type { Principal, RolePrincipal, UserPrincipal } from './principal.ts';

export interface AccessPolicies {
  readonly documents: readonly NamedDocument[];
  /** Policies that must allow as well; absent when nothing limits the session. */
  readonly session?: readonly NamedDocument[];
}

/** The value of a normalised condition key that tells who asks; undefined when it is none, or not known. */
export function principalValue(principal: Principal, key: string): string[] | undefined {
  if (principal.kind !== 'user' && principal.kind !== 'role') return undefined;
  const value = iamValue(principal, key);
  return value === undefined ? undefined : [value];
}

function iamValue(principal: UserPrincipal | RolePrincipal, key: string): string | undefined {
  const isUser = principal.kind === 'user';
  switch (key) {
    case 'aws:userid':
      return principal.id;
    case 'aws:username':
      return isUser ? principal.arn.slice(principal.arn.lastIndexOf('/') + 1) : undefined;
    case 'aws:principalarn':
      return isUser ? principal.arn : principal.roleArn;
    case 'aws:principaltype':
      return isUser ? 'User' : 'AssumedRole';
    case 'aws:principalaccount':
      return principal.arn.split(':')[4];
    case 'aws:tokenissuetime':
      return isUser ? undefined : new Date(principal.issuedMs).toISOString();
    default:
      return isUser || !Object.hasOwn(principal.context, key) ? undefined : principal.context[key];
  }
}
