/**
 * The functions of a folder: finds the module of a name and runs it in a process that is started with the first call and
 * kept. Called by the door. Each module has one process (a new one when its file has changed, or when a call exceeded its
 * time), some calls at once and a bounded queue; the number of processes is bounded too, the one unused for longest makes
 * room. Never leaves the folder, whatever a name or a link says.
 */
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { FunctionError } from './function-error.ts';
import type { Invocation } from './invocation.ts';
import { ModuleProcess, type Outcome, type Pending } from './module-process.ts';

export interface ModuleLimits {
  /** Processes, those included that still finish calls of an older file. */
  readonly processes: number;
  /** Calls of one module at once. */
  readonly concurrency: number;
  /** Calls of one module that wait for their turn. */
  readonly queue: number;
  /** Of a process's heap. */
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
  const processes = new Set<ModuleProcess>();
  let isStopped = false;

  const startProcess = (module: ModuleFile): ModuleProcess | undefined => {
    if (processes.size >= limits.processes && !makeRoom(modules)) return undefined;
    const process = new ModuleProcess({ ...module, memoryMb: limits.memoryMb, log });
    processes.add(process);
    return process;
  };
  const onProcessEnd = (process: ModuleProcess): void => void processes.delete(process);

  return {
    find: (invocation) => findModule(folder, invocation),
    invoke(file, invocation) {
      if (isStopped) return Promise.reject(overloaded(invocation, 'was not run: the server stops'));
      const module = modules.get(file.name) ?? new LoadedModule({ clock, limits, startProcess, onProcessEnd });
      modules.delete(file.name);
      modules.set(file.name, module);
      forgetIdle(modules, file.name);
      return module.invoke(file, invocation);
    },
    async stop() {
      isStopped = true;
      for (const module of modules.values()) module.stop();
      await Promise.all([...processes].map((process) => process.stop()));
    },
  };
}

/** Ends the idle process unused for longest, which takes a moment; false when all are busy. */
function makeRoom(modules: ReadonlyMap<string, LoadedModule>): boolean {
  for (const module of modules.values()) if (module.rest()) return true;
  return false;
}

/** A module whose process is gone and that nobody waits for need not be remembered. */
function forgetIdle(modules: Map<string, LoadedModule>, keep: string): void {
  for (const [name, module] of modules) if (name !== keep && module.isForgettable) modules.delete(name);
}

interface LoadedModuleDeps extends Pick<LocalModulesDeps, 'clock' | 'limits'> {
  readonly startProcess: (module: ModuleFile) => ModuleProcess | undefined;
  readonly onProcessEnd: (process: ModuleProcess) => void;
}

/** One module: its current process, and the calls that wait for it. */
class LoadedModule {
  readonly #deps: LoadedModuleDeps;
  readonly #waiting = new Set<Waiting>();
  readonly #runningOn = new WeakMap<Waiting, ModuleProcess>();
  #file: ModuleFile | undefined;
  #process: ModuleProcess | undefined;

  constructor(deps: LoadedModuleDeps) {
    this.#deps = deps;
  }

  get isForgettable(): boolean {
    return this.#waiting.size === 0 && (this.#process === undefined || this.#process.hasEnded);
  }

  invoke(file: ModuleFile, invocation: Invocation): Promise<string> {
    const { clock, limits } = this.#deps;
    if (this.#file?.version !== file.version) this.#process?.retire();
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

  /** Ends an idle process; false when there is none. */
  rest(): boolean {
    const process = this.#process;
    if (!process || process.isRetired || process.load > 0 || this.#waiting.size > 0) return false;
    process.retire();
    return true;
  }

  stop(): void {
    for (const call of this.#waiting)
      call.settle({ error: overloaded(call.invocation, 'was not run: the server stops') });
    this.#waiting.clear();
  }

  /** Gives waiting calls to the process as long as it takes any. */
  #pump(): void {
    const { clock, limits } = this.#deps;
    for (const call of this.#waiting) {
      const process = this.#usableProcess();
      if (!process) {
        this.#waiting.delete(call);
        call.settle({
          error: overloaded(call.invocation, `was not run: ${limits.processes} other functions are busy`),
        });
      } else if (process.load >= limits.concurrency) {
        return;
      } else {
        this.#waiting.delete(call);
        process.run(call, call.deadlineMs - clock.now());
        this.#runningOn.set(call, process);
      }
    }
  }

  #usableProcess(): ModuleProcess | undefined {
    if (this.#process && !this.#process.isRetired) return this.#process;
    const process = this.#deps.startProcess(this.#file as ModuleFile);
    this.#process = process;
    if (!process) return undefined;
    process.onChange = () => {
      if (process.hasEnded) this.#deps.onProcessEnd(process);
      this.#pump();
    };
    return process;
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
