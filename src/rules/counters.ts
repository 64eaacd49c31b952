/** What happened to a rule's messages, named as AWS's metrics (section 12). Plain numbers, read for /metrics. */
export interface RuleCounters {
  /** Messages whose topic matched, or that came by Basic Ingest. */
  TopicMatch: number;
  /** Payloads that were to be read as JSON and were none. */
  ParseError: number;
  /** Messages whose actions were dropped because too much was waiting. */
  RuleMessageThrottled: number;
  /** Messages for which WHERE was true. */
  RulesExecuted: number;
  /** Messages the statement failed on: an external function, or a limit. */
  EvaluationFailure: number;
  /** By the label of the action's kind, e.g. `RepublishAction`. */
  readonly Success: Record<string, number>;
  readonly Failure: Record<string, number>;
  ErrorActionSuccess: number;
  ErrorActionFailure: number;
}

export function newCounters(): RuleCounters {
  return {
    TopicMatch: 0,
    ParseError: 0,
    RuleMessageThrottled: 0,
    RulesExecuted: 0,
    EvaluationFailure: 0,
    Success: {},
    Failure: {},
    ErrorActionSuccess: 0,
    ErrorActionFailure: 0,
  };
}

export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
