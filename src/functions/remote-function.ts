/**
 * Functions that run elsewhere: behind an endpoint that speaks Lambda's Invoke call, or at a URL of their own that takes
 * the event as the body of a POST. Called by the door. Follows no redirects, reads no more than it may, waits no longer
 * than it was told.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { FunctionError, type FunctionErrorKind } from './function-error.ts';
import { type Invocation, LARGEST_PAYLOAD_BYTES } from './invocation.ts';

interface Answer {
  readonly status: number;
  /** `X-Amz-Function-Error`: the body tells what the function threw. */
  readonly isFunctionError: boolean;
  readonly body: string;
}

/** Where Lambda's API has the function: `endpoint` is an http or https URL, with or without a path. */
export function lambdaUrl(endpoint: string, { name, qualifier }: Pick<Invocation, 'name' | 'qualifier'>): string {
  const query = qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
  return `${endpoint.replace(/\/+$/, '')}/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query}`;
}

/** The result as JSON; `null` where there is none. Rejects with FunctionError. */
export async function invokeRemote(clock: Clock, url: string, invocation: Invocation): Promise<string> {
  const { reference, timeoutMs, type } = invocation;
  const abort = new AbortController();
  const timer = clock.after(timeoutMs, () => abort.abort());
  try {
    const answer = await post(url, invocation, abort.signal);
    const { status, body } = answer;
    if (status < 200 || status > 299) throw refusal(reference, answer);
    if (answer.isFunctionError) throw new FunctionError('threw', reference, `threw ${thrownIn(body)}`);
    return type === 'Event' || body === '' ? 'null' : body;
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    if (abort.signal.aborted)
      throw new FunctionError('timedOut', reference, `did not answer within ${timeoutMs} ms at ${url}`);
    const reason = `cannot be reached at ${url}: ${messageOf((error as Error).cause ?? error)}`;
    throw new FunctionError('unreachable', reference, reason, { cause: error });
  } finally {
    timer.cancel();
  }
}

async function post(url: string, { event, id, reference, type }: Invocation, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-amz-invocation-type': type, 'x-amzn-requestid': id },
    body: event,
    redirect: 'manual',
    signal,
  });
  return {
    status: response.status,
    isFunctionError: response.headers.has('x-amz-function-error'),
    body: await textWithin(response, reference),
  };
}

async function textWithin(response: Response, reference: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the rest of the body.
    if (bytes > LARGEST_PAYLOAD_BYTES)
      throw new FunctionError('badResult', reference, `returned more than ${LARGEST_PAYLOAD_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function refusal(reference: string, { status, body }: Answer): FunctionError {
  const kinds: Readonly<Record<number, FunctionErrorKind>> = { 404: 'notFound', 413: 'badPayload', 429: 'overloaded' };
  return new FunctionError(kinds[status] ?? 'unreachable', reference, `was refused with ${status}: ${excerpt(body)}`);
}

/** Lambda's form of an exception: `{"errorType":…,"errorMessage":…}`. */
function thrownIn(body: string): string {
  try {
    const { errorType = 'Error', errorMessage } = JSON.parse(body) as { errorType?: unknown; errorMessage?: unknown };
    return excerpt(`${String(errorType)}: ${String(errorMessage)}`);
  } catch {
    return excerpt(body);
  }
}

function excerpt(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
