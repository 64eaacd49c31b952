/**
 * The one way in which the platform runs functions of its users: custom authorizers, provisioning hooks, rule actions.
 * The door of this folder. Whoever invokes names a function as AWS does; a module of the functions folder stands in for
 * it, or an endpoint that speaks Lambda's Invoke call, or the function is an HTTP URL itself (design section 2,
 * `--functions`). Never lets out another error than FunctionError.
 */
import type { JsonValue } from '../api/json.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { FunctionError } from './function-error.ts';
import { type FunctionReference, parseFunctionReference } from './function-reference.ts';
import { type Invocation, type InvocationType, LARGEST_PAYLOAD_BYTES } from './invocation.ts';
import { createLocalModules, type LocalModules, type ModuleLimits } from './local-modules.ts';
import { invokeRemote, lambdaUrl } from './remote-function.ts';

export { FunctionError, type FunctionErrorKind } from './function-error.ts';

export interface FunctionsDeps {
  /** Folder of modules `NAME.mjs`; looked at anew with every invocation. */
  readonly folder?: string;
  /** The http(s) URL of what answers `POST /2015-03-31/functions/NAME/invocations`, for functions without a module. */
  readonly endpoint?: string;
  /** Real time, whatever the platform's clock is: functions do not wait for a test. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: Partial<ModuleLimits>;
}

export interface InvokeOptions {
  /** With the time it waits for its turn. */
  readonly timeoutMs: number;
  /** `Event`: resolves with null as soon as the event was taken; a failure after that is logged. Default `RequestResponse`. */
  readonly type?: InvocationType;
}

export interface Functions {
  /** Whether the text has the form of a function's ARN, name or URL; not whether there is such a function. */
  accepts(reference: string): boolean;
  /** What the function returned for the event `payload`. Rejects with FunctionError. */
  invoke(reference: string, payload: JsonValue, options: InvokeOptions): Promise<JsonValue>;
  /** Ends all processes; what is under way fails. */
  stop(): Promise<void>;
}

/** Calls under way at endpoints and URLs; what comes on top is refused. */
const MOST_REMOTE_CALLS = 256;
const DEFAULT_LIMITS: ModuleLimits = { processes: 32, concurrency: 16, queue: 1000, memoryMb: 128 };

/** Starts nothing until the first invocation. Throws when `endpoint` is not an http or https URL. */
export function createFunctions(deps: FunctionsDeps): Functions {
  const { folder, endpoint, clock, random, log } = deps;
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new TypeError(`the endpoint of functions must be an http or https URL, not '${endpoint}'`);
  }
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const modules = folder === undefined ? undefined : createLocalModules({ folder, clock, log, limits });
  let remoteCalls = 0;
  const callRemote = async (url: string, invocation: Invocation): Promise<string> => {
    if (remoteCalls >= MOST_REMOTE_CALLS)
      throw new FunctionError('overloaded', invocation.reference, `was not run: ${remoteCalls} others are under way`);
    remoteCalls++;
    try {
      return await invokeRemote(clock, url, invocation);
    } finally {
      remoteCalls--;
    }
  };

  return {
    accepts: (reference) => parseFunctionReference(reference) !== undefined,
    async invoke(reference, payload, { timeoutMs, type = 'RequestResponse' }) {
      const target = parseFunctionReference(reference);
      if (!target) throw new FunctionError('notFound', reference, 'is neither an ARN, nor a name, nor a URL');
      const event = eventOf(reference, payload);
      const invocation: Invocation = { id: random.uuid(), reference, event, timeoutMs, type, ...naming(target) };
      const run = await runnerOf({ folder, endpoint, modules, callRemote }, target, invocation);
      if (type === 'RequestResponse') return parseResult(reference, await run());
      void run().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'a function failed'));
      return null;
    },
    stop: async () => modules?.stop(),
  };
}

interface Runners extends Pick<FunctionsDeps, 'folder' | 'endpoint'> {
  readonly modules: LocalModules | undefined;
  readonly callRemote: (url: string, invocation: Invocation) => Promise<string>;
}

/** Decides who runs it. Rejects with FunctionError when nobody does. */
async function runnerOf(
  { folder, endpoint, modules, callRemote }: Runners,
  target: FunctionReference,
  invocation: Invocation,
): Promise<() => Promise<string>> {
  if (target.kind === 'url') return () => callRemote(target.url, invocation);
  const module = await modules?.find(invocation);
  if (module && modules) return () => modules.invoke(module, invocation);
  if (endpoint !== undefined) return () => callRemote(lambdaUrl(endpoint, invocation), invocation);
  const missing =
    folder === undefined ? 'there is no folder of functions' : `there is no ${target.name}.mjs in ${folder}`;
  throw new FunctionError('notFound', invocation.reference, `is not here: ${missing}, and no endpoint for others`);
}

function naming(target: FunctionReference): Pick<Invocation, 'name' | 'qualifier'> {
  if (target.kind === 'url') return { name: target.url };
  const { name, qualifier } = target;
  return { name, ...(qualifier !== undefined && { qualifier }) };
}

function eventOf(reference: string, payload: JsonValue): string {
  const event = JSON.stringify(payload);
  const bytes = Buffer.byteLength(event);
  if (bytes <= LARGEST_PAYLOAD_BYTES) return event;
  throw new FunctionError('badPayload', reference, `was not run: its event has ${bytes} bytes`);
}

function parseResult(reference: string, result: string): JsonValue {
  try {
    return JSON.parse(result) as JsonValue;
  } catch (error) {
    throw new FunctionError('badResult', reference, `returned what is not JSON: ${messageOf(error)}`);
  }
}
