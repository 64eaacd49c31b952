/**
 * Which policies are attached to what: certificates, thing groups, Cognito identities. Part of `createPolicies`
 * (policies.md section 7). Attaching and detaching are idempotent and in force when the operation answers. The older
 * operations on principals do the same under other names.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { invalidRequest, limitExceeded, notFound } from '../base/errors.ts';
import type { DirectoryGroup, ThingDirectory } from './authority.ts';
import type { PolicyRecords } from './policy-records.ts';

export type PolicyAttachmentOperations = Pick<
  IotOperations,
  | 'attachPolicy'
  | 'detachPolicy'
  | 'attachPrincipalPolicy'
  | 'detachPrincipalPolicy'
  | 'listAttachedPolicies'
  | 'listTargetsForPolicy'
  | 'listPrincipalPolicies'
  | 'listPolicyPrincipals'
>;

/** What policies can be attached to. */
export interface TargetDeps {
  certificateExists(arn: string): Promise<boolean>;
  readonly things: Pick<ThingDirectory, 'thingGroup'>;
}

const MOST_POLICIES = 10;
const DEFAULT_PAGE_SIZE = 25;

const CERTIFICATE_ARN = /^arn:aws[\w-]*:iot:[\w-]+:\d{12}:cert\/[0-9a-f]{64}$/;
const THING_GROUP_ARN = /^arn:aws[\w-]*:iot:[\w-]+:\d{12}:thinggroup\/[a-zA-Z0-9:_-]{1,128}$/;
/** `region:uuid`. Identities live outside, so their existence is not asked for. */
const COGNITO_IDENTITY = /^[a-z]{2}[a-z0-9-]{1,40}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function attachmentOperations(deps: TargetDeps, records: PolicyRecords): PolicyAttachmentOperations {
  return {
    attachPolicy: async ({ policyName, target }) => attach(deps, records, policyName, target),
    attachPrincipalPolicy: async ({ policyName, principal }) => attach(deps, records, policyName, principal),
    detachPolicy: async ({ policyName, target }) => detach(records, policyName, target),
    detachPrincipalPolicy: async ({ policyName, principal }) => {
      await records.policy(policyName);
      return detach(records, policyName, principal);
    },
    /** Recursively: those of a group with what it inherits from the groups above. */
    listAttachedPolicies: async ({ target, pageSize, marker, recursive = false }) => {
      const group = await requireTarget(deps, target);
      const targets = recursive && group ? group.lineageArns : [target];
      return attachedPolicies(records, targets, { pageSize, marker, ascendingOrder: true });
    },
    listPrincipalPolicies: async ({ principal, ...page }) => {
      await requireTarget(deps, principal);
      return attachedPolicies(records, [principal], page);
    },
    listTargetsForPolicy: async ({ policyName, ...page }) => {
      const { targets, nextMarker } = await targetsOf(records, policyName, { ...page, ascendingOrder: true });
      return { targets, nextMarker };
    },
    listPolicyPrincipals: async ({ policyName, ...page }) => {
      const { targets, nextMarker } = await targetsOf(records, policyName, page);
      return { principals: targets, nextMarker };
    },
  };
}

/** Looks again after attaching: what was deleted in between does not stay attached. */
async function attach(
  deps: TargetDeps,
  records: PolicyRecords,
  policyName: string,
  target: string,
): Promise<Record<string, never>> {
  const requireBoth = async (): Promise<void> => {
    const group = await requireTarget(deps, target);
    if (group?.isDynamic) {
      throw invalidRequest(`This operation does not support dynamic thing groups. Thing group arn: ${target}`);
    }
    const { value } = await records.policy(policyName);
    if (value.isDeleting) throw notFound(`The policy ${policyName} is being deleted`);
  };
  await requireBoth();
  const isNew = await changeTarget(records, target, (names) => withPolicy(names, policyName));
  if (!isNew) return {};
  try {
    await requireBoth();
  } catch (error) {
    await changeTarget(records, target, (names) => withoutPolicy(names, policyName));
    throw error;
  }
  await records.changed({ target });
  return {};
}

async function detach(records: PolicyRecords, policyName: string, target: string): Promise<Record<string, never>> {
  kindOf(target);
  await changeTarget(records, target, (names) => withoutPolicy(names, policyName));
  await records.changed({ target });
  return {};
}

/** Replaces the names of a target's policies by what `decide` makes of them. False for the same array: no change. */
function changeTarget(
  records: PolicyRecords,
  target: string,
  decide: (names: readonly string[]) => readonly string[],
): Promise<boolean> {
  return records.inTurn(`target ${target}`, async () => {
    const stored = await records.targets.get(target);
    const names = stored?.value.policyNames ?? [];
    const policyNames = decide(names);
    if (policyNames === names) return false;
    const condition = { ifVersion: stored?.version ?? 0 };
    const isEmpty = policyNames.length === 0;
    await records.commit([
      isEmpty ? records.targets.delete(target, condition) : records.targets.put(target, { policyNames }, condition),
    ]);
    return true;
  });
}

function withPolicy(names: readonly string[], policyName: string): readonly string[] {
  if (names.includes(policyName)) return names;
  if (names.length >= MOST_POLICIES) {
    throw limitExceeded(`A target can have at most ${MOST_POLICIES} policies attached`);
  }
  return [...names, policyName].sort();
}

function withoutPolicy(names: readonly string[], policyName: string): readonly string[] {
  return names.includes(policyName) ? names.filter((name) => name !== policyName) : names;
}

type TargetKind = 'certificate' | 'thing group' | 'Cognito identity';

/** Throws InvalidRequestException for what policies cannot be attached to. */
function kindOf(target: string): TargetKind {
  if (CERTIFICATE_ARN.test(target)) return 'certificate';
  if (THING_GROUP_ARN.test(target)) return 'thing group';
  if (COGNITO_IDENTITY.test(target)) return 'Cognito identity';
  throw invalidRequest('The target is neither the ARN of a certificate or thing group nor a Cognito identity');
}

/** The group, when it is one. Throws InvalidRequestException for no target at all, or ResourceNotFoundException. */
export async function requireTarget(
  { certificateExists, things }: TargetDeps,
  target: string,
): Promise<DirectoryGroup | undefined> {
  const kind = kindOf(target);
  if (kind === 'Cognito identity') return undefined;
  const group = kind === 'thing group' ? await things.thingGroup(target) : undefined;
  if (group || (kind === 'certificate' && (await certificateExists(target)))) return group;
  throw notFound(`No ${kind} with ARN ${target} exists`);
}

interface PageRequest {
  readonly pageSize?: number;
  readonly marker?: string;
  readonly ascendingOrder?: boolean;
}

/** A page of the few policies of these targets. The marker stands for the name behind which it goes on. */
async function attachedPolicies(
  records: PolicyRecords,
  targets: readonly string[],
  { ascendingOrder = false, ...input }: PageRequest,
) {
  const stored = await Promise.all(targets.map((target) => records.targets.get(target)));
  const names = [...new Set(stored.flatMap((one) => one?.value.policyNames ?? []))].sort();
  if (!ascendingOrder) names.reverse();
  const list = `policies of ${targets.join(' ')} ${ascendingOrder}`;
  const { after, limit } = pageRange(list, input, DEFAULT_PAGE_SIZE);
  const rest = after === undefined ? names : names.filter((name) => (ascendingOrder ? name > after : name < after));
  const page = rest.slice(0, limit);
  const next = rest.length > page.length ? page[page.length - 1] : undefined;
  return {
    policies: page.map((policyName) => ({ policyName, policyArn: records.arn(policyName) })),
    nextMarker: pageToken(list, next === undefined ? {} : { next }),
  };
}

async function targetsOf(
  records: PolicyRecords,
  policyName: string,
  { ascendingOrder = false, ...input }: PageRequest,
) {
  await records.policy(policyName);
  const list = `targets of ${policyName} ${ascendingOrder}`;
  const range = { ...pageRange(list, input, DEFAULT_PAGE_SIZE), descending: !ascendingOrder };
  const page = await records.targets.find('policy', policyName, range);
  return { targets: page.items.map(({ key }) => key), nextMarker: pageToken(list, page) };
}
