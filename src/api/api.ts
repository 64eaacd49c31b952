/**
 * The HTTP front of every service, driven by the models: route → read → authenticate → decode → validate → authorize
 * → invoke → encode, one step each, in `handle`. What it needs to know of identities and policies is injected; what an
 * operation does is its handler's, which gets an input that is decoded and valid. Nothing here knows an operation.
 *
 *     request ─▶ locate ─▶ readBody ─▶ authenticate ─▶ decodeInput ─▶ validateInput ─▶ authorize ─▶ handler ─▶ encode
 *               404 405    408 413     403             400 501        400              403          modelled    │
 *               └────────────┴───────────┴───────────────┴─────────────┴────────────────┴───────────┴─▶ respond ◀┘
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { CertificatePrincipal, Principal } from '../identity/principal.ts';
import { type AuditEvent, auditEvent } from './audit.ts';
import { announcesTooMuch, ClientGone, readBody, tooLarge } from './body.ts';
import { decodeInput, type Structure } from './decode.ts';
import { encodeOutput, type Reply } from './encode.ts';
import { createLocator, rawHeaderPairs, type Target, targetOf } from './locate.ts';
import { handlerName, loadModel, type Operation, type ServiceModel } from './model.ts';
import type { Handler, RequestContext } from './operation.ts';
import { type OperationCounters, RequestCounters } from './request-counters.ts';
import { resourcesOf, tagsOf } from './resource.ts';
import { encodeError, internalFailure, preflight, send } from './respond.ts';
import { type ServiceName, type Services, serviceNames, traits } from './services.ts';
import { validateInput } from './validate.ts';

export type { AuditEvent } from './audit.ts';
export { createCredentialFront } from './credentials.ts';
export { createQueryFront } from './query.ts';
export { DURATION_BUCKETS_MS, type OperationCounters } from './request-counters.ts';
export type { ServiceName, Services } from './services.ts';

/** What a signature covers, exactly as received. */
export interface SignedRequest {
  readonly method: string;
  /** Undecoded, without the query. */
  readonly rawPath: string;
  /** Undecoded, without the question mark; empty when there is none. */
  readonly rawQuery: string;
  /** Names and values in the order they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly service: ServiceName;
}

/** May `principal` do `action` (`iot:CreateThing`) to `resource` (an ARN, or `*`)? */
export interface AccessQuestion {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly sourceIp: string;
  readonly secure: boolean;
  /** Of the operation: how a refusal reads. */
  readonly plane: 'control' | 'data';
  /** The tags the request would give. */
  readonly requestTags?: Readonly<Record<string, string>>;
}

export interface ApiDeps {
  readonly services: Services;
  /** Who signed it. Throws a ServiceError with a code of `protocolErrors`; also when there is no signature at all. */
  readonly authenticate: (request: SignedRequest, sourceIp: string) => Promise<Principal>;
  /** Throws a ServiceError (AccessDeniedException, ForbiddenException) unless the policies allow it. */
  readonly authorize: (question: AccessQuestion) => Promise<void>;
  readonly place: Place;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Takes note of every call of the control plane, whatever came of it; absent: nobody does. Must not throw. */
  readonly audit?: (event: AuditEvent) => void;
  /** The folder of `iot.json` and its siblings. */
  readonly models: string;
}

/** What the listener knows of the connection a request came on. */
export interface ConnectionFacts {
  readonly sourceIp: string;
  /** True over TLS. */
  readonly secure: boolean;
  /** The principal of the client certificate, looked up when it is needed; absent when there is none. */
  readonly certificate?: () => Promise<CertificatePrincipal>;
  /** A custom authorizer that may know the client, asked when it is needed. */
  readonly authorizer?: {
    /** The request names one: then it alone decides, whatever else the request has. */
    readonly isNamed: boolean;
    /** Undefined when there is none for it. Throws a ServiceError when it refuses. */
    authenticate(): Promise<Principal | undefined>;
  };
  /** How clients may be known to services that devices use; absent: as devices or by signing. */
  readonly clients?: 'devices' | 'signing';
  /** What is served where the client connected; absent: every service. */
  readonly services?: readonly ServiceName[];
  /** The request came through `checkContinue`: the client waits for a 100 before it sends its body. */
  readonly awaitsContinue?: boolean;
}

export interface Api {
  /** Requests by operation; only those of operations there are, so they are no more than the models have. */
  readonly requests: ReadonlyMap<string, OperationCounters>;
  /** Answers a request, whatever it holds. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse, facts: ConnectionFacts): Promise<void>;
}

export interface Coverage {
  readonly service: ServiceName;
  readonly implemented: readonly string[];
  readonly missing: readonly string[];
}

/** One request on its way; filled as it proceeds, so that an error knows whose it is. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly facts: ConnectionFacts;
  readonly requestId: string;
  model?: ServiceModel;
  operation?: Operation;
  principal?: Principal;
  resources?: readonly string[];
}

const CLIENT_GONE = 499;

/** Loads the models and checks the wiring: throws when a handler has the name of no operation. */
export function createApi(deps: ApiDeps): Api {
  const models = serviceNames.map((name) => loadModel(name, deps.models));
  for (const model of models) checkHandlers(model, handlersOf(deps.services, model.name));
  const locator = createLocator(models);
  const httpDate = httpDates();
  const counters = new RequestCounters();

  return {
    requests: counters.operations,
    async handle(request, response, facts) {
      const exchange: Exchange = { request, response, facts, requestId: deps.random.uuid() };
      const startedAt = deps.clock.now();
      let reply: Reply | undefined;
      try {
        reply = request.method === 'OPTIONS' ? preflight : await answer(exchange);
      } catch (error) {
        reply = failure(error, exchange, deps.log);
      }
      // A client that is gone before it is answered is counted as other servers do.
      counters.add(exchange.operation?.name, reply?.status ?? CLIENT_GONE, deps.clock.now() - startedAt);
      if (!reply) return;
      record(exchange, reply);
      deliver(exchange, reply);
    },
  };

  async function answer(exchange: Exchange): Promise<Reply> {
    const { request, requestId } = exchange;
    const target = targetOf(request);
    const model = locator.service(target);
    exchange.model = model;
    if (exchange.facts.services?.includes(model.name) === false)
      throw new ServiceError('ForbiddenException', 'Forbidden', {
        detail: `${model.name} is not served on this domain`,
      });
    const { operation: name, labels } = locator.match(model, target);
    const operation = model.operation(name);
    exchange.operation = operation;

    const body = await bodyOf(exchange, model);
    const principal = await principalOf(exchange, model, target, body);
    exchange.principal = principal;
    const handler = handlersOf(deps.services, model.name)[operation.handlerName];
    if (!handler) throw notImplemented(operation);

    const input = decodeInput(operation, { labels, query: target.query, headers: request.headers, body });
    validateInput(operation, input);
    const context = contextOf(exchange, principal, tagsOf(input));
    if (!model.traits.authorizesItself) {
      exchange.resources = resourcesOf(operation, input, deps.place);
      for (const resource of exchange.resources) await context.authorize(`iot:${name}`, resource);
    }
    return encodeOutput(operation, await handler(input, context), requestId);
  }

  function record({ request, facts, requestId, model, operation, principal, resources }: Exchange, reply: Reply): void {
    if (!model || !operation || model.traits.authorizesItself) return;
    const about = { service: model.name, operation: operation.name, resources: resources ?? [] };
    deps.audit?.(auditEvent({ ...about, requestId, request, facts, principal, reply, nowMs: deps.clock.now() }));
  }

  function deliver({ request, response, requestId }: Exchange, reply: Reply): void {
    try {
      send(request, response, reply, requestId, httpDate(deps.clock.now()));
    } catch (error) {
      // A handler's output had a header or status that HTTP cannot carry.
      deps.log.error({ requestId, error: textOf(error) }, 'a reply could not be sent');
      response.destroy();
    }
  }

  async function bodyOf({ request, response, facts }: Exchange, { traits }: ServiceModel): Promise<Buffer> {
    if (announcesTooMuch(request, traits.bodyLimit) && facts.awaitsContinue) throw tooLarge(traits.bodyLimit);
    if (facts.awaitsContinue) response.writeContinue();
    return readBody(request, traits.bodyLimit, deps.clock);
  }

  async function principalOf(
    { request, facts }: Exchange,
    model: ServiceModel,
    { isSigned }: Target,
    body: Buffer,
  ): Promise<Principal> {
    if (model.traits.acceptsCertificates && facts.clients !== 'signing') {
      const isDevice = facts.clients === 'devices';
      const device = await devicePrincipal(facts, isSigned && !isDevice);
      if (device) return device;
      if (isDevice)
        throw new ServiceError('ForbiddenException', 'Forbidden', { detail: 'only devices are let in there' });
    }
    return deps.authenticate(signedRequestOf(request, model.name, body), facts.sourceIp);
  }

  function contextOf(
    { requestId, facts, model }: Exchange,
    principal: Principal,
    requestTags: Readonly<Record<string, string>> | undefined,
  ): RequestContext {
    const { sourceIp, secure } = facts;
    const plane = model?.traits.authorizesItself ? 'data' : 'control';
    const circumstances = { sourceIp, secure, plane, ...(requestTags && { requestTags }) } as const;
    return {
      requestId,
      principal,
      sourceIp,
      authorize: (action, resource) => deps.authorize({ principal, action, resource, ...circumstances }),
    };
  }
}

/** What the credential scopes of requests to the service may name. */
export function signingNamesOf(service: ServiceName): readonly string[] {
  return traits[service].signingNames;
}

/** Devices may be known by an authorizer that they name, by their certificate, or by the authorizer for all others. */
async function devicePrincipal(facts: ConnectionFacts, isSigned: boolean): Promise<Principal | undefined> {
  const { authorizer, certificate } = facts;
  if (authorizer?.isNamed) return authorizer.authenticate();
  if (isSigned) return undefined;
  return certificate ? certificate() : authorizer?.authenticate();
}

/** What the signature of `request` covers; also for requests that are answered elsewhere, such as WebSocket upgrades. */
export function signedRequestOf(request: IncomingMessage, service: ServiceName, body: Buffer): SignedRequest {
  const { method, path, query } = targetOf(request);
  return { method, rawPath: path, rawQuery: query, headers: rawHeaderPairs(request), body, service };
}

/** Whether a request claims to be signed. */
export function isSigned(request: IncomingMessage): boolean {
  return targetOf(request).isSigned;
}

/** Which operations have handlers, for `npm run coverage:api`. `models` is the folder of the models. */
export function coverage(services: Services, models: string): Coverage[] {
  return serviceNames.map((service) => {
    const handlers = handlersOf(services, service);
    const names = loadModel(service, models).operations.map((operation) => operation.name);
    const has = (name: string): boolean => handlers[handlerName(name)] !== undefined;
    return { service, implemented: names.filter(has).sort(), missing: names.filter((name) => !has(name)).sort() };
  });
}

type Handlers = Readonly<Record<string, Handler<Structure, Structure> | undefined>>;

/** The handlers of a service, their inputs and outputs seen as what the models make of them. */
function handlersOf(services: Services, name: ServiceName): Handlers {
  return (services[name] ?? {}) as Handlers;
}

function checkHandlers(model: ServiceModel, handlers: Handlers): void {
  const known = new Set(model.operations.map((operation) => handlerName(operation.name)));
  const strange = Object.keys(handlers).filter((name) => !known.has(name));
  if (strange.length > 0) throw new Error(`${model.name} has no operations for the handlers ${strange.join(', ')}`);
}

/** The reply to an error, or undefined when there is nobody left to answer. */
function failure(error: unknown, { model, operation, requestId }: Exchange, log: Log): Reply | undefined {
  const about = { requestId, service: model?.name, operation: operation?.name };
  if (error instanceof ClientGone) {
    log.debug(about, error.message);
    return undefined;
  }
  const reply = encodeError(error, model, requestId);
  if (!reply) {
    log.error({ ...about, error: textOf(error) }, 'a request failed by a defect of the server');
    return internalFailure(operation?.failureCode ?? 'InternalFailureException', model, requestId);
  }
  const detail = error instanceof ServiceError ? error.detail : undefined;
  if (detail || reply.status > 501) log.warn({ ...about, error: textOf(error), detail }, 'a request failed');
  return reply;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function notImplemented({ model, name }: Operation): ServiceError {
  return new ServiceError(
    'NotImplementedException',
    `The operation ${model.name}:${name} is not implemented by Tsunagu yet.`,
  );
}

/** The Date header of the injected clock (clients correct their own by it), written once a second. */
function httpDates(): (nowMs: number) => string {
  let second = Number.NaN;
  let text = '';
  return (nowMs) => {
    const current = Math.floor(nowMs / 1000);
    if (current !== second) {
      second = current;
      text = new Date(current * 1000).toUTCString();
    }
    return text;
  };
}
