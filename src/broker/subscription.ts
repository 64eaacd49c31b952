/** One session's subscription to one topic filter, as the router keeps it. */
import type { QoS } from '../mqtt/packets.ts';
import type { Session } from './session.ts';

export interface Subscription {
  readonly session: Session;
  /** As the client gave it, `$share/…` included. */
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly hashMatchesParent: boolean;
  /** MQTT 5 subscription identifiers to send along; absent when none was given. */
  readonly identifiers: readonly number[] | undefined;
}

/** What of a subscription decides how a message is sent. */
export type SendOptions = Pick<Subscription, 'retainAsPublished' | 'identifiers'>;

/** What a persistent session stores of a subscription. */
export interface StoredSubscription {
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly hashMatchesParent: boolean;
  readonly identifier?: number;
}

export function toStored(subscription: Subscription): StoredSubscription {
  const { filter, qos, noLocal, retainAsPublished, hashMatchesParent, identifiers } = subscription;
  return {
    filter,
    qos,
    noLocal,
    retainAsPublished,
    hashMatchesParent,
    ...(identifiers && { identifier: identifiers[0] }),
  };
}

export function fromStored(session: Session, stored: StoredSubscription): Subscription {
  const { identifier, ...rest } = stored;
  return { session, ...rest, identifiers: identifier === undefined ? undefined : [identifier] };
}
