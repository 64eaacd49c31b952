/**
 * May it? Answers for connections (an Authority each, kept up to date while it is open) and for single requests, from
 * the policies attached to the principal. Called by the broker and the HTTP front through the door `identity.ts`.
 *
 * Policies of connected principals are in memory, shared by the connections of a principal. What an attachment or a new
 * default version changes is in force when the call that changed it answers, what a thing changes a moment later. When a
 * reload fails, the old policies stay and the reload is tried again: the store has failed, not the client.
 */
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Lru } from '../base/lru.ts';
import type { AssociatedThing, Authority, Circumstances, ThingDirectory } from './authority.ts';
import {
  CERTIFICATE_KEYS,
  type CertificateAttributes,
  isTimeKey,
  type PolicyContext,
  policyContext,
  THING_KEYS,
} from './policy-context.ts';
import { BoundPolicies, type Decision, type NamedDocument } from './policy-decision.ts';
import type { PolicyListener } from './policy-records.ts';
import type { Principal } from './principal.ts';
import { Refresh } from './refresh.ts';
import { ThingWatch } from './thing-watch.ts';

export interface PolicyAuthorityDeps {
  readonly policies: {
    policiesOf(principalArn: string): Promise<readonly NamedDocument[]>;
    onChange(listener: PolicyListener): () => void;
  };
  readonly things: Pick<ThingDirectory, 'associatedThing' | 'onChange'>;
  /** What the certificate says, asked for only when a policy uses `iot:Certificate.…`. */
  certificateAttributes(certificateId: string): Promise<CertificateAttributes | undefined>;
  /** What anonymous clients may do; absent: everything. */
  readonly anonymousPolicy?: NamedDocument;
  /** Told of every refusal; `decide` gives the reasons, to whoever wants to know. */
  readonly onRefusal: (question: PolicyQuestion, decide: () => Decision) => void;
  readonly place: Place;
  readonly clock: Clock;
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
const noContext: PolicyContext = () => undefined;

export function createPolicyAuthority(deps: PolicyAuthorityDeps): PolicyAuthority {
  const connected = new Map<string, ConnectedPrincipal>();
  const watch = new ThingWatch<ConnectionAuthority>();
  const recent = new Lru<string, LoadedPolicies>(REMEMBERED);
  const counts = new Map<string, DecisionCounts>();
  /** Counts changes, so that a load which began before one is not remembered. */
  let changes = 0;

  deps.policies.onChange(async (change) => {
    changes++;
    if ('target' in change) {
      recent.delete(change.target);
      await connected.get(change.target)?.reload();
    } else {
      recent.clear();
      const affected = [...connected.values()].filter((entry) => entry.uses(change.policyName));
      await Promise.all(affected.map((entry) => entry.reload()));
    }
  });
  deps.things.onChange(({ thingName, principal }) => {
    if (principal !== undefined) void connected.get(principal)?.reloadThings();
    else for (const connection of watch.watchersOf(thingName)) void connection.reloadThing();
  });

  const recentPolicies = async (principal: Principal): Promise<LoadedPolicies> => {
    const known = recent.get(principal.arn);
    if (known) return known;
    const changesBefore = changes;
    const loaded = await loadPolicies(deps, principal);
    if (changes === changesBefore) recent.set(principal.arn, loaded);
    return loaded;
  };

  return {
    openAuthority: async (principal, circumstances) => {
      if (isUnrestricted(principal, deps)) return unrestrictedAuthority(principal);
      let entry = connected.get(principal.arn);
      if (!entry) {
        entry = new ConnectedPrincipal({ ...deps, watch, counts }, principal, () => connected.delete(principal.arn));
        connected.set(principal.arn, entry);
      }
      return entry.open(circumstances);
    },
    decide: async (principal, circumstances, action, resource) => {
      if (isUnrestricted(principal, deps)) return unrestricted;
      const loaded = await recentPolicies(principal);
      const thing = await thingFor(deps, loaded, principal, circumstances);
      const bound = loaded.shared ?? (await bind(deps, loaded, principal, circumstances, thing));
      const decision = bound.decide(action, resource);
      count(counts, action, decision.outcome === 'ALLOWED');
      if (decision.outcome !== 'ALLOWED')
        deps.onRefusal({ principal, circumstances, action, resource }, () => decision);
      return decision;
    },
    counts,
  };
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

/** The policies of a principal, and what they need to be bound. */
interface LoadedPolicies {
  readonly documents: readonly NamedDocument[];
  /** Set when nothing in them depends on the connection: the same answers for all connections of the principal. */
  readonly shared: BoundPolicies | undefined;
  readonly usesThing: boolean;
  readonly usesCertificate: boolean;
  readonly usesTime: boolean;
}

async function loadPolicies(deps: PolicyAuthorityDeps, principal: Principal): Promise<LoadedPolicies> {
  const documents =
    principal.kind === 'anonymous'
      ? [deps.anonymousPolicy].filter((document) => document !== undefined)
      : await deps.policies.policiesOf(principal.arn);
  const keys = documents.flatMap(({ document }) => [...document.contextKeys]);
  return {
    documents,
    shared: keys.length === 0 ? new BoundPolicies(documents, noContext) : undefined,
    usesThing: keys.some((key) => key.startsWith(THING_KEYS)),
    usesCertificate: keys.some((key) => key.startsWith(CERTIFICATE_KEYS)),
    usesTime: keys.some(isTimeKey),
  };
}

/** `thing` as `associatedThing` gives it, asked for when the policies use things. */
async function bind(
  deps: PolicyAuthorityDeps,
  { documents, usesCertificate }: LoadedPolicies,
  principal: Principal,
  circumstances: Circumstances,
  thing: AssociatedThing | undefined,
): Promise<BoundPolicies> {
  const isAsked = usesCertificate && principal.kind === 'certificate';
  const certificate = isAsked ? await deps.certificateAttributes(principal.id) : undefined;
  return new BoundPolicies(documents, policyContext({ circumstances, clock: deps.clock, thing, certificate }));
}

async function thingFor(
  { things }: PolicyAuthorityDeps,
  { usesThing }: LoadedPolicies,
  principal: Principal,
  { clientId }: Circumstances,
): Promise<AssociatedThing | undefined> {
  return usesThing && clientId !== undefined ? things.associatedThing(principal.arn, clientId) : undefined;
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
      await this.#refreshConnections();
    });
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

  uses(policyName: string): boolean {
    return !this.#loaded || this.#loaded.documents.some((document) => document.policyName === policyName);
  }

  reload(): Promise<void> {
    return this.untilDone(() => this.#refresh.request());
  }

  async reloadThings(): Promise<void> {
    if (this.#loaded?.usesThing) await this.untilDone(() => this.#refreshConnections());
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

  async #refreshConnections(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.refresh.request()));
  }

  #releaseReference(): void {
    if (--this.#references === 0) this.#onLast();
  }
}

class ConnectionAuthority implements Authority {
  readonly refresh: Refresh;
  readonly #deps: ConnectionDeps;
  readonly #owner: ConnectedPrincipal;
  readonly #circumstances: Circumstances;
  readonly #arnHead: string;
  #bound: BoundPolicies = new BoundPolicies([], noContext);
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
      this.#bound = loaded.shared ?? (await bind(deps, loaded, principal, circumstances, thing));
      this.#second = loaded.usesTime ? this.#now() : undefined;
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
      this.#bound.unbind();
      this.#epoch++;
    }
    return this.#epoch;
  }

  allows(action: string, resource: string): boolean {
    if (this.#second !== undefined) void this.epoch;
    const arn = this.#arnHead + resource;
    const isAllowed = this.#bound.allows(action, arn);
    count(this.#deps.counts, action, isAllowed);
    if (!isAllowed) this.#refused(action, arn);
    return isAllowed;
  }

  release(): void {
    this.#isReleased = true;
    this.#deps.watch.watch(this, []);
    this.#owner.release(this);
  }

  reloadThing(): Promise<void> {
    return this.#owner.untilDone(() => this.refresh.request());
  }

  #refused(action: string, resource: string): void {
    const question = { principal: this.principal, circumstances: this.#circumstances, action, resource };
    this.#deps.onRefusal(question, () => this.#bound.decide(action, resource));
  }

  /** Watches the thing before it is read, and reads again when only reading told which one it is. */
  async #watchedThing(loaded: LoadedPolicies): Promise<AssociatedThing | undefined> {
    const { clientId } = this.#circumstances;
    if (!loaded.usesThing || clientId === undefined) {
      this.#deps.watch.watch(this, []);
      return undefined;
    }
    this.#watch(clientId, ...this.#thingNames);
    for (;;) {
      const thing = await thingFor(this.#deps, loaded, this.principal, this.#circumstances);
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
