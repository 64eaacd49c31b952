/**
 * What rots unseen, as data: who may import whom, one door per folder, no cycles, no hidden clock or environment, no
 * giant file, no error code that nobody modelled. A rule that is in the way is changed here, with its reason.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { queryErrors } from '../src/api/query.ts';
import { protocolErrors } from '../src/api/respond.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The folders of `src/` and whose doors each may use. `.` is `src/` itself: the program around them. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  mqtt: ['base'],
  store: ['base'],
  bus: ['base'],
  identity: ['base', 'mqtt', 'store', 'bus'],
  broker: ['base', 'mqtt', 'store', 'bus', 'identity'],
  api: ['base', 'mqtt', 'store', 'bus', 'identity'],
  gateway: ['base', 'mqtt', 'broker', 'identity', 'api'],
  // A client of the platform like any other, except that it shares the codec and the signer.
  demo: ['base', 'mqtt', 'identity', '.'],
  '.': ['base', 'mqtt', 'store', 'bus', 'identity', 'broker', 'api', 'gateway', 'domain', 'demo'],
};

/** What every domain (a folder that is not above) may use. */
const domainMayUse = ['base', 'mqtt', 'store', 'bus'];

/**
 * Besides a folder's door: the ports between the parts, which are types and may be used by everybody above `base`,
 * and the paging of lists, which knows nothing of the API's front.
 */
const ports = [
  'api/json.ts',
  'api/operation.ts',
  'api/pagination.ts',
  'broker/message.ts',
  'identity/authority.ts',
  'identity/principal.ts',
  'identity/refusal.ts',
  'mqtt/packets.ts',
];

/** Further files that may be used from outside by those whose layer allows it, and why. */
const sideDoors: Readonly<Record<string, string>> = {
  'identity/sigv4-sign.ts': 'for clients, never for the server',
  'gateway/operator.ts': 'health, metrics, CA and reset, which server.ts puts before the API',
  'store/sqlite.ts': 'a back end of the port, chosen by server.ts',
  'store/retry.ts': 'what callers of the port do after a conflict',
};

/** Where the system's clock, timers, randomness and environment may be read. */
const mayReadTheSystem = [/^base\//, /^config\.ts$/];

const longestFile = 600;
/** Tests are read a case at a time. */
const longestTest = 900;

interface Import {
  readonly from: string;
  readonly to: string;
  /** Stays in the running program: anything but `import type` and `export type`. */
  readonly isValue: boolean;
}

const sources = filesOf('src').filter((file) => !isTest(file));
const imports = sources.flatMap((file) => importsOf(file));

test('every folder uses only the folders below it', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [source, target] = [folderOf(from), folderOf(to)];
    if (source === target || isPort(to)) return source === 'base' && target !== 'base';
    const allowed = layers[source] ?? domainMayUse;
    return !allowed.includes(target) && !(allowed.includes('domain') && !(target in layers));
  });
  assert.deepEqual(wrong.map(written), []);
});

test('a folder is entered only by its door', () => {
  const wrong = imports.filter(({ from, to }) => {
    const folder = folderOf(to);
    if (folder === folderOf(from) || folder === 'base' || folder === '.') return false;
    return to !== `${folder}/${folder}.ts` && !isPort(to) && !Object.hasOwn(sideDoors, to);
  });
  assert.deepEqual(wrong.map(written), []);
});

test('the exceptions to one door per folder are all used', () => {
  const used = new Set(imports.map(({ to }) => to));
  const idle = [...ports, ...Object.keys(sideDoors)].filter(
    (file) => !used.has(file) && existsSync(join(root, 'src', file)),
  );
  assert.deepEqual(idle, []);
});

test('no file imports itself through others', () => {
  assert.deepEqual(cycles(imports.filter((one) => one.isValue)), []);
});

test('only base and config read the clock, timers, randomness and the environment', () => {
  const reads = /\b(?:Date\.now|Math\.random|setTimeout|setInterval|process\.env)\b|new Date\(\)/g;
  const wrong = sources
    .filter((file) => !mayReadTheSystem.some((pattern) => pattern.test(file)))
    .flatMap((file) => [...withoutComments(text(file)).matchAll(reads)].map(([read]) => `${file}: ${read}`));
  assert.deepEqual(wrong, []);
});

test(`no file is longer than ${longestFile} lines, no test than ${longestTest}`, () => {
  const written = [...filesOf('src'), ...filesOf('test', ''), ...filesOf('tools', '')];
  const long = written.filter((file) => {
    const limit = file.endsWith('.test.ts') ? longestTest : longestFile;
    return !isGenerated(file) && text(file).split('\n').length > limit;
  });
  assert.deepEqual(long, []);
});

test('every error code that is thrown is modelled, or belongs to the protocol', () => {
  const modelled = modelledErrors();
  const unknown = sources.flatMap((file) =>
    [...text(file).matchAll(/new ServiceError\(\s*'([^']+)'/g)]
      .map(([, code]) => code)
      .filter((code) => !modelled.has(code) && !Object.hasOwn({ ...protocolErrors, ...queryErrors }, code))
      .map((code) => `${file}: ${code}`),
  );
  assert.deepEqual(unknown, []);
});

test('the names that say nothing are not used for files', () => {
  const empty = /(^|\/)(utils?|helpers?|common|misc|manager|index)\.ts$/;
  assert.deepEqual(
    sources.filter((file) => empty.test(file) && file !== 'index.ts'),
    [],
  );
});

/** TypeScript files below `folder`, as paths relative to `relativeTo` (`src` unless said), with forward slashes. */
function filesOf(folder: string, relativeTo = folder): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, relativeTo).length))
    .map((file) => file.replaceAll('\\', '/').replace(/^\//, ''))
    .sort();
}

function text(file: string): string {
  const path = /^(test|tools)\//.test(file) ? file : join('src', file);
  return readFileSync(join(root, path), 'utf8');
}

function isTest(file: string): boolean {
  return /(\.(test|fixture)|(^|\/)bench)\.ts$/.test(file);
}

function isGenerated(file: string): boolean {
  return /(^|\/)generated\//.test(file);
}

function isPort(file: string): boolean {
  return ports.includes(file) || file.startsWith('api/generated/');
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '.';
}

function written({ from, to }: Import): string {
  return `${from} → ${to}`;
}

/** Relative imports and exports, static and dynamic. With `verbatimModuleSyntax` only a leading `type` removes one. */
function importsOf(file: string): Import[] {
  const code = withoutComments(text(file));
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'/gm);
  const calls = code.matchAll(/\bimport\(\s*()'(\.[^']+)'/g);
  return [...statements, ...calls].map(([, type, target]) => ({
    from: file,
    to: normalize(join(dirname(file), target)).replaceAll('\\', '/'),
    isValue: !type,
  }));
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

/** Every cycle once, as the path around it. */
function cycles(edges: readonly Import[]): string[] {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push([...path.slice(start), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}

function modelledErrors(): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const name of readdirSync(join(root, 'models')).filter((file) => file.endsWith('.json'))) {
    const { shapes } = JSON.parse(readFileSync(join(root, 'models', name), 'utf8')) as {
      shapes: Record<string, { exception?: boolean }>;
    };
    for (const [shape, { exception }] of Object.entries(shapes)) if (exception) codes.add(shape);
  }
  return codes;
}
