/**
 * Prints how many operations of every service have a handler, and with `--missing` which have none. The handlers are
 * those that `src/server.ts` wires (its `operationsOf()`), or, with `--handlers FILE`, a JSON list of names by service.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Coverage, coverage, type Services } from '../src/api/api.ts';

const models = fileURLToPath(new URL('../models', import.meta.url));

/** One line per service, and a total. */
export function report(rows: readonly Coverage[], showMissing: boolean): string {
  const lines = rows.flatMap(({ service, implemented, missing }) => [
    line(service, implemented.length, implemented.length + missing.length),
    ...(showMissing ? missing.map((name) => `  ${name}`) : []),
  ]);
  const implemented = rows.reduce((sum, row) => sum + row.implemented.length, 0);
  const missing = rows.reduce((sum, row) => sum + row.missing.length, 0);
  return [...lines, line('all', implemented, implemented + missing), ''].join('\n');
}

function line(name: string, implemented: number, total: number): string {
  const percent = Math.floor((100 * implemented) / total);
  return `${name.padEnd(20)} ${String(implemented).padStart(3)} of ${String(total).padStart(3)}  ${String(percent).padStart(3)} %`;
}

async function handlers(file: string | undefined): Promise<Services> {
  if (file !== undefined) return fromNames(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>);
  const server = (await import(new URL('../src/server.ts', import.meta.url).href)) as { operationsOf(): Services };
  return server.operationsOf();
}

function fromNames(names: Record<string, string[]>): Services {
  const nobody = (): Promise<never> => Promise.reject(new Error('only counted, never called'));
  const services = Object.entries(names).map(([service, list]) => [
    service,
    Object.fromEntries(list.map((name) => [name, nobody])),
  ]);
  return Object.fromEntries(services) as Services;
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const at = args.indexOf('--handlers');
  const services = await handlers(at < 0 ? undefined : args[at + 1]);
  process.stdout.write(report(coverage(services, models), args.includes('--missing')));
}
