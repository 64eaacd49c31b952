/**
 * Custom authentication (policies.md section 9, gateway-broker.md section 5.3): which authorizer a client is for, what
 * it says of the client, and for how long that holds. The door makes it once; the gateway asks it at CONNECT, the API
 * front for requests. What a client is not told, the log is.
 */
import { createHash } from 'node:crypto';
import type { Clock, Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { AuthorizerAnswer } from './authorizer-answer.ts';
import { type Credentials, checkWithAuthorizer, type FunctionPort, verifyToken } from './authorizer-check.ts';
import type { AuthorizerRecord, AuthorizerRecords } from './authorizer-records.ts';
import { authorizerNameIn, type CustomRequest, signatureIn, tokensIn } from './custom-request.ts';
import type { NamedDocument } from './policy-decision.ts';
import type { CustomPrincipal, PolicyGrant } from './principal.ts';

export interface CustomAuthDeps {
  readonly records: AuthorizerRecords;
  readonly functions: FunctionPort;
  readonly clock: Clock;
  readonly random: Random;
}

/** Why a client is not let in; for the log only. */
export interface CustomRefusal {
  readonly refusal: string;
}

/** The reason for which a connection has to end, as lifecycle events call it. */
export type WatchEnd = 'CUSTOMAUTH_TTL_EXPIRATION' | 'AUTH_ERROR';

/** A client that was let in. */
export interface CustomLogin {
  readonly principal: CustomPrincipal;
  /**
   * To be called once, when the connection is made: from then on its policies are asked for again when they are due, and
   * `end` is called, at most once, when the authorizer takes its word back or the time is over. Returns how to stop,
   * which whoever called must do when the connection is gone.
   */
  watch(end: (reason: WatchEnd, detail: string) => void): () => void;
}

export interface CustomAuth {
  /** Who a client is. Undefined: it names no authorizer and there is no default, so authorizers have no say. */
  authenticate(request: CustomRequest): Promise<CustomLogin | CustomRefusal | undefined>;
  /**
   * The same for one HTTP request. With `enableCachingForHttp` the answer holds for requests with the same credentials
   * on the same `connection` (any object that stands for it) until it is due for a refresh.
   */
  authenticateRequest(request: CustomRequest, connection: object): Promise<CustomPrincipal | CustomRefusal | undefined>;
  /** Whether the authorizer that a request names is there and its token well signed, without running the function. */
  precheck(request: CustomRequest): Promise<CustomRefusal | undefined>;
  /** Whether there is an authorizer at all that could let anybody in. */
  isInUse(): Promise<boolean>;
}

interface Authorizer {
  readonly name: string;
  readonly record: AuthorizerRecord;
}

/** Who asked whom, and what was said. */
interface Interview {
  readonly authorizer: Authorizer;
  readonly request: CustomRequest;
  readonly connectionId: string;
  readonly answer: AuthorizerAnswer;
}

interface Cached {
  readonly key: string;
  readonly principal: CustomPrincipal;
  readonly untilMs: number;
}

export function createCustomAuth(deps: CustomAuthDeps): CustomAuth {
  const { records, clock } = deps;
  /** The last answer of each HTTP connection. */
  const cache = new WeakMap<object, Cached>();

  return {
    isInUse: () => records.hasActive(),

    async authenticate(request) {
      const interview = await ask(deps, request);
      if (interview === undefined || 'refusal' in interview) return interview;
      const grant = new Grant(interview.answer.policies);
      const principal = principalOf(deps, interview, grant);
      const startedMs = clock.now();
      return { principal, watch: (end) => watch(deps, { ...interview, grant, startedMs }, end) };
    },

    async authenticateRequest(request, connection) {
      const authorizer = await select(records, request);
      if (authorizer === undefined || 'refusal' in authorizer) return authorizer;
      const key = cacheKey(authorizer, request);
      const cached = cache.get(connection);
      if (authorizer.record.enableCachingForHttp && cached?.key === key && clock.now() < cached.untilMs)
        return cached.principal;
      const interview = await interviewBy(deps, authorizer, request, deps.random.uuid());
      if ('refusal' in interview) return interview;
      const principal = principalOf(deps, interview, new Grant(interview.answer.policies));
      const untilMs = clock.now() + interview.answer.refreshAfterSeconds * 1000;
      if (authorizer.record.enableCachingForHttp) cache.set(connection, { key, principal, untilMs });
      return principal;
    },

    async precheck(request) {
      const authorizer = await select(records, request);
      if (authorizer === undefined || 'refusal' in authorizer) return authorizer;
      const verified = verifyToken(authorizer.record, credentialsFor(authorizer, request));
      return 'failure' in verified ? refusedBy(authorizer, verified.reason) : undefined;
    },
  };
}

async function ask(deps: CustomAuthDeps, request: CustomRequest): Promise<Interview | CustomRefusal | undefined> {
  const authorizer = await select(deps.records, request);
  if (authorizer === undefined || 'refusal' in authorizer) return authorizer;
  return interviewBy(deps, authorizer, request, deps.random.uuid());
}

/** The authorizer for a request: the one it names where it may, else the domain's default, else the account's. */
async function select(
  records: AuthorizerRecords,
  request: CustomRequest,
): Promise<Authorizer | CustomRefusal | undefined> {
  const { defaultAuthorizerName, allowAuthorizerOverride } = request.authorizerConfig ?? {};
  const mayName = defaultAuthorizerName === undefined || allowAuthorizerOverride === true;
  const named = mayName ? authorizerNameIn(request) : undefined;
  const name = named ?? defaultAuthorizerName ?? (await records.defaultName());
  return name === undefined ? undefined : activeAuthorizer(records, name);
}

async function activeAuthorizer(records: AuthorizerRecords, name: string): Promise<Authorizer | CustomRefusal> {
  // Stored names are short; what a client sends need not be, and the store would refuse the key.
  const stored = name.length <= 128 ? await records.get(name) : undefined;
  if (stored?.value.status === 'ACTIVE') return { name, record: stored.value };
  return { refusal: `the authorizer ${JSON.stringify(name.slice(0, 128))} is ${stored ? 'not active' : 'not known'}` };
}

async function interviewBy(
  { functions }: CustomAuthDeps,
  authorizer: Authorizer,
  request: CustomRequest,
  connectionId: string,
): Promise<Interview | CustomRefusal> {
  const credentials = credentialsFor(authorizer, request);
  const answer = await checkWithAuthorizer(functions, authorizer, request, credentials, connectionId);
  if ('failure' in answer) return refusedBy(authorizer, answer.reason);
  return { authorizer, request, connectionId, answer };
}

function credentialsFor({ record }: Authorizer, request: CustomRequest): Credentials {
  const signature = signatureIn(request);
  return { tokens: tokensIn(request, record.tokenKeyName), ...(signature !== undefined && { signature }) };
}

function refusedBy({ name }: Authorizer, reason: string): CustomRefusal {
  return { refusal: `authorizer '${name}': ${reason}` };
}

function principalOf({ records }: CustomAuthDeps, interview: Interview, grant: PolicyGrant): CustomPrincipal {
  const { authorizer, answer, request } = interview;
  const certificate = request.certificate?.principal;
  const arn = certificate?.arn ?? `${records.arn(authorizer.name)}/${answer.principalId}`;
  return { kind: 'custom', id: answer.principalId, arn, grant, ...(certificate && { certificate }) };
}

/** The policies of one connection. */
class Grant implements PolicyGrant {
  documents: readonly NamedDocument[];
  readonly #listeners = new Set<() => Promise<void>>();

  constructor(documents: readonly NamedDocument[]) {
    this.documents = documents;
  }

  onChange(listener: () => Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the documents are in force. */
  async replace(documents: readonly NamedDocument[]): Promise<void> {
    this.documents = documents;
    await Promise.all([...this.#listeners].map((listener) => listener()));
  }
}

interface Watched extends Interview {
  readonly grant: Grant;
  readonly startedMs: number;
}

/** Refreshes do not put off the end of the connection: that counts from its beginning. */
function watch(deps: CustomAuthDeps, watched: Watched, end: (reason: WatchEnd, detail: string) => void): () => void {
  const { clock } = deps;
  const { answer, grant, startedMs } = watched;
  let isOver = false;
  let refresh: Timer | undefined;
  const stop = (): void => {
    isOver = true;
    refresh?.cancel();
    expiry.cancel();
  };
  const finish = (reason: WatchEnd, detail: string): void => {
    if (isOver) return;
    stop();
    end(reason, detail);
  };
  const refreshAfter = (seconds: number): void => {
    refresh = clock.after(seconds * 1000, () => {
      askAgain(deps, watched).then(
        async (again) => {
          if (isOver) return;
          if ('refusal' in again) return finish('AUTH_ERROR', again.refusal);
          await grant.replace(again.answer.policies);
          if (!isOver) refreshAfter(again.answer.refreshAfterSeconds);
        },
        (error: unknown) => finish('AUTH_ERROR', `the authorizer could not be asked again: ${String(error)}`),
      );
    });
  };
  const expiryMs = startedMs + answer.disconnectAfterSeconds * 1000 - clock.now();
  const expiry = clock.after(expiryMs, () =>
    finish('CUSTOMAUTH_TTL_EXPIRATION', `the authorizer allowed ${answer.disconnectAfterSeconds} seconds`),
  );
  refreshAfter(answer.refreshAfterSeconds);
  return stop;
}

/** The same question once more, to the authorizer as it is now. */
async function askAgain(deps: CustomAuthDeps, watched: Watched): Promise<Interview | CustomRefusal> {
  const { request, connectionId } = watched;
  const authorizer = await activeAuthorizer(deps.records, watched.authorizer.name);
  if ('refusal' in authorizer) return authorizer;
  const again = await interviewBy(deps, authorizer, request, connectionId);
  if ('refusal' in again || again.answer.principalId === watched.answer.principalId) return again;
  return refusedBy(authorizer, 'the function names another principal than before');
}

/**
 * Requests of one key get one answer: an authorizer of the same settings is given the same event. Headers that say what
 * the body is are left out, which differ from request to request.
 */
function cacheKey({ name, record }: Authorizer, { http, serverName }: CustomRequest): string {
  const { 'content-length': _length, 'content-type': _type, ...headers } = http?.headers ?? {};
  const text = JSON.stringify([name, record, serverName, headers, http?.query]);
  return createHash('sha256').update(text).digest('base64');
}
