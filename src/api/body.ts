/**
 * Reads a request's body to its end: bounded in bytes and time, whatever the client does. What is too long is still
 * taken in for a while and dropped, so that the client reads the answer instead of a broken connection.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';

/** How long a client may take for its body. */
const SLOWEST_MS = 30_000;
/** How much of a body that is too long is read before the connection is given up. */
const DRAINED = 4 * 1024 * 1024;

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

const empty = Buffer.alloc(0);

/**
 * The whole body, empty when there is none. Throws RequestEntityTooLargeException (413) beyond `limit` bytes,
 * RequestTimeoutException (408), or ClientGone. After a throw the rest of the request may be unread.
 */
export async function readBody(request: IncomingMessage, limit: number, clock: Clock): Promise<Buffer> {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) return empty;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (error?: Error): void => {
      timer.cancel();
      request.off('data', take).off('end', end).off('close', gone).off('error', gone);
      if (error) reject(error);
      else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else if (size > limit + DRAINED) settle(tooLarge(limit));
      else chunks.length = 0;
    };
    const end = (): void => settle(size > limit ? tooLarge(limit) : undefined);
    const gone = (): void => settle(new ClientGone('the client went away within its request'));
    const timer = clock.after(SLOWEST_MS, () => settle(tooSlow()));
    request.on('data', take).on('end', end).on('close', gone).on('error', gone);
  });
}

/** Whether the headers alone say that the body is too long: asked before a client that waits is told to go on. */
export function announcesTooMuch(request: IncomingMessage, limit: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > limit;
}

export function tooLarge(limit: number): ServiceError {
  return new ServiceError('RequestEntityTooLargeException', `The request body is larger than ${limit} bytes`);
}

function tooSlow(): ServiceError {
  return new ServiceError(
    'RequestTimeoutException',
    `The request body did not arrive within ${SLOWEST_MS / 1000} seconds`,
  );
}
