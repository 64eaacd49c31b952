/**
 * How a table of options becomes values: from flags, the environment and a JSON file, in that order of strength, with
 * every mistake reported at once in words that say what to do. Knows nothing of what the options mean (`config.ts`
 * does), reads no file and no environment by itself, and never stops at the first mistake.
 */
import { messageOf } from './base/errors.ts';
import { nearest } from './base/spelling.ts';

/** One row of a table. `T` is the type of its value, `undefined` included when it may be absent. */
export interface Option<T> {
  readonly help: string;
  /** How the value is written in the help, e.g. `DIR`; absent for a switch, which stands alone. */
  readonly placeholder?: string;
  readonly default: T;
  /** Only when it is not `TSUNAGU_` and the name. */
  readonly environment?: string;
  /** May be repeated on the command line; the values add up. */
  readonly repeats?: boolean;
  /** Text of a flag or variable as the value a file would hold; what is not understood stays text, for `check`. */
  readonly fromText: (text: string) => unknown;
  /** What is wrong with a value (`must be …`), or nothing. */
  readonly check: (value: unknown) => string | undefined;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

export type ValuesOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was said, by option name, and every mistake found on the way. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
}

interface Row<T> {
  readonly help: string;
  readonly default: T;
  readonly environment?: string;
}

/** Text that is not empty; with `pattern`, `must` says what it asks for. */
export function text<T extends string | undefined = string>(
  row: Row<NoInfer<T>> & { placeholder: string; pattern?: RegExp; must?: string },
): Option<T> {
  const must = row.must ?? 'must be a text that is not empty';
  const pattern = row.pattern ?? /./;
  return {
    ...row,
    fromText: (given) => given,
    check: (value) => (typeof value === 'string' && pattern.test(value) ? undefined : must),
  };
}

/** A switch: off unless named. */
export function flag(row: Omit<Row<boolean>, 'default'>): Option<boolean> {
  const words: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
  return {
    ...row,
    default: false,
    fromText: (given) => words[given] ?? given,
    check: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  };
}

export function whole<T extends number | undefined = number>(
  row: Row<NoInfer<T>> & { placeholder: string; from: number; to: number },
): Option<T> {
  const must = `must be a whole number from ${row.from} to ${row.to}`;
  const fits = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= row.from && (value as number) <= row.to;
  return {
    ...row,
    fromText: (given) => (/^-?\d+$/.test(given) ? Number(given) : given),
    check: (value) => (fits(value) ? undefined : must),
  };
}

export function choice<const T extends string>(row: Row<T> & { values: readonly T[] }): Option<T> {
  return {
    ...row,
    placeholder: row.values.join('|'),
    fromText: (given) => given,
    check: (value) => (row.values.some((one) => one === value) ? undefined : `must be one of ${row.values.join(', ')}`),
  };
}

/** Texts, separated by commas where they are written as one. */
export function list(row: Row<readonly string[]> & { placeholder: string }): Option<readonly string[]> {
  const isList = (value: unknown): boolean =>
    Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  return {
    ...row,
    repeats: true,
    fromText: (given) =>
      given
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    check: (value) => (isList(value) ? undefined : 'must be a list of texts, none of them empty'),
  };
}

/** `httpPort` → `--http-port`. */
export function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

/** `httpPort` → `TSUNAGU_HTTP_PORT`, unless the option has a variable of its own. */
export function variableOf(name: string, option: Option<unknown>): string {
  return option.environment ?? `TSUNAGU_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
}

/** Values of flags. `--name value` and `--name=value` are the same; a switch takes a value only with `=`. */
export function fromFlags(table: OptionTable, argv: readonly string[]): Given {
  const values: Record<string, unknown> = {};
  const errors: string[] = [];
  const names = new Map(Object.keys(table).map((name) => [flagOf(name), name]));
  for (let at = 0; at < argv.length; at++) {
    const [written, inline] = splitOnce(argv[at]);
    const follows = inline === undefined && at + 1 < argv.length && !argv[at + 1].startsWith('--');
    const name = names.get(written);
    if (name === undefined) {
      errors.push(unknownFlag(written, names.keys()));
      // What follows an unknown flag is most likely its value, not another mistake.
      if (written.startsWith('-') && follows) at++;
      continue;
    }
    const option = table[name];
    const isSwitch = option.placeholder === undefined;
    const given = inline ?? (isSwitch ? 'true' : follows ? argv[++at] : undefined);
    if (given === undefined) {
      errors.push(`${written} needs a value: ${written} ${option.placeholder}`);
      continue;
    }
    const value = option.fromText(given);
    const problem = option.check(value);
    if (problem) errors.push(`${written} ${problem}, not '${given}'`);
    values[name] = option.repeats ? [...asList(values[name]), ...asList(value)] : value;
  }
  return { values, errors };
}

/** Values of variables. An empty one counts as not set; only a variable that looks like a slip is a mistake. */
export function fromEnvironment(table: OptionTable, environment: Environment): Given {
  const values: Record<string, unknown> = {};
  const errors: string[] = [];
  const known = new Map(Object.entries(table).map(([name, option]) => [variableOf(name, option), name]));
  for (const [variable, name] of known) {
    const given = environment[variable];
    if (given === undefined || given === '') continue;
    values[name] = table[name].fromText(given);
    const problem = table[name].check(values[name]);
    if (problem) errors.push(`${variable} ${problem}, not '${given}'`);
  }
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('TSUNAGU_') || known.has(variable)) continue;
    // Others (container platforms, for one) set variables with our prefix too, so an unknown one alone is no mistake.
    const meant = nearest(variable, known.keys(), 1);
    if (meant) errors.push(`the variable ${variable} is not known: did you mean ${meant}?`);
  }
  return { values, errors };
}

/** Values of a JSON object, with `where` (a file, or whoever passed the object) named in the mistakes. */
export function fromObject(table: OptionTable, object: unknown, where: string): Given {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return { values: {}, errors: [`${where} must hold one JSON object with the options`] };
  }
  const values: Record<string, unknown> = {};
  const errors: string[] = [];
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const option = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!option) {
      const meant = nearest(camel(name), Object.keys(table), 2);
      errors.push(`${where}: '${name}' is not an option${meant ? `: did you mean '${meant}'?` : ''}`);
      continue;
    }
    values[name] = value;
    const problem = option.check(value);
    if (problem) errors.push(`${where}: '${name}' ${problem}, not ${JSON.stringify(value)}`);
  }
  return { values, errors };
}

/** Values of a file that holds such an object. */
export function fromFile(table: OptionTable, file: string, readFile: (file: string) => string): Given {
  let object: unknown;
  try {
    object = JSON.parse(readFile(file));
  } catch (error) {
    return { values: {}, errors: [`the configuration file ${file} cannot be used: ${messageOf(error)}`] };
  }
  return fromObject(table, object, file);
}

/** All of `table`: what was given, the strongest first, and defaults for the rest. Frozen. */
export function complete<Table extends OptionTable>(
  table: Table,
  given: readonly Readonly<Record<string, unknown>>[],
): ValuesOf<Table> {
  const value = (name: string): unknown => {
    const said = given.find((values) => values[name] !== undefined);
    return freeze(said ? said[name] : table[name].default);
  };
  return Object.freeze(Object.fromEntries(Object.keys(table).map((name) => [name, value(name)]))) as ValuesOf<Table>;
}

/** The lines of a help text, one option each, the second column aligned. */
export function describe(table: OptionTable): string {
  const rows = Object.entries(table).map(([name, option]) => {
    const written = option.placeholder ? `${flagOf(name)} ${option.placeholder}` : flagOf(name);
    return [written, `${option.help}${defaultText(option)}`] as const;
  });
  const width = Math.max(...rows.map(([written]) => written.length));
  return rows.map(([written, help]) => `  ${written.padEnd(width)}  ${help}`).join('\n');
}

/** The default as a reader wants it; nothing where there is none worth a word. */
function defaultText(option: Option<unknown>): string {
  if (option.default === undefined || option.default === false) return '';
  if (Array.isArray(option.default) && option.default.length === 0) return '';
  return ` (default ${option.default})`;
}

function unknownFlag(written: string, known: Iterable<string>): string {
  if (!written.startsWith('-')) return `'${written}' is not understood: options begin with --`;
  const meant = nearest(written, known, written.length > 8 ? 3 : 2);
  return `${written} is not an option: ${meant ? `did you mean ${meant}?` : 'see --help'}`;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function splitOnce(argument: string): [written: string, inline: string | undefined] {
  const at = argument.startsWith('--') ? argument.indexOf('=') : -1;
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replaceAll(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function freeze(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...value]) : value;
}
