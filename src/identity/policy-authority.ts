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
import type { Authority, Circumstances, DirectoryChange, ThingDirectory } from './authority.ts';
import { type Binding, type BindingDeps, bind, type LoadedPolicies, prepare, unbound } from './policy-binding.ts';
import type { Decision, NamedDocument } from './policy-decision.ts';
import type { PolicyChange, PolicyListener } from './policy-records.ts';
import type { Principal } from './principal.ts';
import { Refresh } from './refresh.ts';

export interface PolicyAuthorityDeps extends BindingDeps {
  readonly policies: BindingDeps['policies'] & { onChange(listener: PolicyListener): () => void };
  readonly things: Pick<ThingDirectory, 'associatedThing' | 'onChange'>;
  /** What anonymous clients may do; absent: everything. */
  readonly anonymousPolicy?: NamedDocument;
  readonly place: Place;
  readonly log: Log;
}

export interface PolicyAuthority {
  /** For a connection; whoever opens it releases it. */
  openAuthority(principal: Principal, circumstances: Circumstances): Promise<Authority>;
  /** For a single request: `action` as `iot:Publish`, `resource` a whole ARN, or `*`. */
  decide(principal: Principal, circumstances: Circumstances, action: string, resource: string): Promise<Decision>;
}

/** Principals of single requests whose policies are kept. */
const REMEMBERED = 1000;
const RETRY_MS = 1000;

const unrestricted: Decision = { outcome: 'ALLOWED', allowedBy: [], deniedBy: [], missing: [] };

export function createPolicyAuthority(deps: PolicyAuthorityDeps): PolicyAuthority {
  const connected = new Map<string, ConnectedPrincipal>();
  const recent = new Lru<string, LoadedPolicies>(REMEMBERED);
  /** Counts changes, so that a load which began before one is not remembered. */
  let changes = 0;

  deps.policies.onChange(async (change) => {
    changes++;
    if ('target' in change) recent.delete(change.target);
    else recent.clear();
    const own = 'target' in change ? connected.get(change.target) : undefined;
    await Promise.all((own ? [own] : [...connected.values()]).map((entry) => entry.follow(change)));
  });
  deps.things.onChange((change) => {
    for (const entry of connected.values()) void entry.followThing(change);
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
        entry = new ConnectedPrincipal(deps, principal, () => connected.delete(principal.arn));
        connected.set(principal.arn, entry);
      }
      return entry.open(circumstances);
    },
    decide: async (principal, circumstances, action, resource) => {
      if (isUnrestricted(principal, deps)) return unrestricted;
      const loaded = await recentPolicies(principal);
      const { policies } = await bind(deps, loaded, principal, circumstances);
      return policies.decide(action, resource);
    },
  };
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
  if (principal.kind !== 'anonymous') return prepare(await deps.policies.policiesOf(principal.arn));
  return prepare([deps.anonymousPolicy].filter((document) => document !== undefined));
}

/** A principal with open connections. */
class ConnectedPrincipal {
  readonly principal: Principal;
  readonly #deps: PolicyAuthorityDeps;
  readonly #onLast: () => void;
  readonly #connections = new Set<ConnectionAuthority>();
  readonly #refresh: Refresh;
  /** Connections open or being opened. */
  #references = 0;
  #loaded: LoadedPolicies | undefined;

  /** `onLast` is called when the last connection is gone. */
  constructor(deps: PolicyAuthorityDeps, principal: Principal, onLast: () => void) {
    this.#deps = deps;
    this.principal = principal;
    this.#onLast = onLast;
    this.#refresh = new Refresh(async () => {
      this.#loaded = await loadPolicies(deps, principal);
      await refreshAll([...this.#connections]);
    });
  }

  async open(circumstances: Circumstances): Promise<Authority> {
    this.#references++;
    try {
      if (!this.#loaded) await this.#refresh.request();
      const connection = new ConnectionAuthority(this.#deps, this, circumstances);
      this.#connections.add(connection);
      await connection.refresh.request().catch((error: unknown) => {
        this.#connections.delete(connection);
        throw error;
      });
      return connection;
    } catch (error) {
      this.#releaseReference();
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
    if (this.#concernsOwn(change)) return this.#untilDone(() => this.#refresh.request());
    return this.#refreshWhere((connection) => connection.dependsOn(change));
  }

  /** The same for a change of a thing, of its attachments or of its groups. */
  followThing(change: DirectoryChange): Promise<void> {
    return this.#refreshWhere((connection) => connection.concerns(change));
  }

  /** Whether the principal's own policies change, as far as is known: a load under way may have read the old ones. */
  #concernsOwn(change: PolicyChange): boolean {
    if ('target' in change) return change.target === this.principal.arn;
    if (!this.#loaded || this.#refresh.isRunning) return true;
    return this.#loaded.documents.some(({ policyName }) => policyName === change.policyName);
  }

  async #refreshWhere(isConcerned: (connection: ConnectionAuthority) => boolean): Promise<void> {
    const concerned = [...this.#connections].filter(isConcerned);
    if (concerned.length > 0) await this.#untilDone(() => refreshAll(concerned));
  }

  #releaseReference(): void {
    if (--this.#references === 0) this.#onLast();
  }

  /** Never rejects: what fails is logged and tried again while anybody is connected. */
  async #untilDone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { log, clock } = this.#deps;
      log.error({ principal: this.principal.arn, error: messageOf(error) }, 'policies could not be reloaded');
      clock.after(RETRY_MS, () => this.#references > 0 && void this.#untilDone(work));
    }
  }
}

async function refreshAll(connections: readonly ConnectionAuthority[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.refresh.request()));
}

class ConnectionAuthority implements Authority {
  readonly refresh: Refresh;
  readonly #deps: PolicyAuthorityDeps;
  readonly #owner: ConnectedPrincipal;
  readonly #clientId: string | undefined;
  readonly #arnHead: string;
  #binding: Binding = unbound;
  #epoch = 0;
  /** The second that was judged in; only when policies ask for the time. */
  #second: number | undefined;

  constructor(deps: PolicyAuthorityDeps, owner: ConnectedPrincipal, circumstances: Circumstances) {
    this.#deps = deps;
    this.#owner = owner;
    this.#clientId = circumstances.clientId;
    this.#arnHead = iotArn(deps.place, '');
    this.refresh = new Refresh(async () => {
      this.#binding = await bind(deps, owner.loaded, owner.principal, circumstances);
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
    return this.#binding.policies.allows(action, this.#arnHead + resource);
  }

  /** Whether a change of policies is one of its thing's groups; one that is being read may be old by now. */
  dependsOn(change: PolicyChange): boolean {
    if (this.refresh.isRunning) return true;
    const { documents, groupArns } = this.#binding;
    if ('target' in change) return groupArns.includes(change.target);
    return documents.some(({ policyName }) => policyName === change.policyName);
  }

  /** Whether the thing is, or may become, the one of this connection. */
  concerns({ thingName, principal }: DirectoryChange): boolean {
    if (this.refresh.isRunning || principal === this.principal.arn) return true;
    return thingName === this.#clientId || thingName === this.#binding.thingName;
  }

  release(): void {
    this.#owner.release(this);
  }

  #now(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }
}
