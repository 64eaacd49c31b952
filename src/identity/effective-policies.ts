/**
 * What policies come to for a device, asked without one: GetEffectivePolicies and TestAuthorization (policies.md
 * section 7). Only policies are judged, not whether a certificate is active. Called through the door like the other
 * operations on policies.
 */
import type { ActionType, AuthInfo, AuthResult, IotOperations } from '../api/generated/iot.ts';
import type { Clock } from '../base/clock.ts';
import { invalidRequest, notFound } from '../base/errors.ts';
import type { AssociatedThing, ThingDirectory } from './authority.ts';
import { requireTarget, type TargetDeps } from './policy-attachment.ts';
import { policiesOfAll } from './policy-binding.ts';
import { type CertificateAttributes, type PolicyContext, policyContext } from './policy-context.ts';
import { BoundPolicies, type Decision, type NamedDocument, type Reason } from './policy-decision.ts';
import type { PolicyRecords } from './policy-records.ts';

export interface EffectivePolicyDeps extends TargetDeps {
  readonly records: PolicyRecords;
  readonly things: Pick<ThingDirectory, 'associatedThing' | 'groupsOf' | 'thingGroup'>;
  certificateAttributes(certificateId: string): Promise<CertificateAttributes | undefined>;
  readonly clock: Clock;
}

export type EffectivePolicyOperations = Pick<IotOperations, 'getEffectivePolicies' | 'testAuthorization'>;

const actions: Readonly<Record<ActionType, string>> = {
  CONNECT: 'iot:Connect',
  PUBLISH: 'iot:Publish',
  SUBSCRIBE: 'iot:Subscribe',
  RECEIVE: 'iot:Receive',
};

export function effectivePolicyOperations(deps: EffectivePolicyDeps): EffectivePolicyOperations {
  const { records, things, clock } = deps;

  /** Where the principal's own policies are attached: to itself, or to a group and those above it. */
  async function targetsOf(principal: string): Promise<readonly string[]> {
    const group = await requireTarget(deps, principal);
    return group?.lineageArns ?? [principal];
  }

  async function contextOf(principal: string | undefined, clientId: string | undefined, thing?: AssociatedThing) {
    const certificateId = principal && /:cert\/([0-9a-f]{64})$/.exec(principal)?.[1];
    const certificate = certificateId ? await deps.certificateAttributes(certificateId) : undefined;
    const circumstances = { ...(clientId === undefined ? {} : { clientId }), sourceIp: '', secure: true };
    return withoutAddress(policyContext({ circumstances, clock, thing, certificate }));
  }

  return {
    /** The policies of the principal and of the thing's groups; the two need not be attached to each other. */
    async getEffectivePolicies({ principal, thingName }) {
      if (principal === undefined && thingName === undefined) {
        throw invalidRequest('Either principal or thingName must be given');
      }
      const own = principal === undefined ? [] : await targetsOf(principal);
      const ofThing = thingName === undefined ? [] : await things.groupsOf(thingName);
      if (!ofThing) throw notFound(`Thing ${thingName} cannot be found.`);
      const documents = await policiesOfAll({ policies: records }, [...own, ...ofThing]);
      const texts = await Promise.all(documents.map(({ policyName }) => records.text(policyName)));
      const effective = documents.map(({ policyName, policyArn }, i) => ({
        policyName,
        policyArn,
        policyDocument: texts[i],
      }));
      return { effectivePolicies: effective.filter(({ policyDocument }) => policyDocument !== undefined) };
    },

    /** Without a client id there is no thing, so neither its variables nor its groups' policies. */
    async testAuthorization(input) {
      const { authInfos, clientId, principal, policyNamesToAdd = [], policyNamesToSkip = [] } = input;
      if (principal === undefined && input.cognitoIdentityPoolId === undefined && policyNamesToAdd.length === 0) {
        throw invalidRequest('One of principal, cognitoIdentityPoolId and policyNamesToAdd must be given');
      }
      const own = principal === undefined ? [] : await targetsOf(principal);
      const thing =
        principal !== undefined && clientId !== undefined
          ? await things.associatedThing(principal, clientId)
          : undefined;
      const attached = await policiesOfAll({ policies: records }, [...own, ...(thing?.groupArns ?? [])]);
      const added = await Promise.all(policyNamesToAdd.map((policyName) => records.named(policyName)));
      const documents = [...attached.filter(({ policyName }) => !policyNamesToSkip.includes(policyName)), ...added];
      const distinct = [...new Map(documents.map((document) => [document.policyName, document])).values()];
      const bound = new BoundPolicies(distinct, await contextOf(principal, clientId, thing));
      return { authResults: authInfos.map((authInfo) => judge(bound, distinct, authInfo)) };
    },
  };
}

/** Nobody is connecting, so there is no address: a policy that asks for it misses it. */
function withoutAddress(context: PolicyContext): PolicyContext {
  return (key, action) => (key === 'aws:sourceip' ? undefined : context(key, action));
}

/** The worst decision on any of the resources, and the policies that made the decisions or said nothing. */
function judge(bound: BoundPolicies, documents: readonly NamedDocument[], authInfo: AuthInfo): AuthResult {
  const { actionType, resources } = authInfo;
  if (actionType === undefined) throw invalidRequest('authInfos: actionType is missing');
  if (resources.length === 0) throw invalidRequest('authInfos: resources is empty');
  const decisions = resources.map((resource) => bound.decide(actions[actionType], resource));
  const deniedBy = decisions.flatMap((decision) => decision.deniedBy);
  const allowedBy = decisions.flatMap((decision) => decision.allowedBy);
  const silent = documents.filter((document) => decisions.some((decision) => saysNothing(document, decision)));
  const outcomes = decisions.map(({ outcome }) => outcome);
  return {
    authInfo,
    allowed: { policies: policiesIn(allowedBy) },
    denied: {
      implicitDeny: { policies: silent.map(({ policyName, policyArn }) => ({ policyName, policyArn })) },
      explicitDeny: { policies: policiesIn(deniedBy) },
    },
    authDecision:
      (['EXPLICIT_DENY', 'IMPLICIT_DENY'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'ALLOWED',
    missingContextValues: [...new Set(decisions.flatMap(({ missing }) => missing))],
  };
}

function saysNothing(document: NamedDocument, { allowedBy, deniedBy }: Decision): boolean {
  return ![...allowedBy, ...deniedBy].some(({ policy }) => policy.policyName === document.policyName);
}

function policiesIn(reasons: readonly Reason[]) {
  const names = new Map(reasons.map(({ policy }) => [policy.policyName, policy.policyArn]));
  return [...names].map(([policyName, policyArn]) => ({ policyName, policyArn }));
}
