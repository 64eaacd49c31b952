/**
 * Prints how many operations of every service have a handler, and with `--missing` which have none. The handlers are
 * those that `src/platform.ts` wires.
 */
import { fileURLToPath } from 'node:url';
import { type Coverage, coverage, type Services } from '../src/api/api.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { systemRandom } from '../src/base/random.ts';
import { awsProfile } from '../src/broker/broker.ts';
import { createFunctions } from '../src/functions/functions.ts';
import { createSecretBox, memoryKeyFiles, openKeyMaterial } from '../src/identity/identity.ts';
import { createPlatform } from '../src/platform.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';

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

/** The handlers of a platform made for the purpose, in memory. */
async function wiredServices(): Promise<Services> {
  const common = { clock: systemClock(), random: systemRandom(), log: silentLog };
  const store = await openSqliteStore({ file: ':memory:', log: silentLog });
  const platform = await createPlatform({
    ...common,
    wallClock: common.clock,
    store,
    place: { region: 'us-east-1', account: '000000000000' },
    profile: awsProfile(),
    functions: createFunctions(common),
    keyMaterial: await openKeyMaterial({ ...common, files: memoryKeyFiles(), names: [] }),
    secrets: createSecretBox(undefined, common.random),
    host: 'localhost',
    baseUrl: () => 'http://localhost',
    models,
  });
  await platform.stop();
  await store.close();
  return platform.services;
}

if (import.meta.main) {
  const services = await wiredServices();
  process.stdout.write(report(coverage(services, models), process.argv.includes('--missing')));
}
