/** What the patterns of Joda-Time and java.time have in common: letters by runs, text in quotes, English names. */

export type PatternPart =
  | { readonly kind: 'letters'; readonly letter: string; readonly count: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open' | 'close' };

export const monthNames = 'January February March April May June July August September October November December'.split(
  ' ',
);
export const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const part = /([A-Za-z])\1*|'((?:[^']|'')*)'|([^A-Za-z'[\]]+)|(\[)|(\])/y;
const patternLimit = 1000;

/** The parts of `pattern`; undefined when a quote is not closed. Brackets are text unless `hasOptional`. */
export function patternParts(pattern: string, hasOptional: boolean): PatternPart[] | undefined {
  const parts: PatternPart[] = [];
  if (pattern.length > patternLimit) return undefined;
  part.lastIndex = 0;
  while (part.lastIndex < pattern.length) {
    const match = part.exec(pattern);
    if (!match) return undefined;
    const [whole, letter, quoted, text] = match;
    if (letter !== undefined) parts.push({ kind: 'letters', letter, count: whole.length });
    else if (quoted !== undefined)
      parts.push({ kind: 'text', text: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
    else if (text !== undefined || !hasOptional) parts.push({ kind: 'text', text: whole });
    else parts.push({ kind: whole === '[' ? 'open' : 'close' });
  }
  return parts;
}
