/**
 * Inline policies of users and roles: put, get, list and delete them, the same for both kinds of owner. Used by
 * `iam-user.ts` and `iam-role.ts`.
 */
import { ServiceError } from '../base/errors.ts';
import type { Write } from '../store/store.ts';
import type { PolicyTexts } from './access-records.ts';
import { whole } from './iam-page.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { kinds, type QueryOperations, required, tooMany } from './query-operation.ts';

/** A user or role that exists. */
export interface PolicyOwner {
  readonly arn: string;
  readonly policies: PolicyTexts;
  /** The write that replaces its policies if nothing else changed it. */
  withPolicies(policies: PolicyTexts): Write;
}

export interface PolicyOwners {
  readonly kind: 'User' | 'Role';
  /** Characters without white space that all policies of one owner may have together. */
  readonly longest: number;
  /** Throws NoSuchEntity. */
  owner(name: string): Promise<PolicyOwner>;
  arnOf(name: string): Promise<string>;
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>;
  commit(writes: readonly Write[], arn: string): Promise<void>;
}

/** `PutUserPolicy`, `GetUserPolicy`, `ListUserPolicies`, `DeleteUserPolicy`, and the (empty) `ListAttachedUserPolicies`. */
export function inlinePolicyOperations(owners: PolicyOwners): QueryOperations {
  const { kind } = owners;
  const nameMember = `${kind}Name`;
  const named = { [nameMember]: required(kinds.userName), PolicyName: required(kinds.policyName) };

  const change = (name: string, decide: (policies: PolicyTexts) => PolicyTexts): Promise<void> =>
    owners.inTurn(name, async () => {
      const owner = await owners.owner(name);
      await owners.commit([owner.withPolicies(decide(owner.policies))], owner.arn);
    });

  return {
    [`Put${kind}Policy`]: {
      parameters: { ...named, PolicyDocument: required(kinds.document) },
      run: async (input, context) => {
        const { [nameMember]: name, PolicyName: policyName, PolicyDocument: text } = input;
        await context.authorize(`iam:Put${kind}Policy`, await owners.arnOf(name));
        parsePolicyDocument(text, owners.longest);
        await change(name, (policies) => withPolicy(policies, policyName, text, owners));
        return {};
      },
    },
    [`Get${kind}Policy`]: {
      parameters: named,
      run: async (input, context) => {
        const { [nameMember]: name, PolicyName: policyName } = input;
        await context.authorize(`iam:Get${kind}Policy`, await owners.arnOf(name));
        const { policies } = await owners.owner(name);
        if (!Object.hasOwn(policies, policyName)) throw noSuchPolicy(kind, policyName);
        // Percent-encoded, as the service does it.
        return {
          [nameMember]: name,
          PolicyName: policyName,
          PolicyDocument: encodeURIComponent(policies[policyName]),
        };
      },
    },
    [`List${kind}Policies`]: {
      parameters: { [nameMember]: required(kinds.userName) },
      run: async ({ [nameMember]: name }, context) => {
        await context.authorize(`iam:List${kind}Policies`, await owners.arnOf(name));
        return { PolicyNames: Object.keys((await owners.owner(name)).policies).sort(), ...whole };
      },
    },
    [`Delete${kind}Policy`]: {
      parameters: named,
      run: async (input, context) => {
        const { [nameMember]: name, PolicyName: policyName } = input;
        await context.authorize(`iam:Delete${kind}Policy`, await owners.arnOf(name));
        await change(name, (policies) => withoutPolicy(policies, policyName, kind));
        return {};
      },
    },
    // There are no managed policies to attach; Terraform and others ask all the same.
    [`ListAttached${kind}Policies`]: {
      parameters: { [nameMember]: required(kinds.userName) },
      run: async ({ [nameMember]: name }, context) => {
        await context.authorize(`iam:ListAttached${kind}Policies`, await owners.arnOf(name));
        await owners.owner(name);
        return { AttachedPolicies: [], ...whole };
      },
    },
  };
}

function withPolicy(policies: PolicyTexts, name: string, text: string, { kind, longest }: PolicyOwners): PolicyTexts {
  const changed = { ...policies, [name]: text };
  const size = Object.values(changed).reduce((sum, one) => sum + one.replace(/\s+/g, '').length, 0);
  if (size > longest) {
    throw tooMany(`Maximum policy size of ${longest} bytes exceeded for ${kind.toLowerCase()} policies`);
  }
  return changed;
}

function withoutPolicy(policies: PolicyTexts, name: string, kind: string): PolicyTexts {
  if (!Object.hasOwn(policies, name)) throw noSuchPolicy(kind, name);
  const { [name]: _, ...rest } = policies;
  return rest;
}

function noSuchPolicy(kind: string, name: string): ServiceError {
  return new ServiceError('NoSuchEntity', `The ${kind.toLowerCase()} policy with name ${name} cannot be found.`);
}
