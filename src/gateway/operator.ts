/**
 * The operator's endpoints, beside the APIs on every HTTP door: health, the CA certificate, metrics, why clients were
 * denied, and for tests the reset of an ephemeral server and the hands of a virtual clock.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Denial } from '../identity/refusal.ts';

export interface OperatorDeps {
  readonly log: Log;
  /** PEM. */
  readonly caCertificate: string;
  /** Whether everything works, and figures that tell. */
  readonly health: () => Promise<{ readonly status: 'ok' | 'failing'; readonly [fact: string]: unknown }>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** The newest first. */
  readonly denials: (query: { readonly clientId?: string; readonly limit: number }) => readonly Denial[];
  /** Throws a ServiceError unless the request is signed by the operator. */
  readonly authenticate: (request: IncomingMessage) => Promise<void>;
  /** Whether a program on this machine that calls the server `hostName` needs no signature. */
  readonly isOpenTo: (hostName: string) => boolean;
  /** Absent unless the server is ephemeral. */
  readonly reset?: () => Promise<void>;
  /** Moves a virtual clock by milliseconds and returns the new time; absent with the system's clock. */
  readonly advanceClock?: (byMs: number) => Promise<number>;
}

type Answer = { readonly status: number; readonly type: string; readonly body: string };

const PREFIX = '/_tsunagu/';
const LONGEST_BODY = 1024;
const DENIALS_SHOWN = 100;

/** Answers the request when it is for the operator's endpoints; false when it is not. */
export function createOperator(deps: OperatorDeps): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/metrics' && !path.startsWith(PREFIX)) return false;
    answer(deps, request, path).then(
      (it) => send(response, it),
      (error: unknown) => {
        deps.log.error({ path, cause: messageOf(error) }, 'an operator request failed');
        send(response, failure(500, messageOf(error)));
      },
    );
    return true;
  };
}

async function answer(deps: OperatorDeps, request: IncomingMessage, path: string): Promise<Answer> {
  const { method } = request;
  if (path === '/metrics')
    return reading(method, async () => ({ type: 'text/plain; version=0.0.4', body: await deps.metrics() }));
  switch (path.slice(PREFIX.length)) {
    case 'health': {
      const health = await deps.health();
      const isReading = method === 'GET' || method === 'HEAD';
      return isReading ? json(health.status === 'ok' ? 200 : 503, health) : wrongMethod('GET');
    }
    case 'ca.pem':
      return reading(method, async () => ({ type: 'application/x-pem-file', body: deps.caCertificate }));
    case 'denials':
      return tellDenials(deps, request);
    case 'reset':
      return changing(request, deps.reset, 'only an --ephemeral server can be reset', async (reset) => {
        await reset();
        return json(200, {});
      });
    case 'clock':
      return changing(
        request,
        deps.advanceClock,
        'only a server with --clock virtual has a clock to move',
        async (advance) => moveClock(advance, await bodyOf(request)),
      );
    default:
      return failure(404, `there is nothing at ${path}`);
  }
}

/** Who was denied what is nobody's business but the operator's: known by its signature, or by being on this machine. */
async function tellDenials(deps: OperatorDeps, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET') return wrongMethod('GET');
  if (!isLocal(deps, request)) {
    try {
      await deps.authenticate(request);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return failure(403, `${error.message} (sign the request with the admin key, as for the service iot)`);
    }
  }
  const query = new URLSearchParams(request.url?.split('?', 2)[1]);
  const clientId = query.get('clientId') ?? undefined;
  const limit = query.get('limit') ?? String(DENIALS_SHOWN);
  if (!/^[1-9]\d{0,3}$/.test(limit)) return failure(400, 'limit must be a whole number from 1 to 9999');
  return json(200, { denials: deps.denials({ limit: Number(limit), ...(clientId !== undefined && { clientId }) }) });
}

/** A page that rebound its name to this machine still calls it by that name, and a proxy says whom it speaks for. */
function isLocal(deps: OperatorDeps, { headers }: IncomingMessage): boolean {
  if (headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined) return false;
  const hostName = (headers.host ?? '').replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return deps.isOpenTo(hostName);
}

async function moveClock(advance: (byMs: number) => Promise<number>, body: string): Promise<Answer> {
  let byMs: unknown;
  try {
    byMs = (JSON.parse(body) as { advanceMs?: unknown } | null)?.advanceMs;
  } catch {
    return failure(400, 'the body must be JSON: {"advanceMs": 60000}');
  }
  if (typeof byMs !== 'number' || !Number.isFinite(byMs) || byMs < 0) {
    return failure(400, 'advanceMs must be a number of milliseconds, 0 or more');
  }
  return json(200, { now: await advance(byMs) });
}

async function reading(method: string | undefined, read: () => Promise<Omit<Answer, 'status'>>): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return wrongMethod('GET');
  return { status: 200, ...(await read()) };
}

/** For what changes the server: POST only, and never from a web page of somebody else. */
async function changing<T>(
  request: IncomingMessage,
  action: T | undefined,
  unavailable: string,
  run: (action: T) => Promise<Answer>,
): Promise<Answer> {
  if (request.method !== 'POST') return wrongMethod('POST');
  if (isForeignPage(request)) return failure(403, 'not from a page of another origin');
  if (action === undefined) return failure(403, unavailable);
  return run(action);
}

/** A browser names the page that asks; a program does not. */
function isForeignPage(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > LONGEST_BODY) throw new Error(`the body is longer than ${LONGEST_BODY} bytes`);
  }
  return body;
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function failure(status: number, message: string): Answer {
  return json(status, { message });
}

function wrongMethod(right: string): Answer {
  return failure(405, `use ${right}`);
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
