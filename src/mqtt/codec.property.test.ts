import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packetOf } from './generated-packets.fixture.ts';
import { decode, encode, FrameReader, MqttError } from './mqtt.ts';
import type { Packet, ProtocolVersion } from './packets.ts';
import { bytes, decodeAll, VECTORS } from './vectors.fixture.ts';

const VERSIONS: readonly ProtocolVersion[] = [4, 5];

/** Hands `input` to the codec as a connection would; anything but packets and MqttError fails the test. */
function feed(input: Buffer, version: ProtocolVersion | undefined): void {
  try {
    new FrameReader(1_000_000).push(input, (buffer, start, bodyStart, end) => {
      const packet = decode(buffer, start, bodyStart, end, version);
      assert.ok(packet.type === buffer[start] >> 4);
      return true;
    });
  } catch (error) {
    if (!(error instanceof MqttError)) throw error;
  }
}

for (const version of VERSIONS) {
  test(`any packet of version ${version} comes back from its bytes`, () => {
    fc.assert(
      fc.property(packetOf(version), (packet) => {
        assert.deepEqual(decodeAll(encode(packet, version), version), [packet]);
      }),
      { numRuns: 500 },
    );
  });

  test(`what is decoded in version ${version} is encoded to bytes that say the same`, () => {
    const mutation = fc.tuple(packetOf(version), fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(mutation, ([packet, where, value]) => {
        const input = encode(packet, version);
        input[where % input.length] = value;
        let decoded: Packet[];
        try {
          decoded = decodeAll(input, version);
        } catch {
          return; // Refused or cut off: the next tests say how.
        }
        for (const one of decoded) {
          const other = one.type === 1 ? one.protocolVersion : version;
          assert.deepEqual(decodeAll(encode(one, other), other), [one]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test(`changed bytes of packets of version ${version} are decoded or refused with an MqttError`, () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(packetOf(version), changes, fc.nat(), (packet, changes, cut) => {
        const whole = encode(packet, version);
        for (const [where, value] of changes) whole[where % whole.length] = value;
        feed(whole, version);
        // The same with its end cut off and a remaining length that fits.
        const body = whole.subarray(2, 2 + (cut % 100));
        feed(Buffer.concat([Buffer.from([whole[0], body.length]), body]), version);
      }),
      { numRuns: 500 },
    );
  });
}

test('any bytes are decoded or refused with an MqttError', () => {
  const version = fc.constantFrom(undefined, 4 as const, 5 as const);
  const body = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(version, fc.integer({ min: 0, max: 255 }), body, (version, firstByte, body) => {
      feed(Buffer.from(body), version);
      feed(Buffer.concat([Buffer.from([firstByte, body.length]), body]), version);
    }),
    { numRuns: 1000 },
  );
});

test('every packet cut short, its remaining length made to fit, is decoded or refused with an MqttError', () => {
  for (const { hex, version } of VECTORS) {
    const whole = bytes(hex);
    for (let end = 2; end <= whole.length; end++) {
      const cut = Buffer.from(whole.subarray(0, end));
      cut[1] = end - 2;
      feed(cut, version);
    }
  }
});
