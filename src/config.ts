/**
 * What can be configured: the one table from which flags, variables, the configuration file, `--help` and
 * `docs/configuration.md` come. Parsed once at the start and passed on in parts: a module gets its own three values,
 * never the whole. The only place that reads the environment.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLimits } from './limits.ts';
import {
  choice,
  complete,
  type Environment,
  flag,
  flagOf,
  fromEnvironment,
  fromFile,
  fromFlags,
  fromObject,
  type Given,
  list,
  type OptionTable,
  text,
  type ValuesOf,
  variableOf,
  whole,
} from './options.ts';

const port = { placeholder: 'PORT', from: 0, to: 65535 } as const;

/** Options of `tsunagu start`, and of `startServer` under the same names. */
export const serverOptions = {
  data: text({
    help: 'Folder that keeps everything: database, CA, admin key',
    placeholder: 'DIR',
    default: './tsunagu-data',
  }),
  ephemeral: flag({ help: 'Keep everything in memory and leave nothing behind; --data is not used' }),
  host: text({ help: 'Address to listen on', placeholder: 'ADDRESS', default: '127.0.0.1' }),
  httpPort: whole({ ...port, help: 'Plain HTTP: every API', default: 8880 }),
  tlsPort: whole({
    ...port,
    help: 'TLS: HTTPS APIs, device publish, MQTT over WebSocket, MQTT by ALPN',
    default: 8443,
  }),
  mqttsPort: whole({ ...port, help: 'MQTT over mutual TLS', default: 8883 }),
  mqttPort: whole<number | undefined>({
    ...port,
    help: 'Plain MQTT for development; off unless given',
    default: undefined,
  }),
  mqttProfile: choice({
    help: "Rules of the plain MQTT port: AWS IoT's, or those of the MQTT standard alone",
    values: ['aws', 'standard'],
    default: 'aws',
  }),
  mqttAnonymousPolicy: text<string | undefined>({
    help: 'IoT policy document for clients of the plain MQTT port; without one they may do everything',
    placeholder: 'FILE',
    default: undefined,
  }),
  limit: list({
    help: 'A limit of the MQTT doors, e.g. publishesPerSecond=1000 or payloadBytes=unlimited; may be repeated',
    placeholder: 'NAME=N',
    default: [],
  }),
  region: text({
    help: 'Region in ARNs and signatures',
    placeholder: 'NAME',
    default: 'us-east-1',
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    must: "must be a region name such as 'us-east-1'",
  }),
  account: text({
    help: 'Account number in ARNs',
    placeholder: 'DIGITS',
    default: '000000000000',
    pattern: /^\d{12}$/,
    must: 'must be 12 digits (in a file: in quotes)',
  }),
  functions: text<string | undefined>({
    help: 'Folder of modules NAME.mjs that stand in for Lambda functions',
    placeholder: 'DIR',
    default: undefined,
  }),
  functionsEndpoint: text<string | undefined>({
    help: "Endpoint that runs the other Lambda functions; takes Lambda's Invoke call, unsigned",
    placeholder: 'URL',
    default: undefined,
    pattern: /^https?:\/\/[^/]/,
    must: "must be a URL such as 'http://127.0.0.1:9001'",
  }),
  registrationInputs: text<string | undefined>({
    help: 'Where bulk registration finds BUCKET/KEY: a folder, or an http(s) URL',
    placeholder: 'DIR|URL',
    default: undefined,
  }),
  certificateHost: list({
    help: 'Another name or address for the server certificate; may be repeated',
    placeholder: 'NAME',
    default: [],
  }),
  secretsKey: text<string | undefined>({
    help: 'File with the key (32 bytes in base64) that encrypts secrets on disk; or the key itself in TSUNAGU_SECRETS_KEY',
    placeholder: 'FILE',
    default: undefined,
    environment: 'TSUNAGU_SECRETS_KEY_FILE',
  }),
  auditLog: text<string | undefined>({
    help: 'Where to write who called what; off: nowhere. Without it audit.log in the data folder, unless --ephemeral',
    placeholder: 'FILE',
    default: undefined,
  }),
  stsEndpoint: text<string | undefined>({
    help: 'An STS elsewhere whose roles devices get credentials of, instead of the roles made here',
    placeholder: 'URL',
    default: undefined,
    pattern: /^https?:\/\/[^/]/,
    must: "must be a URL such as 'https://sts.example.com'",
  }),
  stsAccessKeyId: text<string | undefined>({
    help: 'Access key for that STS',
    placeholder: 'ID',
    default: undefined,
  }),
  stsSecretAccessKey: text<string | undefined>({
    help: 'Its secret; better given as TSUNAGU_STS_SECRET_ACCESS_KEY',
    placeholder: 'SECRET',
    default: undefined,
  }),
  serverCertificates: text<string | undefined>({
    help: 'Folder of certificates for domain configurations: NAME.pem and NAME.key for …:certificate/NAME',
    placeholder: 'DIR',
    default: undefined,
  }),
  clock: choice({
    help: 'virtual: time stands still until a test moves it',
    values: ['system', 'virtual'],
    default: 'system',
  }),
  logLevel: choice({
    help: 'How much to log on standard error',
    values: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
  }),
  json: flag({ help: 'When ready, print one line of JSON on standard output and nothing else' }),
} as const;

/** Options of `tsunagu demo`. */
export const demoOptions = {
  seconds: whole({ help: 'How long to show', placeholder: 'N', from: 1, to: 86_400, default: 20 }),
  endpoint: text<string | undefined>({
    help: 'HTTP endpoint of a running server; without it the demo starts one of its own',
    placeholder: 'URL',
    default: undefined,
    environment: 'TSUNAGU_DEMO_ENDPOINT',
    pattern: /^https?:\/\/[^/]/,
    must: "must be a URL such as 'http://127.0.0.1:8880'",
  }),
  mqttsEndpoint: text<string | undefined>({
    help: "That server's MQTT endpoint; without it port 8883 of the same host",
    placeholder: 'URL',
    default: undefined,
    environment: 'TSUNAGU_DEMO_MQTTS_ENDPOINT',
    pattern: /^mqtts:\/\/[^/]/,
    must: "must be a URL such as 'mqtts://127.0.0.1:8883'",
  }),
  region: serverOptions.region,
  accessKeyId: text<string | undefined>({
    help: 'Access key for that server',
    placeholder: 'ID',
    default: undefined,
    environment: 'AWS_ACCESS_KEY_ID',
  }),
  secretAccessKey: text<string | undefined>({
    help: 'Its secret; better given as AWS_SECRET_ACCESS_KEY',
    placeholder: 'SECRET',
    default: undefined,
    environment: 'AWS_SECRET_ACCESS_KEY',
  }),
} as const;

/** Options of `tsunagu users` and `tsunagu keys`. */
export const accessOptions = {
  endpoint: text({
    help: 'HTTP endpoint of the running server',
    placeholder: 'URL',
    default: 'http://127.0.0.1:8880',
    pattern: /^https?:\/\/[^/]/,
    must: "must be a URL such as 'http://127.0.0.1:8880'",
  }),
  region: serverOptions.region,
  accessKeyId: demoOptions.accessKeyId,
  secretAccessKey: demoOptions.secretAccessKey,
  policy: text<string | undefined>({
    help: 'Policy document of the user (JSON)',
    placeholder: 'FILE',
    default: undefined,
    environment: 'TSUNAGU_ACCESS_POLICY',
  }),
  json: flag({ help: 'Print one line of JSON' }),
} as const;

/** Options of `tsunagu explain`. */
export const explainOptions = {
  endpoint: accessOptions.endpoint,
  limit: whole({
    help: 'How many refusals to show, the newest first',
    placeholder: 'N',
    from: 1,
    to: 1000,
    default: 10,
    environment: 'TSUNAGU_EXPLAIN_LIMIT',
  }),
  region: serverOptions.region,
  accessKeyId: text<string | undefined>({
    help: 'The admin key; needed where the server listens to other machines',
    placeholder: 'ID',
    default: undefined,
    environment: 'AWS_ACCESS_KEY_ID',
  }),
  secretAccessKey: demoOptions.secretAccessKey,
  json: flag({ help: 'Print the JSON of the endpoint as it is', environment: 'TSUNAGU_EXPLAIN_JSON' }),
} as const;

export type AccessConfig = ValuesOf<typeof accessOptions>;
export type Config = ValuesOf<typeof serverOptions>;
export type DemoConfig = ValuesOf<typeof demoOptions>;
export type ExplainConfig = ValuesOf<typeof explainOptions>;

export type Parsed<T> =
  | { readonly config: T; readonly errors?: undefined }
  | { readonly config?: undefined; readonly errors: readonly string[] };

/** Where the other options may be read from; not an option itself, since a file cannot name itself. */
export const fileOption = {
  config: text<string | undefined>({
    help: 'JSON file with options, under the names of the reference',
    placeholder: 'FILE',
    default: undefined,
  }),
} as const;

/**
 * The configuration of a server from its command line (without the command), the environment and the file that one of
 * them names: flag > variable > file > default. Or every mistake in them.
 */
export function parseConfig(
  argv: readonly string[],
  environment: Environment,
  readFile: (file: string) => string,
): Parsed<Config> {
  const sources = read(serverOptions, argv, environment, readFile);
  return finish(serverOptions, sources, conflicts);
}

/** The same for the demo. */
export function parseDemoConfig(argv: readonly string[], environment: Environment): Parsed<DemoConfig> {
  const sources = [fromFlags(demoOptions, argv), fromEnvironment(demoOptions, environment)];
  return finish(demoOptions, sources, demoConflicts);
}

/** The same for `tsunagu explain`, whose first argument may be a client id. */
export function parseExplainConfig(
  argv: readonly string[],
  environment: Environment,
): Parsed<ExplainConfig & { readonly clientId?: string }> {
  const [first] = argv;
  const hasClientId = first !== undefined && !first.startsWith('--');
  const flags = fromFlags(explainOptions, hasClientId ? argv.slice(1) : argv);
  const parsed = finish(explainOptions, [flags, fromEnvironment(explainOptions, environment)], () => []);
  if (parsed.errors || !hasClientId) return parsed;
  return { config: { ...parsed.config, clientId: first } };
}

/** `parseConfig` for this process. */
export function loadConfig(argv: readonly string[]): Parsed<Config> {
  return parseConfig(argv, process.env, readText);
}

/** `parseDemoConfig` for this process. */
export function loadDemoConfig(argv: readonly string[]): Parsed<DemoConfig> {
  return parseDemoConfig(argv, process.env);
}

/** `parseExplainConfig` for this process. */
export function loadExplainConfig(argv: readonly string[]): ReturnType<typeof parseExplainConfig> {
  return parseExplainConfig(argv, process.env);
}

/** The same for `tsunagu users` and `tsunagu keys`; `argv` without the words of the command. */
export function loadAccessConfig(
  argv: readonly string[],
  environment: Environment = process.env,
): Parsed<AccessConfig> {
  const sources = [fromFlags(accessOptions, argv), fromEnvironment(accessOptions, environment)];
  return finish(accessOptions, sources, (config) =>
    missingKeys(config).map((name) => `an access key is needed: give ${name} (\`tsunagu start\` prints the admin's)`),
  );
}

/**
 * Options as a program gives them (`startServer`), completed with the defaults. The environment is not asked.
 * @throws ConfigError with every mistake.
 */
export function resolveConfig(options: Partial<Config> = {}): Config {
  const parsed = finish(serverOptions, [fromObject(serverOptions, options, 'startServer')], conflicts);
  if (parsed.errors) throw new ConfigError(parsed.errors);
  return parsed.config;
}

/** Options that cannot be used, each mistake a sentence. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(errors.join('\n'));
    this.errors = errors;
  }
}

/**
 * The text of the secrets key, from the file of `--secrets-key`, else TSUNAGU_SECRETS_KEY, else the systemd credential
 * `tsunagu-secrets-key`; undefined when there is none. A file that is named must be readable.
 */
export function readSecretsKey(
  { secretsKey }: Pick<Config, 'secretsKey'>,
  environment: Environment = process.env,
  readFile: (file: string) => string = readText,
): string | undefined {
  if (secretsKey !== undefined) return readFile(secretsKey);
  const { TSUNAGU_SECRETS_KEY: key, CREDENTIALS_DIRECTORY: credentials } = environment;
  if (key) return key;
  if (!credentials) return undefined;
  try {
    return readFile(join(credentials, 'tsunagu-secrets-key'));
  } catch (error) {
    // systemd gives services other credentials too.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether only this machine can reach what listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Everything said, the strongest source first. */
function read(
  table: OptionTable,
  argv: readonly string[],
  environment: Environment,
  readFile: (file: string) => string,
): readonly Given[] {
  const all = { ...table, ...fileOption };
  const flags = fromFlags(all, argv);
  const variables = fromEnvironment(all, environment);
  const { config: file } = complete(fileOption, [flags.values, variables.values]);
  return [flags, variables, ...(file === undefined ? [] : [fromFile(table, file, readFile)])];
}

/** Rules that span several options are judged only when each option is right by itself. */
function finish<Table extends OptionTable>(
  table: Table,
  sources: readonly Given[],
  rules: (config: ValuesOf<Table>) => readonly string[],
): Parsed<ValuesOf<Table>> {
  const config = complete(
    table,
    sources.map((source) => source.values),
  );
  const mistakes = sources.flatMap((source) => source.errors);
  const errors = mistakes.length > 0 ? mistakes : rules(config);
  return errors.length > 0 ? { errors } : { config };
}

function conflicts(config: Config): readonly string[] {
  const errors: string[] = [...parseLimits(config.limit).errors];
  if (config.mqttPort !== undefined && config.mqttAnonymousPolicy === undefined && !isLoopback(config.host)) {
    errors.push(
      `--mqtt-port lets anybody in without a password, so on ${config.host} it needs a policy for them: ` +
        'give --mqtt-anonymous-policy FILE, or listen on 127.0.0.1',
    );
  }
  const sts = (['stsEndpoint', 'stsAccessKeyId', 'stsSecretAccessKey'] as const).map((name) => ({
    name,
    isGiven: config[name] !== undefined,
  }));
  if (sts.some(({ isGiven }) => isGiven)) {
    for (const { name, isGiven } of sts) {
      if (!isGiven) errors.push(`an STS elsewhere needs all of its options: give ${flagOf(name)} as well`);
    }
  }
  const ports = (['httpPort', 'tlsPort', 'mqttsPort', 'mqttPort'] as const).filter((name) => config[name]);
  for (const [at, name] of ports.entries()) {
    const other = ports.slice(0, at).find((earlier) => config[earlier] === config[name]);
    if (other) {
      errors.push(`${flagOf(name)} and ${flagOf(other)} are both ${config[name]}: give each a port of its own`);
    }
  }
  return errors;
}

function demoConflicts(config: DemoConfig): readonly string[] {
  if (config.endpoint === undefined) {
    return config.mqttsEndpoint === undefined ? [] : ['--mqtts-endpoint needs --endpoint as well'];
  }
  return missingKeys(config).map((name) => `--endpoint needs an access key: give ${name}`);
}

/** How to give the parts of an access key that are not there. */
function missingKeys(config: Pick<DemoConfig, 'accessKeyId' | 'secretAccessKey'>): readonly string[] {
  return (['accessKeyId', 'secretAccessKey'] as const)
    .filter((name) => config[name] === undefined)
    .map((name) => `${flagOf(name)} or ${variableOf(name, demoOptions[name])}`);
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
