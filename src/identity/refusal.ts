/**
 * What was refused to whom, and why: for the operator's eyes only, never told to the one who was refused. Whoever
 * refuses (policies, authentication, the broker, the gateway) hands one over; `denials.ts` keeps the newest.
 */
export interface Refusal {
  /** A word to search and count by, such as `policy`, `certificate-expired` or `invalid-signature`. */
  readonly reason: string;
  /** A sentence with what is to be known beyond the other members. */
  readonly detail: string;
  readonly sourceIp: string;
  readonly clientId?: string;
  /** The ARN of who asked, where that is known. */
  readonly principal?: string;
  /** As claimed, where who asked is not known. */
  readonly accessKeyId?: string;
  readonly certificateId?: string;
  /** As `iot:Publish`, or what was attempted where no policy knows it. */
  readonly action?: string;
  /** What it was asked for: a whole ARN for policies, else as the client wrote it. */
  readonly resource?: string;
  /** Set when policies decided. */
  readonly explanation?: Explanation;
}

/** Why policies did not allow something. */
export interface Explanation {
  readonly outcome: 'EXPLICIT_DENY' | 'IMPLICIT_DENY';
  /** The policies that were asked. */
  readonly policies: readonly string[];
  /** Statements that deny it: nothing allows it while they stand. */
  readonly deniedBy: readonly StatementName[];
  /** Statements that allow the action, but not this time. */
  readonly passedOver: readonly (StatementName & {
    /** Its resources do not cover the one asked for, or its condition did not hold. */
    readonly because: 'resource' | 'condition';
    /** As written in the policy. */
    readonly resources: readonly string[];
  })[];
  /** Variables and condition keys the statements ask for and that are not known here. */
  readonly missing: readonly string[];
  /** The smallest statement that allows it, for a policy of Version 2012-10-17; absent when one allows it already. */
  readonly suggestion?: { readonly Effect: 'Allow'; readonly Action: string; readonly Resource: string };
}

export interface StatementName {
  readonly policyName: string;
  /** Its Sid, or its place as `Statement[0]`. */
  readonly statement: string;
}

/** A refusal as it is kept: the same one again only counts. */
export interface Denial extends Refusal {
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** How often it was decided. Decisions that a connection remembers are not decided again. */
  readonly count: number;
}
