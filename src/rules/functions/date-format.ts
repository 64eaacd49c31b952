/** Writes a time by a Joda-Time pattern: what parse_time does (rules-engine.md section 6.4). */
import { dayNames, monthNames, patternParts } from './date-pattern.ts';
import { offsetText, type Zone } from './zone.ts';

/** Writes a time in milliseconds since the epoch. */
export type DateFormat = (epochMs: number) => string;

interface Moment {
  readonly epochMs: number;
  readonly zone: Zone;
  readonly offsetMs: number;
  /** Its UTC fields are the local ones. */
  readonly local: Date;
}

type Field = (moment: Moment, count: number) => string;

/** Undefined when the pattern is none of Joda's. */
export function dateFormat(pattern: string, zone: Zone): DateFormat | undefined {
  const parts = patternParts(pattern, false);
  if (!parts || parts.some((part) => part.kind === 'letters' && !Object.hasOwn(fields, part.letter))) return undefined;
  return (epochMs) => {
    const offsetMs = zone.offsetMs(epochMs);
    const moment = { epochMs, zone, offsetMs, local: new Date(epochMs + offsetMs) };
    let text = '';
    for (const part of parts) {
      if (part.kind === 'letters') text += fields[part.letter](moment, part.count);
      else if (part.kind === 'text') text += part.text;
    }
    return text;
  };
}

const fields: Readonly<Record<string, Field>> = {
  G: ({ local }) => (local.getUTCFullYear() > 0 ? 'AD' : 'BC'),
  C: ({ local }, count) => padded(Math.trunc(yearOfEra(local) / 100), count),
  Y: ({ local }, count) => year(yearOfEra(local), count),
  y: ({ local }, count) => year(local.getUTCFullYear(), count),
  x: ({ local }, count) => year(week(local).year, count),
  w: ({ local }, count) => padded(week(local).number, count),
  e: ({ local }, count) => padded(local.getUTCDay() || 7, count),
  E: ({ local }, count) => named(dayNames[local.getUTCDay()], count),
  D: ({ local }, count) => padded(dayOfYear(local), count),
  M: ({ local }, count) =>
    count < 3 ? padded(local.getUTCMonth() + 1, count) : named(monthNames[local.getUTCMonth()], count),
  d: ({ local }, count) => padded(local.getUTCDate(), count),
  a: ({ local }) => (local.getUTCHours() < 12 ? 'AM' : 'PM'),
  K: ({ local }, count) => padded(local.getUTCHours() % 12, count),
  h: ({ local }, count) => padded(local.getUTCHours() % 12 || 12, count),
  H: ({ local }, count) => padded(local.getUTCHours(), count),
  k: ({ local }, count) => padded(local.getUTCHours() || 24, count),
  m: ({ local }, count) => padded(local.getUTCMinutes(), count),
  s: ({ local }, count) => padded(local.getUTCSeconds(), count),
  S: ({ local }, count) => String(local.getUTCMilliseconds()).padStart(3, '0').padEnd(count, '0').slice(0, count),
  z: ({ zone, epochMs }, count) => zone.name(epochMs, count < 4 ? 'short' : 'long'),
  Z: ({ zone, offsetMs }, count) => (count > 2 ? zone.id : offsetText(offsetMs, count === 1 ? '' : ':')),
};

function padded(value: number, count: number): string {
  return `${value < 0 ? '-' : ''}${String(Math.abs(value)).padStart(count, '0')}`;
}

function year(value: number, count: number): string {
  return count === 2 ? padded(Math.abs(value) % 100, 2) : padded(value, count);
}

function named(name: string, count: number): string {
  return count < 4 ? name.slice(0, 3) : name;
}

function yearOfEra(local: Date): number {
  const value = local.getUTCFullYear();
  return value > 0 ? value : 1 - value;
}

const dayMs = 86_400_000;

function dayOfYear(local: Date): number {
  return Math.floor((local.getTime() - startOfYear(local.getUTCFullYear())) / dayMs) + 1;
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function week(local: Date): { readonly year: number; readonly number: number } {
  const thursday = new Date(local.getTime() + (4 - (local.getUTCDay() || 7)) * dayMs);
  return { year: thursday.getUTCFullYear(), number: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

function startOfYear(value: number): number {
  return new Date(0).setUTCFullYear(value, 0, 1);
}
