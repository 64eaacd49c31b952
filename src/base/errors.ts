/**
 * The one error class of the program. Thrown anywhere in a domain, translated once at each edge: `api/respond.ts`
 * (HTTP), the reserved topics' `rejected` messages, and the broker (reason codes). Anything else that surfaces there
 * is a defect and becomes an internal failure.
 */

export interface ServiceErrorOptions {
  /** Members of the modelled error shape besides `message`, e.g. `resourceArn`. Sent to the client. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** For the operator's log only; never sent to a client. */
  readonly detail?: string;
  readonly cause?: unknown;
}

export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The error's shape name in the service model, e.g. `ResourceNotFoundException`. */
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly detail: string | undefined;

  constructor(code: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? {};
    this.detail = options.detail;
  }
}

export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}

export function notFound(message = 'The specified resource does not exist'): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

export function alreadyExists(
  message: string,
  resource: { resourceId?: string; resourceArn?: string } = {},
): ServiceError {
  return new ServiceError('ResourceAlreadyExistsException', message, { fields: resource });
}

export function deleteConflict(message: string): ServiceError {
  return new ServiceError('DeleteConflictException', message);
}

export function versionConflict(message: string): ServiceError {
  return new ServiceError('VersionConflictException', message);
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message);
}

/** The text of anything thrown, for logs and wrapped messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
