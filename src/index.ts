/** What `import … from 'tsunagu'` gives: the platform inside another program, mostly a test. */
export type { Config } from './config.ts';
export { ConfigError } from './config.ts';
export type { RunningServer } from './server.ts';
export { startServer } from './server.ts';
