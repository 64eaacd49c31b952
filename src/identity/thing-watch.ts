/**
 * Who wants to know of changes of which things: an index from thing names to watchers, so that a change of one thing
 * costs nothing for the connections that have nothing to do with it. Kept by the policy authority.
 */
export class ThingWatch<Watcher> {
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #names = new Map<Watcher, readonly string[]>();

  /** Replaces the names `watcher` watches. True if one of them is new to it. */
  watch(watcher: Watcher, names: readonly string[]): boolean {
    const before = this.#names.get(watcher) ?? [];
    const added = names.filter((name) => !before.includes(name));
    for (const name of before) if (!names.includes(name)) this.#remove(watcher, name);
    for (const name of added) this.#add(watcher, name);
    if (names.length > 0) this.#names.set(watcher, names);
    else this.#names.delete(watcher);
    return added.length > 0;
  }

  watchersOf(name: string): readonly Watcher[] {
    return [...(this.#watchers.get(name) ?? [])];
  }

  #add(watcher: Watcher, name: string): void {
    const watchers = this.#watchers.get(name);
    if (watchers) watchers.add(watcher);
    else this.#watchers.set(name, new Set([watcher]));
  }

  #remove(watcher: Watcher, name: string): void {
    const watchers = this.#watchers.get(name);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(name);
  }
}
