/**
 * The QoS 1 messages sent to one client and not yet acknowledged: which packet ids are in use and what they stand
 * for. At most `capacity` of them (the client's receive maximum), so the packet ids are simply 1…capacity.
 */
export class Inflight<T> {
  readonly capacity: number;
  /** By packet id; grows as ids are first used, so an idle client costs nothing. */
  readonly #entries: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];
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

  /** Takes a packet id for `entry`; only when not full. */
  add(entry: T): number {
    this.#size++;
    const packetId = this.#free.pop() ?? this.#entries.length;
    this.#entries[packetId] = entry;
    return packetId;
  }

  /** The entry of an acknowledged packet id, which is free again; undefined when the id was not in use. */
  settle(packetId: number): T | undefined {
    const entry = this.#entries[packetId];
    if (entry === undefined) return undefined;
    this.#entries[packetId] = undefined;
    this.#free.push(packetId);
    this.#size--;
    return entry;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }
}
