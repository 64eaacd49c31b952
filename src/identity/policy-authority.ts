/**
 * May it? Answers for connections (an Authority each, kept up to date while it is open) and for single requests, from
 * the policies attached to the principal. Called by the broker and the HTTP front through the door `identity.ts`.
 *
 * Policies of connected principals are in memory, shared by the connections of a principal. What an attachment or a new
 * default version changes is in force when the call that changed it answers, what a thing changes a moment later. When a
 * reload fails, the old policies stay and the reload is tried again: the store has failed, not the client.
 */
import { iotArn, type Place } from '../base/arn.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Lru } from '../base/lru.ts';
import type { AssociatedThing, Authority, Circumstances, ThingDirectory } from './authority.ts';
import {
  type Binding,
  type BindingDeps,
  bind,
  type LoadedPolicies,
  mayHaveThing,
  prepare,
  thingOf,
  unbound,
} from './policy-binding.ts';
import type { Decision, NamedDocument } from './policy-decision.ts';
import type { AccessPolicies } from './policy-principal.ts';
import type { PolicyChange, PolicyListener } from './policy-records.ts';
import type { CustomPrincipal, Principal, RolePrincipal, UserPrincipal } from './principal.ts';
import { Refresh } from './refresh.ts';
import { ThingWatch } from './thing-watch.ts';

export interface PolicyAuthorityDeps extends BindingDeps {
  readonly policies: BindingDeps['policies'] & { onChange(listener: PolicyListener): () => void };
  /** The policies of users and roles. */
  readonly access: {
    policiesOf(principal: UserPrincipal | RolePrincipal): Promise<AccessPolicies>;
    /** Calls `listener` with the ARN of a user or role whose policies changed. */
    onChange(listener: (arn: string) => Promise<void>): () => void;
  };
  /** The tags of a resource, asked for only when a policy uses `aws:ResourceTag/…`; undefined when not known. */
  resourceTags(arn: string): Promise<Readonly<Record<string, string>> | undefined>;
  readonly things: Pick<ThingDirectory, 'associatedThing' | 'onChange'>;
  /** What anonymous clients may do; absent: everything. */
  readonly anonymousPolicy?: NamedDocument;
  /** Told of every refusal; `decide` gives the reasons, to whoever wants to know. */
  readonly onRefusal: (question: PolicyQuestion, decide: () => Decision) => void;
  readonly place: Place;
  readonly log: Log;
}

/** What policies were asked. */
export interface PolicyQuestion {
  readonly principal: Principal;
  readonly circumstances: Circumstances;
  /** As `iot:Publish`. */
  readonly action: string;
  /** A whole ARN, or `*`. */
  readonly resource: string;
}

/** How often policies were asked for an action; decisions that a connection remembers are not asked for again. */
export interface DecisionCounts {
  allowed: number;
  denied: number;
}

export interface PolicyAuthority {
  /** For a connection; whoever opens it releases it. */
  openAuthority(principal: Principal, circumstances: Circumstances): Promise<Authority>;
  /** For a single request: `action` as `iot:Publish`, `resource` a whole ARN, or `*`. */
  decide(principal: Principal, circumstances: Circumstances, action: string, resource: string): Promise<Decision>;
  /** By action. */
  readonly counts: ReadonlyMap<string, DecisionCounts>;
}

/** Principals of single requests whose policies are kept. */
const REMEMBERED = 1000;
const RETRY_MS = 1000;

const unrestricted: Decision = {
  outcome: 'ALLOWED',
  allowedBy: [],
  deniedBy: [],
  missing: [],
  passedOver: [],
  policyNames: [],
};

export function createPolicyAuthority(deps: PolicyAuthorityDeps): PolicyAuthority {
  const connected = new Map<string, ConnectedPrincipal>();
  /** What an authorizer gave belongs to one connection, whoever else has the same name. */
  const customs = new Map<CustomPrincipal, ConnectedPrincipal>();
  const watch = new ThingWatch<ConnectionAuthority>();
  const recent = new Lru<string, LoadedPolicies>(REMEMBERED);
  const counts = new Map<string, DecisionCounts>();
  /** Counts changes, so that a load which began before one is not remembered. */
  let changes = 0;

  /** Those whose policies or things hang on this ARN. */
  const entriesOf = (arn: string): ConnectedPrincipal[] => {
    const withCertificate = [...customs.values()].filter(({ principal }) => principal.arn === arn);
    const entry = connected.get(arn);
    return entry ? [entry, ...withCertificate] : withCertificate;
  };
  deps.policies.onChange(async (change) => {
    changes++;
    if ('target' in change) recent.delete(change.target);
    else recent.clear();
    // What is attached to a group or changes in a policy may concern anybody, what is attached to a principal only that.
    const isOfOne = 'target' in change && !change.target.includes(':thinggroup/');
    const concerned = isOfOne ? entriesOf(change.target) : [...connected.values(), ...customs.values()];
    await Promise.all(concerned.map((entry) => entry.follow(change)));
  });
  deps.access.onChange(async (arn) => {
    changes++;
    recent.clear();
    const affected = [...connected.values()].filter(({ principal }) => arn === accessArnOf(principal));
    await Promise.all(affected.map((entry) => entry.reload()));
  });
  deps.things.onChange(({ thingName, principal }) => {
    if (principal !== undefined) for (const entry of entriesOf(principal)) void entry.reloadThings();
    else for (const connection of watch.watchersOf(thingName)) void connection.reloadThing();
  });

  const recentPolicies = async (principal: Principal): Promise<LoadedPolicies> => {
    if (principal.kind === 'custom') return loadPolicies(deps, principal);
    const key = keyOf(principal);
    const known = recent.get(key);
    if (known) return known;
    const changesBefore = changes;
    const loaded = await loadPolicies(deps, principal);
    if (changes === changesBefore) recent.set(key, loaded);
    return loaded;
  };

  const entryFor = <Key>(entries: Map<Key, ConnectedPrincipal>, key: Key, principal: Principal): ConnectedPrincipal => {
    const known = entries.get(key);
    if (known) return known;
    const entry = new ConnectedPrincipal({ ...deps, watch, counts }, principal, () => entries.delete(key));
    entries.set(key, entry);
    return entry;
  };

  return {
    openAuthority: async (principal, circumstances) => {
      if (isUnrestricted(principal, deps)) return unrestrictedAuthority(principal);
      if (principal.kind === 'custom') return entryFor(customs, principal, principal).open(circumstances);
      return entryFor(connected, keyOf(principal), principal).open(circumstances);
    },
    decide: async (principal, circumstances, action, resource) => {
      if (isUnrestricted(principal, deps)) return unrestricted;
      const loaded = await recentPolicies(principal);
      const thing = await thingOf(deps, loaded, principal, circumstances);
      const resourceTags = loaded.usesResourceTags ? await deps.resourceTags(resource) : undefined;
      const { policies } = await bind(deps, loaded, principal, circumstances, thing, resourceTags);
      const decision = policies.decide(action, resource);
      count(counts, action, decision.outcome === 'ALLOWED');
      if (decision.outcome !== 'ALLOWED') {
        deps.onRefusal({ principal, circumstances, action, resource }, () => decision);
      }
      return decision;
    },
    counts,
  };
}

/** Sessions of one role differ in what their credentials say. */
function keyOf(principal: Principal): string {
  return principal.kind === 'role' ? principal.accessKeyId : principal.arn;
}

/** Whose policies an IAM principal has. */
function accessArnOf(principal: Principal): string | undefined {
  if (principal.kind === 'role') return principal.roleArn;
  return principal.kind === 'user' ? principal.arn : undefined;
}

function count(counts: Map<string, DecisionCounts>, action: string, isAllowed: boolean): void {
  let counted = counts.get(action);
  if (!counted) {
    counted = { allowed: 0, denied: 0 };
    counts.set(action, counted);
  }
  if (isAllowed) counted.allowed++;
  else counted.denied++;
}

function isUnrestricted(principal: Principal, { anonymousPolicy }: PolicyAuthorityDeps): boolean {
  if (principal.kind === 'user') return principal.isAdmin;
  return principal.kind === 'anonymous' && anonymousPolicy === undefined;
}

function unrestrictedAuthority(principal: Principal): Authority {
  return { principal, epoch: 0, allows: () => true, release: () => {} };
}

/** The policies of the principal itself. */
async function loadPolicies(deps: PolicyAuthorityDeps, principal: Principal): Promise<LoadedPolicies> {
  switch (principal.kind) {
    case 'anonymous':
      return prepare(deps.anonymousPolicy ? [deps.anonymousPolicy] : []);
    case 'custom': {
      const attached = principal.certificate ? await deps.policies.policiesOf(principal.certificate.arn) : [];
      return prepare([...attached, ...principal.grant.documents]);
    }
    case 'user':
    case 'role': {
      const { documents, session } = await deps.access.policiesOf(principal);
      return prepare(documents, session);
    }
    case 'certificate':
      return prepare(await deps.policies.policiesOf(principal.arn));
  }
}

interface ConnectionDeps extends PolicyAuthorityDeps {
  readonly watch: ThingWatch<ConnectionAuthority>;
  readonly counts: Map<string, DecisionCounts>;
}

/** A principal with open connections. */
class ConnectedPrincipal {
  readonly principal: Principal;
  readonly #deps: ConnectionDeps;
  readonly #onLast: () => void;
  readonly #connections = new Set<ConnectionAuthority>();
  readonly #refresh: Refresh;
  readonly #stopListening: () => void;
  /** Connections open or being opened. */
  #references = 0;
  #loaded: LoadedPolicies | undefined;

  /** `onLast` is called when the last connection is gone. */
  constructor(deps: ConnectionDeps, principal: Principal, onLast: () => void) {
    this.#deps = deps;
    this.principal = principal;
    this.#onLast = onLast;
    this.#refresh = new Refresh(async () => {
      this.#loaded = await loadPolicies(deps, principal);
      await refreshAll([...this.#connections]);
    });
    const reload = (): Promise<void> => this.untilDone(() => this.#refresh.request());
    this.#stopListening = principal.kind === 'custom' ? principal.grant.onChange(reload) : (): void => undefined;
  }

  async open(circumstances: Circumstances): Promise<Authority> {
    this.#references++;
    const connection = new ConnectionAuthority(this.#deps, this, circumstances);
    this.#connections.add(connection);
    try {
      if (!this.#loaded) await this.#refresh.request();
      else await connection.refresh.request();
      return connection;
    } catch (error) {
      connection.release();
      throw error;
    }
  }

  /** Only after `open` has begun. */
  get loaded(): LoadedPolicies {
    if (!this.#loaded) throw new Error('policies were asked for before they were loaded');
    return this.#loaded;
  }

  release(connection: ConnectionAuthority): void {
    if (this.#connections.delete(connection)) this.#releaseReference();
  }

  /** Loads again what a change of policies concerns; resolves when it is in force. Never rejects. */
  follow(change: PolicyChange): Promise<void> {
    if (this.#concernsOwn(change)) return this.untilDone(() => this.#refresh.request());
    return this.#refreshConnections((connection) => connection.dependsOn(change));
  }

  /** Everything anew: the policies of its user or role have changed. */
  reload(): Promise<void> {
    return this.untilDone(() => this.#refresh.request());
  }

  /** The same for a change of an attachment to a thing. */
  async reloadThings(): Promise<void> {
    if (this.#loaded && mayHaveThing(this.#loaded, this.principal)) await this.#refreshConnections(() => true);
  }

  /** Whether the principal's own policies change, as far as is known: a load under way may have read the old ones. */
  #concernsOwn(change: PolicyChange): boolean {
    if ('target' in change) return change.target === this.principal.arn;
    if (!this.#loaded || this.#refresh.isRunning) return true;
    return this.#loaded.documents.some(({ policyName }) => policyName === change.policyName);
  }

  /** Never rejects: what fails is logged and tried again while anybody is connected. */
  async untilDone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { log, clock } = this.#deps;
      log.error({ principal: this.principal.arn, error: messageOf(error) }, 'policies could not be reloaded');
      clock.after(RETRY_MS, () => this.#references > 0 && void this.untilDone(work));
    }
  }

  async #refreshConnections(isConcerned: (connection: ConnectionAuthority) => boolean): Promise<void> {
    const concerned = [...this.#connections].filter(isConcerned);
    if (concerned.length > 0) await this.untilDone(() => refreshAll(concerned));
  }

  #releaseReference(): void {
    if (--this.#references > 0) return;
    this.#stopListening();
    this.#onLast();
  }
}

async function refreshAll(connections: readonly ConnectionAuthority[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.refresh.request()));
}

class ConnectionAuthority implements Authority {
  readonly refresh: Refresh;
  readonly #deps: ConnectionDeps;
  readonly #owner: ConnectedPrincipal;
  readonly #circumstances: Circumstances;
  readonly #arnHead: string;
  #binding: Binding = unbound;
  #epoch = 0;
  #isReleased = false;
  /** The associated thing as last read: none or one. */
  #thingNames: readonly string[] = [];
  /** The second that was judged in; only when policies ask for the time. */
  #second: number | undefined;

  constructor(deps: ConnectionDeps, owner: ConnectedPrincipal, circumstances: Circumstances) {
    this.#deps = deps;
    this.#owner = owner;
    this.#circumstances = circumstances;
    this.#arnHead = iotArn(deps.place, '');
    this.refresh = new Refresh(async () => {
      const { loaded, principal } = owner;
      const thing = await this.#watchedThing(loaded);
      this.#binding = await bind(deps, loaded, principal, circumstances, thing);
      this.#second = this.#binding.usesTime ? this.#now() : undefined;
      this.#epoch++;
    });
  }

  get principal(): Principal {
    return this.#owner.principal;
  }

  /** Moves with every second when policies ask for the time. */
  get epoch(): number {
    if (this.#second !== undefined && this.#second !== this.#now()) {
      this.#second = this.#now();
      this.#binding.policies.unbind();
      this.#epoch++;
    }
    return this.#epoch;
  }

  allows(action: string, resource: string): boolean {
    if (this.#second !== undefined) void this.epoch;
    const arn = this.#arnHead + resource;
    const isAllowed = this.#binding.policies.allows(action, arn);
    count(this.#deps.counts, action, isAllowed);
    if (!isAllowed) this.#refused(action, arn);
    return isAllowed;
  }

  release(): void {
    this.#isReleased = true;
    this.#deps.watch.watch(this, []);
    this.#owner.release(this);
  }

  /** Whether a change of policies is one of its thing's groups; one that is being read may be old by now. */
  dependsOn(change: PolicyChange): boolean {
    if (this.refresh.isRunning) return true;
    const { documents, groupArns } = this.#binding;
    if ('target' in change) return groupArns.includes(change.target);
    return documents.some(({ policyName }) => policyName === change.policyName);
  }

  reloadThing(): Promise<void> {
    return this.#owner.untilDone(() => this.refresh.request());
  }

  #refused(action: string, resource: string): void {
    const question = { principal: this.principal, circumstances: this.#circumstances, action, resource };
    this.#deps.onRefusal(question, () => this.#binding.policies.decide(action, resource));
  }

  /** Watches the thing before it is read, and reads again when only reading told which one it is. */
  async #watchedThing(loaded: LoadedPolicies): Promise<AssociatedThing | undefined> {
    const { clientId } = this.#circumstances;
    if (clientId === undefined || !mayHaveThing(loaded, this.principal)) {
      this.#deps.watch.watch(this, []);
      return undefined;
    }
    this.#watch(clientId, ...this.#thingNames);
    for (;;) {
      const thing = await thingOf(this.#deps, loaded, this.principal, this.#circumstances);
      this.#thingNames = thing ? [thing.thingName] : [];
      if (!this.#watch(clientId, ...this.#thingNames)) return thing;
    }
  }

  /** True if one of the names is new; a released connection watches nothing. */
  #watch(...names: string[]): boolean {
    return !this.#isReleased && this.#deps.watch.watch(this, names);
  }

  #now(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }
}
