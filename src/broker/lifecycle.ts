/**
 * Lifecycle events: what the platform publishes when clients come, go and change subscriptions (gateway-broker.md
 * section 9). Also the names of the reasons for which a connection ends.
 */
import type { Clock } from '../base/clock.ts';
import type { Publication } from './message.ts';

export type DisconnectReason =
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'AUTH_ERROR'
  | 'FORBIDDEN_ACCESS'
  | 'CLIENT_ERROR'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_ERROR'
  | 'SERVER_INITIATED_DISCONNECT'
  | 'API_INITIATED_DISCONNECT'
  | 'THROTTLED'
  | 'WEBSOCKET_TTL_EXPIRATION'
  | 'CUSTOMAUTH_TTL_EXPIRATION';

/** The client an event is about. */
export interface EventSubject {
  readonly clientId: string;
  readonly principalId: string;
  readonly sessionIdentifier: string;
  readonly ipAddress: string;
  readonly versionNumber: number;
  /** Only with an EXCLUSIVE_THING attachment. */
  readonly thingName?: string;
}

export class Lifecycle {
  readonly #publish: (publication: Publication) => void;
  readonly #hasAudience: (topic: string) => boolean;
  readonly #clock: Clock;

  /** `hasAudience`: an event that nobody gets is not made; clients come and go often. */
  constructor(publish: (publication: Publication) => void, hasAudience: (topic: string) => boolean, clock: Clock) {
    this.#publish = publish;
    this.#hasAudience = hasAudience;
    this.#clock = clock;
  }

  connected(subject: EventSubject): void {
    const { ipAddress, versionNumber } = subject;
    this.#emit('presence', 'connected', subject, { ipAddress, versionNumber });
  }

  connectFailed(subject: EventSubject): void {
    const { ipAddress } = subject;
    this.#emit('presence', 'connect_failed', subject, { ipAddress, connectFailureReason: 'AUTHORIZATION_FAILED' });
  }

  disconnected(subject: EventSubject, disconnectReason: DisconnectReason): void {
    const clientInitiatedDisconnect = disconnectReason === 'CLIENT_INITIATED_DISCONNECT';
    const { versionNumber } = subject;
    this.#emit('presence', 'disconnected', subject, { clientInitiatedDisconnect, disconnectReason, versionNumber });
  }

  subscribed(subject: EventSubject, topics: readonly string[]): void {
    this.#emit('subscriptions', 'subscribed', subject, { topics });
  }

  unsubscribed(subject: EventSubject, topics: readonly string[]): void {
    this.#emit('subscriptions', 'unsubscribed', subject, { topics });
  }

  #emit(family: 'presence' | 'subscriptions', eventType: string, subject: EventSubject, fields: object): void {
    const { clientId, thingName, principalId, sessionIdentifier } = subject;
    // Such a client id would make another topic of it.
    if (clientId.includes('#') || clientId.includes('+')) return;
    const topic = `$aws/events/${family}/${eventType}/${clientId}`;
    if (!this.#hasAudience(topic)) return;
    const event = {
      clientId,
      ...(thingName !== undefined && { thingName }),
      timestamp: this.#clock.now(),
      eventType,
      sessionIdentifier,
      principalIdentifier: principalId,
      ...fields,
    };
    this.#publish({ topic, payload: Buffer.from(JSON.stringify(event)) });
  }
}
