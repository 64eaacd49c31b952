/**
 * Why the server could not start, in one sentence with what to do, for the failures that are nobody's defect: a port
 * in use, a folder that cannot be written, options that exclude each other. Anything else keeps its stack.
 */
import { type Config, ConfigError } from './config.ts';
import { flagOf } from './options.ts';

/** What the operating system says in an error. */
interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
}

/** A failure with a sentence for the operator: thrown where the program itself refuses to start. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** Errors whose message is already written for the operator. */
const clear: ReadonlySet<string> = new Set([ConfigError.name, StartupError.name, 'SecretsKeyError', 'StoreError']);

const unwritable: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC', 'ENOENT']);

/** The sentence, or undefined for what was not expected. Looks at causes too. */
export function explainStartupFailure(error: unknown, config: Config): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const explained = ofNetwork(cause, config) ?? ofDisk(cause, config);
    if (explained) return explained;
    if (clear.has(cause.name)) return cause.message;
  }
  return undefined;
}

function ofNetwork(error: SystemError, config: Config): string | undefined {
  const { code, syscall, port } = error;
  if (syscall === 'getaddrinfo' || code === 'EADDRNOTAVAIL') {
    return `${config.host} is not an address of this machine: choose another with --host`;
  }
  if (syscall !== 'listen' && syscall !== 'bind') return undefined;
  const option = portOption(port, config);
  if (code === 'EADDRINUSE') return `port ${port} is in use: stop what uses it, or choose another with ${option}`;
  if (code === 'EACCES') return `port ${port} may not be opened by this user: choose one above 1023 with ${option}`;
  return undefined;
}

function ofDisk(error: SystemError, config: Config): string | undefined {
  if (!error.path || !error.code || !unwritable.has(error.code)) return undefined;
  if (error.path === config.mqttAnonymousPolicy) {
    return `the policy file ${error.path} cannot be read (${error.code}): check ${flagOf('mqttAnonymousPolicy')}`;
  }
  if (error.path === config.secretsKey) {
    return `the secrets key ${error.path} cannot be read (${error.code}): check ${flagOf('secretsKey')}`;
  }
  if (config.ephemeral) return `${error.path} cannot be written (${error.code})`;
  return `the data folder ${config.data} cannot be used (${error.code} at ${error.path}): choose another with --data, or run with --ephemeral`;
}

function portOption(port: number | undefined, config: Config): string {
  const name = (['httpPort', 'tlsPort', 'mqttsPort', 'mqttPort'] as const).find((one) => config[one] === port);
  return name ? `${flagOf(name)} PORT` : 'its option';
}
