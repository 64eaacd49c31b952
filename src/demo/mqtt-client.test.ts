import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { decode, encode, FrameReader, ReasonCode } from '../mqtt/mqtt.ts';
import { type Packet, PacketType } from '../mqtt/packets.ts';
import { Device } from './mqtt-client.ts';

/** A device and the server's end of its stream: `received` grows, `answer` decides what is sent back. */
function connection(answer: (packet: Packet) => Packet | undefined) {
  const [near, far] = duplexPair();
  const reader = new FrameReader(65_536);
  const received: Packet[] = [];
  far.on('data', (chunk: Buffer) =>
    reader.push(chunk, (...frame) => {
      const packet = decode(...frame, 5);
      received.push(packet);
      const reply = answer(packet);
      if (reply) far.write(encode(reply, 5));
      return true;
    }),
  );
  const send = (packet: Packet): void => void far.write(encode(packet, 5));
  return { device: new Device(near), near: near as Duplex, far: far as Duplex, received, send };
}

/** What a server says that lets everything through, but refuses what `refusal` is for. */
function server(refusal: Partial<Record<number, number>> = {}): (packet: Packet) => Packet | undefined {
  return (packet) => {
    const reasonCode = refusal[packet.type] ?? ReasonCode.success;
    switch (packet.type) {
      case PacketType.connect:
        return { type: PacketType.connack, sessionPresent: false, reasonCode };
      case PacketType.publish:
        return packet.packetId ? { type: PacketType.puback, packetId: packet.packetId, reasonCode } : undefined;
      case PacketType.subscribe:
        return { type: PacketType.suback, packetId: packet.packetId, reasonCodes: [reasonCode] };
      default:
        return undefined;
    }
  };
}

test('it connects, publishes with QoS 1 and says goodbye', async () => {
  const { device, far, received } = connection(server());
  await device.open('lamp');
  await device.publish('a/b', 'hello');
  const ended = new Promise((resolve) => far.once('end', resolve));
  device.close();
  await ended;
  assert.deepEqual(
    received.map(({ type }) => type),
    [PacketType.connect, PacketType.publish, PacketType.disconnect],
  );
  assert.partialDeepStrictEqual(received[1], { topic: 'a/b', qos: 1, packetId: 1 });
});

test('a message goes to the listener of its filter, and is acknowledged', async () => {
  const { device, received, send } = connection(server());
  await device.open('lamp');
  const heard: string[] = [];
  await device.subscribe('a/+', (topic, payload) => heard.push(`${topic} ${payload}`));
  const message = { type: PacketType.publish, payload: Buffer.from('1'), retain: false, dup: false } as const;
  send({ ...message, topic: 'b', qos: 0 });
  send({ ...message, topic: 'a/x', qos: 1, packetId: 7 });
  await device.publish('later', '');
  assert.deepEqual(heard, ['a/x 1']);
  assert.ok(received.some((packet) => packet.type === PacketType.puback && packet.packetId === 7));
});

for (const [what, type, act] of [
  ['a connect', PacketType.connect, (device: Device) => device.open('lamp')],
  ['a publish', PacketType.publish, (device: Device) => device.publish('a', '')],
  ['a subscribe', PacketType.subscribe, (device: Device) => device.subscribe('a', () => {})],
] as const) {
  test(`${what} that is refused fails with the server's reason`, async () => {
    const { device } = connection(server({ [type]: ReasonCode.notAuthorized }));
    if (type !== PacketType.connect) await device.open('lamp');
    await assert.rejects(act(device), /the server refused: Not authorized/i);
  });
}

for (const [what, end, reason] of [
  [
    'a DISCONNECT',
    (_: Duplex, far: Duplex) => far.write(encode({ type: PacketType.disconnect, reasonCode: 0x8e }, 5)),
    /ended the connection: session taken over/i,
  ],
  ['the end of the stream', (near: Duplex) => near.destroy(), /closed/],
  ['bytes that are not MQTT', (_: Duplex, far: Duplex) => far.write(Buffer.from([0x00, 0x00])), /./],
] as const) {
  test(`${what} fails whoever waits, and everything after`, async () => {
    const { device, near, far } = connection((packet) =>
      packet.type === PacketType.connect ? server()(packet) : undefined,
    );
    await device.open('lamp');
    const waiting = assert.rejects(device.publish('a', ''), reason);
    end(near, far);
    await waiting;
    await assert.rejects(device.publish('a', ''), reason);
  });
}

test('many publishes at once are told apart by their packet identifiers', async () => {
  const { device, received } = connection(server());
  await device.open('lamp');
  await Promise.all(Array.from({ length: 100 }, (_, index) => device.publish('a', String(index))));
  const ids = received.flatMap((packet) => (packet.type === PacketType.publish ? [packet.packetId] : []));
  assert.equal(new Set(ids).size, 100);
});
