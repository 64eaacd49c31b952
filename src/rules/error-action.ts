/** The document an error action is given: one per rule and message, however many actions failed (section 11). */
import type { Incoming } from './incoming.ts';

export interface Failure {
  /** The label of the kind, e.g. `S3Action`. */
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

export function errorDocument(
  ruleName: string,
  incoming: Incoming,
  traceId: string,
  failures: readonly Failure[],
): Buffer {
  return Buffer.from(
    JSON.stringify({
      ruleName,
      topic: incoming.topic,
      cloudwatchTraceId: traceId,
      clientId: incoming.message.publisher?.clientId ?? 'N/A',
      base64OriginalPayload: incoming.bytes().toString('base64'),
      failures,
    }),
  );
}
