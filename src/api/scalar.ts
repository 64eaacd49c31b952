/**
 * Scalars as text: how numbers, booleans, timestamps and bytes are written in paths, queries, headers and JSON
 * strings. Parsing is strict: what is not exactly a value of the type is refused by returning undefined, and the
 * caller, who knows where it was, throws.
 */
import type { TimestampFormat } from './shape.ts';

const isoTimestamp = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}(\.\d{1,3})? GMT$/;
const decimal = /^-?\d{1,17}(\.\d{1,9})?(e[+-]?\d{1,3})?$/i;

/** From year 0000 to 9999: what ISO 8601 can write with four digits. */
const firstMs = -62_167_219_200_000;
const lastMs = 253_402_300_799_999;

/** A decimal number, e.g. `-12.5`; undefined for anything else, also for hexadecimal, spaces and `NaN`. */
export function parseNumber(text: string): number | undefined {
  return decimal.test(text) ? Number(text) : undefined;
}

/** `true` or `false`, in capitals too. */
export function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : undefined;
}

/** Standard base64 with its padding; bytes that would not encode to the same text are refused. */
export function parseBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/**
 * A timestamp in any of the three formats, since clients differ in which they use where: epoch seconds (a number or
 * decimal text, milliseconds kept), ISO 8601, or an HTTP date.
 */
export function parseTimestamp(value: string | number): Date | undefined {
  const ms = typeof value === 'number' ? value * 1000 : textMs(value);
  if (ms === undefined || !(ms >= firstMs && ms <= lastMs)) return undefined;
  return new Date(Math.round(ms));
}

function textMs(text: string): number | undefined {
  const iso = isoTimestamp.exec(text);
  if (iso ? isDay(Number(iso[1]), Number(iso[2]), Number(iso[3])) : httpDate.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : ms;
  }
  const seconds = parseNumber(text);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Date.parse would move 30 February to March. */
function isDay(year: number, month: number, day: number): boolean {
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Epoch seconds with a fraction of at most milliseconds, as JSON bodies carry them. */
export function epochSeconds(date: Date): number {
  return date.getTime() / 1000;
}

export function formatTimestamp(date: Date, format: TimestampFormat): string {
  if (format === 'unixTimestamp') return String(epochSeconds(date));
  return format === 'iso8601' ? date.toISOString().replace('.000Z', 'Z') : date.toUTCString();
}
