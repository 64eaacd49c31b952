/**
 * `npm run bench`: the broker beside Mosquitto and the bare Node forwarder (bound.mjs), each on one core, the load
 * generator on another, all in one run. Peers that are not installed are left out. Machines are noisy, so the table
 * written into README.md has ratios to Mosquitto; the figures stand beside them.
 *
 *     npm run bench -- [--seconds 3] [--rounds 3] [--only TEXT] [--no-write]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeTlsFiles, policyForAll } from './bench-identity.ts';
import { type Measured, measure, memoryPerConnection } from './measure.ts';
import { intoReadme, type Row, table } from './report.ts';

const here = import.meta.dirname;
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    'no-write': { type: 'boolean', default: false },
  },
});

/** [name, the generator's options, which figure counts] */
const scenarios: readonly (readonly [string, string, keyof Measured])[] = [
  ['p2p QoS 0', '-s p2p -n 50 -q 0', 'received'],
  ['p2p QoS 1', '-s p2p -n 50 -q 1', 'received'],
  ['p2p QoS 1, MQTT 5', '-s p2p -n 50 -q 1 -V 5', 'received'],
  ['p2p QoS 1, 1 KiB', '-s p2p -n 50 -q 1 -z 1024', 'received'],
  ['fan-in 50 to 1, QoS 0', '-s fanin -n 50 -q 0', 'received'],
  ['fan-in 50 to 1, QoS 1', '-s fanin -n 50 -q 1', 'received'],
  ['fan-out 1 to 500, QoS 0', '-s fanout -n 500 -q 0 -w 10', 'received'],
  ['fan-out 1 to 500, QoS 1', '-s fanout -n 500 -q 1 -w 10', 'received'],
  ['p2p QoS 1, one in flight', '-s p2p -n 50 -q 1 -w 1', 'received'],
  ['fan-out QoS 0, one in flight', '-s fanout -n 500 -q 0 -w 1', 'received'],
  ['p99 at 5,000/s QoS 1 (us)', '-s p2p -n 50 -q 1 -r 5000', 'p99'],
  ['connect and close', '-s churn -n 100000 -C 50', 'churn'],
];

const tlsScenarios: typeof scenarios = [
  ['TLS: p2p QoS 0', '-s p2p -n 50 -q 0', 'received'],
  ['TLS: p2p QoS 1', '-s p2p -n 50 -q 1', 'received'],
  ['TLS: fan-out 1 to 100, QoS 0', '-s fanout -n 100 -q 0 -w 10', 'received'],
  ['TLS: connect and close', '-s churn -n 100000 -C 20', 'churn'],
];

interface Peer {
  readonly name: string;
  readonly process: ChildProcess;
  readonly port: number;
  readonly tlsPort?: number;
}

const folder = mkdtempSync(join(tmpdir(), 'tsunagu-bench-'));
const peers: Peer[] = [];
try {
  const generator = buildGenerator();
  const tls = makeTlsFiles(folder);
  if (isInstalled('mosquitto')) peers.push(await startMosquitto());
  peers.push(await startTsunagu());
  peers.push(await startBound());
  const rows: Row[] = [];
  if ('KiB per idle connection'.includes(options.only)) rows.push(memoryRow(generator));
  for (const [name, load, figure] of scenarios) {
    if (name.includes(options.only)) rows.push(row(name, figure, (peer) => [generator, peer.port, load]));
  }
  for (const [name, load, figure] of tlsScenarios) {
    const withTls = `${load} --cafile ${tls.trusted} --cert ${tls.cert} --key ${tls.key}`;
    const run = (peer: Peer) =>
      peer.tlsPort === undefined ? undefined : ([generator, peer.tlsPort, withTls] as const);
    if (name.includes(options.only)) rows.push(row(name, figure, run));
  }
  const text = table(
    peers.map((peer) => peer.name),
    rows,
  );
  console.log(text);
  if (!options['no-write'])
    writeFileSync(join(here, 'README.md'), intoReadme(readFileSync(join(here, 'README.md'), 'utf8'), text));
} finally {
  for (const peer of peers) peer.process.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

/** One scenario on every peer in turn, `rounds` times; the median of each. */
function row(
  name: string,
  figure: keyof Measured,
  run: (peer: Peer) => readonly [string, number, string] | undefined,
): Row {
  const results = new Map<string, Measured[]>(peers.map((peer) => [peer.name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const peer of peers) {
      const wanted = run(peer);
      const measured = wanted && measure(...wanted, Number(options.seconds), peer.process.pid as number);
      if (measured) results.get(peer.name)?.push(measured);
    }
  }
  const cells = peers.map((peer) => medianOf(results.get(peer.name) ?? [], figure));
  console.error(`${name}: ${cells.map((cell) => cell?.value.toFixed(0) ?? 'failed').join(' ')}`);
  return { name, cells, lowerIsBetter: figure === 'p99' };
}

function memoryRow(generator: string): Row {
  const cells = peers.map((peer) => {
    const kib = memoryPerConnection(generator, peer.port, peer.process.pid as number);
    return { value: kib, cpuUs: undefined };
  });
  return { name: 'KiB per idle connection (5,000)', cells, lowerIsBetter: true };
}

function medianOf(measured: readonly Measured[], figure: keyof Measured): Row['cells'][number] {
  if (measured.length === 0) return undefined;
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
  const cpuUs = figure === 'received' ? median(measured.map((it) => it.cpuUs)) : undefined;
  return { value: median(measured.map((it) => it[figure])), cpuUs };
}

function buildGenerator(): string {
  const source = join(here, 'mqttload.c');
  const binary = join(here, '.build', 'mqttload');
  if (!existsSync(binary)) {
    mkdirSync(join(here, '.build'), { recursive: true });
    execFileSync('cc', ['-O2', '-o', binary, source, '-lssl', '-lcrypto'], { stdio: 'inherit' });
  }
  return binary;
}

/** Brokers on core 0, the generator on core 1, where the machine lets us choose. */
function startOnCore(core: number, command: string, args: readonly string[]): ChildProcess {
  const pinned = isInstalled('taskset') ? ['taskset', '-c', String(core), command, ...args] : [command, ...args];
  return spawn(pinned[0], pinned.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
}

async function startMosquitto(): Promise<Peer> {
  const [port, tlsPort] = [21_883, 21_884];
  const common = 'persistence false\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\n';
  const plain = `per_listener_settings true\nlistener ${port} 127.0.0.1\nallow_anonymous true\n`;
  const { ca, serverCert, serverKey } = makeTlsFiles(folder);
  const secure =
    `listener ${tlsPort} 127.0.0.1\nallow_anonymous true\nrequire_certificate true\n` +
    `cafile ${ca}\ncertfile ${serverCert}\nkeyfile ${serverKey}\n`;
  const file = join(folder, 'mosquitto.conf');
  // Started by root it would become another user, who cannot read the keys.
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(file, user + common + plain + secure);
  const child = startOnCore(0, 'mosquitto', ['-c', file]);
  await reachable(port);
  return { name: 'Mosquitto', process: child, port, tlsPort };
}

/** In the `aws` profile with a policy for everybody, only its rates raised: the code path that devices take. */
async function startTsunagu(): Promise<Peer> {
  const unlimited = [
    'publishesPerSecond',
    'inflightInbound',
    'inflightOutbound',
    'subscriptionsPerConnection',
    'bytesPerSecond',
  ];
  const known = new Set(Object.keys((await import('../src/broker/broker.ts')).awsLimits));
  const raised = unlimited.filter((name) => known.has(name));
  const limits = raised.flatMap((name) => ['--limit', `${name}=${name.startsWith('inflight') ? 65_535 : 'unlimited'}`]);
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, policyForAll);
  const ports = ['--http-port', '0', '--tls-port', '0', '--mqtts-port', '0', '--mqtt-port', '0'];
  const flags = ['--ephemeral', '--json', '--log-level', 'silent', '--mqtt-anonymous-policy', policy];
  const main = join(here, '..', 'src', 'main.ts');
  const child = startOnCore(0, process.execPath, [main, 'start', ...flags, ...ports, ...limits]);
  const line = await firstLine(child);
  const ready = JSON.parse(line);
  const { registerBenchDevice } = await import('./bench-identity.ts');
  const files = makeTlsFiles(folder);
  writeFileSync(files.trusted, readFileSync(files.ca, 'utf8') + readFileSync(ready.caFile, 'utf8'));
  await registerBenchDevice(ready, files);
  const port = Number(new URL(ready.endpoints.mqtt).port);
  return { name: 'Tsunagu', process: child, port, tlsPort: Number(new URL(ready.endpoints.mqtts).port) };
}

async function startBound(): Promise<Peer> {
  const port = 21_885;
  const child = startOnCore(0, process.execPath, [join(here, 'bound.mjs'), String(port)]);
  await reachable(port);
  return { name: 'bare Node bound', process: child, port };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
}

/** Resolves once something listens on the port. */
async function reachable(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (let attempt = 0; attempt < 200; attempt++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
