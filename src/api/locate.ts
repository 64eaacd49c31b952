/**
 * Whose request is it? All services share one endpoint; as AWS clients do, the service is told by the name in the
 * signature's scope, else by `X-Amz-Target`, else by the path, the device services first. Then the service's routes
 * (or the target) give the operation.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ServiceError } from '../base/errors.ts';
import type { ServiceModel } from './model.ts';
import { createRouter, type Match, percentDecode, type Router } from './route.ts';

/** The line of a request, raw. */
export interface Target {
  readonly method: string;
  /** Begins with a slash, undecoded, without the query. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** There is an Authorization header of AWS's kind, or a presigned query; others are for a custom authorizer to read. */
  readonly isSigned: boolean;
}

export interface Locator {
  /** Throws UnknownOperationException (404) when the signature names a service that is not served here. */
  service(target: Target): ServiceModel;
  /** Throws UnknownOperationException (404), or MethodNotAllowedException (405) where the service models it. */
  match(model: ServiceModel, target: Target): Match;
}

/** Cuts the request line; a target in absolute form loses its scheme and host. */
export function targetOf(request: IncomingMessage): Target {
  const url = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  return {
    method: request.method ?? 'GET',
    path: path === '' ? '/' : path,
    query,
    headers: request.headers,
    isSigned: /^AWS/i.test(request.headers.authorization ?? '') || /(^|&)X-Amz-(Signature|Credential)=/.test(query),
  };
}

/** Names and values in the order they came: Node lists them as name, value, name, value … */
export function rawHeaderPairs({ rawHeaders }: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.push([rawHeaders[at], rawHeaders[at + 1]]);
  return headers;
}

/** Throws when a model's routes contradict each other. */
export function createLocator(models: readonly ServiceModel[]): Locator {
  const routers = new Map<ServiceModel, Router>();
  for (const model of models) if (model.protocol === 'rest-json') routers.set(model, createRouter(model.operations));
  // Unsigned requests are a device's (by its certificate) or a mistake; of two services, the device's is meant.
  const byPath = [...routers.keys()].sort(
    (a, b) => Number(b.traits.acceptsCertificates) - Number(a.traits.acceptsCertificates),
  );

  return {
    service(target) {
      const name = signingName(target);
      const bySignature =
        name === undefined ? undefined : models.find((model) => model.traits.signingNames.includes(name));
      if (bySignature) return bySignature;
      if (name !== undefined) throw unknown(`There is no service '${name.slice(0, 64)}' here`);
      const byTarget = models.find((model) => targetOperation(model, target) !== undefined);
      if (byTarget) return byTarget;
      const known = byPath.filter((model) => routers.get(model)!.methods(target.path).length > 0);
      return known.find((model) => isAllowed(routers.get(model)!, target)) ?? known[0] ?? byPath[0];
    },
    match(model, target) {
      const router = routers.get(model);
      if (!router) return matchTarget(model, target);
      const match = router.match(target.method, target.path, target.query);
      if (match) return match;
      const methods = router.methods(target.path);
      if (methods.length > 0 && model.error('MethodNotAllowedException'))
        throw new ServiceError('MethodNotAllowedException', `${target.method} is not one of ${methods.join(', ')}`);
      throw unknown(`No operation of ${model.name} is ${target.method} ${target.path.slice(0, 256)}`);
    },
  };
}

function isAllowed(router: Router, { method, path }: Target): boolean {
  return router.methods(path).includes(method);
}

/** The service in the credential's scope, `<key>/<date>/<region>/<service>/aws4_request`, in lower case. */
export function signingName({ headers, query, isSigned }: Target): string | undefined {
  if (!isSigned) return undefined;
  const inHeader = /Credential=([^,\s]+)/.exec(headers.authorization ?? '');
  const inQuery = inHeader ? null : /(?:^|&)X-Amz-Credential=([^&]*)/.exec(query);
  const credential = inHeader?.[1] ?? percentDecode(inQuery?.[1] ?? '', 'credential');
  // From the end: an access key may hold slashes.
  return credential.split('/').at(-2)?.toLowerCase();
}

function matchTarget(model: ServiceModel, target: Target): Match {
  const operation = targetOperation(model, target);
  if (target.method === 'POST' && model.operations.some((known) => known.name === operation))
    return { operation: operation!, labels: {} };
  throw unknown(
    `No operation of ${model.name} is ${target.method} '${String(target.headers['x-amz-target']).slice(0, 128)}'`,
  );
}

/** What stands behind the service's prefix in `X-Amz-Target: IoTSecuredTunneling.OpenTunnel`. */
function targetOperation(model: ServiceModel, { headers }: Target): string | undefined {
  const target = headers['x-amz-target'];
  if (model.targetPrefix === undefined || typeof target !== 'string') return undefined;
  return target.startsWith(`${model.targetPrefix}.`) ? target.slice(model.targetPrefix.length + 1) : undefined;
}

function unknown(message: string): ServiceError {
  return new ServiceError('UnknownOperationException', message);
}
