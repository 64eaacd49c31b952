/**
 * PUBACK, PUBREC, PUBREL and PUBCOMP from a client: the rest of the exchange that a PUBLISH began, in either direction
 * (MQTT 5.0 section 4.3). What a persistent session must still know after a crash is durable before it is answered.
 */
import { messageOf } from '../../base/errors.ts';
import { MqttError, ReasonCode } from '../../mqtt/mqtt.ts';
import { type AckPacket, PacketType } from '../../mqtt/packets.ts';
import type { Write } from '../../store/store.ts';
import type { Client, Connection } from '../connection.ts';

/** First bytes. */
const PUBREL = 0x62;
const PUBCOMP = 0x70;

export function handleAck(connection: Connection, type: AckPacket['type'], packetId: number, reasonCode: number): void {
  if (type === PacketType.puback) handlePuback(connection, packetId, reasonCode);
  else if (type === PacketType.pubrel) onPubrel(connection, packetId);
  else if (type === PacketType.pubrec) onPubrec(connection, packetId, reasonCode);
  else onPubcomp(connection, packetId);
}

/** The client has the QoS 1 message, or refuses it (5.0): either way it is done with. */
export function handlePuback(connection: Connection, packetId: number, reasonCode: number): void {
  const { sender, session } = connection.client as Client;
  const sent = sender.sent(packetId);
  if (sent === undefined) return noteUnknown(connection, 'PUBACK', packetId);
  if (sent.awaits !== PacketType.puback) throw new MqttError(ReasonCode.protocolError, 'a PUBACK for a QoS 2 message');
  sender.settle(packetId);
  sent.settled?.(reasonCode < 0x80);
  if (session.durable === undefined) return;
  if (sent.sequence > 0) session.durable.acknowledge(sent.sequence);
  session.durable.resume();
}

/** The client has the QoS 2 message: from now on only its packet id is known [MQTT-4.3.3-8]. */
function onPubrec(connection: Connection, packetId: number, reasonCode: number): void {
  const { sender, session } = connection.client as Client;
  const sent = sender.sent(packetId);
  if (sent === undefined) return answerUnknown(connection, PacketType.pubrel, PUBREL, packetId);
  if (sent.awaits === PacketType.puback) throw new MqttError(ReasonCode.protocolError, 'a PUBREC for a QoS 1 message');
  if (sent.awaits === 'releasing') return;
  if (sent.awaits === PacketType.pubcomp) return sender.release(packetId);
  if (reasonCode >= 0x80) {
    sender.settle(packetId);
    if (sent.sequence > 0) session.durable?.acknowledge(sent.sequence);
    session.durable?.resume();
  } else if (session.durable === undefined) {
    sender.release(packetId);
  } else {
    sender.beginRelease(packetId, sent);
    session.durable.release(sent.sequence, packetId);
  }
}

function onPubcomp(connection: Connection, packetId: number): void {
  const { sender, session } = connection.client as Client;
  const sent = sender.sent(packetId);
  if (sent === undefined) return noteUnknown(connection, 'PUBCOMP', packetId);
  if (sent.awaits !== PacketType.pubcomp) {
    throw new MqttError(ReasonCode.protocolError, 'a PUBCOMP for a message that was not released');
  }
  sender.settle(packetId);
  session.durable?.complete(packetId);
  session.durable?.resume();
}

/** The client will not send the message again: its packet id may stand for another one from now on [MQTT-4.3.3-11]. */
function onPubrel(connection: Connection, packetId: number): void {
  const { session } = connection.client as Client;
  if (!session.received.has(packetId)) return answerUnknown(connection, PacketType.pubcomp, PUBCOMP, packetId);
  if (connection.unreleased > 0) connection.unreleased--;
  const writes: Write[] = [];
  session.received.delete(packetId, writes);
  if (writes.length === 0) return connection.sendAck(PUBCOMP, packetId);
  connection.core.store.commit(writes).then(
    () => {
      if (connection.isOpen) connection.sendAck(PUBCOMP, packetId);
    },
    (error: unknown) => {
      const { clientId } = session;
      connection.core.log.error({ clientId, packetId, cause: messageOf(error) }, 'a release could not be stored');
      connection.close('SERVER_ERROR', ReasonCode.unspecifiedError, 'a release could not be stored');
    },
  );
}

/** The exchange must be able to end though we know nothing of it (any more); an MQTT 5 client is told so. */
function answerUnknown(connection: Connection, type: AckPacket['type'], firstByte: number, packetId: number): void {
  if (connection.version === 4) connection.sendAck(firstByte, packetId);
  else connection.send({ type, packetId, reasonCode: ReasonCode.packetIdentifierNotFound });
}

/** Harmless: an answer to something that was answered or given up already. */
function noteUnknown(connection: Connection, what: string, packetId: number): void {
  const { clientId } = connection.client as Client;
  connection.core.log.debug({ clientId, packetId }, `${what} for a packet id not in use`);
}
