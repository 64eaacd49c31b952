/** What was acknowledged survives `kill -9`: API calls, shadows, and QoS 1 messages for a client that is away. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { CreateThingCommand, IoTClient, paginateListThings } from '@aws-sdk/client-iot';
import { connect, connectAsync } from 'mqtt';

const ROUNDS = 3;
const AT_ONCE = 20;
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

interface Running {
  readonly process: ChildProcess;
  readonly http: string;
  readonly mqtt: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

async function start(data: string): Promise<Running> {
  const ports = ['--http-port', '0', '--tls-port', '0', '--mqtts-port', '0', '--mqtt-port', '0'];
  const limits = ['--mqtt-profile', 'standard', '--log-level', 'silent'];
  const child = spawn(process.execPath, [MAIN, 'start', '--json', '--data', data, ...ports, ...limits], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout as NonNullable<typeof child.stdout>), 'line')) as [string];
  const { endpoints, credentials } = JSON.parse(line);
  return { process: child, http: endpoints.http, mqtt: endpoints.mqtt, credentials };
}

/** Kills the server as soon as `enough` calls were acknowledged; resolves when it is gone. */
async function killAfter(server: Running, acknowledged: Set<string>, enough: number): Promise<void> {
  while (acknowledged.size < enough) await new Promise<void>((resolve) => setImmediate(resolve));
  const gone = once(server.process, 'exit');
  server.process.kill('SIGKILL');
  await gone;
}

function controlClient({ http, credentials }: Running): IoTClient {
  return new IoTClient({ endpoint: http, region: 'us-east-1', credentials: { ...credentials }, maxAttempts: 1 });
}

async function createThings(server: Running, acknowledged: Set<string>, prefix: string): Promise<void> {
  const client = controlClient(server);
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const thingName = `${prefix}-${next++}`;
      await client.send(new CreateThingCommand({ thingName }));
      acknowledged.add(thingName);
    }
  };
  // Each ends with the first call that the killed server does not answer.
  await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  client.destroy();
}

async function publishForever(server: Running, acknowledged: Set<string>, prefix: string): Promise<void> {
  const publisher = await connectAsync(server.mqtt, { reconnectPeriod: 0, clientId: 'publisher' });
  const closed = once(publisher as unknown as NodeJS.EventEmitter, 'close');
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const payload = `${prefix}-${next++}`;
      await Promise.race([
        publisher.publishAsync('t', payload, { qos: 1 }),
        closed.then(() => Promise.reject(new Error('closed'))),
      ]);
      acknowledged.add(payload);
    }
  };
  await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  publisher.end(true);
}

test('no acknowledged thing and no acknowledged message is lost, however often the server is killed', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'tsunagu-kill-'));
  t.after(() => rm(data, { recursive: true, force: true }));
  const things = new Set<string>();
  const messages = new Set<string>();

  let server = await start(data);
  const away = await connectAsync(server.mqtt, { reconnectPeriod: 0, clientId: 'away', clean: false });
  await away.subscribeAsync('t', { qos: 1 });
  away.end(true);
  for (let round = 0; round < ROUNDS; round++) {
    const enough = things.size + 200;
    const work = [createThings(server, things, `r${round}`), publishForever(server, messages, `r${round}`)];
    await killAfter(server, things, enough);
    await Promise.all(work);
    server = await start(data);
  }

  const client = controlClient(server);
  const present = new Set<string>();
  for await (const page of paginateListThings({ client }, {})) {
    for (const { thingName } of page.things ?? []) present.add(thingName as string);
  }
  client.destroy();
  const lostThings = [...things].filter((thing) => !present.has(thing));

  const received = new Set<string>();
  const back = connect(server.mqtt, { reconnectPeriod: 0, clientId: 'away', clean: false });
  back.on('message', (_topic, payload) => received.add(String(payload)));
  await back.publishAsync('t', 'last', { qos: 1 });
  while (!received.has('last')) await new Promise<void>((resolve) => setImmediate(resolve));
  back.end(true);
  const lostMessages = [...messages].filter((message) => !received.has(message));

  const gone = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  assert.deepEqual(await gone, [0, null], 'SIGTERM drains and exits 0');
  t.diagnostic(`${ROUNDS} kills: ${things.size} things and ${messages.size} messages acknowledged`);
  assert.deepEqual({ lostThings, lostMessages }, { lostThings: [], lostMessages: [] });
});
