/** Why an invocation failed: the one error that `functions.ts` lets out. Its message is for the log, never for a device. */

export type FunctionErrorKind =
  /** There is no such function, or what names it is not a name. */
  | 'notFound'
  /** The event is too large to be handed over. */
  | 'badPayload'
  /** More is under way than is bearable; nothing was run. */
  | 'overloaded'
  | 'timedOut'
  /** The function threw, rejected, ended itself or ran out of memory. */
  | 'threw'
  /** What it returned is not JSON, or too much of it. */
  | 'badResult'
  /** The endpoint could not be reached, or failed itself. */
  | 'unreachable';

export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly kind: FunctionErrorKind;
  /** As the caller named it: an ARN, a name or a URL. */
  readonly functionName: string;

  /** `reason` continues the sentence "function X …". */
  constructor(kind: FunctionErrorKind, functionName: string, reason: string, options?: { readonly cause?: unknown }) {
    super(`function ${quote(functionName)} ${reason}`, options);
    this.kind = kind;
    this.functionName = functionName;
  }
}

/** What names a function comes from API callers: cut, so that it cannot fill the log. */
function quote(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}
