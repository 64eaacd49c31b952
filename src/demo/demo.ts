/**
 * `tsunagu demo`: a greenhouse on the platform, for a while. Two sensors and a fan connect over mutual TLS; a rule
 * notices when it gets too warm; an application sets the fan's desired state in its shadow, the fan follows and
 * reports. Everything goes through the public doors, and everything that was made is removed at the end.
 */
import { readFileSync } from 'node:fs';
import type { Ready } from '../banner.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import type { Config, DemoConfig } from '../config.ts';
import { type Api, createApi, fetchText } from './api-client.ts';
import { DemoError } from './demo-error.ts';
import { FleetBuilder, type FleetDevice } from './fleet.ts';
import { Greenhouse } from './greenhouse.ts';
import { connectDevice, type Device } from './mqtt-client.ts';
import { createScreen, type Output, type Screen } from './screen.ts';

export { DemoError } from './demo-error.ts';

export interface DemoSurroundings {
  readonly out: Output;
  /** Resolves when the watcher has seen enough. */
  readonly stopped: Promise<void>;
  readonly startServer: (options: Partial<Config>) => Promise<Ready & { stop(): Promise<void> }>;
}

/** The server that is shown, this program's own or another. */
interface Stage {
  readonly http: string;
  readonly mqtts: string;
  readonly ca: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Begins all names and topics; on somebody else's server it cannot meet what is there. */
  readonly prefix: string;
  readonly nameOf: (role: string) => string;
  close(): Promise<void>;
}

const roles = ['north', 'south', 'fan'] as const;
type Role = (typeof roles)[number];

/** Runs the whole demo. @throws DemoError with a sentence when the server refuses or cannot be reached. */
export async function runDemo(config: DemoConfig, surroundings: DemoSurroundings): Promise<void> {
  const clock = systemClock();
  const screen = createScreen(surroundings.out);
  const startedMs = clock.now();
  const stage = await openStage(config, surroundings);
  try {
    screen.line();
    screen.line(`${screen.styled('bold', 'Tsunagu')}  ${stage.http}  ${stage.mqtts}`);
    screen.line();
    if (config.endpoint === undefined) screen.step('a server of its own, in memory', clock.now() - startedMs);
    await show(config, stage, screen, clock, surroundings.stopped);
  } finally {
    await stage.close();
  }
}

async function show(
  config: DemoConfig,
  stage: Stage,
  screen: Screen,
  clock: Clock,
  stopped: Promise<void>,
): Promise<void> {
  const { http: endpoint, region, credentials } = stage;
  const api = createApi({ endpoint, region, credentials, clock });
  const fleet = new FleetBuilder(api, stage.prefix);
  const connected = new Map<Role, Device>();
  try {
    const devices = await prepare(fleet, stage, screen, clock);
    await connectAll(devices, connected, stage, screen, clock);
    await play({ config, stage, screen, clock, stopped, api, fleet, connected });
  } finally {
    for (const device of connected.values()) device.close();
    await cleanUp(fleet, screen, clock);
  }
}

async function prepare(
  fleet: FleetBuilder,
  stage: Stage,
  screen: Screen,
  clock: Clock,
): Promise<ReadonlyMap<Role, FleetDevice>> {
  let startedMs = clock.now();
  const policy = await fleet.policy();
  const devices = new Map<Role, FleetDevice>();
  for (const role of roles) devices.set(role, await fleet.device(stage.nameOf(role), policy));
  screen.step('3 things, each with its own certificate; 1 policy', clock.now() - startedMs);
  startedMs = clock.now();
  await fleet.alarm(Greenhouse.tooWarm);
  screen.step(
    `a rule: temperature > ${Greenhouse.tooWarm} is republished to ${stage.prefix}/alarm`,
    clock.now() - startedMs,
  );
  return devices;
}

async function connectAll(
  devices: ReadonlyMap<Role, FleetDevice>,
  connected: Map<Role, Device>,
  stage: Stage,
  screen: Screen,
  clock: Clock,
): Promise<void> {
  const startedMs = clock.now();
  for (const [role, { thingName, certificate, privateKey }] of devices) {
    const options = { url: stage.mqtts, clientId: thingName, ca: stage.ca, certificate, privateKey };
    try {
      connected.set(role, await connectDevice(options));
    } catch (error) {
      throw new DemoError(`${thingName} cannot connect to ${stage.mqtts}: ${messageOf(error)}`, { cause: error });
    }
  }
  screen.step('3 devices connected with MQTT 5 over mutual TLS', clock.now() - startedMs);
  screen.line();
}

interface Scene {
  readonly config: DemoConfig;
  readonly stage: Stage;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly stopped: Promise<void>;
  readonly api: Api;
  readonly fleet: FleetBuilder;
  readonly connected: ReadonlyMap<Role, Device>;
}

/** The greenhouse lives until the time is over, the watcher stops it or something fails. */
async function play(scene: Scene): Promise<void> {
  const { config, stage, screen, clock, stopped, api, fleet, connected } = scene;
  const greenhouse = new Greenhouse({
    api,
    fleet,
    clock,
    screen,
    prefix: stage.prefix,
    fanName: stage.nameOf('fan'),
    sensors: (['north', 'south'] as const).map((role) => ({
      role,
      thingName: stage.nameOf(role),
      device: connected.get(role)!,
    })),
    fan: connected.get('fan')!,
  });
  const timeIsOver = new Promise<void>((resolve) => clock.after(config.seconds * 1000, resolve));
  await greenhouse.open();
  await greenhouse.live(Promise.race([stopped, timeIsOver]));
  const { messages, alarms, roundTrips } = greenhouse.counts;
  screen.line();
  const said = [
    count(messages, 'message'),
    `${count(alarms, 'alarm')} by the rule`,
    count(roundTrips, 'shadow round trip'),
  ];
  screen.line(said.join(', '));
}

async function cleanUp(fleet: FleetBuilder, screen: Screen, clock: Clock): Promise<void> {
  if (fleet.isEmpty) return;
  const startedMs = clock.now();
  const failures = await fleet.remove();
  for (const failure of failures) screen.line(screen.styled('red', `left behind: ${failure}`));
  if (failures.length === 0) screen.step('everything it made is removed', clock.now() - startedMs);
  screen.line();
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

async function openStage(config: DemoConfig, { startServer }: DemoSurroundings): Promise<Stage> {
  if (config.endpoint !== undefined) return visitStage(config, config.endpoint);
  const options = { ephemeral: true, httpPort: 0, tlsPort: 0, mqttsPort: 0, logLevel: 'warn' } as const;
  const server = await startServer({ ...options, region: config.region });
  return {
    http: server.endpoints.http,
    mqtts: server.endpoints.mqtts,
    ca: readFileSync(server.caFile, 'utf8'),
    region: server.region,
    credentials: server.credentials,
    prefix: 'demo',
    nameOf: (role) => role,
    close: () => server.stop(),
  };
}

async function visitStage(config: DemoConfig, http: string): Promise<Stage> {
  const { accessKeyId = '', secretAccessKey = '' } = config;
  const prefix = `demo_${systemRandom().bytes(3).toString('hex')}`;
  return {
    http,
    mqtts: config.mqttsEndpoint ?? `mqtts://${new URL(http).hostname}:8883`,
    ca: await fetchText(http, '/_tsunagu/ca.pem'),
    region: config.region,
    credentials: { accessKeyId, secretAccessKey },
    prefix,
    nameOf: (role) => `${prefix}_${role}`,
    close: async () => {},
  };
}
