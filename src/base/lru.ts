/** A map that holds at most so many entries and drops the one unused for longest. For caches: losing an entry is harmless. */
export class Lru<K, V> {
  readonly #limit: number;
  /** In order of use, the most recent last: a Map keeps insertion order. */
  readonly #entries = new Map<K, V>();

  /** `limit` entries at most, 1 or more. */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`an Lru needs room for an entry, not ${limit}`);
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as used now. A stored `undefined` reads like an absent key. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  /** True if there was such an entry. */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
