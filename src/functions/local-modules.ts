/**
 * The functions of a folder: finds the module of a name and runs it in a thread that is started with the first call and
 * kept. Called by the door. Each module has one thread (a new one when its file has changed, or when a call exceeded its
 * time), some calls at once and a bounded queue; the number of threads is bounded too, the one unused for longest makes
 * room. Never leaves the folder, whatever a name or a link says.
 */
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { FunctionError } from './function-error.ts';
import type { Invocation } from './invocation.ts';
import { type Outcome, type Pending, Thread } from './thread.ts';

export interface ModuleLimits {
  /** Threads, those included that still finish calls of an older file. */
  readonly threads: number;
  /** Calls of one module at once. */
  readonly concurrency: number;
  /** Calls of one module that wait for their turn. */
  readonly queue: number;
  /** Of a thread's heap. */
  readonly memoryMb: number;
}

export interface LocalModulesDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ModuleLimits;
}

/** A module that is there. */
export interface ModuleFile {
  readonly name: string;
  readonly file: string;
  /** Another text whenever the file may have changed. */
  readonly version: string;
}

export interface LocalModules {
  /** Undefined when the folder has no module for it. Rejects with FunctionError when there is one that must not be used. */
  find(invocation: Invocation): Promise<ModuleFile | undefined>;
  /** The result as JSON. Rejects with FunctionError. */
  invoke(module: ModuleFile, invocation: Invocation): Promise<string>;
  stop(): Promise<void>;
}

interface Waiting extends Pending {
  readonly deadlineMs: number;
}

export function createLocalModules({ folder, clock, log, limits }: LocalModulesDeps): LocalModules {
  /** In order of use, the most recent last. */
  const modules = new Map<string, LoadedModule>();
  const threads = new Set<Thread>();
  let isStopped = false;

  const startThread = (module: ModuleFile): Thread | undefined => {
    if (threads.size >= limits.threads && !makeRoom(modules)) return undefined;
    const thread = new Thread({ ...module, memoryMb: limits.memoryMb, log });
    threads.add(thread);
    return thread;
  };
  const onThreadEnd = (thread: Thread): void => void threads.delete(thread);

  return {
    find: (invocation) => findModule(folder, invocation),
    invoke(file, invocation) {
      if (isStopped) return Promise.reject(overloaded(invocation, 'was not run: the server stops'));
      const module = modules.get(file.name) ?? new LoadedModule({ clock, limits, startThread, onThreadEnd });
      modules.delete(file.name);
      modules.set(file.name, module);
      forgetIdle(modules, file.name);
      return module.invoke(file, invocation);
    },
    async stop() {
      isStopped = true;
      for (const module of modules.values()) module.stop();
      await Promise.all([...threads].map((thread) => thread.stop()));
    },
  };
}

/** Ends the idle thread unused for longest, which takes a moment; false when all are busy. */
function makeRoom(modules: ReadonlyMap<string, LoadedModule>): boolean {
  for (const module of modules.values()) if (module.rest()) return true;
  return false;
}

/** A module whose thread is gone and that nobody waits for need not be remembered. */
function forgetIdle(modules: Map<string, LoadedModule>, keep: string): void {
  for (const [name, module] of modules) if (name !== keep && module.isForgettable) modules.delete(name);
}

interface LoadedModuleDeps extends Pick<LocalModulesDeps, 'clock' | 'limits'> {
  readonly startThread: (module: ModuleFile) => Thread | undefined;
  readonly onThreadEnd: (thread: Thread) => void;
}

/** One module: its current thread, and the calls that wait for it. */
class LoadedModule {
  readonly #deps: LoadedModuleDeps;
  readonly #waiting = new Set<Waiting>();
  readonly #runningOn = new WeakMap<Waiting, Thread>();
  #file: ModuleFile | undefined;
  #thread: Thread | undefined;

  constructor(deps: LoadedModuleDeps) {
    this.#deps = deps;
  }

  get isForgettable(): boolean {
    return this.#waiting.size === 0 && (this.#thread === undefined || this.#thread.hasEnded);
  }

  invoke(file: ModuleFile, invocation: Invocation): Promise<string> {
    const { clock, limits } = this.#deps;
    if (this.#file?.version !== file.version) this.#thread?.retire();
    this.#file = file;
    if (this.#waiting.size >= limits.queue) {
      return Promise.reject(overloaded(invocation, `was not run: ${limits.queue} calls wait for it already`));
    }
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const settle = (outcome: Outcome): void => {
        timer?.cancel();
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.result);
      };
      const call: Waiting = { invocation, settle, deadlineMs: clock.now() + invocation.timeoutMs };
      timer = clock.after(invocation.timeoutMs, () => this.#expire(call));
      this.#waiting.add(call);
      this.#pump();
    });
  }

  /** Ends an idle thread; false when there is none. */
  rest(): boolean {
    const thread = this.#thread;
    if (!thread || thread.isRetired || thread.load > 0 || this.#waiting.size > 0) return false;
    thread.retire();
    return true;
  }

  stop(): void {
    for (const call of this.#waiting)
      call.settle({ error: overloaded(call.invocation, 'was not run: the server stops') });
    this.#waiting.clear();
  }

  /** Gives waiting calls to the thread as long as it takes any. */
  #pump(): void {
    const { clock, limits } = this.#deps;
    for (const call of this.#waiting) {
      const thread = this.#usableThread();
      if (!thread) {
        this.#waiting.delete(call);
        call.settle({ error: overloaded(call.invocation, `was not run: ${limits.threads} other functions are busy`) });
      } else if (thread.load >= limits.concurrency) {
        return;
      } else {
        this.#waiting.delete(call);
        thread.run(call, call.deadlineMs - clock.now());
        this.#runningOn.set(call, thread);
      }
    }
  }

  #usableThread(): Thread | undefined {
    if (this.#thread && !this.#thread.isRetired) return this.#thread;
    const thread = this.#deps.startThread(this.#file as ModuleFile);
    this.#thread = thread;
    if (!thread) return undefined;
    thread.onChange = () => {
      if (thread.hasEnded) this.#deps.onThreadEnd(thread);
      this.#pump();
    };
    return thread;
  }

  #expire(call: Waiting): void {
    const { reference, timeoutMs } = call.invocation;
    const isWaiting = this.#waiting.delete(call);
    const reason = isWaiting ? `had no turn within ${timeoutMs} ms` : `did not finish within ${timeoutMs} ms`;
    const error = new FunctionError('timedOut', reference, reason);
    if (isWaiting) call.settle({ error });
    else this.#runningOn.get(call)?.giveUp(call, error);
  }
}

async function findModule(folder: string, { name, reference }: Invocation): Promise<ModuleFile | undefined> {
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, `${name}.mjs`));
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new FunctionError('notFound', reference, `is a link that leads out of ${folder}`);
    }
    const facts = await stat(file, { bigint: true });
    if (!facts.isFile()) throw new FunctionError('notFound', reference, 'is not a file');
    return { name, file, version: `${file} ${facts.mtimeNs} ${facts.size} ${facts.ino}` };
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new FunctionError('notFound', reference, `cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function overloaded({ reference }: Invocation, reason: string): FunctionError {
  return new FunctionError('overloaded', reference, reason);
}
