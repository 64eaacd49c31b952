/** The command line as a user meets it: what is printed where, exit codes, signals. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from 'mqtt';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'src', 'main.ts');
const launcher = join(root, 'bin', 'tsunagu.cjs');
const freePorts = ['--http-port', '0', '--tls-port', '0', '--mqtts-port', '0'];
const deadline = { timeout: 60_000 };
const folders: string[] = [];

after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves once standard output holds a match; rejects when the program ends before. */
  until(pattern: RegExp): Promise<RegExpMatchArray>;
}

function start(file: string, argv: readonly string[], environment: object = {}): Run {
  const child = spawn(file, [...argv], { cwd: root, env: { ...process.env, ...environment } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  const until = async (pattern: RegExp): Promise<RegExpMatchArray> => {
    for (;;) {
      const match = out.match(pattern);
      if (match) return match;
      const end = await Promise.race([once(child.stdout, 'data'), ended.then((code) => ({ code }))]);
      if ('code' in end && !out.match(pattern)) throw new Error(`ended with ${end.code}: ${err}`);
    }
  };
  return { child, out: () => out, err: () => err, ended, until };
}

function tsunagu(...argv: string[]): Run {
  return start(process.execPath, [main, ...argv]);
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tsunagu-command-'));
  folders.push(folder);
  return folder;
}

test('--version says the version, and help the options, on standard output', deadline, async () => {
  const version = tsunagu('--version');
  assert.equal(await version.ended, 0);
  assert.match(version.out(), /^\d+\.\d+\.\d+\n$/);
  for (const argv of [['help'], ['--help'], ['start', '-h']]) {
    const help = tsunagu(...argv);
    assert.equal(await help.ended, 0);
    assert.match(help.out(), /--http-port PORT .*\(default 8880\)/);
  }
  const demo = tsunagu('help', 'demo');
  assert.equal(await demo.ended, 0);
  assert.match(demo.out(), /--seconds N/);
});

for (const [what, argv, expected] of [
  ['a wrong command', ['strat'], /^tsunagu: 'strat' is not a command: did you mean 'start'\?\n$/],
  [
    'wrong options, all of them',
    ['--jsn', '--account', '1'],
    /^tsunagu: --jsn .*--json\?\ntsunagu: --account must be 12 digits.*\n$/,
  ],
  ['wrong options of the demo', ['demo', '--seconds', '0'], /^tsunagu: --seconds must be a whole number from 1 to/],
  ['the name of a built-in', ['toString'], /^tsunagu: 'toString' is not a command: see tsunagu help\n$/],
] as const) {
  test(`${what}: exit code 2, a sentence on standard error, nothing on standard output`, deadline, async () => {
    const run = tsunagu(...argv);
    assert.equal(await run.ended, 2);
    assert.match(run.err(), expected);
    assert.equal(run.out(), '');
  });
}

test('a port in use: exit code 1 and one sentence that names the option', deadline, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const run = tsunagu('--ephemeral', '--log-level', 'silent', ...freePorts, '--tls-port', String(port));
    assert.equal(await run.ended, 1);
    assert.equal(
      run.err(),
      `tsunagu: port ${port} is in use: stop what uses it, or choose another with --tls-port PORT\n`,
    );
  } finally {
    other.close();
  }
});

test('a data folder that cannot be one: exit code 1 and one sentence', deadline, async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const run = tsunagu('--data', join(file, 'data'), '--log-level', 'silent', ...freePorts);
  assert.equal(await run.ended, 1);
  assert.match(run.err(), /^tsunagu: [^\n]+\n$/);
  assert.match(run.err(), /data/);
});

test('with --json exactly one line is printed when ready, and SIGTERM ends with 0', deadline, async () => {
  const run = tsunagu('--ephemeral', '--json', ...freePorts);
  await run.until(/\n/);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.err());
  assert.match(run.out(), /^[^\n]+\n$/);
  const ready = JSON.parse(run.out());
  assert.equal(ready.event, 'ready');
  assert.match(ready.endpoints.http, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.match(ready.endpoints.https, /^https:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.match(ready.endpoints.mqtts, /^mqtts:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.match(ready.endpoints.wss, /^wss:\/\/127\.0\.0\.1:[1-9]\d*\/mqtt$/);
  assert.equal('mqtt' in ready.endpoints, false);
  assert.equal(ready.accountId, '000000000000');
});

test(
  'npm start passes arguments on, prints only the line, and a SIGTERM to npm reaches the program',
  deadline,
  async () => {
    const run = start('npm', ['run', '-s', 'start', '--', '--ephemeral', '--json', ...freePorts]);
    const [, port] = await run.until(/"http:\/\/127\.0\.0\.1:(\d+)"/);
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.err());
    assert.match(run.out(), /^[^\n]+\n$/);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/_tsunagu/health`), 'the program is still there');
  },
);

test('without --json a person reads the endpoints and how to point the AWS CLI at them', deadline, async () => {
  const run = tsunagu('--ephemeral', '--mqtt-port', '0', ...freePorts);
  await run.until(/MQTT, plain +mqtt:[\s\S]+export AWS_ENDPOINT_URL_IOT=http:[\s\S]+curl /);
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 0, run.err());
});

test('the data folder is kept from one start to the next, with its CA and admin key', deadline, async () => {
  const folder = await temporaryFolder();
  const ready: { caFile: string; credentials: object }[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const run = tsunagu('--data', join(folder, 'data'), '--json', ...freePorts);
    await run.until(/\n/);
    ready.push(JSON.parse(run.out()));
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.err());
  }
  assert.deepEqual(ready[1].credentials, ready[0].credentials);
  assert.equal(ready[1].caFile, ready[0].caFile);
});

test('the launcher starts the program in a checkout and passes its exit code on', deadline, async () => {
  const version = start(process.execPath, [launcher, '--version']);
  assert.equal(await version.ended, 0, version.err());
  assert.match(version.out(), /^\d+\.\d+\.\d+\n$/);
  const wrong = start(process.execPath, [launcher, '--nope']);
  assert.equal(await wrong.ended, 2);
});

test('the demo shows messages, a rule and a shadow round trip, and leaves nothing', { timeout: 120_000 }, async () => {
  const run = tsunagu('demo', '--seconds', '7');
  assert.equal(await run.ended, 0, run.err());
  for (const part of [
    /3 devices connected/,
    /publish/,
    /alarm/,
    /desired/,
    /reported/,
    /everything it made is removed/,
  ]) {
    assert.match(run.out(), part);
  }
  assert.ok(!run.out().includes('\x1b'), 'colours without a terminal');
});

test('explain tells why a client was refused, with the statement that would allow it', deadline, async () => {
  const folder = await temporaryFolder();
  const policy = join(folder, 'policy.json');
  const statement = { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' };
  await writeFile(policy, JSON.stringify({ Version: '2012-10-17', Statement: statement }));
  const plain = ['--mqtt-port', '0', '--mqtt-anonymous-policy', policy];
  const server = tsunagu('--ephemeral', '--json', ...plain, ...freePorts);
  await server.until(/\n/);
  const { endpoints } = JSON.parse(server.out()) as { endpoints: { http: string; mqtt: string } };

  const nothing = tsunagu('explain', '--endpoint', endpoints.http);
  assert.equal(await nothing.ended, 0, nothing.err());
  assert.match(nothing.out(), /^Nothing was refused/);

  const client = connect(endpoints.mqtt, { clientId: 'lamp', reconnectPeriod: 0 });
  client.on('connect', () => client.publish('kitchen/light', 'on'));
  await new Promise<void>((resolve) => client.once('close', () => resolve()));
  const told = tsunagu('explain', 'lamp', '--endpoint', endpoints.http);
  assert.equal(await told.ended, 0, told.err());
  assert.match(told.out(), /iot:Publish refused\n/);
  assert.match(told.out(), /why +no statement of anonymous allows it\n/);
  const suggestion = told.out().match(/\{.*\}/)?.[0] ?? '';
  assert.deepEqual(JSON.parse(suggestion), {
    Effect: 'Allow',
    Action: 'iot:Publish',
    Resource: 'arn:aws:iot:us-east-1:000000000000:topic/kitchen/light',
  });
  const json = tsunagu('explain', '--json', '--endpoint', endpoints.http);
  assert.equal(await json.ended, 0, json.err());
  assert.equal(JSON.parse(json.out()).denials[0].clientId, 'lamp');

  server.child.kill('SIGTERM');
  assert.equal(await server.ended, 0, server.err());
  const gone = tsunagu('explain', '--endpoint', endpoints.http);
  assert.equal(await gone.ended, 1);
  assert.match(gone.err(), /cannot be reached .*: is the server running\?\n$/);
});
