/**
 * From policies to answers: which policies apply to a connection or request (its principal's and those of its thing's
 * groups, policies.md section 7), and what they ask to know of it. Called by the policy authority, which keeps the result
 * fresh; keeps nothing itself.
 */
import type { Clock } from '../base/clock.ts';
import type { AssociatedThing, Circumstances, ThingDirectory } from './authority.ts';
import {
  CERTIFICATE_KEYS,
  type CertificateAttributes,
  type ContextSource,
  isTimeKey,
  type PolicyContext,
  policyContext,
  RESOURCE_TAG_KEYS,
  THING_KEYS,
} from './policy-context.ts';
import { BoundPolicies, type NamedDocument } from './policy-decision.ts';
import type { CertificatePrincipal, Principal } from './principal.ts';

export interface BindingDeps {
  readonly policies: { policiesOf(target: string): Promise<readonly NamedDocument[]> };
  readonly things: Pick<ThingDirectory, 'associatedThing'>;
  /** What the certificate says, asked for only when a policy uses `iot:Certificate.…`. */
  certificateAttributes(certificateId: string): Promise<CertificateAttributes | undefined>;
  readonly clock: Clock;
}

/** Policies, and what they need to be bound. */
export interface LoadedPolicies {
  readonly documents: readonly NamedDocument[];
  /** Set when nothing in them depends on the connection: the same answers for everybody. */
  readonly shared: BoundPolicies | undefined;
  readonly usesThing: boolean;
  readonly usesCertificate: boolean;
  readonly usesTime: boolean;
  readonly usesResourceTags: boolean;
  /** What must allow as well: the policies of a session. */
  readonly session: readonly NamedDocument[] | undefined;
}

/** The policies of one connection or request. */
export interface Binding {
  readonly policies: BoundPolicies;
  readonly documents: readonly NamedDocument[];
  readonly usesTime: boolean;
  /** The groups whose policies are among them. */
  readonly groupArns: readonly string[];
}

const noContext: PolicyContext = () => undefined;

/** What a connection has before its policies are there: nothing is allowed. */
export const unbound: Binding = {
  policies: new BoundPolicies([], noContext),
  documents: [],
  usesTime: false,
  groupArns: [],
};

export function prepare(documents: readonly NamedDocument[], session?: readonly NamedDocument[]): LoadedPolicies {
  const keys = [...documents, ...(session ?? [])].flatMap(({ document }) => [...document.contextKeys]);
  return {
    documents,
    session,
    shared: keys.length === 0 ? new BoundPolicies(documents, noContext, session) : undefined,
    usesThing: keys.some((key) => key.startsWith(THING_KEYS)),
    usesCertificate: keys.some((key) => key.startsWith(CERTIFICATE_KEYS)),
    usesTime: keys.some(isTimeKey),
    usesResourceTags: keys.some((key) => key.startsWith(RESOURCE_TAG_KEYS)),
  };
}

/**
 * Adds the policies of the thing's groups to `own`, the principal's, and gathers the facts that they ask for. `thing` as
 * `thingOf` gives it.
 */
export async function bind(
  deps: BindingDeps,
  own: LoadedPolicies,
  principal: Principal,
  circumstances: Circumstances,
  thing: AssociatedThing | undefined,
  resourceTags?: Readonly<Record<string, string>>,
): Promise<Binding> {
  const groupArns = thing?.groupArns ?? [];
  const ofGroups = await policiesOfAll(deps, groupArns);
  const loaded = ofGroups.length === 0 ? own : prepare(withoutDuplicates([...own.documents, ...ofGroups]), own.session);
  const { documents, usesTime } = loaded;
  const policies = loaded.shared ?? (await withFacts(deps, loaded, principal, { circumstances, thing, resourceTags }));
  return { policies, documents, usesTime, groupArns };
}

/** Every policy attached to any of these targets, each once. */
export async function policiesOfAll(
  { policies }: Pick<BindingDeps, 'policies'>,
  targets: readonly string[],
): Promise<readonly NamedDocument[]> {
  const found = await Promise.all(targets.map((target) => policies.policiesOf(target)));
  return withoutDuplicates(found.flat());
}

function withoutDuplicates(documents: readonly NamedDocument[]): readonly NamedDocument[] {
  return [...new Map(documents.map((document) => [document.policyName, document])).values()];
}

/** The thing that policies may depend on; undefined when there is none, or nobody asks. */
export async function thingOf(
  { things }: Pick<BindingDeps, 'things'>,
  own: LoadedPolicies,
  principal: Principal,
  { clientId, thingName = clientId }: Circumstances,
): Promise<AssociatedThing | undefined> {
  if (thingName === undefined || !mayHaveThing(own, principal)) return undefined;
  return things.associatedThing(principal.arn, thingName);
}

/** Certificates may have a thing whose groups matter; for others one is looked up when their policies name it. */
export function mayHaveThing({ usesThing }: LoadedPolicies, principal: Principal): boolean {
  return usesThing || certificateOf(principal) !== undefined;
}

function certificateOf(principal: Principal): CertificatePrincipal | undefined {
  if (principal.kind === 'custom') return principal.certificate;
  return principal.kind === 'certificate' ? principal : undefined;
}

async function withFacts(
  { clock, certificateAttributes }: BindingDeps,
  { documents, session, usesCertificate }: LoadedPolicies,
  principal: Principal,
  facts: Pick<ContextSource, 'circumstances' | 'thing' | 'resourceTags'>,
): Promise<BoundPolicies> {
  const shown = usesCertificate ? certificateOf(principal) : undefined;
  const certificate = shown && (await certificateAttributes(shown.id));
  return new BoundPolicies(documents, policyContext({ ...facts, clock, certificate, principal }), session);
}
