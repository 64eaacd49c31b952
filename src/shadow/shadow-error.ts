/** Shadow errors as both protocols carry them: an HTTP status inside a document (shadow.md section 5). */
import { ServiceError } from '../base/errors.ts';

export interface ErrorDocument {
  readonly code: number;
  readonly message: string;
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly clientToken?: string;
}

const STATUS: Readonly<Record<string, number>> = {
  InvalidRequestException: 400,
  UnauthorizedException: 401,
  ForbiddenException: 403,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  RequestEntityTooLargeException: 413,
  UnsupportedDocumentEncodingException: 415,
  ThrottlingException: 429,
  InternalFailureException: 500,
};

/** What a `rejected` topic says of `error`. An error that is not ours is a defect: the client learns no more than that. */
export function errorDocument(error: unknown, timestamp: number, clientToken: string | undefined): ErrorDocument {
  const token = clientToken === undefined ? {} : { clientToken };
  const code = error instanceof ServiceError ? STATUS[error.code] : undefined;
  if (code === undefined) return { code: 500, message: 'Internal service failure', timestamp, ...token };
  return { code, message: (error as ServiceError).message, timestamp, ...token };
}

/** The same error with the document's members, for an HTTP body. Other errors pass as they are. */
export function withErrorDocument(error: unknown, timestamp: number, clientToken: string | undefined): unknown {
  if (!(error instanceof ServiceError)) return error;
  const { message, ...fields } = errorDocument(error, timestamp, clientToken);
  return new ServiceError(error.code, message, { fields, detail: error.detail, cause: error });
}

export function noShadow(name: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `No shadow exists with name: '${name}'`);
}

export function tooManyRequests(): ServiceError {
  return new ServiceError('ThrottlingException', 'Too many requests');
}
