/**
 * The life of a message in a rule (rules-engine.md section 2), called by the engine for each message that matches:
 *
 *   accept ─▶ SET, WHERE ─▶ SELECT ─▶ work queue ─▶ all actions ─▶ any failed? ─▶ error action
 *     │           │ not true: end        │ full: dropped, counted
 *     └─ external functions: all of it in the work queue, since it waits for answers
 *
 * `accept` runs in the turn in which the broker took the message: it never throws and never waits.
 */
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Message } from '../broker/message.ts';
import { ActionFailure, type Invocation } from './actions/action.ts';
import type { CompiledAction, CompiledRule } from './compiled-rule.ts';
import { count, type RuleCounters } from './counters.ts';
import { errorDocument, type Failure } from './error-action.ts';
import { Answers, type ExternalFunctions, withAnswers } from './external.ts';
import { EvaluationFailure, type Surroundings } from './frame.ts';
import type { Incoming } from './incoming.ts';
import { parseJson } from './json.ts';
import type { Selected } from './statement.ts';
import type { Work } from './work-queue.ts';

export interface RunnerDeps {
  readonly log: Log;
  readonly surroundings: Surroundings;
  readonly external: ExternalFunctions;
  readonly incomingOf: (message: Message) => Incoming;
  /** False when there is no room. */
  readonly addWork: (work: Work) => boolean;
}

/** Returns `accept`. */
export function runRule(rule: CompiledRule, counters: RuleCounters, deps: RunnerDeps): (message: Message) => void {
  const { statement, ruleName } = rule;
  const noteAnswer = (ruleAction: string, failure: string | undefined): void =>
    deps.log.debug({ ruleName, ruleAction, failure }, 'external function answered');
  return (message) => {
    counters.TopicMatch++;
    const incoming = deps.incomingOf(message);
    const answers = new Answers(deps.external, noteAnswer);
    const run: Run = { rule, counters, deps, incoming, answers };
    if (statement.usesExternal) {
      // Kept now: the broker may reuse the bytes after this turn.
      incoming.bytes();
      addWork(run, () => evaluateAndPerform(run));
      return;
    }
    const selected = evaluate(run, () => statement.evaluate(incoming, deps.surroundings, answers));
    if (!selected || (rule.actions.length === 0 && !rule.errorAction)) return;
    incoming.bytes();
    addWork(run, () => perform(run, selected));
  };
}

/** One rule and one message. */
interface Run {
  readonly rule: CompiledRule;
  readonly counters: RuleCounters;
  readonly deps: RunnerDeps;
  readonly incoming: Incoming;
  readonly answers: Answers;
}

function addWork({ rule, counters, deps, incoming }: Run, work: Work): void {
  if (deps.addWork(work)) return;
  // The engine logs that the queue is full, once: not for each message.
  counters.RuleMessageThrottled++;
  deps.log.debug({ ruleName: rule.ruleName, topic: incoming.topic }, 'rule message dropped');
}

function evaluate(run: Run, select: () => Selected | undefined): Selected | undefined {
  try {
    const selected = select();
    noteResult(run, selected);
    return selected;
  } catch (error) {
    noteFailure(run, error);
    return undefined;
  }
}

async function evaluateAndPerform(run: Run): Promise<void> {
  const { rule, incoming, deps, answers } = run;
  let selected: Selected | undefined;
  try {
    selected = await withAnswers(answers, () => rule.statement.evaluate(incoming, deps.surroundings, answers));
    noteResult(run, selected);
  } catch (error) {
    noteFailure(run, error);
  }
  if (selected) await perform(run, selected);
}

function noteResult({ rule, counters, incoming }: Run, selected: Selected | undefined): void {
  if (rule.statement.usesPayload && incoming.isUnreadable) counters.ParseError++;
  if (selected) counters.RulesExecuted++;
}

/** Ends the rule for the message; no error action (section 2). Anything but an EvaluationFailure is a defect. */
function noteFailure({ rule, counters, deps, incoming }: Run, error: unknown): void {
  counters.EvaluationFailure++;
  const where = { ruleName: rule.ruleName, topic: incoming.topic };
  if (error instanceof EvaluationFailure)
    deps.log.warn({ ...where, reason: error.message }, 'rule could not be evaluated');
  else deps.log.error({ ...where, err: error }, 'rule could not be evaluated: this is a defect');
}

async function perform(run: Run, selected: Selected): Promise<void> {
  const invocation = invocationOf(run, selected, selected.payload);
  const outcomes = await Promise.all(run.rule.actions.map((action) => performOne(run, action, invocation)));
  const failures = outcomes.filter((failure) => failure !== undefined);
  if (failures.length > 0 && run.rule.errorAction)
    await performErrorAction(run, selected, run.rule.errorAction, failures);
}

async function performOne(run: Run, action: CompiledAction, invocation: Invocation): Promise<Failure | undefined> {
  const { rule, counters, deps, incoming } = run;
  const about = { ruleName: rule.ruleName, ruleAction: action.label, topic: incoming.topic };
  try {
    await action.perform(invocation);
    count(counters.Success, action.label);
    deps.log.debug(about, 'rule action done');
    return undefined;
  } catch (error) {
    const resource = error instanceof ActionFailure ? error.resource : '';
    count(counters.Failure, action.label);
    deps.log.warn({ ...about, resource, err: error }, `rule action failed: ${messageOf(error)}`);
    return { failedAction: action.label, failedResource: resource, errorMessage: messageOf(error) };
  }
}

/** Its failure is only counted and logged. */
async function performErrorAction(
  run: Run,
  selected: Selected,
  action: CompiledAction,
  failures: readonly Failure[],
): Promise<void> {
  const { rule, counters, deps, incoming } = run;
  const traceId = incoming.traceId(deps.surroundings.random);
  const document = errorDocument(rule.ruleName, incoming, traceId, failures);
  try {
    await action.perform(invocationOf(run, { ...selected, value: parseJson(document.toString()) }, document));
    counters.ErrorActionSuccess++;
  } catch (error) {
    counters.ErrorActionFailure++;
    const about = { ruleName: rule.ruleName, ruleAction: action.label, topic: incoming.topic };
    deps.log.warn({ ...about, err: error }, `error action failed: ${messageOf(error)}`);
  }
}

function invocationOf({ rule, incoming, answers }: Run, { value, frame }: Selected, payload: Buffer): Invocation {
  return {
    ruleName: rule.ruleName,
    message: incoming.message,
    topic: incoming.topic,
    payload,
    value,
    text: (template) => withAnswers(answers, () => template.render(frame)),
  };
}
