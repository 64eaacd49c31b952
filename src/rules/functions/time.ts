/** Functions of time (rules-engine.md section 6.4). Patterns and zones that are literals are read once per rule. */

import { toText, toTruncatedInt } from '../convert.ts';
import type { Value } from '../value.ts';
import { type DateFormat, dateFormat } from './date-format.ts';
import { dateParser } from './date-parse.ts';
import { type Call, type FunctionTable, ofTexts, since2015 } from './function.ts';
import { zoneOf } from './zone.ts';

/** The range of dates, in milliseconds on both sides of the epoch, less two days for the zones. */
const longestTime = 8.64e15 - 2 * 86_400_000;

export const timeFunctions: FunctionTable = {
  // When the broker accepted the message: one value however often a rule asks.
  timestamp: since2015(0, 0, (_, frame) => frame.incoming.message.timestamp),
  parse_time: {
    since: '2016-03-23',
    arity: [2, 3],
    call: parseTime(formatOf),
    prepare: (literals) => {
      const pattern = literals[0];
      const zone = literals.length === 3 ? literals[2] : 'UTC';
      if (typeof pattern !== 'string' || typeof zone !== 'string') return parseTime(formatOf);
      const format = formatOf(pattern, zone);
      return parseTime(() => format);
    },
  },
  time_to_epoch: {
    since: '2016-03-23',
    arity: [2, 2],
    call: ofTexts((text, pattern) => dateParser(pattern)?.(text)),
    prepare: (literals) => {
      if (typeof literals[1] !== 'string') return ofTexts((text, pattern) => dateParser(pattern)?.(text));
      const parser = dateParser(literals[1]);
      return ofTexts((text) => parser?.(text));
    },
  },
};

function formatOf(pattern: string, zoneId: string): DateFormat | undefined {
  const zone = zoneOf(zoneId);
  return zone && dateFormat(pattern, zone);
}

function parseTime(formatFor: (pattern: string, zone: string) => DateFormat | undefined): Call {
  return ([pattern, time, zone = 'UTC'], frame): Value => {
    const patternText = toText(pattern, frame.version);
    const zoneText = toText(zone, frame.version);
    const epochMs = toTruncatedInt(time);
    if (patternText === undefined || zoneText === undefined || typeof epochMs !== 'number') return undefined;
    if (Math.abs(epochMs) > longestTime) return undefined;
    return formatFor(patternText, zoneText)?.(epochMs);
  };
}
