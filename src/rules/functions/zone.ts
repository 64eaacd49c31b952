/** Time zones by id, from the runtime's own database (Intl). Used by the time functions only. */

const minuteMs = 60_000;

export interface Zone {
  readonly id: string;
  /** Milliseconds to add to UTC for the local time at `epochMs`. */
  offsetMs(epochMs: number): number;
  /** `CST` or `Central Standard Time`. */
  name(epochMs: number, style: 'short' | 'long'): string;
}

export const utc: Zone = {
  id: 'UTC',
  offsetMs: () => 0,
  name: (_, style) => (style === 'short' ? 'UTC' : 'Coordinated Universal Time'),
};

const offsetId = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/;

/** A region (`America/Belize`), an offset (`+01:00`, `UTC+01:00`), `UTC`, `GMT` or `Z`; undefined for anything else. */
export function zoneOf(id: string): Zone | undefined {
  if (/^(UTC|GMT|UT|Z)$/.test(id)) return id === 'GMT' ? { ...utc, id, name: () => 'GMT' } : utc;
  const offset = offsetId.exec(id);
  if (offset) return fixedZone(id, offset);
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,60}$/.test(id)) return undefined;
  return regionZone(id);
}

/** `-08:00`; with `separator` empty `-0800`. */
export function offsetText(offsetMs: number, separator: string): string {
  const minutes = Math.trunc(Math.abs(offsetMs) / minuteMs);
  const hours = String(Math.trunc(minutes / 60)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${hours}${separator}${String(minutes % 60).padStart(2, '0')}`;
}

function fixedZone(id: string, [, sign, hours, minutes = '0', seconds = '0']: RegExpExecArray): Zone | undefined {
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  if (Number(minutes) > 59 || Number(seconds) > 59 || size > 18 * 60 * minuteMs) return undefined;
  const offsetMs = sign === '-' ? -size : size;
  return { id, offsetMs: () => offsetMs, name: () => offsetText(offsetMs, ':') };
}

function regionZone(id: string): Zone | undefined {
  let offsets: Intl.DateTimeFormat;
  try {
    offsets = zoneFormat(id, 'longOffset');
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  // Making a format is slow, and most patterns need none for names.
  const names: { short?: Intl.DateTimeFormat; long?: Intl.DateTimeFormat } = {};
  return {
    id,
    offsetMs: (epochMs) => {
      const match = offsetId.exec(zonePart(offsets, epochMs));
      return match ? fixedZone(id, match)!.offsetMs(0) : 0;
    },
    name: (epochMs, style) => {
      names[style] ??= zoneFormat(id, style);
      return zonePart(names[style], epochMs);
    },
  };
}

function zoneFormat(timeZone: string, timeZoneName: 'short' | 'long' | 'longOffset'): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName });
}

function zonePart(format: Intl.DateTimeFormat, epochMs: number): string {
  return format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
}
