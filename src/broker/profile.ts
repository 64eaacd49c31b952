/**
 * The two ways the broker behaves: as AWS IoT Core does, or as the MQTT specifications say. A listener has one
 * profile; what differs between them stands here and nowhere else. Limits are quotas, so each can be configured.
 */

export interface Limits {
  /** Bytes of a PUBLISH payload. */
  readonly payloadBytes: number;
  /** Bytes of a whole packet, announced to MQTT 5 clients. */
  readonly packetBytes: number;
  /** UTF-8 bytes of a topic or filter, prefixes of Basic Ingest and shared subscriptions not counted. */
  readonly topicBytes: number;
  /** `/` in a topic or filter, the same prefixes not counted. */
  readonly topicSlashes: number;
  /** UTF-8 bytes of a client id. */
  readonly clientIdBytes: number;
  /** Seconds; a client that asks for less (but not 0) gets this. 0: as asked. */
  readonly keepAliveMinimum: number;
  /** Seconds; a client that asks for more, or for none, gets this. 0: as asked. */
  readonly keepAliveMaximum: number;
  readonly filtersPerSubscribe: number;
  readonly subscriptionsPerConnection: number;
  /** New subscriptions a second of all clients together; more are refused in the SUBACK. */
  readonly subscriptionsPerSecond: number;
  /** Characters of the name in `$share/{name}/…`. */
  readonly shareNameLength: number;
  /** CONNECTs a second of one client id; more are refused. */
  readonly connectsPerClientPerSecond: number;
  /** Unacknowledged QoS 1 and 2 messages a client may have outstanding towards us (receive maximum). */
  readonly inflightInbound: number;
  /** Unacknowledged QoS 1 and 2 messages we keep outstanding towards a client. */
  readonly inflightOutbound: number;
  /** PUBLISH packets a second from one connection, and as many to it; more are discarded. */
  readonly publishesPerSecond: number;
  /** Bytes a second from one connection; more are delayed, not dropped. */
  readonly bytesPerSecond: number;
  /** Messages a second that a client is sent from its session's queue, on top of live ones; others follow later. */
  readonly storedMessagesPerSecond: number;
  /** Retained messages of all topics together; a publish that would make one more is refused. */
  readonly retainedMessages: number;
  readonly topicAliasMaximum: number;
  /** Seconds a session may outlive its connection. */
  readonly sessionExpiryMaximum: number;
  /** Seconds a message may be kept for. */
  readonly messageExpiryMaximum: number;
  /** Messages waiting for one client beyond its inflight window; more are dropped and counted. */
  readonly queuedMessages: number;
  /**
   * Bytes waiting for one client, in its socket or for its inflight window; more messages are dropped and counted. From
   * an eighth of it on, publishers are slowed down (congestion.ts).
   */
  readonly backlogBytes: number;
}

export interface Profile {
  readonly name: 'aws' | 'standard';
  readonly limits: Limits;
  readonly maximumQoS: 1 | 2;
  /** Whether `a/#` matches `a` (specification: yes; AWS: no). */
  readonly hashMatchesParent: boolean;
  /** Whether a filter with wildcards is given retained messages on subscribe (specification: yes; AWS: no). */
  readonly wildcardsGetRetained: boolean;
  readonly subscriptionIdentifiers: boolean;
  /** Whether a session made with one MQTT version can be resumed with the other. */
  readonly sessionsCrossVersions: boolean;
  /** Whether an MQTT 5 publisher is told that nobody subscribed (0x10, not among AWS's codes). */
  readonly tellsNoSubscribers: boolean;
  /** Whether a message that may have been sent before is marked DUP (AWS never does). */
  readonly marksDuplicates: boolean;
  /** Whether a will's delay interval counts (AWS ignores it). */
  readonly delaysWills: boolean;
  /** Whether `$…` topics are the platform's: only the reserved ones may be used, each in its direction. */
  readonly reservesDollarTopics: boolean;
  /** Seconds a 3.1.1 session with cleanSession=0 outlives its connection. */
  readonly persistentSessionExpiry: number;
}

export const UNLIMITED = Number.MAX_SAFE_INTEGER;

/**
 * gateway-broker.md section 6. Quotas that belong to a whole account or that only make clients wait are off unless
 * configured, so that nobody's tests are slow for nothing; `awsQuotas` has AWS's figures for them.
 */
export const awsLimits: Limits = {
  payloadBytes: 131_072,
  packetBytes: 149_504,
  topicBytes: 256,
  topicSlashes: 7,
  clientIdBytes: 128,
  keepAliveMinimum: 30,
  keepAliveMaximum: 1200,
  filtersPerSubscribe: 8,
  subscriptionsPerConnection: 50,
  subscriptionsPerSecond: UNLIMITED,
  shareNameLength: 128,
  connectsPerClientPerSecond: UNLIMITED,
  inflightInbound: 100,
  inflightOutbound: 100,
  publishesPerSecond: 100,
  bytesPerSecond: UNLIMITED,
  storedMessagesPerSecond: UNLIMITED,
  retainedMessages: 500_000,
  topicAliasMaximum: 8,
  sessionExpiryMaximum: 604_800,
  messageExpiryMaximum: 604_800,
  queuedMessages: 10_000,
  backlogBytes: 8 << 20,
};

/** AWS's figures for the quotas that `awsLimits` leaves off: `awsProfile(awsQuotas)` is as strict as AWS. */
export const awsQuotas: Partial<Limits> = {
  subscriptionsPerSecond: 500,
  connectsPerClientPerSecond: 1,
  bytesPerSecond: 512 << 10,
  storedMessagesPerSecond: 10,
};

/** The specifications' own bounds, and what keeps memory bounded. */
export const standardLimits: Limits = {
  payloadBytes: 268_435_455,
  packetBytes: 16 << 20,
  topicBytes: 65_535,
  topicSlashes: UNLIMITED,
  clientIdBytes: 65_535,
  keepAliveMinimum: 0,
  keepAliveMaximum: 0,
  filtersPerSubscribe: UNLIMITED,
  subscriptionsPerConnection: UNLIMITED,
  subscriptionsPerSecond: UNLIMITED,
  shareNameLength: UNLIMITED,
  connectsPerClientPerSecond: UNLIMITED,
  inflightInbound: 65_535,
  inflightOutbound: 65_535,
  publishesPerSecond: UNLIMITED,
  bytesPerSecond: UNLIMITED,
  storedMessagesPerSecond: UNLIMITED,
  retainedMessages: UNLIMITED,
  topicAliasMaximum: 65_535,
  sessionExpiryMaximum: 0xffffffff,
  messageExpiryMaximum: 0xffffffff,
  queuedMessages: 100_000,
  backlogBytes: 64 << 20,
};

export function awsProfile(overrides: Partial<Limits> = {}): Profile {
  return {
    name: 'aws',
    limits: { ...awsLimits, ...overrides },
    maximumQoS: 1,
    hashMatchesParent: false,
    wildcardsGetRetained: false,
    subscriptionIdentifiers: false,
    sessionsCrossVersions: false,
    tellsNoSubscribers: false,
    marksDuplicates: false,
    delaysWills: false,
    reservesDollarTopics: true,
    persistentSessionExpiry: 3600,
  };
}

export function standardProfile(overrides: Partial<Limits> = {}): Profile {
  return {
    name: 'standard',
    limits: { ...standardLimits, ...overrides },
    maximumQoS: 2,
    hashMatchesParent: true,
    wildcardsGetRetained: true,
    subscriptionIdentifiers: true,
    sessionsCrossVersions: true,
    tellsNoSubscribers: true,
    marksDuplicates: true,
    delaysWills: true,
    reservesDollarTopics: false,
    persistentSessionExpiry: 0xffffffff,
  };
}
