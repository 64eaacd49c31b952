/**
 * What npm publishes works: packed, installed elsewhere without development packages, started as a user starts it.
 * Needs npm's registry or its cache for the few packages the program depends on; where there is neither, it says so.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Ready } from '../../src/banner.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const deadlineMs = 300_000;

let folder = '';
/** Why it could not be installed, when that is for want of a network. */
let offline: string | undefined;

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsunagu-package-'));
    const { stdout } = await npm(['pack', '--json', '--silent', '--pack-destination', folder], root);
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
    await writeFile(join(folder, 'package.json'), '{"name":"elsewhere","private":true,"type":"module"}');
    const install = ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', join(folder, filename)];
    try {
      await npm(install, folder);
    } catch (error) {
      if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(String(error))) throw error;
      offline = 'npm has neither a registry nor a cache here';
    }
  },
  { timeout: deadlineMs },
);

after(() => rm(folder, { recursive: true, force: true }));

test('the installed command gets ready, answers, and ends with 0 on SIGTERM', { timeout: deadlineMs }, async (t) => {
  if (offline) return t.skip(offline);
  const ports = ['http', 'tls', 'mqtts'].flatMap((name) => [`--${name}-port`, '0']);
  const command = join(folder, 'node_modules', '.bin', 'tsunagu');
  const child = spawn(command, ['start', '--ephemeral', '--json', ...ports], { cwd: folder });
  const closed = once(child, 'close');
  let complaints = '';
  child.stderr.on('data', (text) => (complaints += text));
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value: first } = (await lines.next()) as { value: string | undefined };
    assert.ok(first, `no ready line: ${complaints}`);
    const ready = JSON.parse(first) as Ready & { event: string };
    assert.equal(ready.event, 'ready');
    const health = await fetch(`${ready.endpoints.http}/_tsunagu/health`);
    assert.equal(health.status, 200);
    child.kill('SIGTERM');
    assert.equal((await lines.next()).done, true, 'more than the ready line on standard output');
    assert.deepEqual(await closed, [0, null], complaints);
  } finally {
    child.kill('SIGKILL');
  }
});

test('the installed package is a module that starts a server in another program', {
  timeout: deadlineMs,
}, async (t) => {
  if (offline) return t.skip(offline);
  const program = `
    import { startServer } from 'tsunagu';
    const server = await startServer({ ephemeral: true, httpPort: 0, tlsPort: 0, mqttsPort: 0, logLevel: 'warn' });
    const { status } = await fetch(server.endpoints.http + '/_tsunagu/health');
    await server.stop();
    console.log(status);`;
  await writeFile(join(folder, 'program.js'), program);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
  assert.equal(stdout, '200\n');
});

test('the package holds no source, no test and no development package', async (t) => {
  if (offline) return t.skip(offline);
  const installed = join(folder, 'node_modules', 'tsunagu');
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { files: string[] };
  assert.ok(!manifest.files.includes('src'));
  await assert.rejects(readFile(join(installed, 'src', 'main.ts')), { code: 'ENOENT' });
  await assert.rejects(readFile(join(folder, 'node_modules', 'typescript', 'package.json')), { code: 'ENOENT' });
});

/** npm in `cwd`, as in a shell of its own: what the npm that runs this test set would lead it astray. */
function npm(argv: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_(?!registry|cache)/i.test(name)),
  );
  return run('npm', [...argv], { cwd, env: environment, maxBuffer: 64 * 1024 * 1024 });
}
