import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/clock.ts';
import type { Call } from './api-client.ts';
import { FleetBuilder } from './fleet.ts';
import { Greenhouse, type GreenhouseDeps } from './greenhouse.ts';
import type { Device, OnMessage } from './mqtt-client.ts';
import { createScreen } from './screen.ts';

/** A platform of a few lines: it delivers, has the one rule, and keeps the fan's shadow. */
function stage(options: { isBroken?: boolean } = {}) {
  const clock = new VirtualClock(0);
  let text = '';
  const listeners = new Map<string, OnMessage>();
  const shadow: { desired?: object; reported?: object } = {};
  const send = (topic: string, body: object): void => {
    listeners.get(topic)?.(topic, Buffer.from(JSON.stringify(body)));
  };
  const device = {
    subscribe: async (filter: string, onMessage: OnMessage) => void listeners.set(filter, onMessage),
    publish: async (topic: string, payload: string) => {
      if (options.isBroken) throw new Error('not authorized');
      const body = JSON.parse(payload) as { temperature?: number; state?: { reported: object } };
      if ((body.temperature ?? 0) > 26) send('demo/alarm', { ...body, thing: topic.split('/')[2] });
      if (body.state) {
        shadow.reported = body.state.reported;
        send('$aws/things/fan/shadow/update/accepted', body);
      }
    },
  } as unknown as Device;
  const api = async ({ method, body }: Call): Promise<Record<string, unknown>> => {
    if (method !== 'POST') return { state: shadow };
    shadow.desired = (body as { state: { desired: object } }).state.desired;
    send('$aws/things/fan/shadow/update/delta', { state: shadow.desired });
    return {};
  };
  const deps: GreenhouseDeps = {
    api,
    fleet: new FleetBuilder(api, 'demo'),
    clock,
    screen: createScreen({ write: (line) => (text += line) }),
    prefix: 'demo',
    fanName: 'fan',
    fan: device,
    sensors: ['north', 'south'].map((role) => ({ role, thingName: role, device })),
  };
  return { clock, greenhouse: new Greenhouse(deps), shown: () => text };
}

test('it warms up until the rule fires, the fan follows its shadow, and it cools down again', async () => {
  const { clock, greenhouse, shown } = stage();
  await greenhouse.open();
  let end = (): void => {};
  const living = greenhouse.live(new Promise((resolve) => (end = resolve)));
  await clock.advance(20_000);
  end();
  await living;
  assert.equal(greenhouse.counts.messages > 40, true);
  assert.equal(greenhouse.counts.alarms >= 2, true);
  assert.equal(greenhouse.counts.roundTrips >= 3, true);
  const order = ['alarm', 'desired    fan: on', 'delta      fan: on', 'reported   fan: on', 'desired    fan: off'];
  const places = order.map((part) => shown().indexOf(part));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  assert.ok(places[0] > 0);
});

test('without a terminal there is no colour, and the columns are aligned', async () => {
  const { clock, greenhouse, shown } = stage();
  await greenhouse.open();
  const living = greenhouse.live(new Promise(() => {}));
  await clock.advance(2000);
  void living;
  assert.ok(!shown().includes('\x1b'));
  const columns = shown()
    .trimEnd()
    .split('\n')
    .map((line) => line.indexOf('publish'));
  assert.equal(new Set(columns).size, 1);
});

test('a refused publish ends the demo with the reason', async () => {
  const { clock, greenhouse } = stage({ isBroken: true });
  await greenhouse.open();
  const living = greenhouse.live(new Promise(() => {}));
  const failed = assert.rejects(living, /not authorized/);
  await clock.advance(1000);
  await failed;
});
