/**
 * Why was I denied: the newest refusals of every kind, each with its explanation. For the operator alone
 * (`/_tsunagu/denials`, `tsunagu explain`, the log); a client learns nothing from it. Made by the door; policies,
 * authentication, the broker and the gateway report to it.
 *
 * Nothing is worked out for what is allowed. The same refusal again only counts, so a client that tries for ever costs
 * a look-up, and whoever has many refusals loses its own oldest ones, not those of others.
 */
import type { Clock } from '../base/clock.ts';
import type { RepeatedWarnings } from '../base/repeated-warnings.ts';
import type { PolicyQuestion } from './policy-authority.ts';
import type { Decision, Reason } from './policy-decision.ts';
import type { Denial, Explanation, Refusal, StatementName } from './refusal.ts';

const MOST_DENIALS = 1000;
/** Of one principal, or of one address where nobody knows who it is. */
const MOST_OF_ONE = 100;
/** Explanations are worked out anew when they are older: policies may have changed. */
const EXPLAINED_FOR_MS = 1000;
/** Statements named in one explanation. */
const MOST_STATEMENTS = 5;
/** Characters of any one text that is kept or logged. */
const LONGEST_TEXT = 600;
/** A policy document has room for no longer resource. */
const LONGEST_RESOURCE = 1500;

export interface DenialsDeps {
  readonly clock: Clock;
  readonly warnings: RepeatedWarnings;
}

type Kept = { -readonly [Member in keyof Denial]: Denial[Member] } & { explainedAt: number };

export class Denials {
  readonly #deps: DenialsDeps;
  /** By who asked, then by what was refused; both in the order of the latest refusal, the newest last. */
  readonly #kept = new Map<string, Map<string, Kept>>();
  readonly #counts = new Map<string, number>();
  #size = 0;

  constructor(deps: DenialsDeps) {
    this.#deps = deps;
  }

  /** Something was refused that policies have nothing to do with. */
  refused(refusal: Refusal): void {
    this.#note(bounded(refusal), () => refusal);
  }

  /** Policies did not allow something. `decide` is called only when there is something new to explain. */
  denied({ principal, circumstances, action, resource }: PolicyQuestion, decide: () => Decision): void {
    const { sourceIp, clientId } = circumstances;
    const refusal = bounded({
      reason: 'policy',
      detail: '',
      sourceIp,
      principal: principal.arn,
      action,
      resource,
      ...(clientId !== undefined && { clientId }),
    });
    this.#note(refusal, () => {
      const explanation = explain(decide(), action, resource);
      return { ...refusal, detail: sentence(explanation), explanation };
    });
  }

  /** The newest first; only those of a client when one is named. */
  list({ clientId, limit = MOST_DENIALS }: { clientId?: string; limit?: number } = {}): readonly Denial[] {
    const all = [...this.#kept.values()].flatMap((denials) => [...denials.values()]);
    return all
      .filter((denial) => clientId === undefined || denial.clientId === clientId)
      .sort((one, other) => other.lastAt - one.lastAt)
      .slice(0, limit)
      .map(({ explainedAt: _, ...denial }) => denial);
  }

  /** Refusals so far by reason. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  #note(refusal: Refusal, explained: () => Refusal): void {
    this.#counts.set(refusal.reason, (this.#counts.get(refusal.reason) ?? 0) + 1);
    const now = this.#deps.clock.now();
    const denial = this.#renewed(refusal, explained, now);
    denial.lastAt = now;
    denial.count++;
    this.#log(denial);
  }

  /** The record of this refusal, the newest of its list from now on. */
  #renewed(refusal: Refusal, explained: () => Refusal, now: number): Kept {
    const who = whoIs(refusal);
    const what = whatIs(refusal);
    const denials = this.#kept.get(who) ?? new Map<string, Kept>();
    this.#kept.delete(who);
    this.#kept.set(who, denials);
    const known = denials.get(what);
    if (known) {
      denials.delete(what);
      denials.set(what, known);
      if (now - known.explainedAt < EXPLAINED_FOR_MS) return known;
      return Object.assign(known, bounded(explained()), { explainedAt: now });
    }
    const denial = { ...bounded(explained()), firstAt: now, lastAt: now, count: 0, explainedAt: now };
    denials.set(what, denial);
    this.#size++;
    if (denials.size > MOST_OF_ONE) this.#forgetOldest(who, denials);
    if (this.#size > MOST_DENIALS) this.#forgetOldest(...firstOf(this.#kept));
    return denial;
  }

  #forgetOldest(who: string, denials: Map<string, Kept>): void {
    denials.delete(firstOf(denials)[0]);
    this.#size--;
    if (denials.size === 0) this.#kept.delete(who);
  }

  #log({ reason, clientId, sourceIp, principal, accessKeyId, certificateId, action, resource, detail }: Kept): void {
    const isPolicy = reason === 'policy';
    this.#deps.warnings.warn(
      isPolicy ? `policy ${action}` : reason,
      clientId ?? principal ?? sourceIp,
      { reason, clientId, sourceIp, principal, accessKeyId, certificateId, action, resource, detail },
      'refused',
    );
  }
}

/** What an operator wants to know of a decision that was not ALLOWED. */
export function explain(decision: Decision, action: string, resource: string): Explanation {
  const { outcome, allowedBy, deniedBy, passedOver, missing, policyNames } = decision;
  const isSuggested = allowedBy.length === 0 && resource.length <= LONGEST_RESOURCE;
  return {
    outcome: outcome === 'EXPLICIT_DENY' ? outcome : 'IMPLICIT_DENY',
    policies: policyNames,
    deniedBy: deniedBy.slice(0, MOST_STATEMENTS).map(nameOf),
    passedOver: passedOver.slice(0, MOST_STATEMENTS).map(({ because, ...reason }) => ({
      ...nameOf(reason),
      because,
      resources: reason.statement.resources.slice(0, MOST_STATEMENTS).map(({ source }) => source),
    })),
    missing,
    ...(isSuggested && { suggestion: { Effect: 'Allow', Action: action, Resource: literal(resource) } }),
  };
}

/** `resource` as a policy writes it when it means exactly that: `*` is what is asked for where there is no resource. */
function literal(resource: string): string {
  if (resource === '*') return resource;
  return resource.replaceAll(/[*?]|\$(?=\{)/g, (character) => `\${${character}}`);
}

function nameOf({ policy, statement }: Reason): StatementName {
  return { policyName: policy.policyName, statement: statement.sid || `Statement[${statement.index}]` };
}

function sentence({ outcome, policies, deniedBy, missing }: Explanation): string {
  if (outcome === 'EXPLICIT_DENY')
    return `denied by ${deniedBy.map(({ policyName, statement }) => `${policyName} ${statement}`).join(', ')}`;
  if (policies.length === 0) return 'no policy is attached';
  const unknown = missing.length === 0 ? '' : `; not known here: ${missing.join(', ')}`;
  return `no statement of ${policies.join(', ')} allows it${unknown}`;
}

/** Who is made to pay for many refusals. */
function whoIs({ principal, sourceIp }: Refusal): string {
  return principal === undefined || principal === 'anonymous' ? sourceIp : principal;
}

/** Refusals that differ in nothing of this are the same one again. */
function whatIs({ reason, clientId, sourceIp, accessKeyId, certificateId, action, resource }: Refusal): string {
  return JSON.stringify([reason, clientId, sourceIp, accessKeyId, certificateId, action, resource]);
}

/** The oldest entry of a map that has one. */
function firstOf<K, V>(map: ReadonlyMap<K, V>): [K, V] {
  for (const entry of map) return entry;
  throw new RangeError('there is no first entry of an empty map');
}

/** With its texts cut: some come from the network, as long as the network likes. */
function bounded(refusal: Refusal): Refusal {
  const cut = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
  return Object.fromEntries(
    Object.entries(refusal)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]),
  ) as unknown as Refusal;
}
