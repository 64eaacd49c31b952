/**
 * One network connection of a client, from its first byte to its last: the protocol's state machine. Bytes come in
 * from the gateway (`receive`), packets go to the functions in `handlers/`, everything that goes out is appended to
 * the outbox. Ends exactly once, in `#finish`, whoever ends it.
 */
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
  type QoS,
  type Will,
} from '../mqtt/packets.ts';
import { AckOrder } from './ack-order.ts';
import { type Admission, TopicAdmissions } from './admission.ts';
import type { Core } from './core.ts';
import { handleAck, handlePuback } from './handlers/acknowledge.ts';
import { handleConnect, refuseUnreadable } from './handlers/connect.ts';
import { handlePublish } from './handlers/publish.ts';
import { handleSubscribe, handleUnsubscribe } from './handlers/subscribe.ts';
import { leaveWill } from './handlers/will.ts';
import type { DisconnectReason, EventSubject } from './lifecycle.ts';
import type { Publisher } from './message.ts';
import { Outbox } from './outbox.ts';
import { Outgoing } from './outgoing.ts';
import { Pause } from './pause.ts';
import { type Profile, UNLIMITED } from './profile.ts';
import { Allowance, RateWindow } from './rate.ts';
import type { Sender } from './sender.ts';
import type { Session } from './session.ts';
import { giveSharedWork, redeliver } from './shared-work.ts';
import type { Transport } from './transport.ts';

/** Plain MQTT, MQTT over TLS, over TLS by ALPN, over WebSocket without and with TLS. */
export type DoorName = 'mqtt' | 'mqtts' | 'alpn' | 'ws' | 'wss';

/** The way a connection came in; made by the gateway. */
export interface Door {
  /** For the operator: how the connection came in. */
  readonly name: DoorName;
  readonly profile: Profile;
  readonly transport: Transport;
  readonly sourceIp: string;
  /** What GetConnection tells of the socket, as far as the gateway knows it. */
  readonly socket?: { readonly sourcePort?: number; readonly targetIp?: string; readonly targetPort?: number };
  /** The connection ends with the first packet after so long (WebSockets at AWS: a day). */
  readonly maxLifetimeMs?: number;
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
  /** Clean session (3.1.1), clean start (5). */
  readonly cleanStart: boolean;
  /** ms since the epoch. */
  readonly connectedAt: number;
}

type State = 'new' | 'connecting' | 'connected' | 'closed';

/** A client that sends no CONNECT is not waited for longer. */
const CONNECT_WITHIN_MS = 10_000;
/** Nobody knows yet who sends the first packet, so it may not be larger. */
const FIRST_PACKET_BYTES = 512 << 10;
/** First bytes; the last are those of PUBREC, PUBREL and PUBCOMP. */
const CONNECT = 0x10;
const PUBACK = 0x40;
const QOS2_ACKS = [0x50, 0x62, 0x70];
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
  /** MQTT 5: whether reason strings are sent in CONNACK and DISCONNECT; they are in no other packet [MQTT-3.1.2-29]. */
  wantsProblemInformation = true;
  /** The largest packet the client takes [MQTT-3.1.2-24]. */
  maximumPacketBytes = Number.MAX_SAFE_INTEGER;
  /** QoS 2 messages the client has not released. */
  unreleased = 0;
  /** Topics published to by this client. */
  readonly admissions: TopicAdmissions;
  /** Topic aliases set by the client. */
  aliases: Map<number, Admission> | undefined;
  /** Reused for all publishes of this connection. */
  readonly outgoing = new Outgoing();
  readonly publishRate = new RateWindow();

  readonly #reader: FrameReader;
  readonly #openedAt: number;
  #lastPacketAt: number;
  #pauses = 0;
  #isTransportPaused = false;
  #byteRate: Allowance | undefined;
  /** When a connection that was closed and whose peer does not close is destroyed. */
  #lingersUntil = 0;

  constructor(core: Core, door: Door) {
    this.core = core;
    this.door = door;
    this.outbox = new Outbox(door.transport, core.flushQueue, door.profile.limits.backlogBytes >> 3);
    this.acks = new AckOrder((packetId, qos, reasonCode) => this.#acknowledge(packetId, qos, reasonCode));
    this.admissions = new TopicAdmissions(this);
    this.#reader = new FrameReader(Math.min(door.profile.limits.packetBytes, FIRST_PACKET_BYTES));
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
    if (this.door.maxLifetimeMs !== undefined && this.#lastPacketAt - this.#openedAt > this.door.maxLifetimeMs) {
      return this.close(
        'WEBSOCKET_TTL_EXPIRATION',
        ReasonCode.maximumConnectTime,
        'the connection was open for too long',
      );
    }
    if (this.state === 'connecting') this.#pauseTransport();
    if (this.profile.limits.bytesPerSecond !== UNLIMITED) this.#delay(chunk.length);
    this.#guard(() => this.#reader.push(chunk, this.#onFrame));
  }

  /** The network connection is gone. `isClean`: it was closed by a WebSocket close frame, as good as a DISCONNECT. */
  ended(isClean = false): void {
    this.core.lingering.delete(this);
    if (isClean) this.#finish('CLIENT_INITIATED_DISCONNECT', 'closed by the client', true);
    else this.#finish('CONNECTION_LOST', 'connection lost', false);
  }

  /** The network took what was waiting. */
  drained(): void {
    this.client?.sender.drained();
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
    this.#closeTransport();
    this.#finish(reason, detail, false);
  }

  /** A packet larger than the client takes goes without its properties, or not at all [MQTT-3.1.2-25]. */
  send(packet: Packet): void {
    let bytes = encode(packet, this.version);
    if (bytes.length > this.maximumPacketBytes && 'properties' in packet) {
      bytes = encode({ ...packet, properties: undefined } as unknown as Packet, this.version);
    }
    if (bytes.length > this.maximumPacketBytes) return;
    this.core.counters.packets.sent[packet.type]++;
    this.outbox.append(bytes);
  }

  /** An acknowledgement without a reason. `firstByte`: of the packet. */
  sendAck(firstByte: number, packetId: number): void {
    this.core.counters.packets.sent[firstByte >> 4]++;
    this.outbox.appendAck(firstByte, packetId);
  }

  /** Called about every second: closes what is silent for too long. */
  checkSilence(now: number): void {
    if (this.state === 'connected') {
      const { sender } = this.client as Client;
      sender.congestion.check(now);
      if (this.outbox.isCongested) sender.drained();
      if (this.#pauses === 0 && this.keepAlive > 0 && now - this.#lastPacketAt > this.keepAlive * 1500) {
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

  /** Called about every second once the connection was closed from our side: waits no longer for the peer's end. */
  checkLinger(now: number): void {
    if (now < this.#lingersUntil) return;
    this.core.lingering.delete(this);
    this.door.transport.destroy();
  }

  /** The CONNECT was accepted: packets that came meanwhile are handled now. */
  established(client: Client): void {
    this.client = client;
    this.state = 'connected';
    this.#reader.maximumPacketSize = this.profile.limits.packetBytes;
    this.resumeReading(Pause.connecting);
  }

  /** Stops reading for a reason of `Pause`. */
  pauseReading(reason: number): void {
    this.#pauses |= reason;
    // A CONNECT is soon answered, and hardly anybody sends more before: `receive` pauses when somebody does.
    if (reason !== Pause.connecting) this.#pauseTransport();
  }

  #pauseTransport(): void {
    if (this.#isTransportPaused) return;
    this.#isTransportPaused = true;
    this.door.transport.pause();
  }

  /** The reason holds no longer: goes on, when it was the last, with the packets that came already. */
  resumeReading(reason: number): void {
    if ((this.#pauses & reason) === 0) return;
    this.#pauses &= ~reason;
    if (this.#pauses !== 0 || this.state === 'closed') return;
    this.#lastPacketAt = this.core.clock.now();
    if (this.#isTransportPaused) {
      this.#isTransportPaused = false;
      this.door.transport.resume();
    }
    this.#guard(() => this.#reader.resume(this.#onFrame));
  }

  /** Who sends more bytes than its limit is read from later. */
  #delay(size: number): void {
    const { clock } = this.core;
    this.#byteRate ??= new Allowance();
    const waitMs = this.#byteRate.take(clock.now(), size, this.profile.limits.bytesPerSecond);
    if (waitMs === 0) return;
    this.pauseReading(Pause.rate);
    clock.after(waitMs, () => this.resumeReading(Pause.rate));
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
        const isQuota = error.reasonCode === ReasonCode.quotaExceeded;
        this.close(isQuota ? 'THROTTLED' : 'CLIENT_ERROR', error.reasonCode, error.message);
      }
    }
  }

  readonly #onFrame = (buffer: Buffer, start: number, bodyStart: number, end: number): boolean => {
    const type = buffer[start] >> 4;
    this.core.counters.packets.received[type]++;
    if (this.state === 'connected') {
      if (type === PacketType.publish) handlePublish(this, buffer, start, bodyStart, end);
      else if (buffer[start] === PUBACK && end - bodyStart === 2)
        handlePuback(this, (buffer[bodyStart] << 8) | buffer[bodyStart + 1], 0);
      else if (end - bodyStart === 2 && QOS2_ACKS.includes(buffer[start]))
        handleAck(this, type as AckPacket['type'], (buffer[bodyStart] << 8) | buffer[bodyStart + 1], 0);
      // Refused unread: what is wrong inside of it does not matter any more [MQTT-3.1.0-2].
      else if (type === PacketType.connect) throw new MqttError(ReasonCode.protocolError, 'a second CONNECT');
      else this.#onPacket(decode(buffer, start, bodyStart, end, this.version));
    } else if (this.state === 'new') {
      // Known even of a CONNECT that cannot be decoded, so that its refusal has the right form.
      if (buffer[start] === CONNECT) this.version = connectVersion(buffer, bodyStart, end) ?? 4;
      this.#onFirstPacket(decode(buffer, start, bodyStart, end, undefined));
      return false;
    }
    return this.state === 'connected' && this.#pauses === 0;
  };

  #onFirstPacket(packet: Packet): void {
    if (packet.type !== PacketType.connect)
      throw new MqttError(ReasonCode.protocolError, 'the first packet must be CONNECT');
    this.version = packet.protocolVersion;
    this.state = 'connecting';
    this.pauseReading(Pause.connecting);
    handleConnect(this, packet).catch((error: unknown) => {
      this.core.log.error(
        { clientId: packet.clientId, cause: messageOf(error), stack: (error as Error).stack },
        'a CONNECT failed',
      );
      this.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'internal error');
    });
  }

  #onPacket(packet: Packet): void {
    switch (packet.type) {
      case PacketType.puback:
      case PacketType.pubrec:
      case PacketType.pubrel:
      case PacketType.pubcomp:
        return handleAck(this, packet.type, packet.packetId, packet.reasonCode);
      case PacketType.subscribe:
        return handleSubscribe(this, packet);
      case PacketType.unsubscribe:
        return handleUnsubscribe(this, packet);
      case PacketType.pingreq:
        return this.send({ type: PacketType.pingresp });
      case PacketType.disconnect:
        return this.#onDisconnect(packet.reasonCode, packet.properties?.sessionExpiryInterval);
      default:
        throw new MqttError(ReasonCode.protocolError, `a packet of type ${packet.type} was not expected`);
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
    this.#closeTransport();
    // Only the normal disconnection takes the will along [MQTT-3.14.4-3].
    this.#finish('CLIENT_INITIATED_DISCONNECT', 'disconnected by the client', reasonCode === ReasonCode.success);
  }

  #closeTransport(): void {
    this.outbox.flush();
    this.door.transport.end();
    this.#lingersUntil = this.core.clock.now() + LINGER_MS;
    this.core.lingering.add(this);
  }

  #acknowledge(packetId: number, qos: QoS, reasonCode: number): void {
    if (this.state !== 'connected') return;
    const type = qos === 1 ? PacketType.puback : PacketType.pubrec;
    if (qos === 2 && reasonCode < 0x80) this.unreleased++;
    if (reasonCode === 0 || this.version === 4) this.sendAck(type << 4, packetId);
    else this.send({ type, packetId, reasonCode });
  }

  #finish(reason: DisconnectReason, detail: string, dropsWill: boolean): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    const { core, client } = this;
    core.connections.delete(this);
    if (!client) return;
    core.counters.connections.current--;
    if (core.clients.get(client.clientId) === this) core.clients.delete(client.clientId);
    const redeliveries = client.session.detach();
    if (this.will && !dropsWill) leaveWill(this, this.will, client);
    core.commitLater(core.sessions.disconnected(client.session), 'the end of a connection');
    redeliver(core, redeliveries);
    giveSharedWork(core, client.session);
    client.authority.release();
    core.presences.left(client.clientId, reason);
    core.lifecycle.disconnected(client.subject, reason);
    const { clientId, principalId, ipAddress } = client.subject;
    core.log.info({ clientId, principalId, sourceIp: ipAddress, reason, detail }, 'client disconnected');
  }
}
