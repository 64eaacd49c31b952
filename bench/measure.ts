/** Runs the load generator against one broker and reads what the broker used, from /proc. */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measured {
  /** Deliveries a second. */
  readonly received: number;
  /** Microseconds. */
  readonly p99: number;
  /** Connects a second. */
  readonly churn: number;
  /** Broker CPU per delivery, microseconds. */
  readonly cpuUs: number;
}

const WARM_UP_S = 1;
const TICKS_PER_S = 100;
const IDLE_CONNECTIONS = 5000;

/** Undefined when the run failed, lost messages or was refused. */
export function measure(
  generator: string,
  port: number,
  load: string,
  seconds: number,
  pid: number,
): Measured | undefined {
  const before = cpuSeconds(pid);
  const args = ['-j', '-p', String(port), '-W', String(WARM_UP_S), '-d', String(seconds), ...load.split(' ')];
  const result = run(generator, args);
  const used = cpuSeconds(pid) - before;
  if (!result || result['errors'] > 0 || (result['qos'] > 0 && result['lost'] > 0)) return undefined;
  const received = result['recv_per_s'];
  return {
    received,
    p99: result['p99_us'],
    churn: result['churn_per_s'],
    cpuUs: (used / Math.max(1, received * (seconds + WARM_UP_S))) * 1e6,
  };
}

/** How much more memory the broker takes for each of 5,000 connections that do nothing, in KiB. */
export function memoryPerConnection(generator: string, port: number, pid: number): number {
  const before = residentKib(pid);
  const args = ['-j', '-p', String(port), '-s', 'conn', '-n', String(IDLE_CONNECTIONS), '-d', '4', '-i', 'idle'];
  const load = spawn(generator, args, { stdio: 'ignore' });
  let peak = before;
  const until = performance.now() + 6000;
  while (performance.now() < until) {
    execFileSync('sleep', ['0.25']);
    peak = Math.max(peak, residentKib(pid));
  }
  load.kill();
  return (peak - before) / IDLE_CONNECTIONS;
}

function run(generator: string, args: readonly string[]): Record<string, number> | undefined {
  try {
    const output = execFileSync('taskset', ['-c', '1', generator, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

/** CPU time of a process and its threads so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

function residentKib(pid: number): number {
  const pids = [pid, ...childrenOf(pid)];
  return pids.reduce((sum, each) => {
    const match = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'));
    return sum + Number(match?.[1] ?? 0);
  }, 0);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  });
}
