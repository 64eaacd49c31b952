/**
 * One worker thread with one function module, seen from outside: calls go in, results come out, and it can be ended at
 * any time, also out of an endless loop. Made by `local-modules.ts`. Once retired it takes no more calls and ends with
 * its last one.
 *
 * The thread has no environment variables and a limit on its heap. It is no jail: the module is the operator's own code
 * and can use files and the network. (Buffers lie outside the heap; their size is not limited.)
 */
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { FunctionError } from './function-error.ts';
import type { Call, Reply, ThreadData } from './function-thread.ts';
import { type Invocation, LARGEST_PAYLOAD_BYTES } from './invocation.ts';

export type Outcome = { readonly result: string } | { readonly error: FunctionError };

/** A call that waits for its outcome, which is told once. */
export interface Pending {
  readonly invocation: Invocation;
  readonly settle: (outcome: Outcome) => void;
}

export interface ThreadOptions {
  readonly name: string;
  readonly file: string;
  readonly memoryMb: number;
  readonly log: Log;
}

/** A line of output that does not end is cut here. */
const LONGEST_LINE = 4096;

export class Thread {
  readonly #worker: Worker;
  readonly #running = new Map<string, Pending>();
  readonly #log: Log;
  readonly #memoryMb: number;
  #isRetired = false;
  /** Called when the thread has ended, and whenever a call has. */
  onChange: () => void = () => undefined;
  hasEnded = false;

  constructor({ name, file, memoryMb, log }: ThreadOptions) {
    this.#log = log;
    this.#memoryMb = memoryMb;
    // From source this file ends in .ts, in the published package in .js; so does the thread's.
    const source = import.meta.url;
    const extension = source.slice(source.lastIndexOf('.'));
    const workerData: ThreadData = { file, memoryMb };
    this.#worker = new Worker(new URL(`./function-thread${extension}`, source), {
      name: `function ${name}`,
      workerData,
      env: {},
      execArgv: [],
      argv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    });
    onLine(this.#worker.stdout, (line) => log.info({ function: name }, line));
    onLine(this.#worker.stderr, (line) => log.warn({ function: name }, line));
    this.#worker.on('message', (reply: Reply) => this.#onReply(reply));
    this.#worker.on('error', (error: NodeJS.ErrnoException) => this.#fail(this.#reasonOf(error)));
    this.#worker.on('exit', (code) => this.#onExit(code));
    this.#worker.unref();
  }

  /** Calls under way. */
  get load(): number {
    return this.#running.size;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  run(pending: Pending, remainingMs: number): void {
    const { id, name, qualifier = '$LATEST', event, reference } = pending.invocation;
    // Somebody waits for this thread, so the process stays for it.
    if (this.#running.size === 0) this.#worker.ref();
    this.#running.set(id, pending);
    const call: Call = {
      id,
      event,
      functionName: name,
      functionVersion: qualifier,
      invokedFunctionArn: reference,
      remainingMs,
    };
    this.#worker.postMessage(call);
  }

  /** Waits no longer for a call. The thread may be stuck in it, so nothing else is given to it. */
  giveUp(pending: Pending, error: FunctionError): void {
    this.#isRetired = true;
    this.#settle(pending, { error });
  }

  /** Takes no more calls. */
  retire(): void {
    this.#isRetired = true;
    this.#endIfIdle();
  }

  /** Ends at once; what is under way fails. */
  async stop(): Promise<void> {
    this.#isRetired = true;
    this.#fail('was ended because the server stops');
    await this.#worker.terminate();
  }

  /** The module may have posted anything to us itself: what is no answer to a call is passed over. */
  #onReply(reply: Reply): void {
    const pending = this.#running.get(reply?.id);
    if (!pending) return;
    const { reference } = pending.invocation;
    if (reply.kind === 'returned' && typeof reply.result === 'string') {
      const bytes = Buffer.byteLength(reply.result);
      if (bytes <= LARGEST_PAYLOAD_BYTES) return this.#settle(pending, { result: reply.result });
      const reason = `returned ${bytes} bytes, more than ${LARGEST_PAYLOAD_BYTES}`;
      return this.#settle(pending, { error: new FunctionError('badResult', reference, reason) });
    }
    const { kind, message } = reply as Exclude<Reply, { kind: 'returned' }>;
    // Tried again with the next call: what it imports may have been put right.
    if (kind === 'notLoaded') this.#isRetired = true;
    const reason = kind === 'threw' ? `threw ${message}` : String(message);
    const error = new FunctionError(kind === 'badResult' ? 'badResult' : 'threw', reference, reason);
    this.#settle(pending, { error });
  }

  #onExit(code: number): void {
    this.hasEnded = true;
    this.#isRetired = true;
    this.#fail(`ended its thread (exit code ${code})`);
    this.onChange();
  }

  #fail(reason: string): void {
    this.#isRetired = true;
    for (const pending of [...this.#running.values()]) {
      this.#settle(pending, { error: new FunctionError('threw', pending.invocation.reference, reason) });
    }
  }

  #settle(pending: Pending, outcome: Outcome): void {
    if (!this.#running.delete(pending.invocation.id)) return;
    if (this.#running.size === 0) this.#worker.unref();
    pending.settle(outcome);
    this.#endIfIdle();
    this.onChange();
  }

  #endIfIdle(): void {
    if (!this.#isRetired || this.#running.size > 0 || this.hasEnded) return;
    this.#worker.terminate().catch((error: unknown) => {
      this.#log.error({ cause: messageOf(error) }, 'the thread of a function could not be ended');
    });
  }

  #reasonOf(error: NodeJS.ErrnoException): string {
    if (error?.code === 'ERR_WORKER_OUT_OF_MEMORY') return `used more than ${this.#memoryMb} MB of memory`;
    return `failed outside of a call: ${messageOf(error)}`;
  }
}

function onLine(stream: Readable, write: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) if (line !== '') write(line.slice(0, LONGEST_LINE));
  });
  stream.on('end', () => {
    if (rest !== '') write(rest);
  });
}
