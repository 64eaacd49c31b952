/**
 * A message on its way through the router. It is encoded at most once for each variant (version, QoS, retain flag)
 * and the bytes are shared by all subscribers; when a subscriber's variant is what the publisher sent, the received
 * bytes themselves are used. A connection reuses one Outgoing for all it publishes, so nothing may keep one beyond
 * the call that was given it: `message()` makes a copy to keep.
 */
import { publishTemplate } from '../mqtt/mqtt.ts';
import type { Properties, ProtocolVersion, QoS } from '../mqtt/packets.ts';
import type { Write } from '../store/store.ts';
import type { Congestion } from './congestion.ts';
import type { Message, Publisher } from './message.ts';
import type { Session } from './session.ts';

/** An encoded PUBLISH: `bytes[start, end)`, its packet id at `idOffset` (absolute; -1 with QoS 0). */
export interface Variant {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly idOffset: number;
}

const VARIANTS = 16;
/** Of an Outgoing that has encoded nothing yet, as most connections' never do. Not to be changed. */
const NO_VARIANTS = noVariants();

export class Outgoing {
  topic = '';
  qos: QoS = 0;
  retain = false;
  isWill = false;
  /** Properties that travel with the message: no alias, no expiry (see `expiresAt`). */
  properties: Properties | undefined;
  publisher: Publisher | undefined;
  /** The publisher's session, for No Local. */
  origin: Session | undefined;
  timestamp = 0;
  /** ms since the epoch; 0: never. */
  expiresAt = 0;
  /** A receiver that takes less than it is sent: the publisher should wait for it. */
  congestion: Congestion | undefined;
  /** What must be durable before the publisher is answered. */
  writes: Write[] = [];

  #callbacks: ((isDurable: boolean) => void)[] = [];
  #payload: Buffer = NO_BYTES;
  #payloadStart = 0;
  #payloadEnd = 0;
  #received: Variant | undefined;
  #receivedKey = -1;
  #variants = NO_VARIANTS;
  #hasVariants = false;
  #message: Message | undefined;

  /** Starts anew for another message whose payload is `buffer[start, end)`. */
  reset(topic: string, qos: QoS, retain: boolean, buffer: Buffer, start: number, end: number): void {
    this.topic = topic;
    this.qos = qos;
    this.retain = retain;
    this.isWill = false;
    this.properties = undefined;
    this.publisher = undefined;
    this.origin = undefined;
    this.timestamp = 0;
    this.expiresAt = 0;
    this.congestion = undefined;
    if (this.writes.length > 0) {
      this.writes = [];
      this.#callbacks = [];
    }
    this.#payload = buffer;
    this.#payloadStart = start;
    this.#payloadEnd = end;
    this.#received = undefined;
    this.#receivedKey = -1;
    this.#message = undefined;
    if (this.#hasVariants) this.#variants.fill(undefined);
    this.#hasVariants = false;
  }

  /** Calls back when `writes` were committed, or could not be. */
  onCommitted(callback: (isDurable: boolean) => void): void {
    this.#callbacks.push(callback);
  }

  /** Those who asked to be told. Taken by whoever commits `writes`, since the Outgoing itself may be used again. */
  get callbacks(): readonly ((isDurable: boolean) => void)[] {
    return this.#callbacks;
  }

  /** The publisher's own packet, usable as it is for subscribers of the same version and QoS: it has no properties, no DUP. */
  setReceived(version: ProtocolVersion, buffer: Buffer, start: number, end: number, idOffset: number): void {
    this.#receivedKey = keyOf(version, this.qos, this.retain);
    this.#received = { bytes: buffer, start, end, idOffset };
  }

  get payloadSize(): number {
    return this.#payloadEnd - this.#payloadStart;
  }

  /** A view, valid during this call only. */
  get payload(): Buffer {
    return this.#payload.subarray(this.#payloadStart, this.#payloadEnd);
  }

  /** The encoded packet for a subscriber. `identifiers`: the subscription identifiers it asked for. */
  variant(version: ProtocolVersion, qos: QoS, retain: boolean, identifiers: readonly number[] | undefined): Variant {
    if (identifiers !== undefined) return this.#encode(version, qos, retain, identifiers);
    const key = keyOf(version, qos, retain);
    if (key === this.#receivedKey) return this.#received as Variant;
    const known = this.#variants[key];
    if (known !== undefined) return known;
    if (this.#variants === NO_VARIANTS) this.#variants = noVariants();
    this.#hasVariants = true;
    const encoded = this.#encode(version, qos, retain, undefined);
    this.#variants[key] = encoded;
    return encoded;
  }

  /** The message as the platform's services see it, with bytes of its own. Made once. */
  message(): Message {
    this.#message ??= {
      topic: this.topic,
      payload: Buffer.from(this.payload),
      qos: this.qos,
      retain: this.retain,
      timestamp: this.timestamp,
      ...(this.properties && { properties: ownedProperties(this.properties) }),
      ...(this.publisher && { publisher: this.publisher }),
      ...(this.isWill && { isWill: true }),
      ...(this.expiresAt !== 0 && { expiresAt: this.expiresAt }),
    };
    return this.#message;
  }

  /** An Outgoing for a message that was kept: queued, retained, or published by the platform itself. */
  static of(message: Message): Outgoing {
    const outgoing = new Outgoing();
    outgoing.reset(message.topic, message.qos, message.retain, message.payload, 0, message.payload.length);
    outgoing.properties = message.properties;
    outgoing.publisher = message.publisher;
    outgoing.timestamp = message.timestamp;
    outgoing.expiresAt = message.expiresAt ?? 0;
    outgoing.isWill = message.isWill ?? false;
    outgoing.#message = message;
    return outgoing;
  }

  #encode(version: ProtocolVersion, qos: QoS, retain: boolean, identifiers: readonly number[] | undefined): Variant {
    let properties = version === 5 ? this.properties : undefined;
    if (version === 5 && this.expiresAt !== 0) {
      const messageExpiryInterval = Math.max(0, Math.floor((this.expiresAt - this.timestamp) / 1000));
      properties = { ...properties, messageExpiryInterval };
    }
    if (version === 5 && identifiers !== undefined)
      properties = { ...properties, subscriptionIdentifiers: identifiers };
    const { bytes, packetIdOffset } = publishTemplate(
      { topic: this.topic, payload: this.payload, qos, retain, ...(properties && { properties }) },
      version,
    );
    return { bytes, start: 0, end: bytes.length, idOffset: packetIdOffset };
  }
}

const NO_BYTES = Buffer.alloc(0);

function noVariants(): (Variant | undefined)[] {
  return new Array(VARIANTS).fill(undefined);
}

function keyOf(version: ProtocolVersion, qos: QoS, retain: boolean): number {
  return (version === 5 ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
}

/** Properties whose binary data does not point into a socket's buffer. */
function ownedProperties(properties: Properties): Properties {
  return properties.correlationData
    ? { ...properties, correlationData: Buffer.from(properties.correlationData) }
    : properties;
}
