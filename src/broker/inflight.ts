/**
 * The QoS 1 and 2 messages sent to one client and not yet settled: which packet ids are in use and what they stand
 * for. At most `capacity` of them (the client's receive maximum). Most packet ids are handed out here, the lowest free
 * one first; those of a persistent session come with the message, since they must be the same again after a crash.
 */
export class Inflight<T> {
  readonly capacity: number;
  /** By packet id; grows as ids are first used, so an idle client costs nothing. */
  readonly #entries: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];
  /** Those whose packet id was given. */
  #given: Map<number, T> | undefined;
  #size = 0;

  constructor(capacity: number) {
    this.capacity = Math.min(capacity, 65_535);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.capacity;
  }

  /** Takes a packet id for `entry`; only when not full, and never where ids are given. */
  add(entry: T): number {
    this.#size++;
    const packetId = this.#free.pop() ?? this.#entries.length;
    this.#entries[packetId] = entry;
    return packetId;
  }

  /** Takes this packet id, which must not be in use, or puts another entry in the place of the one there. */
  put(packetId: number, entry: T): void {
    if (this.#entries[packetId] !== undefined) {
      this.#entries[packetId] = entry;
      return;
    }
    this.#given ??= new Map();
    if (!this.#given.has(packetId)) this.#size++;
    this.#given.set(packetId, entry);
  }

  /** A packet id to give to a message that has none of its own. */
  unused(): number {
    let packetId = 65_535;
    while (this.get(packetId) !== undefined) packetId--;
    return packetId;
  }

  get(packetId: number): T | undefined {
    return this.#entries[packetId] ?? this.#given?.get(packetId);
  }

  /** The entry of a settled packet id, which is free again; undefined when the id was not in use. */
  settle(packetId: number): T | undefined {
    const entry = this.#entries[packetId];
    if (entry === undefined) return this.#settleGiven(packetId);
    this.#entries[packetId] = undefined;
    this.#free.push(packetId);
    this.#size--;
    return entry;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
    if (this.#given) yield* this.#given.values();
  }

  #settleGiven(packetId: number): T | undefined {
    const entry = this.#given?.get(packetId);
    if (entry === undefined) return undefined;
    this.#given?.delete(packetId);
    this.#size--;
    return entry;
  }
}
