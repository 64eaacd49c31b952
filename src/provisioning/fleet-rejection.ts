/** Errors as fleet provisioning tells them to devices: `{statusCode, errorCode, errorMessage}` (section 4). */
import { ServiceError } from '../base/errors.ts';

export class Rejection extends Error {
  override readonly name = 'Rejection';
  /** As in HTTP. */
  readonly statusCode: number;
  readonly errorCode: string;
  /** For the operator's log only. */
  readonly detail: string | undefined;

  constructor(statusCode: number, errorCode: string, message: string, detail?: string) {
    super(message);
    this.statusCode = statusCode;
    this.errorCode = errorCode;
    this.detail = detail;
  }
}

/** The device learns no reason; the log does. */
export function accessDenied(detail: string): Rejection {
  return new Rejection(403, 'AccessDenied', 'Access denied', detail);
}

/** By code of a ServiceError. The vendor lists no error codes; clients only print them. */
const KNOWN: Readonly<Record<string, readonly [number, string]>> = {
  ResourceRegistrationFailureException: [400, 'InvalidParameters'],
  InvalidRequestException: [400, 'InvalidTemplate'],
  ResourceNotFoundException: [404, 'ResourceNotFound'],
  ConflictingResourceUpdateException: [409, 'ResourceConflict'],
  ThrottlingException: [429, 'Throttled'],
  ServiceUnavailableException: [503, 'ServiceUnavailable'],
};

/** An error that is not ours is a defect: the device learns no more than that. */
export function rejectionOf(error: unknown): Rejection {
  if (error instanceof Rejection) return error;
  const known = error instanceof ServiceError && Object.hasOwn(KNOWN, error.code) ? KNOWN[error.code] : undefined;
  if (!known) return new Rejection(500, 'InternalError', 'Internal service failure');
  return new Rejection(known[0], known[1], (error as ServiceError).message);
}
