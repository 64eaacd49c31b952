/**
 * The one place where the API writes to a client: successes, errors in the services' form, and what browsers need to
 * read them. Every code of an error gets its status here, from the service's model or from the table of codes that
 * belong to the protocol and to no model. An error that is neither is a defect: 500, the cause only in the log.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../base/errors.ts';
import { type Reply, toJson } from './encode.ts';
import type { ServiceModel } from './model.ts';

/** Statuses of the codes that stand in no model: failures before an operation is reached, and of this server. */
export const protocolErrors: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  ForbiddenException: 403,
  IncompleteSignatureException: 403,
  InternalFailureException: 500,
  InvalidClientTokenIdException: 403,
  InvalidRequestException: 400,
  InvalidSignatureException: 403,
  MethodNotAllowedException: 405,
  MissingAuthenticationTokenException: 403,
  NotImplementedException: 501,
  RequestEntityTooLargeException: 413,
  RequestTimeoutException: 408,
  SerializationException: 400,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
  ValidationException: 400,
};

/** Any origin may call: what protects the API is the signature, which a foreign page cannot make. */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Date,X-Amzn-ErrorType,X-Amzn-RequestId',
};

const allowedHeaders = [
  'Accept',
  'Amz-Sdk-Invocation-Id',
  'Amz-Sdk-Request',
  'Authorization',
  'Content-Type',
  'X-Amz-Content-Sha256',
  'X-Amz-Date',
  'X-Amz-Mqtt5-Correlation-Data',
  'X-Amz-Mqtt5-Payload-Format-Indicator',
  'X-Amz-Mqtt5-User-Properties',
  'X-Amz-Security-Token',
  'X-Amz-Tagging',
  'X-Amz-Target',
  'X-Amz-User-Agent',
  'X-Amzn-Iot-Policy',
  'X-Amzn-Iot-Principal',
  'X-Amzn-Principal',
];

const preflightHeaders = {
  'access-control-allow-headers': allowedHeaders.join(','),
  'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
  'access-control-max-age': '86400',
};

/** What a browser wants to know before it sends a signed request. */
export const preflight: Reply = { status: 204, headers: preflightHeaders, body: '' };

/** The error as a reply, or undefined when its code belongs neither to the model nor to the protocol: a defect. */
export function encodeError(error: unknown, model: ServiceModel | undefined, requestId: string): Reply | undefined {
  if (!(error instanceof ServiceError)) return undefined;
  const modelled = model?.error(error.code);
  const status =
    modelled?.status ?? (Object.hasOwn(protocolErrors, error.code) ? protocolErrors[error.code] : undefined);
  if (status === undefined) return undefined;
  const fields = modelled ? toJson(error.fields as Record<string, unknown>, modelled.shape) : {};
  const unmodelled = (model?.traits.unmodelledErrorMembers ?? []).filter((name) => error.fields[name] !== undefined);
  const extra = Object.fromEntries(unmodelled.map((name) => [name, error.fields[name]]));
  return errorReply(status, error.code, { message: error.message, ...fields, ...extra }, model, requestId);
}

/** The reply for a defect. `code` is the operation's own name for it, where there is an operation. */
export function internalFailure(code: string, model: ServiceModel | undefined, requestId: string): Reply {
  const status = model?.error(code)?.status ?? 500;
  return errorReply(
    status,
    code,
    { message: `An internal failure, logged with request id ${requestId}` },
    model,
    requestId,
  );
}

function errorReply(
  status: number,
  code: string,
  members: Record<string, unknown>,
  model: ServiceModel | undefined,
  requestId: string,
): Reply {
  const isJson = model?.protocol === 'json';
  const body: Record<string, unknown> = isJson ? { __type: code, ...members } : members;
  if (model?.traits.hasTraceId) body['traceId'] = requestId;
  const contentType = isJson ? 'application/x-amz-json-1.1' : 'application/json';
  return { status, headers: { 'content-type': contentType, 'x-amzn-errortype': code }, body: JSON.stringify(body) };
}

/** Writes a reply. When the request was not read to its end the connection is closed, since its rest is no request. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  requestId: string,
  date: string,
): void {
  if (response.destroyed || response.headersSent) return;
  const length = typeof reply.body === 'string' ? Buffer.byteLength(reply.body) : reply.body.length;
  const hasBody = reply.status !== 204 && reply.status !== 304;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...corsHeaders,
    ...(hasBody ? { 'content-length': length } : undefined),
    ...(isUnread(request) ? { connection: 'close' } : undefined),
    'x-amzn-requestid': requestId,
    date,
  });
  response.end(hasBody ? reply.body : undefined);
}

function isUnread(request: IncomingMessage): boolean {
  if (request.complete) return false;
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
}
