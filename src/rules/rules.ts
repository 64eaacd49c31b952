/**
 * The door of the rules engine. `server.ts` makes it, serves `operations`, calls `start` before the listeners open
 * and `stop` before the store closes, and hands messages for Basic Ingest to `basicIngest`; all others come by the bus.
 */
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Message, MessageBus } from '../broker/message.ts';
import type { Store } from '../store/store.ts';
import type { ActionKind } from './actions/action.ts';
import { republish } from './actions/republish.ts';
import { type CompiledRule, compileRule } from './compiled-rule.ts';
import { newCounters, type RuleCounters } from './counters.ts';
import type { ExternalFunctions } from './external.ts';
import { incomingMessages } from './incoming.ts';
import { type RuleOperations, ruleCollection, ruleOperations, type TagStore } from './rule.ts';
import { type RunnerDeps, runRule } from './runner.ts';
import { type Work, type WorkLimits, WorkQueue } from './work-queue.ts';

export type { ActionKind } from './actions/action.ts';
export type { RuleCounters } from './counters.ts';
export type { ExternalFunctions } from './external.ts';
export type { RuleOperations, TagStore } from './rule.ts';

export interface RulesDeps {
  readonly store: Store;
  readonly bus: Pick<MessageBus, 'publish' | 'listen'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly log: Log;
  /** Kinds of actions besides `republish`. */
  readonly actions?: readonly ActionKind[];
  /** Who answers aws_lambda, get_thing_shadow … */
  readonly external?: ExternalFunctions;
  readonly tags?: TagStore;
  readonly limits?: WorkLimits;
}

export interface Rules {
  readonly operations: RuleOperations;
  /** Whether the ARN names a rule. */
  exists(ruleArn: string): Promise<boolean>;
  /**
   * A message published to `$aws/rules/<ruleName>/…`, for that rule only. Called in the turn in which it was accepted;
   * never throws. `message.topic` is the topic as published.
   */
  basicIngest(ruleName: string, message: Message): void;
  /** Loads the stored rules and listens. */
  start(): Promise<void>;
  /** Listens no more and forgets the counters; resolves once the actions under way are done. `start` may follow. */
  stop(): Promise<void>;
  /** By rule. */
  counters(): ReadonlyMap<string, RuleCounters>;
  /** Actions that wait for others to end, and how many may: beyond that messages are dropped. */
  queue(): { readonly waiting: number; readonly limit: number };
  /** Messages for Basic Ingest whose rule is missing or disabled. */
  ruleNotFound(): number;
}

const defaultLimits: WorkLimits = { running: 64, waiting: 10_000 };

export function createRules(deps: RulesDeps): Rules {
  const { store, place, log } = deps;
  const external = deps.external ?? {};
  const abilities = { kinds: [republish(deps.bus), ...(deps.actions ?? [])], external };
  const rules = store.collection(ruleCollection);
  const limits = deps.limits ?? defaultLimits;
  const queue = new WorkQueue(limits, (error) => log.error({ err: error }, 'rule work failed'));
  const running = new RunningRules(deps.bus, log, {
    log,
    external,
    surroundings: { account: place.account, random: deps.random },
    incomingOf: incomingMessages(),
    addWork: noticingOverflow(queue, log),
  });

  return {
    operations: ruleOperations({ store, rules, running, abilities, clock: deps.clock, place, tags: deps.tags }),
    exists: async (arn) => (await rules.get(arn.slice(arn.indexOf('/') + 1))) !== undefined,
    basicIngest: (ruleName, message) => running.accept(ruleName, message),
    counters: () => running.counters,
    queue: () => ({ waiting: queue.waiting, limit: limits.waiting }),
    ruleNotFound: () => running.notFound,
    async start() {
      let after: string | undefined;
      do {
        const page = await rules.scan(after === undefined ? {} : { after });
        for (const { value } of page.items)
          if (!value.ruleDisabled) running.load(value.ruleName, () => compileRule(value.ruleName, value, abilities));
        after = page.next;
      } while (after !== undefined);
    },
    async stop() {
      running.removeAll();
      await queue.idle();
    },
  };
}

/** Says once that messages are dropped, and once how many were when there is room again. */
function noticingOverflow(queue: WorkQueue, log: Log): (work: Work) => boolean {
  let dropped = 0;
  return (work) => {
    if (!queue.add(work)) {
      if (dropped++ === 0)
        log.warn({ waiting: queue.waiting }, 'too many rule actions are waiting: messages are dropped');
      return false;
    }
    if (dropped > 0) log.warn({ dropped }, 'rule actions are accepted again');
    dropped = 0;
    return true;
  };
}

interface RunningRule {
  readonly accept: (message: Message) => void;
  readonly stop: () => void;
}

/** The rules that listen, by name, and what they counted. */
class RunningRules {
  readonly counters = new Map<string, RuleCounters>();
  notFound = 0;
  readonly #bus: Pick<MessageBus, 'listen'>;
  readonly #log: Log;
  readonly #deps: RunnerDeps;
  readonly #rules = new Map<string, RunningRule>();

  constructor(bus: Pick<MessageBus, 'listen'>, log: Log, deps: RunnerDeps) {
    this.#bus = bus;
    this.#log = log;
    this.#deps = deps;
  }

  install(rule: CompiledRule): void {
    const { ruleName, statement } = rule;
    this.remove(ruleName);
    let counters = this.counters.get(ruleName);
    if (!counters) {
      counters = newCounters();
      this.counters.set(ruleName, counters);
    }
    const accept = runRule(rule, counters, this.#deps);
    const stop = statement.filter === undefined ? () => {} : this.#bus.listen(statement.filter, accept);
    this.#rules.set(ruleName, { accept, stop });
  }

  /** A stored rule that cannot run any more (its kind of action is gone) must not keep the others from it. */
  load(ruleName: string, compile: () => CompiledRule): void {
    let rule: CompiledRule;
    try {
      rule = compile();
    } catch (error) {
      this.#log.error({ ruleName, err: error }, 'rule cannot run: replace or delete it');
      return;
    }
    this.install(rule);
  }

  remove(ruleName: string): void {
    this.#rules.get(ruleName)?.stop();
    this.#rules.delete(ruleName);
  }

  removeAll(): void {
    for (const ruleName of [...this.#rules.keys()]) this.remove(ruleName);
    this.counters.clear();
    this.notFound = 0;
  }

  accept(ruleName: string, message: Message): void {
    const rule = this.#rules.get(ruleName);
    if (rule) rule.accept(message);
    else {
      this.notFound++;
      this.#log.debug({ ruleName, topic: message.topic, reason: 'RuleNotFound' }, `Rule ${ruleName} not found`);
    }
  }
}
