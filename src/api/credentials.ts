/**
 * The HTTP side of the credential provider (gateway-broker.md section 12): `GET /role-aliases/{alias}/credentials` with a
 * client certificate. Who gets what is decided in `identity/`; a device is told no more of a refusal than that it is one.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { CertificatePrincipal, Principal } from '../identity/principal.ts';
import type { ConnectionFacts } from './api.ts';
import { type AuditEvent, auditEvent } from './audit.ts';
import type { Reply } from './encode.ts';
import { targetOf } from './locate.ts';
import type { Front } from './query.ts';
import { send } from './respond.ts';
import { isoSeconds } from './xml.ts';

export interface CredentialFrontDeps {
  /** Throws AccessDenied-, ResourceNotFound- or ServiceUnavailableException. */
  readonly provide: (request: {
    readonly roleAlias: string;
    readonly device: CertificatePrincipal;
    readonly thingName?: string;
    readonly sourceIp: string;
    readonly secure: boolean;
  }) => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
    readonly expiresMs: number;
  }>;
  readonly audit?: (event: AuditEvent) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const PATH = /^\/role-aliases\/([^/]+)\/credentials$/;
const ALIAS = /^[\w=,@-]{1,128}$/;
const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const THING_HEADER = 'x-amzn-iot-thingname';

/** What a device is told, by the code of the error. */
const refusals: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ForbiddenException: 403,
  InvalidRequestException: 400,
  MethodNotAllowedException: 405,
  ResourceNotFoundException: 404,
  ServiceUnavailableException: 503,
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly facts: ConnectionFacts;
  readonly requestId: string;
  principal?: Principal;
}

export function createCredentialFront(deps: CredentialFrontDeps): Front {
  return {
    // Nothing is signed here: a signed request to such a path is for the API's own front to refuse.
    serves: (request) => {
      const { path, isSigned } = targetOf(request);
      return !isSigned && PATH.test(path);
    },
    async handle(request, response, facts) {
      const exchange: Exchange = { request, facts, requestId: deps.random.uuid() };
      let reply: Reply;
      try {
        reply = await answer(exchange);
      } catch (error) {
        reply = failure(error, exchange);
      }
      const nowMs = deps.clock.now();
      const about = {
        service: 'credentials',
        operation: 'AssumeRoleWithCertificate',
        resources: [targetOf(request).path],
      };
      deps.audit?.(auditEvent({ ...exchange, ...about, principal: exchange.principal, reply, nowMs }));
      send(request, response, reply, exchange.requestId, new Date(nowMs).toUTCString());
    },
  };

  async function answer(exchange: Exchange): Promise<Reply> {
    const { request, facts } = exchange;
    const { method, path } = targetOf(request);
    if (method !== 'GET') throw new ServiceError('MethodNotAllowedException', 'Use GET');
    const roleAlias = decoded(PATH.exec(path)?.[1] ?? '');
    const thingName = request.headers[THING_HEADER];
    if (!ALIAS.test(roleAlias)) throw new ServiceError('InvalidRequestException', 'Invalid role alias');
    if (thingName !== undefined && (typeof thingName !== 'string' || !THING_NAME.test(thingName))) {
      throw new ServiceError('InvalidRequestException', 'Invalid thing name');
    }
    if (!facts.certificate) throw denied('no client certificate was shown');
    const device = await facts.certificate();
    exchange.principal = device;
    const { sourceIp, secure } = facts;
    const named = thingName === undefined ? {} : { thingName };
    const { expiresMs, ...issued } = await deps.provide({ roleAlias, device, sourceIp, secure, ...named });
    const { accessKeyId, secretAccessKey, sessionToken } = issued;
    const expiration = isoSeconds(new Date(expiresMs));
    return json(200, { credentials: { accessKeyId, secretAccessKey, sessionToken, expiration } });
  }

  function failure(error: unknown, { requestId }: Exchange): Reply {
    const status = error instanceof ServiceError ? refusals[error.code] : undefined;
    if (!(error instanceof ServiceError) || status === undefined) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      deps.log.error({ requestId, error: stack }, 'credentials could not be provided by a defect of the server');
      return refusal(500, 'InternalFailureException', `An internal failure, logged with request id ${requestId}`);
    }
    if (error.detail) deps.log.warn({ requestId, detail: error.detail }, 'credentials were refused');
    const message = status === 403 ? 'Access Denied' : error.message;
    return refusal(status, status === 403 ? 'AccessDeniedException' : error.code, message);
  }
}

/** What cannot be decoded is no alias. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return '';
    throw error;
  }
}

function json(status: number, value: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function refusal(status: number, code: string, message: string): Reply {
  const reply = json(status, { message });
  return { ...reply, headers: { ...reply.headers, 'x-amzn-errortype': code } };
}

function denied(detail: string): ServiceError {
  return new ServiceError('AccessDeniedException', 'Access Denied', { detail });
}
