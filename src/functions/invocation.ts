/** What the parts of this folder hand each other: one call of a function, whoever runs it, and its limits. */

export interface Invocation {
  /** `awsRequestId` of the function's context. */
  readonly id: string;
  /** As the caller named the function; for messages. */
  readonly reference: string;
  readonly name: string;
  /** A version or alias, if one was named. Local modules have no versions. */
  readonly qualifier?: string;
  /** JSON, at most `LARGEST_PAYLOAD_BYTES`. */
  readonly event: string;
  readonly timeoutMs: number;
  readonly type: InvocationType;
}

/** `Event`: nobody waits for the result. */
export type InvocationType = 'RequestResponse' | 'Event';

/** Of events and of results, as Lambda has it. */
export const LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024;
