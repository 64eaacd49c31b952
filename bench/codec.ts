/**
 * The speed of the MQTT codec: `node bench/codec.ts`. Nanoseconds per operation, and how many times faster than `mqtt-packet`
 * doing the same work in the same run, which is the number to compare between machines. Medians of short rounds, taken in turn.
 */
import * as oracle from 'mqtt-packet';
import {
  decode,
  encode,
  FrameReader,
  PublishView,
  publishTemplate,
  readPublish,
  topicFromBytes,
  writeAck,
} from '../src/mqtt/mqtt.ts';
import { type Packet, PacketType, type ProtocolVersion } from '../src/mqtt/packets.ts';

const ROUNDS = 15;
const ROUND_MS = 20;
/** Packets in one chunk, as a busy socket delivers them. */
const BATCH = 100;

interface Case {
  readonly name: string;
  /** Does `BATCH` operations. */
  readonly ours: () => void;
  readonly theirs?: () => void;
}

/** So that no result is without a use. */
let sink = 0;

const publishOf = (qos: 0 | 1, size: number, properties?: object): Packet => ({
  type: PacketType.publish,
  topic: 'dt/plant-7/device-0042/telemetry',
  payload: Buffer.alloc(size, 'x'),
  qos,
  retain: false,
  dup: false,
  ...(qos > 0 && { packetId: 1 }),
  ...(properties && { properties }),
});

const small = publishOf(0, 128);
const withProperties = publishOf(1, 128, { contentType: 'application/json', userProperties: [['site', 'tokyo']] });
const connect: Packet = {
  type: PacketType.connect,
  protocolVersion: 4,
  clean: true,
  keepAlive: 60,
  clientId: 'device-0042',
  username: 'user',
  password: Buffer.from('secret'),
};
const subscribe: Packet = {
  type: PacketType.subscribe,
  packetId: 1,
  subscriptions: [
    { filter: 'cmd/+/device-0042/#', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 },
  ],
};
const puback: Packet = { type: PacketType.puback, packetId: 1, reasonCode: 0 };

const CASES: readonly Case[] = [
  viewing('cut + view a PUBLISH, QoS 0', small, 4),
  viewing('cut + view a PUBLISH, QoS 1', publishOf(1, 128), 4),
  viewing('cut + view a PUBLISH, QoS 1, 1 KiB', publishOf(1, 1024), 4),
  viewing('cut + view a PUBLISH, QoS 1, 5.0', publishOf(1, 128), 5),
  topicText(small),
  decoding('decode a PUBLISH, QoS 0', small, 4),
  decoding('decode a PUBLISH with properties, 5.0', withProperties, 5),
  decoding('decode a PUBACK', puback, 4),
  decoding('decode a SUBSCRIBE', subscribe, 4),
  decoding('decode a CONNECT', connect, 4),
  templating('template of a PUBLISH, QoS 0', small, 4),
  templating('template of a PUBLISH, properties, 5.0', withProperties, 5),
  acknowledging(),
  encoding('encode a SUBSCRIBE', subscribe, 4),
  encoding('encode a CONNECT', connect, 4),
];

const width = Math.max(...CASES.map(({ name }) => name.length));
console.log(`${'operation'.padEnd(width)}        ns   mqtt-packet ns   times faster`);
for (const { name, ours, theirs } of CASES) {
  const [mine, other] = medians(theirs ? [ours, theirs] : [ours]);
  const compared =
    other === undefined ? '' : `${other.toFixed(0).padStart(17)}${(other / mine).toFixed(1).padStart(15)}`;
  console.log(`${name.padEnd(width)} ${mine.toFixed(1).padStart(9)}${compared}`);
}
if (sink === 42) console.log();

function viewing(name: string, packet: Packet, version: ProtocolVersion): Case {
  const chunk = batchOf(packet, version);
  const reader = new FrameReader(149_504);
  const view = new PublishView();
  const onFrame = (buffer: Buffer, start: number, bodyStart: number, end: number) => {
    readPublish(view, buffer, start, bodyStart, end, version);
    sink += view.payloadStart;
    return true;
  };
  return { name, ours: () => reader.push(chunk, onFrame), theirs: parsing(chunk, version) };
}

function decoding(name: string, packet: Packet, version: ProtocolVersion): Case {
  const chunk = batchOf(packet, version);
  const reader = new FrameReader(149_504);
  const onFrame = (buffer: Buffer, start: number, bodyStart: number, end: number) => {
    sink += decode(buffer, start, bodyStart, end, version).type;
    return true;
  };
  return { name, ours: () => reader.push(chunk, onFrame), theirs: parsing(chunk, version) };
}

function parsing(chunk: Buffer, version: ProtocolVersion): () => void {
  const parser = oracle.parser({ protocolVersion: version });
  parser.on('packet', () => sink++);
  return () => {
    parser.parse(chunk);
  };
}

function topicText(packet: Packet): Case {
  const input = encode(packet, 4);
  const view = new PublishView();
  readPublish(view, input, 0, 3, input.length, 4);
  return {
    name: 'topicFromBytes',
    ours: () => {
      for (let i = 0; i < BATCH; i++) sink += topicFromBytes(input, view.topicStart, view.topicEnd).length;
    },
  };
}

function templating(name: string, packet: Packet, version: ProtocolVersion): Case {
  if (packet.type !== PacketType.publish) throw new Error('Not a PUBLISH');
  return {
    name,
    ours: () => {
      for (let i = 0; i < BATCH; i++) sink += publishTemplate(packet, version).bytes.length;
    },
    theirs: generating(packet, version),
  };
}

function encoding(name: string, packet: Packet, version: ProtocolVersion): Case {
  return {
    name,
    ours: () => {
      for (let i = 0; i < BATCH; i++) sink += encode(packet, version).length;
    },
    theirs: generating(packet, version),
  };
}

function acknowledging(): Case {
  const target = Buffer.alloc(4 * BATCH);
  return {
    name: 'writeAck',
    ours: () => {
      let at = 0;
      for (let i = 0; i < BATCH; i++) at = writeAck(target, at, PacketType.puback, i);
      sink += at;
    },
    theirs: generating(puback, 4),
  };
}

function generating(packet: Packet, version: ProtocolVersion): () => void {
  let parsed: oracle.Packet | undefined;
  const parser = oracle.parser({ protocolVersion: version });
  parser.on('packet', (found) => {
    parsed = found;
  });
  parser.parse(encode(packet, version));
  const known = parsed!;
  return () => {
    for (let i = 0; i < BATCH; i++) sink += oracle.generate(known, { protocolVersion: version }).length;
  };
}

function batchOf(packet: Packet, version: ProtocolVersion): Buffer {
  return Buffer.concat(Array.from({ length: BATCH }, () => encode(packet, version)));
}

/** Nanoseconds per operation of each, the rounds taken in turn so that a noisy moment hits all alike. */
function medians(runs: readonly (() => void)[]): number[] {
  const samples: number[][] = runs.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    runs.forEach((run, i) => {
      const time = timeOf(run);
      if (round > 0) samples[i].push(time); // The first round warms up.
    });
  }
  return samples.map((times) => times.sort((a, b) => a - b)[times.length >> 1]);
}

function timeOf(run: () => void): number {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    run();
    count++;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1e6) / (count * BATCH);
}
