/**
 * What an operation of IAM or STS is to the front that speaks their Query protocol (`api/query.ts`): which parameters it
 * takes, whom it asks about and what it does. Operations are written by hand, since only a few of these services are
 * served; a parameter that is not listed is refused, never passed over.
 */
import { ServiceError } from '../base/errors.ts';
import type { Principal } from './principal.ts';

export interface QueryContext {
  readonly requestId: string;
  readonly principal: Principal;
  readonly sourceIp: string;
  /** True over TLS. */
  readonly secure: boolean;
  /** Throws AccessDeniedException unless the caller's policies allow `action` on `resource` (an ARN, or `*`). */
  authorize(action: string, resource: string): Promise<void>;
}

export type QueryInput = Readonly<Record<string, string>>;

export interface QueryParameter {
  readonly isRequired: boolean;
  /** Of the whole value. */
  readonly pattern: RegExp;
  /** What the value must be, for the message: `must …`. */
  readonly must: string;
}

export interface QueryOperation {
  readonly parameters: Readonly<Record<string, QueryParameter>>;
  /** Gets what fits `parameters`; returns the members of its result. Asks the policies itself. */
  readonly run: (input: QueryInput, context: QueryContext) => Promise<object>;
}

/** By the operation's name. */
export type QueryOperations = Readonly<Record<string, QueryOperation>>;

const userName = { pattern: /^[\w+=,.@-]{1,64}$/, must: 'be 1 to 64 letters, digits or +=,.@-_' };
const policyName = { pattern: /^[\w+=,.@-]{1,128}$/, must: 'be 1 to 128 letters, digits or +=,.@-_' };
const document = { pattern: /^[\t\n\r\u0020-\u00ff]{1,131072}$/, must: 'be a JSON document' };
const accessKeyId = { pattern: /^\w{16,128}$/, must: 'be 16 to 128 letters or digits' };
const seconds = { pattern: /^\d{3,5}$/, must: 'be a number of seconds' };

/** Kinds of values, each `required` or `optional`. */
export const kinds = {
  userName,
  roleName: userName,
  policyName,
  document,
  accessKeyId,
  seconds,
  status: { pattern: /^(Active|Inactive)$/, must: 'be Active or Inactive' },
  path: { pattern: /^\/([\u0021-\u007e]{1,510}\/)?$/, must: 'begin and end with a slash' },
  description: { pattern: /^[\t\n\r\u0020-\u00ff]{0,1000}$/, must: 'have at most 1000 characters' },
  arn: { pattern: /^arn:[\u0021-\u007e]{10,2044}$/, must: 'be an ARN' },
  sessionName: { pattern: /^[\w+=,.@-]{2,64}$/, must: 'be 2 to 64 letters, digits or +=,.@-_' },
  externalId: { pattern: /^[\w+=,.@:/-]{2,1224}$/, must: 'be 2 to 1224 letters, digits or +=,.@:/-' },
  marker: { pattern: /^[\u0021-\u00ff]{1,4096}$/, must: 'be the Marker of the page before' },
  maxItems: { pattern: /^([1-9]\d{0,2}|1000)$/, must: 'be a number from 1 to 1000' },
} as const;

export function required(kind: Omit<QueryParameter, 'isRequired'>): QueryParameter {
  return { ...kind, isRequired: true };
}

export function optional(kind: Omit<QueryParameter, 'isRequired'>): QueryParameter {
  return { ...kind, isRequired: false };
}

/** `Marker` and `MaxItems`, of lists. */
export const paging = { Marker: optional(kinds.marker), MaxItems: optional(kinds.maxItems) };

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** The service's texts: `The user with name lamp cannot be found.` */
export function noSuchEntity(kind: string, name: string): ServiceError {
  return new ServiceError('NoSuchEntity', `The ${kind} with name ${name} cannot be found.`);
}

export function entityExists(kind: string, name: string): ServiceError {
  return new ServiceError('EntityAlreadyExists', `${kind} with name ${name} already exists.`);
}

export function inUse(message: string): ServiceError {
  return new ServiceError('DeleteConflict', message);
}

export function tooMany(message: string): ServiceError {
  return new ServiceError('LimitExceeded', message);
}
