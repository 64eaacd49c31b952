/**
 * The command line: `tsunagu start | demo | explain | help | --version`. Prints, waits for a signal and decides the exit code;
 * what the program does is in `server.ts`, `demo/demo.ts` and `explain.ts`. Standard output is only for what was asked for.
 */
import { readFileSync } from 'node:fs';
import { banner, readyLine } from './banner.ts';
import { systemClock } from './base/clock.ts';
import { nearest } from './base/spelling.ts';
import {
  accessOptions,
  demoOptions,
  explainOptions,
  fileOption,
  loadAccessConfig,
  loadConfig,
  loadDemoConfig,
  loadExplainConfig,
  serverOptions,
} from './config.ts';
import { describe } from './options.ts';
import { startServer } from './server.ts';
import { explainStartupFailure } from './startup-failure.ts';

const exitOk = 0;
const exitFailed = 1;
const exitUsage = 2;

/** A process group gets Ctrl-C once from the terminal and npm passes it on: signals this close together are one. */
const sameSignalMs = 500;

const usage = `Usage: tsunagu [start] [options]    run the platform
       tsunagu demo [options]       watch simulated devices on it
       tsunagu users | keys …       who may use a running server
       tsunagu explain [clientId]   why a running server refused something to a client
       tsunagu help [command]       show this, or the options of a command
       tsunagu --version`;

const commands: Readonly<Record<string, (argv: readonly string[]) => Promise<number>>> = {
  start,
  demo,
  users: (argv) => access('users', argv),
  keys: (argv) => access('keys', argv),
  explain,
  help: async ([command]) => help(command),
};

/** Runs one command and returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version')) return say(`${version()}\n`);
  const [first] = argv;
  const hasCommand = first !== undefined && !first.startsWith('-');
  const name = hasCommand ? first : 'start';
  if (argv.includes('--help') || argv.includes('-h')) return help(name);
  if (!Object.hasOwn(commands, name)) return refuse([unknownCommand(name)]);
  return commands[name](hasCommand ? argv.slice(1) : argv);
}

async function start(argv: readonly string[]): Promise<number> {
  const { config, errors } = loadConfig(argv);
  if (errors) return refuse(errors);
  const stopped = stopSignal();
  try {
    const server = await startServer(config);
    say(config.json ? readyLine(server) : banner(server));
    await stopped;
    await server.stop();
    return exitOk;
  } catch (error) {
    const explained = explainStartupFailure(error, config);
    if (explained === undefined) throw error;
    return fail(explained);
  }
}

async function demo(argv: readonly string[]): Promise<number> {
  const { config, errors } = loadDemoConfig(argv);
  if (errors) return refuse(errors);
  // Loaded only here: nobody else needs it.
  const { runDemo, DemoError } = await import('./demo/demo.ts');
  try {
    await runDemo(config, { out: process.stdout, stopped: stopSignal(), startServer });
    return exitOk;
  } catch (error) {
    if (error instanceof DemoError) return fail(error.message);
    throw error;
  }
}

async function access(noun: 'users' | 'keys', argv: readonly string[]): Promise<number> {
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = end < 0 ? argv : argv.slice(0, end);
  const { config, errors } = loadAccessConfig(argv.slice(words.length));
  if (errors) return refuse(errors);
  // Loaded only here: nobody else needs it.
  const { runAccessCommand, AccessCommandError, AccessUsageError } = await import('./access-command.ts');
  try {
    return say(await runAccessCommand(noun, words, config, systemClock()));
  } catch (error) {
    if (error instanceof AccessCommandError) return fail(error.message);
    if (error instanceof AccessUsageError) return refuse([error.message]);
    throw error;
  }
}

async function explain(argv: readonly string[]): Promise<number> {
  const { config, errors } = loadExplainConfig(argv);
  if (errors) return refuse(errors);
  const { fetchDenials, describeDenials, ExplainError } = await import('./explain.ts');
  try {
    const denials = await fetchDenials(config, systemClock());
    return say(config.json ? `${JSON.stringify({ denials })}\n` : describeDenials(denials, config.clientId));
  } catch (error) {
    if (error instanceof ExplainError) return fail(error.message);
    throw error;
  }
}

async function help(command: string | undefined): Promise<number> {
  if (command === 'explain') return say(`Usage: tsunagu explain [clientId] [options]\n\n${describe(explainOptions)}\n`);
  if (command === 'demo') return say(`Usage: tsunagu demo [options]\n\n${describe(demoOptions)}\n`);
  if (command === 'users' || command === 'keys') {
    const { accessUsage } = await import('./access-command.ts');
    return say(`${accessUsage}\n\n${describe(accessOptions)}\n`);
  }
  const options = describe({ ...serverOptions, ...fileOption });
  return say(
    `${usage}\n\nOptions of start:\n${options}\n\nEach is also a variable (--http-port: TSUNAGU_HTTP_PORT) and a key of the ` +
      'file (httpPort).\nA flag beats a variable, a variable beats the file.\n',
  );
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  const clock = systemClock();
  let firstAt: number | undefined;
  return new Promise((resolve) => {
    const onSignal = (_signal: string, number: number): void => {
      if (firstAt !== undefined && clock.now() - firstAt > sameSignalMs) process.exit(128 + number);
      firstAt ??= clock.now();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function say(text: string): number {
  process.stdout.write(text);
  return exitOk;
}

function fail(message: string): number {
  process.stderr.write(`tsunagu: ${message}\n`);
  return exitFailed;
}

function refuse(errors: readonly string[]): number {
  process.stderr.write(`${errors.map((error) => `tsunagu: ${error}`).join('\n')}\n`);
  return exitUsage;
}

function unknownCommand(name: string): string {
  const meant = nearest(name, Object.keys(commands), 2);
  return `'${name}' is not a command: ${meant ? `did you mean '${meant}'?` : 'see tsunagu help'}`;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
