/**
 * The story of the demo. It warms up until a rule raises the alarm; the application then wants the fan on, which the
 * fan learns from its shadow; it cools down until the application wants the fan off again. The parts know each other
 * only through the platform.
 */
import type { Clock } from '../base/clock.ts';
import type { Api } from './api-client.ts';
import { climateTopic, type FleetBuilder } from './fleet.ts';
import type { Device } from './mqtt-client.ts';
import type { Screen } from './screen.ts';

export interface Sensor {
  readonly role: string;
  readonly thingName: string;
  readonly device: Device;
}

export interface GreenhouseDeps {
  readonly api: Api;
  readonly fleet: FleetBuilder;
  readonly clock: Clock;
  readonly screen: Screen;
  readonly prefix: string;
  readonly sensors: readonly Sensor[];
  readonly fan: Device;
  readonly fanName: string;
}

type FanState = 'on' | 'off';

const tickMs = 1000;
const warmingPerTick = 0.6;
const coolingPerTick = 0.9;
const coolEnough = 23;

export class Greenhouse {
  /** Degrees Celsius above which the rule fires. */
  static readonly tooWarm = 26;

  readonly counts = { messages: 0, alarms: 0, roundTrips: 0 };
  readonly #deps: GreenhouseDeps;
  readonly #startedMs: number;
  readonly #temperatures = new Map<string, number>();
  /** What the fan does, and what the application wants of it, since when. */
  #fanState: FanState = 'off';
  #wanted: FanState = 'off';
  #wantedSinceMs = 0;
  #fail: (error: unknown) => void = () => {};
  readonly #failed: Promise<never>;

  constructor(deps: GreenhouseDeps) {
    this.#deps = deps;
    this.#startedMs = deps.clock.now();
    for (const [index, { role }] of deps.sensors.entries()) this.#temperatures.set(role, 24.4 - index * 0.7);
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Whoever waits in `live` learns of it; before that it must not end the process as unhandled.
    this.#failed.catch(() => {});
  }

  /** The fan listens for what is wanted of it, the application for alarms. */
  async open(): Promise<void> {
    const { fan, fanName, prefix } = this.#deps;
    const shadow = `$aws/things/${fanName}/shadow/update`;
    await fan.subscribe(`${shadow}/delta`, (_, payload) => this.#attempt(this.#follow(payload)));
    await fan.subscribe(`${shadow}/accepted`, (_, payload) => this.#attempt(this.#check(payload)));
    await fan.subscribe(`${prefix}/alarm`, (_, payload) => this.#attempt(this.#react(payload)));
  }

  /** Reports every second until `ended`; rejects with whatever failed. */
  async live(ended: Promise<void>): Promise<void> {
    const timer = this.#deps.clock.every(tickMs, () => this.#attempt(this.#tick()));
    try {
      await Promise.race([ended, this.#failed]);
    } finally {
      timer.cancel();
    }
  }

  async #tick(): Promise<void> {
    const { sensors, prefix } = this.#deps;
    for (const { role, thingName, device } of sensors) {
      const temperature = this.#next(role);
      await device.publish(climateTopic(prefix, thingName), JSON.stringify({ temperature }));
      this.counts.messages++;
      const isWarm = temperature > Greenhouse.tooWarm;
      this.#show(role, 'publish', `${temperature.toFixed(1)} °C  ${bar(temperature)}`, isWarm ? 'red' : 'dim');
    }
    const warmest = Math.max(...this.#temperatures.values());
    if (this.#wanted === 'on' && warmest < coolEnough) await this.#want('off', 'it is cool again');
  }

  #next(role: string): number {
    const change = this.#fanState === 'on' ? -coolingPerTick : warmingPerTick;
    const temperature = Number((this.#temperatures.get(role)! + change).toFixed(1));
    this.#temperatures.set(role, temperature);
    return temperature;
  }

  /** The application, told by the rule. */
  async #react(payload: Buffer): Promise<void> {
    const { thing, temperature } = JSON.parse(payload.toString()) as { thing: string; temperature: number };
    this.counts.alarms++;
    this.#show('rule', 'alarm', `${thing} is at ${temperature.toFixed(1)} °C`, 'yellow');
    if (this.#wanted === 'off') await this.#want('on', 'it is too warm');
  }

  /** The application writes what it wants into the fan's shadow. */
  async #want(state: FanState, reason: string): Promise<void> {
    const { api, fleet, clock, fanName } = this.#deps;
    const isFirst = this.#wantedSinceMs === 0;
    this.#wanted = state;
    this.#wantedSinceMs = clock.now();
    this.#show('app', 'desired', `fan: ${state}, since ${reason}`, 'blue');
    const body = { state: { desired: { fan: state } } };
    await api({ service: 'iotdata', method: 'POST', path: `/things/${fanName}/shadow`, body });
    if (isFirst) fleet.hasShadow(fanName);
  }

  /** The fan does what its shadow says, and reports it. */
  async #follow(payload: Buffer): Promise<void> {
    const { fan, fanName } = this.#deps;
    const { state } = JSON.parse(payload.toString()) as { state: { fan: FanState } };
    this.#show('fan', 'delta', `fan: ${state.fan}`, 'cyan');
    this.#fanState = state.fan;
    await fan.publish(`$aws/things/${fanName}/shadow/update`, JSON.stringify({ state: { reported: state } }));
    this.counts.messages++;
  }

  /** The application looks whether the fan is as wanted, once the shadow has taken the fan's report. */
  async #check(payload: Buffer): Promise<void> {
    const { api, clock, fanName } = this.#deps;
    const { state } = JSON.parse(payload.toString()) as { state: { reported?: object } };
    if (!state.reported) return;
    const shadow = await api({ service: 'iotdata', method: 'GET', path: `/things/${fanName}/shadow` });
    const { reported, delta } = shadow.state as { reported: { fan: FanState }; delta?: object };
    if (delta) return;
    this.counts.roundTrips++;
    const tookMs = clock.now() - this.#wantedSinceMs;
    this.#show('fan', 'reported', `fan: ${reported.fan}, as wanted, ${tookMs} ms after it was`, 'green');
  }

  /** Work that a message or a timer set off: when it fails, the demo ends with its reason. */
  #attempt(work: Promise<void>): void {
    work.catch(this.#fail);
  }

  #show(who: string, what: string, detail: string, style: Parameters<Screen['event']>[4]): void {
    this.#deps.screen.event(this.#deps.clock.now() - this.#startedMs, who, what, detail, style);
  }
}

/** A degree is one mark; 18 °C is none. */
function bar(temperature: number): string {
  return '▪'.repeat(Math.max(0, Math.round(temperature - 18)));
}
