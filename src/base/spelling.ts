/** "Did you mean": the nearest of some known words. Used where a person types a name. */

/**
 * The candidate with the fewest slips of the finger from `word` (a letter missing, added, wrong, or two swapped), if
 * that is at most `limit`; the first one when several are as near.
 */
export function nearest(word: string, candidates: Iterable<string>, limit: number): string | undefined {
  let best: string | undefined;
  let bestSlips = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestSlips) continue;
    const slips = distance(word, candidate);
    if (slips < bestSlips) {
      best = candidate;
      bestSlips = slips;
    }
  }
  return best;
}

/** The optimal string alignment distance; three rows of the usual table are enough. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
