/**
 * The program's log: pino on standard error, so that standard output stays free for what the user asked for. One JSON
 * object a line for machines, aligned lines for a person at a terminal. Made once, by `server.ts` or the command line.
 */
import { pino } from 'pino';
import type { Log } from './base/log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where lines go; standard error is one. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function createLog(level: LogLevel, stream: LogStream = process.stderr): Log {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const write = stream.isTTY ? (line: string) => stream.write(readable(line)) : (line: string) => stream.write(line);
  return pino(options, { write });
}

/** `09:41:07 warn  a sentence  key=value`, and below it the stack of an error when there is one. */
function readable(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown> & { time: string };
  const pairs = Object.entries(fields).map(([name, value]) => `  ${name}=${plain(value)}`);
  const stack = (err as { stack?: string } | undefined)?.stack;
  const below = stack ? `\n${stack.replaceAll(/^/gm, '    ')}` : '';
  return `${time.slice(11, 19)} ${String(level).padEnd(5)} ${msg}${pairs.join('')}${below}\n`;
}

function plain(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}
