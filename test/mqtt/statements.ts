/**
 * Every normative statement of MQTT 3.1.1 and 5.0 in our own words, and what covers it: for people who ask what the
 * broker conforms to, and for `npm run coverage:mqtt`, which fails when a statement names a test that is not there.
 */
import type { ProtocolVersion } from '../../src/mqtt/packets.ts';
import { rows311 } from './statements-3.1.1.ts';
import { rows5 } from './statements-5.ts';

/** Without the `MQTT-` of the specification; its meaning; part of a test's name, `CLIENT` or `not(…)`. */
export type Row = readonly [id: string, meaning: string, coverage: string];

export interface Statement {
  /** As the specification writes it, e.g. `MQTT-3.1.0-1`. */
  readonly id: string;
  readonly version: ProtocolVersion;
  readonly meaning: string;
  readonly coverage:
    | { readonly kind: 'test'; readonly name: string }
    /** It says what clients do. */
    | { readonly kind: 'client' }
    | { readonly kind: 'none'; readonly why: string };
}

/** Marks of rows; no test has such a name. */
const CLIENT = '@client';
const NOT = '@not ';

export const statements: readonly Statement[] = [
  ...rows311.map((row) => statementOf(row, 4)),
  ...rows5.map((row) => statementOf(row, 5)),
];

function statementOf([id, meaning, coverage]: Row, version: ProtocolVersion): Statement {
  return { id: `MQTT-${id}`, version, meaning, coverage: coverageOf(coverage) };
}

function coverageOf(coverage: string): Statement['coverage'] {
  if (coverage === CLIENT) return { kind: 'client' };
  if (coverage.startsWith(NOT)) return { kind: 'none', why: coverage.slice(NOT.length) };
  return { kind: 'test', name: coverage };
}
