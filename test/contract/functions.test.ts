/** Functions as the platform runs them: modules in a real folder on real processes, and an endpoint that speaks HTTP. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import {
  createFunctions,
  FunctionError,
  type FunctionErrorKind,
  type Functions,
  type FunctionsDeps,
} from '../../src/functions/functions.ts';

const LONG = { timeoutMs: 20_000 };
const SHORT = { timeoutMs: 400 };

/** A log that keeps its lines and tells who waits for one. */
class Lines implements Log {
  readonly all: string[] = [];
  #waiting: (() => void)[] = [];

  debug = (): void => undefined;
  info = (fields: object, message: string): void => this.#add(fields, message);
  warn = this.info;
  error = this.info;

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.all.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #add(fields: object, message: string): void {
    this.all.push(`${JSON.stringify(fields)} ${message}`);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function failsAs(kind: FunctionErrorKind, pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof FunctionError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

describe('a folder of modules', () => {
  let folder: string;
  let functions: Functions;
  const log = new Lines();
  const made: Functions[] = [];

  const create = (more: Partial<FunctionsDeps> = {}): Functions => {
    const one = createFunctions({ folder, clock: systemClock(), random: systemRandom(), log, ...more });
    made.push(one);
    return one;
  };
  const write = (name: string, source: string): Promise<void> => writeFile(join(folder, `${name}.mjs`), source);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsunagu-functions-'));
    functions = create();
  });

  after(async () => {
    await Promise.all(made.map((one) => one.stop()));
    await rm(folder, { recursive: true });
  });

  test('a module is given the event and a context, and its result comes back', async () => {
    await write(
      'echo',
      `export async function handler(event, context) {
        const { functionName, invokedFunctionArn, functionVersion, memoryLimitInMB } = context;
        const remaining = context.getRemainingTimeInMillis();
        return { event, functionName, invokedFunctionArn, functionVersion, memoryLimitInMB, id: context.awsRequestId.length,
          inTime: remaining > 0 && remaining <= 20000 };
      }`,
    );
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:echo:live';
    assert.deepEqual(await functions.invoke(arn, { a: [1, 'ü', null] }, LONG), {
      event: { a: [1, 'ü', null] },
      functionName: 'echo',
      invokedFunctionArn: arn,
      functionVersion: 'live',
      memoryLimitInMB: '128',
      id: 36,
      inTime: true,
    });
  });

  test('the handler need not be asynchronous, and undefined becomes null', async () => {
    await write('nothing', 'export const handler = () => undefined;');
    assert.equal(await functions.invoke('nothing', {}, LONG), null);
  });

  test('a module stays warm between invocations', async () => {
    await write('count', 'let n = 0; export const handler = () => ++n;');
    assert.equal(await functions.invoke('count', {}, LONG), 1);
    assert.equal(await functions.invoke('function:count', {}, LONG), 2);
  });

  test('a module sees no environment variables of the server', async () => {
    await write('environment', 'export const handler = () => Object.keys(process.env);');
    assert.deepEqual(await functions.invoke('environment', {}, LONG), []);
  });

  test('a module is loaded anew when its file has changed', async () => {
    await write('changing', 'export const handler = () => "old";');
    assert.equal(await functions.invoke('changing', {}, LONG), 'old');
    await write('changing', 'export const handler = () => "new";');
    await utimes(join(folder, 'changing.mjs'), 1000, 2000);
    assert.equal(await functions.invoke('changing', {}, LONG), 'new');
  });

  test('a call that is under way when the file changes is finished with the old module', async () => {
    await write(
      'replaced',
      `import { createServer } from 'node:net';
      export const handler = () => new Promise((resolve) => {
        const signal = createServer((socket) => { socket.end(); signal.close(); resolve('old'); });
        signal.listen(0, '127.0.0.1', () => console.log('the old one waits at', signal.address().port));
      });`,
    );
    const before = functions.invoke('replaced', {}, LONG);
    const [port] = (await log.until(/the old one waits/)).match(/\d+$/) ?? [];
    await write('replaced', "export const handler = () => 'new';");
    await utimes(join(folder, 'replaced.mjs'), 1000, 3000);
    assert.equal(await functions.invoke('replaced', {}, LONG), 'new');
    connect(Number(port), '127.0.0.1').resume();
    assert.equal(await before, 'old');
  });

  const failures: readonly [name: string, source: string, kind: FunctionErrorKind, pattern: RegExp][] = [
    [
      'throws',
      'export const handler = () => { throw new TypeError("no such token"); };',
      'threw',
      /TypeError: no such/,
    ],
    ['rejects', 'export const handler = async () => { throw "plain text"; };', 'threw', /threw plain text/],
    ['throws-nothing', 'export const handler = () => { throw undefined; };', 'threw', /undefined/],
    ['throws-odd', 'export const handler = () => { throw { toString() { throw 1; } }; };', 'threw', /no text/],
    [
      'stray',
      'export const handler = () => new Promise(() => { Promise.reject(new Error("stray")); });',
      'threw',
      /stray/,
    ],
    ['exits', 'export const handler = () => process.exit(3);', 'threw', /exit code 3/],
    ['no-handler', 'export const other = 1;', 'threw', /exports no function `handler`/],
    ['syntax', 'export const handler = (;', 'threw', /cannot be loaded: SyntaxError/],
    ['bad-import', 'import "./missing.mjs"; export const handler = () => 1;', 'threw', /cannot be loaded/],
    ['bigint', 'export const handler = () => 1n;', 'badResult', /not JSON/],
    ['cycle', 'export const handler = () => { const a = {}; a.a = a; return a; };', 'badResult', /not JSON/],
    ['symbol', 'export const handler = () => Symbol("x");', 'badResult', /returned a symbol/],
    ['large', 'export const handler = () => "x".repeat(7e6);', 'badResult', /7000002 bytes/],
    [
      'forger',
      'export const handler = (e, c) => { for (const m of [null, 7, {}, { id: 1 }, { id: c.awsRequestId, kind: "returned", result: "{" }]) process.send(m); };',
      'badResult',
      /not JSON/,
    ],
  ];
  for (const [name, source, kind, pattern] of failures) {
    test(`a module that ${name} fails as ${kind} and says why`, async () => {
      await write(name, source);
      await assert.rejects(functions.invoke(name, {}, LONG), failsAs(kind, pattern));
    });
  }

  test('a module that failed to load is tried again, since what it imports may be there now', async () => {
    await write('imports', 'import { value } from "./value.mjs"; export const handler = () => value;');
    await assert.rejects(functions.invoke('imports', {}, LONG), failsAs('threw', /cannot be loaded/));
    await write('value', 'export const value = 5;');
    assert.equal(await functions.invoke('imports', {}, LONG), 5);
  });

  test('an endless loop is killed, and the next call gets a new process', async () => {
    await write('loop', 'export const handler = (event) => { while (event === "loop"); return "fine"; };');
    assert.equal(await functions.invoke('loop', 'x', LONG), 'fine');
    await assert.rejects(
      functions.invoke('loop', 'loop', SHORT),
      failsAs('timedOut', /"loop" did not finish within 400 ms/),
    );
    assert.equal(await functions.invoke('loop', 'x', LONG), 'fine');
  });

  test('an endless loop while the module is loaded is killed too', async () => {
    await write('loop-on-load', 'while (true); export const handler = () => 1;');
    await assert.rejects(functions.invoke('loop-on-load', {}, SHORT), failsAs('timedOut', /did not finish/));
  });

  test('a promise that never settles is given up', async () => {
    await write('never', 'export const handler = () => new Promise(() => {});');
    await assert.rejects(functions.invoke('never', {}, SHORT), failsAs('timedOut', /did not finish/));
  });

  test('a module that uses too much memory fails, and the server lives on', async () => {
    await write(
      'hog',
      'export const handler = () => { const all = []; for (;;) all.push(new Array(1000).fill({})); };',
    );
    const small = create({ limits: { memoryMb: 16 } });
    await assert.rejects(small.invoke('hog', {}, LONG), failsAs('threw', /more than 16 MB of memory/));
  });

  test('what a module prints is in the log with its name', async () => {
    await write('prints', 'export const handler = () => { console.log("hello\\nthere"); console.error("oh"); };');
    await functions.invoke('prints', {}, LONG);
    assert.equal(await log.until(/hello/), '{"function":"prints"} hello');
    assert.equal(await log.until(/there/), '{"function":"prints"} there');
    assert.equal(await log.until(/oh/), '{"function":"prints"} oh');
  });

  /** Each call answers once so many calls were seen. */
  const meeting = (size: number): string =>
    `let seen = 0, all; const together = new Promise((resolve) => { all = resolve; });
     export const handler = async (event) => { if (++seen === ${size}) all(); await together; return event; };`;

  test('calls of one module run at once', async () => {
    await write('meeting', meeting(8));
    const calls = Array.from({ length: 8 }, (_, n) => functions.invoke('meeting', n, LONG));
    assert.deepEqual(await Promise.all(calls), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('calls beyond the bound wait for their turn', async () => {
    await write(
      'busy',
      `let now = 0, most = 0;
       export const handler = async () => { most = Math.max(most, ++now); await new Promise(setImmediate); now--; return most; };`,
    );
    const two = create({ limits: { concurrency: 2 } });
    const results = await Promise.all(Array.from({ length: 10 }, () => two.invoke('busy', {}, LONG)));
    assert.equal(Math.max(...(results as number[])), 2);
  });

  test('calls beyond the queue are refused at once; one that had no turn does no harm to the one that runs', async () => {
    await write('gate', 'export const handler = () => new Promise(() => { console.log("gate closed"); });');
    const one = create({ limits: { concurrency: 1, queue: 1 } });
    const running = assert.rejects(one.invoke('gate', {}, LONG), failsAs('threw', /server stops/));
    await log.until(/gate closed/);
    const outcomes = await Promise.allSettled([one.invoke('gate', {}, SHORT), one.invoke('gate', {}, SHORT)]);
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.message : 'returned'));
    assert.deepEqual(reasons.sort(), [
      'function "gate" had no turn within 400 ms',
      'function "gate" was not run: 1 calls wait for it already',
    ]);
    await one.stop();
    await running;
  });

  test('the process unused for longest makes room; a busy one does not', async () => {
    await write('first', 'let n = 0; export const handler = () => ++n;');
    await write('second', 'let n = 0; export const handler = () => ++n;');
    await write('occupied', 'export const handler = () => new Promise(() => { console.log("occupied"); });');
    const few = create({ limits: { processes: 1 } });
    assert.equal(await few.invoke('first', {}, LONG), 1);
    assert.equal(await few.invoke('first', {}, LONG), 2);
    assert.equal(await few.invoke('second', {}, LONG), 1);
    const busy = assert.rejects(few.invoke('occupied', {}, LONG), failsAs('threw', /server stops/));
    await log.until(/\boccupied$/);
    await assert.rejects(few.invoke('first', {}, LONG), failsAs('overloaded', /other functions are busy/));
    await few.stop();
    await busy;
  });

  test('an event for which nobody waits is taken; its failure is in the log', async () => {
    await write('event', 'export const handler = (event) => { throw new Error(`event ${event}`); };');
    assert.equal(await functions.invoke('event', 'lost', { ...LONG, type: 'Event' }), null);
    assert.match(await log.until(/event lost/), /function \\?"event\\?" threw Error: event lost/);
  });

  test('an event larger than 6 MB is not handed over', async () => {
    await assert.rejects(functions.invoke('echo', 'x'.repeat(6 * 1024 * 1024), LONG), failsAs('badPayload', /bytes/));
  });

  test('names that could leave the folder, and links that do, are refused', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'tsunagu-outside-'));
    try {
      const secret = join(outside, 'secret.mjs');
      await writeFile(secret, 'export const handler = () => "secret";');
      await symlink(secret, join(folder, 'link.mjs'));
      await symlink(join(folder, 'echo.mjs'), join(folder, 'alias.mjs'));
      await mkdir(join(folder, 'folder.mjs'));
      const relative = `../${outside.slice(tmpdir().length + 1)}/secret`;
      for (const name of [
        relative,
        secret,
        `${outside}/secret`,
        '%2e%2e%2fsecret',
        './echo',
        'echo.mjs',
        'echo\0',
        '',
      ]) {
        await assert.rejects(functions.invoke(name, {}, LONG), failsAs('notFound', /neither an ARN/));
      }
      await assert.rejects(functions.invoke('link', {}, LONG), failsAs('notFound', /leads out of/));
      await assert.rejects(functions.invoke('folder', {}, LONG), failsAs('notFound', /not a file/));
      assert.equal(((await functions.invoke('alias', 1, LONG)) as { event: number }).event, 1);
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  test('a function without a module and without an endpoint fails with what is missing', async () => {
    await assert.rejects(
      functions.invoke('missing', {}, LONG),
      failsAs('notFound', /there is no missing\.mjs in .*no endpoint/),
    );
    const nowhere = create({ folder: join(folder, 'not-there') });
    await assert.rejects(nowhere.invoke('missing', {}, LONG), failsAs('notFound', /there is no missing\.mjs/));
    const none = createFunctions({ clock: systemClock(), random: systemRandom(), log });
    await assert.rejects(none.invoke('missing', {}, LONG), failsAs('notFound', /no folder of functions/));
  });

  test('after a stop nothing is run', async () => {
    const stopped = create();
    await stopped.invoke('echo', 1, LONG);
    await stopped.stop();
    await assert.rejects(stopped.invoke('echo', 1, LONG), failsAs('overloaded', /server stops/));
  });
});

describe('an endpoint for functions without a module', () => {
  let respond: (request: IncomingMessage, body: string, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => respond(request, Buffer.concat(chunks).toString(), response));
  });
  let url: string;
  let functions: Functions;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    functions = createFunctions({ endpoint: url, clock: systemClock(), random: systemRandom(), log: new Lines() });
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  test('it is asked as Lambda is, and its result comes back', async () => {
    let seen: object = {};
    respond = ({ method, url: path, headers }, body, response) => {
      seen = { method, path, type: headers['x-amz-invocation-type'], content: headers['content-type'], body };
      response.end('{"isAuthenticated":true}');
    };
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:auth:$LATEST';
    assert.deepEqual(await functions.invoke(arn, { token: 't' }, LONG), { isAuthenticated: true });
    assert.deepEqual(seen, {
      method: 'POST',
      path: '/2015-03-31/functions/auth/invocations?Qualifier=%24LATEST',
      type: 'RequestResponse',
      content: 'application/json',
      body: '{"token":"t"}',
    });
  });

  test('a function that is a URL is asked there', async () => {
    respond = ({ url: path }, body, response) => response.end(JSON.stringify({ path, body }));
    assert.deepEqual(await functions.invoke(`${url}/hooks/auth?x=1`, 5, LONG), { path: '/hooks/auth?x=1', body: '5' });
  });

  test('an event is taken with 202 and no body', async () => {
    const types: unknown[] = [];
    const taken = new Promise<void>((resolve) => {
      respond = ({ headers }, _body, response) => {
        types.push(headers['x-amz-invocation-type']);
        response.writeHead(202).end();
        resolve();
      };
    });
    assert.equal(await functions.invoke('auth', {}, { ...LONG, type: 'Event' }), null);
    await taken;
    assert.deepEqual(types, ['Event']);
  });

  const answers: readonly [what: string, answer: (response: ServerResponse) => void, FunctionErrorKind, RegExp][] = [
    [
      'an exception of the function',
      (response) =>
        response
          .writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' })
          .end('{"errorType":"TypeError","errorMessage":"no token"}'),
      'threw',
      /threw TypeError: no token/,
    ],
    [
      'an exception told badly',
      (response) => response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' }).end('oops'),
      'threw',
      /threw oops/,
    ],
    ['an unknown function', (response) => response.writeHead(404).end('{"Type":"User"}'), 'notFound', /404/],
    ['too many requests', (response) => response.writeHead(429).end(), 'overloaded', /429/],
    ['a failure', (response) => response.writeHead(503).end('down'), 'unreachable', /503: down/],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'unreachable',
      /302/,
    ],
    ['what is not JSON', (response) => response.end('<html>'), 'badResult', /not JSON/],
    ['too much', (response) => response.end('x'.repeat(7e6)), 'badResult', /more than/],
    ['nothing in time', () => undefined, 'timedOut', /did not answer within 400 ms/],
    ['a broken connection', (response) => void response.destroy(), 'unreachable', /cannot be reached/],
    ['half an answer', (response) => void response.writeHead(200).write('{"a"'), 'timedOut', /did not answer/],
  ];
  for (const [what, answer, kind, pattern] of answers) {
    test(`${what} is ${kind}`, async () => {
      respond = (_request, _body, response) => answer(response);
      await assert.rejects(functions.invoke('auth', {}, kind === 'timedOut' ? SHORT : LONG), failsAs(kind, pattern));
    });
  }

  test('no more than 256 calls are under way at once', async () => {
    const held: ServerResponse[] = [];
    const all = new Promise<void>((resolve) => {
      respond = (_request, _body, response) => {
        if (held.push(response) === 256) resolve();
      };
    });
    const calls = Array.from({ length: 256 }, () => functions.invoke('auth', {}, LONG));
    await all;
    await assert.rejects(functions.invoke('auth', {}, LONG), failsAs('overloaded', /256 others are under way/));
    for (const response of held) response.end('1');
    assert.equal((await Promise.all(calls)).length, 256);
    respond = (_request, _body, response) => response.end('2');
    assert.equal(await functions.invoke('auth', {}, LONG), 2);
  });

  test('an endpoint that is not there is unreachable', async () => {
    const deps = { clock: systemClock(), random: systemRandom(), log: new Lines() };
    const away = createFunctions({ ...deps, endpoint: 'http://127.0.0.1:1' });
    await assert.rejects(away.invoke('auth', {}, LONG), failsAs('unreachable', /cannot be reached/));
    for (const endpoint of ['file:///etc', 'localhost:9001', 'nonsense']) {
      assert.throws(() => createFunctions({ ...deps, endpoint }), /must be an http or https URL/);
    }
  });
});
