/** What the broker needs of a network connection. The gateway has one implementation for sockets, one for WebSockets. */
export interface Transport {
  /** Hands bytes over. True when the network took them at once, so that the caller may use the buffer again. */
  write(bytes: Buffer): boolean;
  /** Bytes handed over that the network has not taken yet. */
  readonly backlog: number;
  /** Stops and restarts the flow of incoming bytes (back-pressure). */
  pause(): void;
  resume(): void;
  /** Sends what was handed over, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}
