/** Signed calls of the public HTTP APIs, as any AWS client makes them: the demo uses no back door. */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { signV4 } from '../identity/identity.ts';
import { DemoError } from './demo-error.ts';

/** The signing names of the services the demo calls. */
export type Service = 'iot' | 'iotdata';

export interface ApiOptions {
  /** `http://host:port`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly clock: Clock;
}

export interface Call {
  readonly service: Service;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** With its query, encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Answers with the JSON of the response. @throws DemoError when the server refuses or cannot be reached. */
export type Api = (call: Call) => Promise<Record<string, unknown>>;

export function createApi({ endpoint, region, credentials, clock }: ApiOptions): Api {
  return async ({ service, method, path, headers = {}, body }) => {
    const url = new URL(path, endpoint);
    const payload = body === undefined ? '' : JSON.stringify(body);
    const sent = { ...headers, ...(payload && { 'content-type': 'application/json' }) };
    const signature = signV4(
      {
        method,
        rawPath: url.pathname,
        rawQuery: url.search.slice(1),
        headers: Object.entries({ host: url.host, ...sent }),
        body: Buffer.from(payload),
      },
      credentials,
      { region, service, nowMs: clock.now() },
    );
    const init = { method, headers: { ...sent, ...signature }, ...(payload && { body: payload }) };
    const response = await send(url, init);
    const text = await response.text();
    if (!response.ok) throw new DemoError(`${method} ${url.pathname} was refused (${response.status}): ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
}

/** `GET path` without a signature, as text: what the server tells everybody. */
export async function fetchText(endpoint: string, path: string): Promise<string> {
  const response = await send(new URL(path, endpoint), {});
  if (!response.ok) throw new DemoError(`GET ${path} was refused (${response.status})`);
  return response.text();
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new DemoError(`${url.origin} cannot be reached: ${messageOf(cause)}`, { cause: error });
  }
}
