/**
 * One process with one function module, seen from outside: calls go in, results come out, and it can be ended at any
 * time, also out of an endless loop. Made by `local-modules.ts`. Once retired it takes no more calls and ends with its
 * last one.
 *
 * A process and not a worker thread: a thread that reaches its heap limit may take the whole server down with it, or go
 * on growing and not be ended (seen with Node 24.21). The process has no environment variables and a limit on its heap.
 * It is no jail: the module is the operator's own code and can use files and the network. (Buffers lie outside the
 * heap; their size is not limited.)
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { FunctionError } from './function-error.ts';
import { type Invocation, LARGEST_PAYLOAD_BYTES } from './invocation.ts';
import type { Call, Reply } from './module-main.ts';

export type Outcome = { readonly result: string } | { readonly error: FunctionError };

/** A call that waits for its outcome, which is told once. */
export interface Pending {
  readonly invocation: Invocation;
  readonly settle: (outcome: Outcome) => void;
}

export interface ModuleProcessOptions {
  readonly name: string;
  readonly file: string;
  readonly memoryMb: number;
  readonly log: Log;
}

/** A line of output that does not end is cut here. */
const LONGEST_LINE = 4096;
/** 128 and SIGABRT. */
const ABORTED = 134;

export class ModuleProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  readonly #running = new Map<string, Pending>();
  readonly #memoryMb: number;
  #isRetired = false;
  /** Called when the process has ended, and whenever a call has. */
  onChange: () => void = () => undefined;
  hasEnded = false;

  constructor({ name, file, memoryMb, log }: ModuleProcessOptions) {
    this.#memoryMb = memoryMb;
    // From source this file ends in .ts, in the published package in .js; so does the other program's.
    const source = import.meta.url;
    const extension = source.slice(source.lastIndexOf('.'));
    this.#child = fork(fileURLToPath(new URL(`./module-main${extension}`, source)), [file, String(memoryMb)], {
      env: {},
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    });
    onLine(this.#child.stdout as Readable, (line) => log.info({ function: name }, line));
    onLine(this.#child.stderr as Readable, (line) => log.warn({ function: name }, line));
    this.#child.on('message', (reply) => this.#onReply(reply as Reply));
    this.#child.on('error', (error) => this.#fail(`has no process: ${messageOf(error)}`));
    this.#exit = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#onExit(code, signal);
        resolve();
      });
    });
    this.#hold(false);
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
    // Somebody waits for it, so the server's process stays for it.
    if (this.#running.size === 0) this.#hold(true);
    this.#running.set(id, pending);
    const call: Call = {
      id,
      event,
      functionName: name,
      functionVersion: qualifier,
      invokedFunctionArn: reference,
      remainingMs,
    };
    this.#child.send(call, (error) => {
      if (error) this.#fail(`could not be called: ${messageOf(error)}`);
    });
  }

  /** Waits no longer for a call. It may be stuck in it, so nothing else is given to it. */
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
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  /** The module may have posted anything to us itself: what is no answer to a call is passed over. */
  #onReply(reply: Reply): void {
    if (reply?.kind === 'crashed') return this.#fail(`failed outside of a call: ${reply.message}`);
    const pending = this.#running.get(reply?.id);
    if (!pending) return;
    const { reference } = pending.invocation;
    if (reply.kind === 'returned' && typeof reply.result === 'string') {
      const bytes = Buffer.byteLength(reply.result);
      if (bytes <= LARGEST_PAYLOAD_BYTES) return this.#settle(pending, { result: reply.result });
      const reason = `returned ${bytes} bytes, more than ${LARGEST_PAYLOAD_BYTES}`;
      return this.#settle(pending, { error: new FunctionError('badResult', reference, reason) });
    }
    const { kind, message } = reply as Extract<Reply, { kind: 'threw' | 'badResult' | 'notLoaded' }>;
    // Tried again with the next call: what it imports may have been put right.
    if (kind === 'notLoaded') this.#isRetired = true;
    const reason = kind === 'threw' ? `threw ${message}` : String(message);
    const error = new FunctionError(kind === 'badResult' ? 'badResult' : 'threw', reference, reason);
    this.#settle(pending, { error });
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.hasEnded = true;
    this.#isRetired = true;
    // V8 aborts a program that reaches its heap limit; Windows and shells tell that as a code.
    const isOutOfMemory = signal === 'SIGABRT' || code === ABORTED;
    if (isOutOfMemory) this.#fail(`used more than ${this.#memoryMb} MB of memory`);
    else this.#fail(`ended its process (${signal === null ? `exit code ${code}` : signal})`);
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
    if (this.#running.size === 0) this.#hold(false);
    pending.settle(outcome);
    this.#endIfIdle();
    this.onChange();
  }

  #endIfIdle(): void {
    if (!this.#isRetired || this.#running.size > 0 || this.hasEnded) return;
    this.#child.kill('SIGKILL');
  }

  /** Whether the server's process stays for this one. */
  #hold(isHeld: boolean): void {
    const handles = [
      this.#child,
      this.#child.channel,
      this.#child.stdout as Socket | null,
      this.#child.stderr as Socket | null,
    ];
    for (const handle of handles)
      if (isHeld) handle?.ref();
      else handle?.unref();
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
