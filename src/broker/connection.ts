/**
 * One network connection of a client, from its first byte to its last: the protocol's state machine. Bytes come in
 * from the gateway (`receive`), packets go to the functions in `handlers/`, everything that goes out is appended to
 * the outbox. Ends exactly once, in `#finish`, whoever ends it.
 */
import type { Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Authority } from '../identity/authority.ts';
import type { Principal } from '../identity/principal.ts';
import { connectVersion, decode, encode, FrameReader, MqttError, ReasonCode } from '../mqtt/mqtt.ts';
import {
  type AckPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type Will,
} from '../mqtt/packets.ts';
import { AckOrder } from './ack-order.ts';
import { type Admission, TopicAdmissions } from './admission.ts';
import type { Core } from './core.ts';
import { handleConnect, refuseUnreadable } from './handlers/connect.ts';
import { handlePublish, publishWill } from './handlers/publish.ts';
import { handleSubscribe, handleUnsubscribe } from './handlers/subscribe.ts';
import type { DisconnectReason, EventSubject } from './lifecycle.ts';
import type { Publisher } from './message.ts';
import { Outbox } from './outbox.ts';
import { Outgoing } from './outgoing.ts';
import type { Profile } from './profile.ts';
import type { Sender } from './sender.ts';
import type { Session } from './session.ts';
import type { Transport } from './transport.ts';

/** The way a connection came in; made by the gateway. */
export interface Door {
  readonly profile: Profile;
  readonly transport: Transport;
  readonly sourceIp: string;
  /** Over TLS. */
  readonly secure: boolean;
  /** Who is connecting: known from TLS or from the HTTP upgrade, or read from the CONNECT. Undefined: refused. */
  readonly authenticate: (connect: ConnectPacket) => Promise<Principal | undefined>;
}

/** What a connection is once its CONNECT was accepted. */
export interface Client {
  readonly clientId: string;
  readonly authority: Authority;
  readonly session: Session;
  readonly sender: Sender;
  readonly subject: EventSubject;
  readonly publisher: Publisher;
}

type State = 'new' | 'connecting' | 'connected' | 'closed';

/** A client that sends no CONNECT is not waited for longer. */
const CONNECT_WITHIN_MS = 10_000;
/** First bytes of packets. */
const CONNECT = 0x10;
const PUBACK = 0x40;
/** Half-closed connections whose peer does not close are destroyed after this. */
const LINGER_MS = 5_000;

export class Connection {
  readonly core: Core;
  readonly door: Door;
  readonly outbox: Outbox;
  readonly acks: AckOrder;
  state: State = 'new';
  /** The protocol version; 4 until the CONNECT says otherwise. */
  version: ProtocolVersion = 4;
  client: Client | undefined;
  will: Will | undefined;
  /** Seconds; 0: no limit. */
  keepAlive = 0;
  /** MQTT 5: whether reason strings may be sent [MQTT-3.1.2-29]. */
  wantsProblemInformation = true;
  /** Topics published to by this client. */
  readonly admissions: TopicAdmissions;
  /** Topic aliases set by the client. */
  aliases: Map<number, Admission> | undefined;
  /** Reused for all publishes of this connection. */
  readonly outgoing = new Outgoing();
  /** Publishes in the second that began at `rateWindow`. */
  publishesInWindow = 0;
  rateWindow = 0;

  readonly #reader: FrameReader;
  readonly #openedAt: number;
  #lastPacketAt: number;
  #isPaused = false;
  #linger: Timer | undefined;

  constructor(core: Core, door: Door) {
    this.core = core;
    this.door = door;
    this.outbox = new Outbox(door.transport, core.flushQueue);
    this.acks = new AckOrder((packetId, reasonCode) => this.#sendPuback(packetId, reasonCode));
    this.admissions = new TopicAdmissions(this);
    this.#reader = new FrameReader(door.profile.limits.packetBytes);
    this.#openedAt = this.#lastPacketAt = core.clock.now();
    core.connections.add(this);
  }

  get profile(): Profile {
    return this.door.profile;
  }

  get isOpen(): boolean {
    return this.state !== 'closed';
  }

  /** Bytes from the network. They may be kept as views for the length of this call only. */
  receive(chunk: Buffer): void {
    if (this.state === 'closed') return;
    this.#lastPacketAt = this.core.clock.now();
    this.core.counters.received.bytes += chunk.length;
    this.#guard(() => this.#reader.push(chunk, this.#onFrame));
  }

  /** The network connection is gone. `isClean`: it was closed by a WebSocket close frame, as good as a DISCONNECT. */
  ended(isClean = false): void {
    this.#linger?.cancel();
    if (isClean) this.#finish('CLIENT_INITIATED_DISCONNECT', 'closed by the client', true);
    else this.#finish('CONNECTION_LOST', 'connection lost', false);
  }

  /**
   * Ends the connection from our side. `reasonCode` goes into the DISCONNECT of MQTT 5. `detail` is for the log, and
   * for MQTT 5 clients that want to know.
   */
  close(reason: DisconnectReason, reasonCode: number, detail: string): void {
    if (this.state === 'closed') return;
    if (this.version === 5 && this.state === 'connected') {
      const properties = this.wantsProblemInformation ? { reasonString: detail } : undefined;
      this.send({ type: PacketType.disconnect, reasonCode, ...(properties && { properties }) });
    }
    this.outbox.flush();
    this.door.transport.end();
    this.#linger = this.core.clock.after(LINGER_MS, () => this.door.transport.destroy());
    this.#finish(reason, detail, false);
  }

  send(packet: Packet): void {
    this.outbox.append(encode(packet, this.version));
  }

  /** Called about every second: closes what is silent for too long. */
  checkSilence(now: number): void {
    if (this.state === 'connected') {
      if (this.keepAlive > 0 && now - this.#lastPacketAt > this.keepAlive * 1500) {
        this.close('MQTT_KEEP_ALIVE_TIMEOUT', ReasonCode.keepAliveTimeout, 'keep alive timeout');
      }
    } else if (this.state !== 'closed' && now - this.#openedAt > CONNECT_WITHIN_MS) {
      const { sourceIp } = this.door;
      this.core.onRefusal({
        reason: 'connect-timeout',
        detail: 'no CONNECT came in time',
        sourceIp,
        action: 'connect',
      });
      this.#finish('CLIENT_ERROR', 'no CONNECT came in time', true);
      this.door.transport.destroy();
    }
  }

  /** The CONNECT was accepted: packets that came meanwhile are handled now. */
  established(client: Client): void {
    this.client = client;
    this.state = 'connected';
    this.resumeReading();
  }

  /** Stops reading while too much of what this client sent is not answered yet. */
  pauseReading(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.door.transport.pause();
  }

  /** Goes on where `pauseReading` stopped. */
  resumeReading(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.door.transport.resume();
    this.#resumeReading();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  #resumeReading(): void {
    if (this.state !== 'closed') this.#guard(() => this.#reader.resume(this.#onFrame));
  }

  /** Malformed packets end the connection with their reason code; anything else thrown here is our own mistake. */
  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof MqttError)) {
        this.core.log.error(
          { clientId: this.client?.clientId, stack: (error as Error).stack },
          'a packet could not be handled',
        );
        this.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'internal error');
      } else if (this.state === 'new') {
        refuseUnreadable(this, error);
      } else {
        this.close('CLIENT_ERROR', error.reasonCode, error.message);
      }
    }
  }

  readonly #onFrame = (buffer: Buffer, start: number, bodyStart: number, end: number): boolean => {
    if (this.state === 'connected') {
      const type = buffer[start] >> 4;
      if (type === PacketType.publish) handlePublish(this, buffer, start, bodyStart, end);
      else if (buffer[start] === PUBACK && end - bodyStart === 2)
        this.#onPuback((buffer[bodyStart] << 8) | buffer[bodyStart + 1]);
      else this.#onPacket(decode(buffer, start, bodyStart, end, this.version));
    } else if (this.state === 'new') {
      // Known even of a CONNECT that cannot be decoded, so that its refusal has the right form.
      if (buffer[start] === CONNECT) this.version = connectVersion(buffer, bodyStart, end) ?? 4;
      this.#onFirstPacket(decode(buffer, start, bodyStart, end, undefined));
      return false;
    }
    return this.state === 'connected' && !this.#isPaused;
  };

  #onFirstPacket(packet: Packet): void {
    if (packet.type !== PacketType.connect)
      throw new MqttError(ReasonCode.protocolError, 'the first packet must be CONNECT');
    this.version = packet.protocolVersion;
    this.state = 'connecting';
    this.pauseReading();
    handleConnect(this, packet).catch((error: unknown) => {
      this.core.log.error(
        { clientId: packet.clientId, cause: messageOf(error), stack: (error as Error).stack },
        'a CONNECT failed',
      );
      this.close('SERVER_ERROR', ReasonCode.serverUnavailable, 'internal error');
    });
  }

  #onPacket(packet: Packet): void {
    switch (packet.type) {
      case PacketType.puback:
        return this.#onPuback((packet as AckPacket).packetId);
      case PacketType.subscribe:
        return handleSubscribe(this, packet);
      case PacketType.unsubscribe:
        return handleUnsubscribe(this, packet);
      case PacketType.pingreq:
        return this.send({ type: PacketType.pingresp });
      case PacketType.disconnect:
        return this.#onDisconnect(packet.reasonCode, packet.properties?.sessionExpiryInterval);
      case PacketType.connect:
        throw new MqttError(ReasonCode.protocolError, 'a second CONNECT [MQTT-3.1.0-2]');
      default:
        throw new MqttError(ReasonCode.protocolError, `a packet of type ${packet.type} was not expected`);
    }
  }

  #onPuback(packetId: number): void {
    const { sender, session } = this.client as Client;
    const sent = sender.settle(packetId);
    if (sent === undefined) {
      // A packet id that is not in use: MQTT says nothing for PUBACK; harmless, so only noted.
      this.core.log.debug({ clientId: session.clientId, packetId }, 'PUBACK for a packet id not in use');
    } else if (session.durable) {
      if (sent.sequence > 0) session.durable.acknowledge(sent.sequence);
      session.durable.resume();
    }
  }

  #onDisconnect(reasonCode: number, sessionExpiryInterval: number | undefined): void {
    const { session } = this.client as Client;
    if (sessionExpiryInterval !== undefined) {
      // [MQTT-3.14.2-2]: a session that was to end with the connection cannot be kept after all.
      if (session.expirySeconds === 0 && sessionExpiryInterval > 0) {
        throw new MqttError(ReasonCode.protocolError, 'session expiry cannot be raised from 0 by DISCONNECT');
      }
      session.expirySeconds = Math.min(sessionExpiryInterval, this.profile.limits.sessionExpiryMaximum);
    }
    const keepsWill = reasonCode === ReasonCode.disconnectWithWill;
    this.outbox.flush();
    this.door.transport.end();
    this.#linger = this.core.clock.after(LINGER_MS, () => this.door.transport.destroy());
    this.#finish('CLIENT_INITIATED_DISCONNECT', 'disconnected by the client', !keepsWill);
  }

  #sendPuback(packetId: number, reasonCode: number): void {
    if (this.state !== 'connected') return;
    if (reasonCode === 0 || this.version === 4) this.outbox.appendAck(0x40, packetId);
    else this.send({ type: PacketType.puback, packetId, reasonCode });
  }

  #finish(reason: DisconnectReason, detail: string, dropsWill: boolean): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    const { core, client } = this;
    core.connections.delete(this);
    if (!client) return;
    core.counters.connections.current--;
    if (core.clients.get(client.clientId) === this) core.clients.delete(client.clientId);
    client.session.detach();
    core.commitLater(core.sessions.disconnected(client.session), 'the end of a connection');
    if (this.will && !dropsWill) publishWill(this, this.will, client);
    client.authority.release();
    core.lifecycle.disconnected(client.subject, reason);
    const { clientId, principalId, ipAddress } = client.subject;
    core.log.info({ clientId, principalId, sourceIp: ipAddress, reason, detail }, 'client disconnected');
  }
}
