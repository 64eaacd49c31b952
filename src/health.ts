/**
 * Whether the server does its work, not only whether it runs: `GET /_tsunagu/health`. Asks the store to commit
 * something, since a full disk shows nowhere else before a message is lost; the rest is only looked at.
 */
import type { Clock } from './base/clock.ts';
import { messageOf } from './base/errors.ts';
import type { EventLoopDelay } from './base/event-loop.ts';
import type { Store } from './store/store.ts';

export interface HealthDeps {
  readonly store: Pick<Store, 'collection' | 'commit' | 'counters'>;
  /** Real time. */
  readonly clock: Clock;
  readonly eventLoopDelay: () => EventLoopDelay;
  /** Whether each door that was opened still is. */
  readonly doors: () => Readonly<Record<string, boolean>>;
  /** Rule actions that wait for others to end, and how many may. */
  readonly rulesQueue: () => { readonly waiting: number; readonly limit: number };
}

export interface Health {
  readonly status: 'ok' | 'failing';
  readonly checks: Readonly<Record<'store' | 'doors' | 'eventLoop' | 'rules', Check>>;
}

interface Check {
  readonly status: 'ok' | 'failing';
  readonly [fact: string]: unknown;
}

/** A store that takes longer than this for a commit holds everybody up. */
const COMMIT_WITHIN_MS = 2000;
/** The answer about the store is used for so long: whoever asks often makes it write no more. */
const FRESH_MS = 1000;
const LATEST_EVENT_LOOP_MS = 1000;

export function createHealth(deps: HealthDeps): () => Promise<Health> {
  const storeCheck = freshly(FRESH_MS, deps.clock, () => checkStore(deps));
  return async () => {
    const checks = {
      store: await storeCheck(),
      doors: checkDoors(deps.doors()),
      eventLoop: checkEventLoop(deps.eventLoopDelay()),
      rules: checkRules(deps.rulesQueue()),
    };
    return { status: allOk(Object.values(checks).map(({ status }) => status === 'ok')), checks };
  };
}

async function checkStore({ store, clock }: HealthDeps): Promise<Check> {
  const probes = store.collection<{ at: number }>({ name: 'health' });
  const startedAt = clock.now();
  const problem = await new Promise<string | undefined>((resolve) => {
    const timer = clock.after(COMMIT_WITHIN_MS, () => resolve(`no commit within ${COMMIT_WITHIN_MS} ms`));
    const answer = (problem?: string): void => {
      timer.cancel();
      resolve(problem);
    };
    store.commit([probes.put('probe', { at: startedAt })]).then(
      () => answer(),
      (error: unknown) => answer(messageOf(error)),
    );
  });
  const { waiting, failed } = store.counters;
  const facts = { commitMs: clock.now() - startedAt, waitingCommits: waiting, failedCommits: failed };
  return problem === undefined ? { status: 'ok', ...facts } : { status: 'failing', problem, ...facts };
}

function checkDoors(doors: Readonly<Record<string, boolean>>): Check {
  return { status: allOk(Object.values(doors)), ...doors };
}

function checkEventLoop(delay: EventLoopDelay): Check {
  const round = (ms: number): number => Math.round(ms * 10) / 10;
  const { mean, p99, max } = delay;
  return { status: allOk([p99 < LATEST_EVENT_LOOP_MS]), meanMs: round(mean), p99Ms: round(p99), maxMs: round(max) };
}

function checkRules({ waiting, limit }: ReturnType<HealthDeps['rulesQueue']>): Check {
  return { status: allOk([waiting < limit]), waiting, limit };
}

function allOk(each: readonly boolean[]): 'ok' | 'failing' {
  return each.every((isOk) => isOk) ? 'ok' : 'failing';
}

/** `ask`, at most once in `periodMs`: others get the answer that is there or on its way. */
function freshly<T>(periodMs: number, clock: Clock, ask: () => Promise<T>): () => Promise<T> {
  let latest: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    const now = clock.now();
    if (!latest || now - latest.at >= periodMs) latest = { at: now, answer: ask() };
    return latest.answer;
  };
}
