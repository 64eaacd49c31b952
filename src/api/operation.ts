/** What an operation's handler is given and may do; the shape of every domain's `operations`. */
import type { Principal } from '../identity/principal.ts';

export interface RequestContext {
  /** Sent back as `x-amzn-RequestId`. */
  readonly requestId: string;
  readonly principal: Principal;
  /** The caller's address. */
  readonly sourceIp: string;
  /**
   * Refuses with ForbiddenException (data plane) or AccessDeniedException (control plane) unless the caller's policies allow `action` (e.g. `iot:Publish`) on `resource`
   * (an ARN). Handlers of the data plane call it, since only they know the resource.
   */
  authorize(action: string, resource: string): Promise<void>;
}

/**
 * A handler gets an input that was authenticated, decoded and validated against the model, and returns the modelled
 * output or throws a ServiceError with a modelled code. Blobs are Buffers, timestamps are Dates, both ways.
 */
export type Handler<Input, Output> = (input: Input, context: RequestContext) => Promise<Output>;
