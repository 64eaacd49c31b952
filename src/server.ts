/**
 * The program: opens what lasts (store, keys, clock, doors), builds the platform on it, and takes it all down again.
 * `startServer` is what the command line and tests call; everything else is `platform.ts` and the folders.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type AuditLog, openAuditLog } from './audit-log.ts';
import type { Ready } from './banner.ts';
import { type Clock, systemClock, VirtualClock } from './base/clock.ts';
import { watchEventLoop } from './base/event-loop.ts';
import type { Log } from './base/log.ts';
import { systemRandom } from './base/random.ts';
import { awsProfile, standardProfile } from './broker/broker.ts';
import type { Message, Publication } from './broker/message.ts';
import { type Config, isLoopback, readSecretsKey, resolveConfig } from './config.ts';
import { createFunctions } from './functions/functions.ts';
import { createGateway, type Gateway, type GatewayDeps } from './gateway/gateway.ts';
import { createOperator } from './gateway/operator.ts';
import { createHealth } from './health.ts';
import {
  CA_FILE,
  createSecretBox,
  folderKeyFiles,
  type KeyMaterial,
  memoryKeyFiles,
  openKeyMaterial,
  sealedKeyFiles,
  temporaryCaFile,
} from './identity/identity.ts';
import { parseLimits } from './limits.ts';
import { createLog } from './log.ts';
import { renderMetrics } from './metrics.ts';
import { createOutsideRoles } from './outside-roles.ts';
import { createPlatform, type Foundation, type Platform } from './platform.ts';
import { openSqliteStore } from './store/sqlite.ts';
import type { Store } from './store/store.ts';

/** A running server, and what a test wants of it. */
export interface RunningServer extends Ready {
  /** Ephemeral only: forgets all that clients made and closes their connections. Ports, CA and admin key stay. */
  reset(): Promise<void>;
  /** Drains and stops; resolves when nothing is left. */
  stop(): Promise<void>;
  /** Publishes as the platform, or in the name of `publication.publisher`. */
  publish(publication: Publication): Promise<void>;
  /** The first message accepted from now on whose topic matches `filter`. Rejects after `withinMs` (default 5,000). */
  nextMessage(filter: string, withinMs?: number): Promise<Message>;
  /** Everything accepted from now on whose topic matches `filter`; the array grows until `stop` is called. */
  record(filter: string): { readonly messages: readonly Message[]; stop(): void };
  readonly clock: {
    now(): number;
    /** Moves a virtual clock and runs what falls due. Rejects with the system's clock. */
    advance(byMs: number): Promise<void>;
  };
}

/** Starts a server. `options` as on the command line, in camel case; ports of 0 are chosen freely. */
export async function startServer(options: Partial<Config> = {}): Promise<RunningServer> {
  const config = resolveConfig(options);
  const log = createLog(config.logLevel);
  const clock = config.clock === 'virtual' ? new VirtualClock(systemClock().now()) : systemClock();
  const opened = new Opened();
  try {
    return await start(config, log, clock, opened);
  } catch (error) {
    await opened.closeAll();
    throw error;
  }
}

async function start(config: Config, log: Log, clock: Clock, opened: Opened): Promise<RunningServer> {
  const random = systemRandom();
  const folder = resolve(config.data);
  const store = await openStore(config, folder, log);
  opened.add(() => store.close());
  const secrets = createSecretBox(config.ephemeral ? undefined : readSecretsKey(config), random);
  const files = config.ephemeral
    ? memoryKeyFiles()
    : sealedKeyFiles(folderKeyFiles(folder), secrets, (name) => name === CA_FILE);
  const names = [hostname(), ...config.certificateHost, ...(isLoopback(config.host) ? [] : [config.host])];
  const keyMaterial = await openKeyMaterial({ files, clock, random, names });
  const caFile = await writeCaFile(config, folder, keyMaterial, opened);

  const audit = await openAudit(config, folder, log);
  if (audit) opened.add(() => audit.close());

  const place = { region: config.region, account: config.account };
  const { limits } = parseLimits(config.limit);
  const profile = awsProfile(limits);
  const functions = createFunctions({
    ...(config.functions !== undefined && { folder: resolve(config.functions) }),
    ...(config.functionsEndpoint !== undefined && { endpoint: config.functionsEndpoint }),
    clock: systemClock(),
    random,
    log,
  });
  opened.add(() => functions.stop());
  const host = hostForClients(config);
  let httpPort = config.httpPort;
  const foundation: Foundation = {
    store,
    clock,
    wallClock: systemClock(),
    random,
    log,
    place,
    profile,
    keyMaterial,
    functions,
    host,
    baseUrl: () => `http://${host.includes(':') ? `[${host}]` : host}:${httpPort}`,
    ...(config.registrationInputs !== undefined && { registrationInputs: config.registrationInputs }),
    secrets,
    ...outsideRoles(config),
    ...(audit && { audit: (event) => audit.write(event) }),
    ...(config.serverCertificates !== undefined && {
      certificateFiles: folderKeyFiles(resolve(config.serverCertificates)),
    }),
    models: modelsFolder(),
    ...(config.mqttAnonymousPolicy !== undefined && {
      anonymousPolicy: readFileSync(config.mqttAnonymousPolicy, 'utf8'),
    }),
  };
  let platform = await createPlatform(foundation);
  let closeGateway = async (): Promise<void> => undefined;
  opened.add(async () => {
    await platform.stop();
    await closeGateway();
  });
  const reset = async (): Promise<void> => {
    const { adminKey } = platform;
    await platform.stop();
    await store.clear();
    platform = await createPlatform({ ...foundation, adminKey });
  };
  const eventLoop = watchEventLoop(foundation.wallClock);
  opened.add(async () => eventLoop.stop());
  const health = createHealth({
    store,
    clock: foundation.wallClock,
    eventLoopDelay: () => eventLoop.delay(),
    doors: () => gateway.doors(),
    rulesQueue: () => platform.rulesQueue(),
  });
  const operator = createOperator({
    log,
    caCertificate: keyMaterial.rootCaPem,
    health: async () => ({ ...(await health()), ...platform.facts() }),
    metrics: () => renderMetrics(platform.figures(), eventLoop.delay()),
    denials: (query) => platform.denials(query),
    authenticate: (request) => platform.authenticateOperator(request),
    isOpenTo: (hostName) => isLoopback(config.host) && isLoopback(hostName),
    ...(config.ephemeral && { reset }),
    ...(clock instanceof VirtualClock && {
      advanceClock: async (byMs: number) => {
        await clock.advance(byMs);
        return clock.now();
      },
    }),
  });
  const handleRequest: GatewayDeps['handleRequest'] = (request, response, domain) => {
    if (!operator(request, response)) platform.handleRequest(request, response, domain);
  };
  const gateway = createGateway({
    clock: foundation.wallClock,
    broker: { accept: (door) => platform.broker.accept(door) },
    log,
    profile,
    plainProfile: config.mqttProfile === 'standard' ? standardProfile(limits) : profile,
    findDomain: (serverName) => platform.findDomain(serverName),
    refusalOf: (domain, shown) => platform.refusalOf(domain, shown),
    authenticateCertificate: (der, origin) => platform.authenticateCertificate(der, origin),
    authenticateUpgrade: (request, domain) => platform.authenticateUpgrade(request, domain),
    onRefusal: (refusal) => platform.refused(refusal),
    authenticateCustom: (request) => platform.authenticateCustom(request),
    handleRequest,
  });
  closeGateway = () => gateway.close();
  const endpoints = await openDoors(gateway, config);
  httpPort = Number(new URL(endpoints.http).port);
  return {
    endpoints,
    caFile,
    region: config.region,
    accountId: config.account,
    credentials: platform.adminKey,
    async reset() {
      if (!config.ephemeral) throw new Error('only an ephemeral server can be reset');
      await reset();
    },
    async stop() {
      gateway.stopListening();
      await opened.closeAll();
    },
    publish: (publication) => platform.broker.publish(publication),
    nextMessage: (filter, withinMs = 5000) => nextMessage(platform, filter, withinMs),
    record: (filter) => {
      const messages: Message[] = [];
      return { messages, stop: platform.broker.listen(filter, (message) => messages.push(message)) };
    },
    clock: {
      now: () => clock.now(),
      async advance(byMs) {
        if (!(clock instanceof VirtualClock)) throw new Error('start the server with clock: virtual to move its time');
        await clock.advance(byMs);
      },
    },
  };
}

/** What was opened so far, to be closed in the opposite order. */
class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) await close();
  }
}

function openStore(config: Config, folder: string, log: Log): Promise<Store> {
  return openSqliteStore({ file: config.ephemeral ? ':memory:' : join(folder, 'tsunagu.db'), log });
}

function outsideRoles(config: Config): Pick<Foundation, 'outsideRoles'> {
  const { stsEndpoint: endpoint, stsAccessKeyId: accessKeyId, stsSecretAccessKey: secretAccessKey, region } = config;
  if (endpoint === undefined || accessKeyId === undefined || secretAccessKey === undefined) return {};
  const clock = systemClock();
  return { outsideRoles: createOutsideRoles({ endpoint, region, accessKeyId, secretAccessKey, clock }) };
}

/** In the data folder, or where it was asked for; undefined when it is off. */
async function openAudit({ auditLog, ephemeral }: Config, folder: string, log: Log): Promise<AuditLog | undefined> {
  const file = auditLog ?? (ephemeral ? 'off' : join(folder, 'audit.log'));
  return file === 'off' ? undefined : openAuditLog({ file: resolve(file), log });
}

/** Where clients on this machine find the CA: beside the data, or in a temporary folder when nothing is kept. */
async function writeCaFile(config: Config, folder: string, keyMaterial: KeyMaterial, opened: Opened): Promise<string> {
  if (!config.ephemeral) return join(folder, CA_FILE);
  const file = await temporaryCaFile(keyMaterial.rootCaPem);
  opened.add(() => file.remove());
  return file.path;
}

async function openDoors(gateway: Gateway, config: Config): Promise<Ready['endpoints']> {
  const { host, httpPort, tlsPort, mqttsPort, mqttPort } = config;
  const mqtt = mqttPort === undefined ? {} : { mqtt: mqttPort };
  const ports = await gateway.listen({ host, http: httpPort, tls: tlsPort, mqtts: mqttsPort, ...mqtt });
  const at = (scheme: string, port: number, path = ''): string =>
    `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  return {
    http: at('http', ports.http),
    https: at('https', ports.tls),
    mqtts: at('mqtts', ports.mqtts),
    wss: at('wss', ports.tls, '/mqtt'),
    ...(ports.mqtt !== undefined && { mqtt: at('mqtt', ports.mqtt) }),
  };
}

/** What DescribeEndpoint tells: a name that is in the server certificate. */
function hostForClients(config: Config): string {
  if (config.certificateHost.length > 0) return config.certificateHost[0];
  if (isLoopback(config.host)) return 'localhost';
  return config.host === '0.0.0.0' || config.host === '::' ? hostname() : config.host;
}

/** `models/` lies beside `src/` and beside `dist/`. */
function modelsFolder(): string {
  return join(import.meta.dirname, '..', 'models');
}

function nextMessage(platform: Platform, filter: string, withinMs: number): Promise<Message> {
  return new Promise((resolve, reject) => {
    const timer = systemClock().after(withinMs, () => {
      stop();
      reject(new Error(`no message on '${filter}' within ${withinMs} ms`));
    });
    const stop = platform.broker.listen(filter, (message) => {
      timer.cancel();
      stop();
      resolve(message);
    });
  });
}
