/** What the broker counts; plain numbers, read by `/metrics`. Drops are told to the log as well, by client and reason. */

export interface Counters {
  readonly received: { qos0: number; qos1: number; qos2: number; bytes: number };
  readonly sent: { qos0: number; qos1: number; qos2: number; bytes: number };
  /** Control packets other than PUBLISH, by packet type. */
  readonly packets: { readonly received: number[]; readonly sent: number[] };
  readonly connections: { accepted: number; refused: number; current: number };
  /** Messages that did not reach somebody, by reason. Counted by `drop`, but for `refused`, which is a denial. */
  readonly dropped: {
    /** A publisher or a subscriber was faster than its rate limit. */
    throttled: number;
    /** A QoS 0 message for a client whose socket takes no more. */
    backlog: number;
    /** A QoS 1 or 2 message for a client whose queue is full. */
    queueFull: number;
    /** `iot:Receive` is denied. */
    notAuthorized: number;
    /** Larger than the client's maximum packet size. */
    tooLarge: number;
    expired: number;
    /** No member of a shared subscription could take or keep it. */
    noSharedMember: number;
    /** The publisher may not, or not there. */
    refused: number;
    /** The store could not keep it. */
    storeFailed: number;
  };
  /** `clientId`: whose message it was, or would have been; undefined for the platform's own. */
  drop(reason: DropReason, clientId: string | undefined): void;
}

export type DropReason = keyof Counters['dropped'];

export function createCounters(onDrop: Counters['drop'] = () => undefined): Counters {
  return {
    drop(reason, clientId) {
      this.dropped[reason]++;
      onDrop(reason, clientId);
    },
    received: { qos0: 0, qos1: 0, qos2: 0, bytes: 0 },
    sent: { qos0: 0, qos1: 0, qos2: 0, bytes: 0 },
    packets: { received: Array<number>(16).fill(0), sent: Array<number>(16).fill(0) },
    connections: { accepted: 0, refused: 0, current: 0 },
    dropped: {
      throttled: 0,
      backlog: 0,
      queueFull: 0,
      notAuthorized: 0,
      tooLarge: 0,
      expired: 0,
      noSharedMember: 0,
      refused: 0,
      storeFailed: 0,
    },
  };
}
