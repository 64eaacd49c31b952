/** A published message as the platform's own services see it: rules, shadows, tests, the bus. */
import type { Properties, QoS } from '../mqtt/packets.ts';

/** Who published, as far as the broker knows. */
export interface Publisher {
  /** Absent for HTTP. */
  readonly clientId?: string;
  /** The principal's id: a certificate id, a user's unique id, `anonymous`. */
  readonly principal: string;
  readonly sourceIp: string;
  readonly protocol: 'MQTT' | 'HTTP';
}

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  /** The MQTT 5 properties that travel with a message, expiry aside; absent when there are none. */
  readonly properties?: Properties;
  /** Absent for messages of the platform itself (shadow responses, events, republished messages). */
  readonly publisher?: Publisher;
  /** When the broker accepted it, ms since the epoch. */
  readonly timestamp: number;
  /** After this (ms since the epoch) it is delivered to nobody any more. */
  readonly expiresAt?: number;
  /** It is a will, published for a client that is gone. */
  readonly isWill?: boolean;
  /** How many rules the message has come through (`Publication.hops`); absent: none. */
  readonly hops?: number;
}

/** What a service hands to the broker to publish. */
export interface Publication {
  readonly topic: string;
  readonly payload: Buffer;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** `messageExpiryInterval` (seconds) counts from now. */
  readonly properties?: Properties;
  /** For whom it is published, when not for the platform itself. */
  readonly publisher?: Publisher;
  readonly isWill?: boolean;
  /** Set by rules that republish, and handed on to the Message, so that loops of rules end. */
  readonly hops?: number;
}

/** Called in the turn in which the message is accepted; must not throw and must not wait. */
export type MessageListener = (message: Message) => void;

/**
 * The broker as the domains see it. Each domain takes the part it needs as its own dependency; `server.ts` hands
 * over the broker.
 */
export interface MessageBus {
  /** Routes a message of the platform itself: no policy is asked. Resolves once what must be durable is. */
  publish(publication: Publication): Promise<void>;
  /** Listens to every accepted message whose topic matches `filter` (MQTT syntax). Returns how to stop. */
  listen(filter: string, listener: MessageListener): () => void;
}

/** For answers that are nobody else's business. */
export interface DirectDelivery {
  /**
   * Gives a message to one client, if it is connected (or its session is kept) and subscribed to the topic; no other
   * subscriber, listener or rule gets it. False when it was not subscribed. Resolves once what must be durable is.
   */
  deliverTo(clientId: string, publication: Publication): Promise<boolean>;
}
