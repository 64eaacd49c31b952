/**
 * The program of a process that runs one function module; started by `module-process.ts`, one per module. Loads the
 * module once and calls its `handler(event, context)` for each message. Never throws: what goes wrong is a reply.
 */
import { pathToFileURL } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';

/** What the program is asked. */
export interface Call {
  readonly id: string;
  /** JSON. */
  readonly event: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly remainingMs: number;
}

/** What it answers. `result` is JSON. */
export type Reply =
  | { readonly id: string; readonly kind: 'returned'; readonly result: string }
  | { readonly id: string; readonly kind: 'threw' | 'badResult' | 'notLoaded'; readonly message: string }
  /** Something was thrown while no call's promise was looking; the process ends. */
  | { readonly id?: undefined; readonly kind: 'crashed'; readonly message: string };

type UserHandler = (event: unknown, context: object) => unknown;

const [file, memoryMb] = process.argv.slice(2);
const clock = systemClock();
const loaded = load();

process.on('message', (call: Call) => {
  void answer(call).then((reply) => process.send?.(reply));
});
process.on('uncaughtException', (error) => {
  const reply: Reply = { kind: 'crashed', message: textOf(error) };
  if (process.send) process.send(reply, () => process.exit(1));
  else process.exit(1);
});
// The server is gone, or will say when: signals to a whole terminal are for it.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

async function answer(call: Call): Promise<Reply> {
  const { id } = call;
  const module = await loaded;
  if ('problem' in module) return { id, kind: 'notLoaded', message: module.problem };
  let value: unknown;
  try {
    value = await module.handler(JSON.parse(call.event), contextOf(call));
  } catch (error) {
    return { id, kind: 'threw', message: textOf(error) };
  }
  try {
    const result = JSON.stringify(value === undefined ? null : value);
    if (typeof result === 'string') return { id, kind: 'returned', result };
    return { id, kind: 'badResult', message: `returned a ${typeof value}, which is not JSON` };
  } catch (error) {
    return { id, kind: 'badResult', message: `returned what is not JSON: ${textOf(error)}` };
  }
}

async function load(): Promise<{ readonly handler: UserHandler } | { readonly problem: string }> {
  try {
    const module: { readonly handler?: unknown } = await import(pathToFileURL(file).href);
    if (typeof module.handler === 'function') return { handler: module.handler as UserHandler };
    return { problem: 'exports no function `handler`' };
  } catch (error) {
    return { problem: `cannot be loaded: ${textOf(error)}` };
  }
}

/** The part of Lambda's context object that means something here. */
function contextOf(call: Call): object {
  const deadlineMs = clock.now() + call.remainingMs;
  return {
    functionName: call.functionName,
    functionVersion: call.functionVersion,
    invokedFunctionArn: call.invokedFunctionArn,
    memoryLimitInMB: memoryMb,
    awsRequestId: call.id,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - clock.now()),
  };
}

/** User code may throw anything, also what cannot be made a text. */
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error);
  } catch {
    return 'something that has no text';
  }
}
