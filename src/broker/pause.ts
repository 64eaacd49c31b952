/** Why a connection is not read from; several may hold at a time. */
export const Pause = {
  connecting: 1,
  /** Too much of what the client sent is not acknowledged yet. */
  acks: 2,
  /** The client sends faster than its limit. */
  rate: 4,
  /** Somebody it publishes to takes less. */
  congestion: 8,
} as const;
