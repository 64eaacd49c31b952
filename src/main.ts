/**
 * The program's entry. Before anything else is loaded it turns on Node's compile cache, beside the code itself, which
 * makes every start but the first several times faster; where that folder cannot be written there is none.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'tsunagu'));
const { run } = await import('./command-line.ts');
process.exit(await run(process.argv.slice(2)));
