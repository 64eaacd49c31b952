/**
 * Makes the TypeScript types of `src/api/generated/` from `models/*.json`: a type for every shape and one interface
 * of handlers for every service. `npm run generate` writes them, `--check` only says (exit 1) whether they are
 * current. The output depends on nothing but the models, so it is committed and compared.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The services this program speaks, and how their types are called. */
const services = {
  iot: 'Iot',
  'iot-data': 'IotData',
  'iot-jobs-data': 'IotJobsData',
  iotsecuretunneling: 'IotSecureTunneling',
} as const;

interface Reference {
  readonly shape: string;
  readonly jsonvalue?: boolean;
}

interface Shape {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly document?: boolean;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Reference>>;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
}

interface Model {
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly operations: Readonly<Record<string, { readonly input?: Reference; readonly output?: Reference }>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Names that a shape's type must not hide from the rest of its file; such (scalar) shapes are written out where used. */
const builtIn = new Set(['String', 'Boolean', 'Number', 'Object', 'Date', 'Buffer', 'Handler', 'Nothing', 'JsonValue']);

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  byte: 'number',
  short: 'number',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  timestamp: 'Date',
  blob: 'Buffer',
};

/** The text of one service's file. */
export function typesOf(service: keyof typeof services, model: Model): string {
  const names = Object.keys(model.shapes).sort();
  const declarations = names.flatMap((name) => declaration(name, model));
  const body = [operations(services[service], model), ...declarations].join('\n');
  const imports = [`import type { Handler } from '../operation.ts';`];
  const helpers = [
    '/** What an operation without input or output takes or returns. */',
    'export type Nothing = Record<string, never>;',
    '',
  ];
  if (/\bJsonValue\b/.test(body)) imports.push(`import type { JsonValue } from '../json.ts';`);
  return [
    `// Made from models/${service}.json by \`npm run generate\`. Do not edit.`,
    ...imports,
    '',
    ...helpers,
    body,
  ].join('\n');
}

function operations(service: string, model: Model): string {
  const lines = Object.keys(model.operations)
    .sort()
    .map((name) => {
      const { input, output } = model.operations[name];
      return `  readonly ${camelCase(name)}: Handler<${input?.shape ?? 'Nothing'}, ${output?.shape ?? 'Nothing'}>;`;
    });
  return [
    `/** The handlers of the service, named as its operations. */`,
    `export interface ${service}Operations {`,
    ...lines,
    '}',
    '',
  ].join('\n');
}

function declaration(name: string, model: Model): string[] {
  const shape = model.shapes[name];
  if (isInlined(name)) {
    if (!(shape.type in scalars)) throw new Error(`shape ${name} is not a scalar but has the name of a built-in type`);
    return [];
  }
  if (shape.type !== 'structure' || shape.document) return [`export type ${name} = ${definition(shape, model)};\n`];
  const members = Object.entries(shape.members ?? {});
  if (members.length === 0) return [`export type ${name} = Nothing;\n`];
  const lines = members.map(([member, reference]) => {
    const mark = shape.required?.includes(member) ? '' : '?';
    return `  readonly ${property(member)}${mark}: ${reference.jsonvalue ? 'JsonValue' : typeOf(reference, model)};`;
  });
  return [[`export interface ${name} {`, ...lines, '}', ''].join('\n')];
}

function definition(shape: Shape, model: Model): string {
  if (shape.document) return 'JsonValue';
  if (shape.enum) return shape.enum.map((value) => quote(value)).join(' | ');
  if (shape.type === 'list') return `readonly ${element(typeOf(shape.member!, model))}[]`;
  if (shape.type === 'map') {
    const keys = model.shapes[shape.key!.shape].enum ? `[key in ${shape.key!.shape}]?` : '[key: string]';
    return `{ readonly ${keys}: ${typeOf(shape.value!, model)} }`;
  }
  const scalar = scalars[shape.type];
  if (!scalar) throw new Error(`a shape has the unknown type ${shape.type}`);
  return scalar;
}

function typeOf(reference: Reference, model: Model): string {
  return isInlined(reference.shape) ? definition(model.shapes[reference.shape], model) : reference.shape;
}

function isInlined(name: string): boolean {
  return builtIn.has(name);
}

function element(type: string): string {
  return /^[\w$]+$/.test(type) ? type : `(${type})`;
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function camelCase(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}

function main(check: boolean): void {
  const folder = `${root}src/api/generated`;
  mkdirSync(folder, { recursive: true });
  const stale: string[] = [];
  for (const service of Object.keys(services) as (keyof typeof services)[]) {
    const model = JSON.parse(readFileSync(`${root}models/${service}.json`, 'utf8')) as Model;
    const file = `${folder}/${service}.ts`;
    const text = typesOf(service, model);
    if (readIfThere(file) === text) continue;
    stale.push(file.slice(root.length));
    if (!check) writeFileSync(file, text);
  }
  for (const file of stale) console.log(check ? `${file} is not current: run npm run generate` : `${file} written`);
  if (check && stale.length > 0) process.exitCode = 1;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

if (import.meta.main) main(process.argv.includes('--check'));
