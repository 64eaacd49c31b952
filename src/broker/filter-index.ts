/**
 * Which of many topic filters match a topic. Filters without wildcards are a hash table, the others a tree of levels,
 * so that the cost of a match does not depend on unrelated filters and a million exact ones cost no tree nodes.
 * Knows no sessions: what is stored under a filter is the caller's.
 */

export interface FilterEntry {
  /** Whether this entry's `a/#` matches `a` too (MQTT 3.1.1 section 4.7.1.2; AWS IoT says no). */
  readonly hashMatchesParent: boolean;
}

class Level<T> {
  children: Map<string, Level<T>> | undefined;
  /** Filters that go on with `+` here. */
  plus: Level<T> | undefined;
  /** Filters that end here. */
  ending: T[] | undefined;
  /** Filters that end with `#` here. */
  hash: T[] | undefined;

  get isEmpty(): boolean {
    return !this.children && !this.plus && !this.ending && !this.hash;
  }
}

export class FilterIndex<T extends FilterEntry> {
  readonly #exact = new Map<string, T[]>();
  readonly #root = new Level<T>();

  /** Adds `entry` under a valid filter (without `$share/…`). */
  add(filter: string, entry: T): void {
    if (!hasWildcard(filter)) {
      const entries = this.#exact.get(filter);
      if (entries) entries.push(entry);
      else this.#exact.set(filter, [entry]);
      return;
    }
    let level = this.#root;
    for (const part of filter.split('/')) {
      if (part === '#') {
        if (level.hash) level.hash.push(entry);
        else level.hash = [entry];
        return;
      }
      level = part === '+' ? plusOf(level) : childOf(level, part);
    }
    if (level.ending) level.ending.push(entry);
    else level.ending = [entry];
  }

  /** Removes what `add` added. Unknown entries are passed over. */
  remove(filter: string, entry: T): void {
    if (hasWildcard(filter)) {
      removeFrom(this.#root, filter.split('/'), 0, entry);
      return;
    }
    const entries = this.#exact.get(filter);
    if (entries && without(entries, entry) === undefined) this.#exact.delete(filter);
  }

  /** Appends the entries of all filters that match `topic` to `into`, in no particular order. */
  match(topic: string, into: T[]): void {
    const exact = this.#exact.get(topic);
    if (exact) for (const entry of exact) into.push(entry);
    if (this.#root.isEmpty) return;
    // Wildcards at the first level do not match topics of the platform [MQTT-4.7.2-1].
    matchLevel(this.#root, topic.split('/'), 0, topic.charCodeAt(0) === 0x24, into);
  }
}

export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

function plusOf<T>(level: Level<T>): Level<T> {
  level.plus ??= new Level();
  return level.plus;
}

function childOf<T>(level: Level<T>, part: string): Level<T> {
  level.children ??= new Map();
  const child = level.children.get(part) ?? new Level<T>();
  level.children.set(part, child);
  return child;
}

function matchLevel<T extends FilterEntry>(
  level: Level<T>,
  parts: string[],
  at: number,
  isDollar: boolean,
  into: T[],
): void {
  const skipsWildcards = isDollar && at === 0;
  if (at === parts.length) {
    if (level.ending) for (const entry of level.ending) into.push(entry);
    if (level.hash) for (const entry of level.hash) if (entry.hashMatchesParent) into.push(entry);
    return;
  }
  if (level.hash && !skipsWildcards) for (const entry of level.hash) into.push(entry);
  if (level.plus && !skipsWildcards) matchLevel(level.plus, parts, at + 1, isDollar, into);
  const child = level.children?.get(parts[at]);
  if (child) matchLevel(child, parts, at + 1, isDollar, into);
}

function removeFrom<T>(level: Level<T>, parts: string[], at: number, entry: T): void {
  const part = parts[at];
  if (at === parts.length) {
    if (level.ending) level.ending = without(level.ending, entry);
  } else if (part === '#') {
    if (level.hash) level.hash = without(level.hash, entry);
  } else if (part === '+') {
    if (!level.plus) return;
    removeFrom(level.plus, parts, at + 1, entry);
    if (level.plus.isEmpty) level.plus = undefined;
  } else {
    const child = level.children?.get(part);
    if (!child) return;
    removeFrom(child, parts, at + 1, entry);
    if (child.isEmpty) level.children?.delete(part);
    if (level.children?.size === 0) level.children = undefined;
  }
}

/** Takes `entry` out of the list in place (order is not kept); undefined when nothing is left. */
function without<T>(entries: T[], entry: T): T[] | undefined {
  const index = entries.indexOf(entry);
  if (index >= 0) {
    entries[index] = entries[entries.length - 1];
    entries.pop();
  }
  return entries.length === 0 ? undefined : entries;
}
