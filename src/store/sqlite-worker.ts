/**
 * The thread that owns the database file: takes every commit that waits as one transaction with one sync, so the thread
 * that serves sockets never waits for a disk. Started by `sqlite-writer.ts`, which alone talks to it; not to be imported.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { Batch, Failure } from './sqlite-batch.ts';
import { Engine } from './sqlite-engine.ts';
import { type OpenFile, openFile } from './sqlite-file.ts';

/** To the worker: commits to apply in order, or the wish to close (nothing comes after it). */
export type Request = readonly Batch[] | 'close';

/** From the worker: first `open` or `refused`, then for each transaction how many commits are done and which failed. */
export type Reply =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly message: string; readonly cause: unknown }
  | { readonly kind: 'applied'; readonly count: number; readonly failures: ReadonlyMap<number, Failure> };

serve(parentPort!, workerData.file);

function serve(port: MessagePort, file: string): void {
  const reply = (message: Reply): void => port.postMessage(message);
  let opened: OpenFile;
  try {
    opened = openFile(file);
  } catch (error) {
    reply({ kind: 'refused', message: messageOf(error), cause: (error as Error).cause });
    return;
  }
  const engine = new Engine(opened.database);
  port.on('message', (first: Request) => {
    const { batches, isLast } = drain(port, first);
    if (batches.length > 0) reply({ kind: 'applied', count: batches.length, failures: engine.apply(batches) });
    if (!isLast) return;
    opened.close();
    port.close();
  });
  reply({ kind: 'open' });
}

/** Everything that waits now. How much that can be is limited by the sender. */
function drain(port: MessagePort, first: Request): { batches: Batch[]; isLast: boolean } {
  const batches: Batch[] = [];
  let request: Request | undefined = first;
  while (request !== undefined && request !== 'close') {
    for (const batch of request) batches.push(batch);
    request = receiveMessageOnPort(port)?.message;
  }
  return { batches, isLast: request === 'close' };
}
