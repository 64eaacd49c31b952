/** Reads a time by a java.time pattern: what time_to_epoch does (rules-engine.md section 6.4). */
import { dayNames, monthNames, type PatternPart, patternParts } from './date-pattern.ts';
import { utc, type Zone, zoneOf } from './zone.ts';

/** The milliseconds since the epoch that `text` says; undefined when it does not follow the pattern. */
export type DateParser = (text: string) => number | undefined;

interface Parsed {
  year?: number;
  isBeforeChrist?: boolean;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  hourOfHalf?: number;
  isAfternoon?: boolean;
  minute?: number;
  second?: number;
  milliseconds?: number;
  zone?: Zone;
}

/** Reads at `at` and returns where it ends; undefined when the text is another. */
type Reader = (text: string, at: number, into: Parsed) => number | undefined;

/** Undefined when the pattern is none of java.time's, or uses fields that say nothing about an instant. */
export function dateParser(pattern: string): DateParser | undefined {
  const parts = patternParts(pattern, true);
  const readers = parts && readersOf(parts);
  if (!readers) return undefined;
  return (text) => {
    const parsed: Parsed = {};
    return readAll(readers, text, 0, parsed) === text.length ? epochOf(parsed) : undefined;
  };
}

function readersOf(parts: readonly PatternPart[]): Reader[] | undefined {
  const stack: Reader[][] = [[]];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part.kind === 'open') stack.push([]);
    else if (part.kind === 'close') {
      const inner = stack.pop()!;
      if (stack.length === 0) return undefined;
      stack[stack.length - 1].push(optional(inner));
    } else {
      const reader = readerOf(part, parts[i + 1]);
      if (!reader) return undefined;
      stack[stack.length - 1].push(reader);
    }
  }
  // An optional section may stay open until the end.
  while (stack.length > 1) {
    const inner = stack.pop()!;
    stack[stack.length - 1].push(optional(inner));
  }
  return stack[0];
}

function readerOf(part: PatternPart, next: PatternPart | undefined): Reader | undefined {
  if (part.kind === 'text') return literal(part.text);
  return part.kind === 'letters' ? fieldReader(part.letter, part.count, isNumeric(next)) : undefined;
}

function readAll(readers: readonly Reader[], text: string, from: number, into: Parsed): number | undefined {
  let at: number | undefined = from;
  for (const reader of readers) {
    at = reader(text, at, into);
    if (at === undefined) return undefined;
  }
  return at;
}

function optional(readers: readonly Reader[]): Reader {
  return (text, at, into) => {
    const inner: Parsed = {};
    const end = readAll(readers, text, at, inner);
    if (end === undefined) return at;
    Object.assign(into, inner);
    return end;
  };
}

function literal(expected: string): Reader {
  return (text, at) => (text.startsWith(expected, at) ? at + expected.length : undefined);
}

function isNumeric(part: PatternPart | undefined): boolean {
  return (
    part?.kind === 'letters' &&
    ('uyDdhHkKmsSnA'.includes(part.letter) || ('ML'.includes(part.letter) && part.count < 3))
  );
}

function fieldReader(letter: string, count: number, isAdjacent: boolean): Reader | undefined {
  const isName = 'ML'.includes(letter) && count > 2;
  if (Object.hasOwn(numberFields, letter) && !isName) return numberReader(numberFields[letter], count, isAdjacent);
  switch (letter) {
    case 'u':
    case 'y':
      return yearReader(count, isAdjacent);
    case 'M':
    case 'L':
      return name(monthNames, count, (month, into) => {
        into.month = month + 1;
      });
    case 'E':
      return name(dayNames, count, () => {});
    case 'G':
      return name(['AD', 'BC'], 4, (era, into) => {
        into.isBeforeChrist = era === 1;
      });
    case 'a':
      return name(['AM', 'PM'], 4, (half, into) => {
        into.isAfternoon = half === 1;
      });
    case 'S':
      return fractionReader(count);
    case 'V':
      return count === 2 ? zone(/[A-Za-z][A-Za-z0-9~/._+:-]*|[+-]\d{2}(:?\d{2}){0,2}/y) : undefined;
    case 'z':
      return zone(/[A-Za-z][A-Za-z0-9/._+:-]*/y);
    case 'O':
      return zone(/GMT([+-]\d{1,2}(:\d{2}){0,2})?/y);
    case 'X':
      return zone(/Z|[+-]\d{2}(:?\d{2}){0,2}/y);
    case 'x':
    case 'Z':
      return zone(/(GMT)?[+-]\d{2}(:?\d{2}){0,2}/y);
    default:
      return undefined;
  }
}

type Store = (value: number, into: Parsed) => void;

interface NumberField {
  readonly key: 'month' | 'day' | 'dayOfYear' | 'hour' | 'hourOfHalf' | 'minute' | 'second' | 'milliseconds';
  readonly least: number;
  readonly most: number;
  /** From the number in the text to the one to keep. */
  readonly convert?: (value: number) => number;
}

const numberFields: Readonly<Record<string, NumberField>> = {
  M: { key: 'month', least: 1, most: 12 },
  L: { key: 'month', least: 1, most: 12 },
  d: { key: 'day', least: 1, most: 31 },
  D: { key: 'dayOfYear', least: 1, most: 366 },
  H: { key: 'hour', least: 0, most: 23 },
  k: { key: 'hour', least: 1, most: 24, convert: (value) => value % 24 },
  h: { key: 'hourOfHalf', least: 1, most: 12, convert: (value) => value % 12 },
  K: { key: 'hourOfHalf', least: 0, most: 11 },
  m: { key: 'minute', least: 0, most: 59 },
  s: { key: 'second', least: 0, most: 59 },
  n: { key: 'milliseconds', least: 0, most: 999_999_999, convert: (value) => Math.trunc(value / 1e6) },
};

/** One letter reads as many digits as there are, unless another number follows at once. */
function numberReader(field: NumberField, count: number, isAdjacent: boolean): Reader {
  const pattern = new RegExp(count === 1 && !isAdjacent ? '\\d{1,9}' : `\\d{${count}}`, 'y');
  return (text, at, into) => {
    const match = matchAt(pattern, text, at);
    const value = Number(match);
    if (match === undefined || value < field.least || value > field.most) return undefined;
    into[field.key] = field.convert ? field.convert(value) : value;
    return at + match.length;
  };
}

/** A fraction of a second of exactly `count` digits. */
function fractionReader(count: number): Reader {
  const pattern = new RegExp(`\\d{${count}}`, 'y');
  return (text, at, into) => {
    const match = matchAt(pattern, text, at);
    if (match === undefined) return undefined;
    into.milliseconds = Number(match.padEnd(3, '0').slice(0, 3));
    return at + match.length;
  };
}

/** Two letters are a year of this century; four or more a year of at least so many digits. */
function yearReader(count: number, isAdjacent: boolean): Reader {
  const pattern = new RegExp(count === 2 || isAdjacent ? `\\d{${count}}` : `-?\\d{${count},9}`, 'y');
  return (text, at, into) => {
    const match = matchAt(pattern, text, at);
    if (match === undefined) return undefined;
    into.year = count === 2 ? 2000 + Number(match) : Number(match);
    return at + match.length;
  };
}

function name(names: readonly string[], count: number, store: Store): Reader {
  return (text, at, into) => {
    const index = names.findIndex((full) => text.startsWith(count < 4 ? full.slice(0, 3) : full, at));
    if (index < 0) return undefined;
    store(index, into);
    return at + (count < 4 ? 3 : names[index].length);
  };
}

/** Short names that texts carry; java.time takes the usual region for each. */
const zoneNames: Readonly<Record<string, string>> = {
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CET: 'Europe/Paris',
  CEST: 'Europe/Paris',
  BST: 'Europe/London',
  JST: 'Asia/Tokyo',
};

function zone(pattern: RegExp): Reader {
  return (text, at, into) => {
    const match = matchAt(pattern, text, at);
    if (match === undefined) return undefined;
    into.zone = zoneOf(Object.hasOwn(zoneNames, match) ? zoneNames[match] : match);
    return into.zone && at + match.length;
  };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function epochOf(parsed: Parsed): number | undefined {
  const date = dateOf(parsed);
  if (date === undefined) return undefined;
  const half = parsed.hourOfHalf === undefined ? 0 : parsed.hourOfHalf + (parsed.isAfternoon ? 12 : 0);
  const minutes = (parsed.hour ?? half) * 60 + (parsed.minute ?? 0);
  const local = date + (minutes * 60 + (parsed.second ?? 0)) * 1000 + (parsed.milliseconds ?? 0);
  const epochMs = fromLocal(local, parsed.zone ?? utc);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** Midnight of the day as if it were in UTC. Days behind the end of a month become its last, as java.time does. */
function dateOf({ year: given, isBeforeChrist, month, day, dayOfYear }: Parsed): number | undefined {
  if (given === undefined) return undefined;
  const year = isBeforeChrist ? 1 - given : given;
  const date = new Date(0);
  if (month !== undefined && day !== undefined) {
    const last = new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate();
    return date.setUTCFullYear(year, month - 1, Math.min(day, last));
  }
  return dayOfYear === undefined ? undefined : date.setUTCFullYear(year, 0, dayOfYear);
}

const dayMs = 86_400_000;

/** In an hour that comes twice the earlier one; in one that is skipped as if the clock had not been changed yet. */
function fromLocal(local: number, zoneAt: Zone): number {
  if (Number.isNaN(local) || Math.abs(local) > 8.64e15 - 2 * dayMs) return Number.NaN;
  const before = local - zoneAt.offsetMs(local - dayMs);
  if (zoneAt.offsetMs(before) === local - before) return before;
  const after = local - zoneAt.offsetMs(local + dayMs);
  return zoneAt.offsetMs(after) === local - after ? after : before;
}
