/**
 * The front of the services that speak AWS's Query protocol, IAM and STS: parameters in a form or a query, answers in
 * XML (or JSON, for whoever says so in Accept). Their operations are few and written by hand (`identity/`), so there is
 * no model; everything else is as in `api.ts`: locate, read, authenticate, check, invoke, encode.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { QueryContext, QueryOperation, QueryOperations } from '../identity/identity.ts';
import type { Principal } from '../identity/principal.ts';
import type { AccessQuestion, ConnectionFacts, SignedRequest } from './api.ts';
import { type AuditEvent, auditEvent } from './audit.ts';
import { ClientGone, readBody } from './body.ts';
import type { Reply } from './encode.ts';
import { rawHeaderPairs, signingName, targetOf } from './locate.ts';
import { preflight, send } from './respond.ts';
import { isoSeconds, xmlElement } from './xml.ts';

export type QueryServiceName = 'iam' | 'sts';

export interface QueryFrontDeps {
  readonly services: Readonly<Record<QueryServiceName, QueryOperations>>;
  /** Who signed it for the service. Throws a ServiceError. */
  readonly authenticate: (
    request: Omit<SignedRequest, 'service'>,
    service: QueryServiceName,
    sourceIp: string,
  ) => Promise<Principal>;
  /** Throws AccessDeniedException unless the policies allow it. */
  readonly authorize: (question: AccessQuestion) => Promise<void>;
  readonly audit?: (event: AuditEvent) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A front beside the API's own: it says which requests are its, and answers them. Neither throws. */
export interface Front {
  serves(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse, facts: ConnectionFacts): Promise<void>;
}

/** Statuses of the codes that these services answer with. */
export const queryErrors: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  DeleteConflict: 409,
  EntityAlreadyExists: 409,
  ExpiredToken: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  LimitExceeded: 409,
  MalformedPolicyDocument: 400,
  MissingAuthenticationToken: 403,
  NoSuchEntity: 404,
  RequestEntityTooLarge: 413,
  RequestTimeout: 408,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  ValidationError: 400,
};

/** What the same mistakes are called in these services. */
const names: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  ExpiredTokenException: 'ExpiredToken',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidRequestException: 'ValidationError',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MalformedPolicyException: 'MalformedPolicyDocument',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  RequestEntityTooLargeException: 'RequestEntityTooLarge',
  RequestTimeoutException: 'RequestTimeout',
  ServiceUnavailableException: 'ServiceUnavailable',
  UnrecognizedClientException: 'InvalidClientTokenId',
};

const versions: Readonly<Record<QueryServiceName, string>> = { iam: '2010-05-08', sts: '2011-06-15' };
/** Documents of policies, percent-encoded. */
const BODY_LIMIT = 512 * 1024;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly facts: ConnectionFacts;
  readonly requestId: string;
  readonly service: QueryServiceName;
  operation?: string;
  principal?: Principal;
  resources: readonly string[];
}

export function createQueryFront(deps: QueryFrontDeps): Front {
  return {
    serves: (request) => serviceOf(request) !== undefined,
    async handle(request, response, facts) {
      const service = serviceOf(request) ?? 'sts';
      const requestId = deps.random.uuid();
      const exchange: Exchange = { request, response, facts, requestId, service, resources: [] };
      let reply: Reply | undefined;
      try {
        reply = request.method === 'OPTIONS' ? preflight : await answer(exchange);
      } catch (error) {
        reply = failure(error, exchange, deps.log);
      }
      if (!reply) return;
      const { operation, ...call } = exchange;
      const nowMs = deps.clock.now();
      if (operation !== undefined)
        deps.audit?.(auditEvent({ ...call, operation, principal: call.principal, reply, nowMs }));
      send(request, response, reply, exchange.requestId, new Date(nowMs).toUTCString());
    },
  };

  async function answer(exchange: Exchange): Promise<Reply> {
    const { request, response, facts, service } = exchange;
    if (facts.awaitsContinue) response.writeContinue();
    const { method, path, query } = targetOf(request);
    const body = await readBody(request, BODY_LIMIT, deps.clock);
    const parameters = parametersOf(query, body);
    const { Action: action, Version: version } = parameters;
    const operation = operationOf(deps.services[service], action, version, service);
    exchange.operation = action;
    const signed = { method, rawPath: path, rawQuery: query, headers: rawHeaderPairs(request), body };
    const principal = await deps.authenticate(signed, service, facts.sourceIp);
    exchange.principal = principal;
    const input = inputOf(operation, parameters);
    return encode(exchange, action, await operation.run(input, contextOf(exchange, principal)));
  }

  function contextOf(exchange: Exchange, principal: Principal): QueryContext {
    const { requestId, facts } = exchange;
    const { sourceIp, secure } = facts;
    return {
      requestId,
      principal,
      sourceIp,
      secure,
      authorize: (action, resource) => {
        exchange.resources = [...new Set([...exchange.resources, resource])];
        return deps.authorize({ principal, action, resource, sourceIp, secure, plane: 'control' });
      },
    };
  }
}

/** By the name in the signature, as everywhere; undefined for other services and for what cannot be read. */
function serviceOf(request: IncomingMessage): QueryServiceName | undefined {
  let name: string | undefined;
  try {
    name = signingName(targetOf(request));
  } catch (error) {
    // Malformed: the API's own front tells the client so.
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
  return name === 'iam' || name === 'sts' ? name : undefined;
}

/** Of the query and a form, without the signature's own. */
function parametersOf(query: string, body: Buffer): Readonly<Record<string, string>> {
  const pairs = [...new URLSearchParams(query), ...new URLSearchParams(body.toString('utf8'))];
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of pairs) {
    if (name.startsWith('X-Amz-')) continue;
    if (name in parameters) throw new ServiceError('ValidationError', `${name.slice(0, 100)} is given more than once`);
    parameters[name] = value;
  }
  return parameters;
}

function operationOf(
  operations: QueryOperations,
  action: string | undefined,
  version: string | undefined,
  service: QueryServiceName,
): QueryOperation {
  if (action !== undefined && Object.hasOwn(operations, action) && version === versions[service]) {
    return operations[action];
  }
  const asked = `${String(action).slice(0, 100)} for version ${String(version).slice(0, 20)}`;
  throw new ServiceError('InvalidAction', `Could not find operation ${asked}: Tsunagu has a part of ${service}`);
}

function inputOf(operation: QueryOperation, parameters: Readonly<Record<string, string>>) {
  const { Action: _action, Version: _version, ...given } = parameters;
  const strange = Object.keys(given).find((name) => !Object.hasOwn(operation.parameters, name));
  if (strange !== undefined) {
    throw new ServiceError('ValidationError', `The parameter ${strange.slice(0, 100)} is not supported`);
  }
  for (const [name, { isRequired, pattern, must }] of Object.entries(operation.parameters)) {
    const value = given[name];
    if (value === undefined && isRequired) throw new ServiceError('ValidationError', `${name} is required`);
    if (value !== undefined && !pattern.test(value)) throw new ServiceError('ValidationError', `${name} must ${must}`);
  }
  return given;
}

function encode({ request, requestId, service }: Exchange, action: string, result: object): Reply {
  const response = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  if (wantsJson(request)) return jsonReply(200, { [`${action}Response`]: response });
  return xmlReply(200, `${action}Response`, service, response);
}

/** The reply to an error, or undefined when there is nobody left to answer. */
function failure(error: unknown, exchange: Exchange, log: Log): Reply | undefined {
  const { requestId, service, operation } = exchange;
  const about = { requestId, service, operation };
  if (error instanceof ClientGone) {
    log.debug(about, error.message);
    return undefined;
  }
  const code = error instanceof ServiceError ? (names[error.code] ?? error.code) : undefined;
  if (!(error instanceof ServiceError) || code === undefined || !Object.hasOwn(queryErrors, code)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error({ ...about, error: stack }, 'a request failed by a defect of the server');
    return errorReply(exchange, 'InternalFailure', `An internal failure, logged with request id ${requestId}`);
  }
  if (error.detail) log.warn({ ...about, detail: error.detail }, 'a request failed');
  return errorReply(exchange, code, error.message);
}

function errorReply({ request, requestId, service }: Exchange, code: string, message: string): Reply {
  const status = queryErrors[code];
  const fault = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message };
  const body = { Error: fault, RequestId: requestId };
  const reply = wantsJson(request) ? jsonReply(status, body) : xmlReply(status, 'ErrorResponse', service, body);
  return { ...reply, headers: { ...reply.headers, 'x-amzn-errortype': code } };
}

function wantsJson({ headers }: IncomingMessage): boolean {
  return headers.accept?.split(',').some((type) => type.trim().startsWith('application/json')) ?? false;
}

function jsonReply(status: number, value: object): Reply {
  const body = JSON.stringify(value, function (this: Record<string, unknown>, key, text) {
    const original = this[key];
    return original instanceof Date ? isoSeconds(original) : text;
  });
  return { status, headers: { 'content-type': 'application/json' }, body };
}

function xmlReply(status: number, root: string, service: QueryServiceName, value: object): Reply {
  const namespace = `https://${service}.amazonaws.com/doc/${versions[service]}/`;
  const body = xmlElement(root, value).replace(`<${root}>`, `<${root} xmlns="${namespace}">`);
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
