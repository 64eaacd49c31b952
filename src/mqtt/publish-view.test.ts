import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packetOf } from './generated-packets.fixture.ts';
import {
  decodePublishProperties,
  encode,
  FrameReader,
  MqttError,
  PublishView,
  publishTemplate,
  readPublish,
  topicFromBytes,
} from './mqtt.ts';
import { PacketType, type ProtocolVersion, type PublishPacket } from './packets.ts';
import { bytes, decodeAll } from './vectors.fixture.ts';

function viewOf(view: PublishView, input: Buffer, version: ProtocolVersion): PublishView {
  new FrameReader(300_000_000).push(input, (buffer, start, bodyStart, end) => {
    readPublish(view, buffer, start, bodyStart, end, version);
    return true;
  });
  return view;
}

for (const version of [4, 5] as const) {
  test(`one view read again and again says what decode says (version ${version})`, () => {
    const view = new PublishView();
    const publishes = packetOf(version).filter((packet) => packet.type === PacketType.publish);
    fc.assert(
      fc.property(publishes as fc.Arbitrary<PublishPacket>, (packet) => {
        const input = encode(packet, version);
        viewOf(view, input, version);
        const isAliased = view.topicStart === view.topicEnd;
        const hasProperties = view.propertiesStart < view.propertiesEnd;
        const seen = {
          type: PacketType.publish,
          topic: isAliased ? '' : topicFromBytes(input, view.topicStart, view.topicEnd),
          payload: input.subarray(view.payloadStart, view.payloadEnd),
          qos: view.qos,
          retain: view.retain,
          dup: view.dup,
          ...(view.packetId > 0 && { packetId: view.packetId }),
          ...(hasProperties && {
            properties: decodePublishProperties(input, view.propertiesStart, view.propertiesEnd),
          }),
        };
        assert.deepEqual([seen], decodeAll(input, version));
      }),
      { numRuns: 300 },
    );
  });
}

test('any body is read to ranges in order inside the packet, or refused with an MqttError', () => {
  const version = fc.constantFrom(4 as const, 5 as const);
  const flags = fc.integer({ min: 0, max: 15 });
  fc.assert(
    fc.property(version, flags, fc.uint8Array({ maxLength: 40 }), (version, flags, body) => {
      const input = Buffer.concat([Buffer.from([0x30 | flags, body.length]), body]);
      try {
        const view = viewOf(new PublishView(), input, version);
        const offsets = [
          4,
          view.topicEnd,
          view.propertiesStart,
          view.propertiesEnd,
          view.payloadStart,
          view.payloadEnd,
        ];
        assert.deepEqual(
          offsets,
          offsets.toSorted((a, b) => a - b),
        );
        assert.equal(view.topicStart, 4);
        assert.equal(view.payloadEnd, input.length);
      } catch (error) {
        if (!(error instanceof MqttError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});

test('a payload length of any header size is delimited', () => {
  for (const length of [0, 1, 123, 124, 125, 16379, 16380, 16381, 2_097_147, 2_097_148]) {
    const { bytes } = publishTemplate({ topic: 'a', payload: Buffer.alloc(length), qos: 0, retain: false }, 4);
    const view = viewOf(new PublishView(), bytes, 4);
    assert.equal(view.payloadEnd - view.payloadStart, length);
  }
});

test('a topic is text: bytes that are none, wildcards and nothing are refused, each with its code', () => {
  const codeOf = (hex: string) => {
    try {
      return topicFromBytes(bytes(hex), 0, bytes(hex).length);
    } catch (error) {
      return error instanceof MqttError ? error.reasonCode : error;
    }
  };
  assert.equal(codeOf("'a/' c3bc"), 'a/ü');
  assert.equal(codeOf('f09d849e'), '𝄞');
  assert.equal(codeOf(''), 0x82);
  assert.equal(codeOf("'a/+'"), 0x90);
  assert.equal(codeOf("c3bc '#'"), 0x90);
  assert.equal(codeOf("'a' 00"), 0x81);
  assert.equal(codeOf('c3bc 00'), 0x81);
  assert.equal(codeOf('eda080'), 0x81);
  assert.equal(codeOf('c080'), 0x81);
});
