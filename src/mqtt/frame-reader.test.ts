import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FrameHandler, FrameReader, MqttError, ReasonCode } from './mqtt.ts';
import { bytes, VECTORS } from './vectors.fixture.ts';

/** A handler that keeps copies of the packets it is given, and the bodies' offsets. */
function collector(seen: string[]): FrameHandler {
  return (buffer, start, bodyStart, end) => {
    seen.push(`${buffer.toString('hex', start, bodyStart)} ${buffer.toString('hex', bodyStart, end)}`);
    return true;
  };
}

function refusal(code: number): (error: unknown) => boolean {
  return (error) => error instanceof MqttError && error.reasonCode === code;
}

/** A packet of a type that does not matter, with a body of `length` bytes. */
function packetOf(length: number): Buffer {
  const header = length < 128 ? [0x30, length] : [0x30, (length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, length)]);
}

const STREAM = Buffer.concat([
  ...VECTORS.map(({ hex }) => bytes(hex)),
  packetOf(0),
  packetOf(127),
  packetOf(128),
  packetOf(5000),
]);
const WHOLE: string[] = [];
new FrameReader(10_000).push(STREAM, collector(WHOLE));

test('packets whole in a chunk are handed on where they lie', () => {
  const chunk = bytes("c000 30 05 0003'a/b' d000");
  const seen: unknown[] = [];
  new FrameReader(100).push(chunk, (...frame) => {
    seen.push(frame);
    assert.equal(frame[0], chunk);
    return true;
  });
  assert.deepEqual(
    seen.map((frame) => (frame as unknown[]).slice(1)),
    [
      [0, 2, 2],
      [2, 4, 9],
      [9, 11, 11],
    ],
  );
});

test('a stream cut in two at any byte gives the same packets', () => {
  assert.equal(WHOLE.length, VECTORS.length + 4);
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const seen: string[] = [];
    const reader = new FrameReader(10_000);
    reader.push(STREAM.subarray(0, cut), collector(seen));
    reader.push(STREAM.subarray(cut), collector(seen));
    assert.deepEqual(seen, WHOLE, `cut at ${cut}`);
  }
});

test('a stream that comes byte by byte, in one buffer used again and again, gives the same packets', () => {
  const seen: string[] = [];
  const reader = new FrameReader(10_000);
  const chunk = Buffer.alloc(1);
  for (const byte of STREAM) {
    chunk[0] = byte;
    reader.push(chunk, collector(seen));
  }
  assert.deepEqual(seen, WHOLE);
});

test('a stream in chunks of any sizes, stopped after any packets, gives the same packets', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 20 });
  const stops = fc.array(fc.boolean(), { minLength: WHOLE.length, maxLength: WHOLE.length });
  fc.assert(
    fc.property(sizes, stops, fc.boolean(), (sizes, stops, isPushedWhileStopped) => {
      const seen: string[] = [];
      const reader = new FrameReader(10_000);
      const collect = collector(seen);
      const handle: FrameHandler = (...frame) => {
        collect(...frame);
        return !stops[seen.length - 1];
      };
      let at = 0;
      for (const size of [...sizes, STREAM.length]) {
        reader.push(STREAM.subarray(at, at + size), handle);
        at = Math.min(at + size, STREAM.length);
        if (!isPushedWhileStopped) for (let i = 0; i < WHOLE.length; i++) reader.resume(handle);
      }
      for (let i = 0; i < WHOLE.length; i++) reader.resume(handle);
      assert.deepEqual(seen, WHOLE);
    }),
    { numRuns: 50 },
  );
});

test('after a stop nothing is handed on until resume, and resume without a stop does nothing', () => {
  const seen: string[] = [];
  const reader = new FrameReader(100);
  const collect = collector(seen);
  reader.push(bytes('c000 d000 e0'), (...frame) => collect(...frame) && false);
  reader.push(bytes('00 c0'), collect);
  assert.deepEqual(seen, ['c000 ']);
  reader.resume(collect);
  assert.deepEqual(seen, ['c000 ', 'd000 ', 'e000 ']);
  reader.resume(collect);
  reader.push(bytes('00'), collect);
  assert.deepEqual(seen, ['c000 ', 'd000 ', 'e000 ', 'c000 ']);
});

test('a push from inside the handler comes after the rest of the chunk', () => {
  const seen: string[] = [];
  const reader = new FrameReader(100);
  const collect = collector(seen);
  const handle: FrameHandler = (...frame) => {
    collect(...frame);
    if (seen.length === 1) {
      reader.push(bytes('00 e0'), handle);
      reader.push(bytes('00'), handle);
    }
    return seen.length !== 2;
  };
  reader.push(bytes('c000 d000 c0'), handle);
  assert.deepEqual(seen, ['c000 ', 'd000 ']);
  reader.resume(handle);
  assert.deepEqual(seen, ['c000 ', 'd000 ', 'c000 ', 'e000 ']);
});

test('a resume from inside the handler takes back the stop it is about to ask for', () => {
  const seen: string[] = [];
  const reader = new FrameReader(100);
  const collect = collector(seen);
  reader.push(bytes('c000 d000'), (...frame) => {
    collect(...frame);
    reader.resume(collect);
    return false;
  });
  assert.deepEqual(seen, ['c000 ', 'd000 ']);
});

test('a packet is refused as soon as its header announces too much, and the reader has ended', () => {
  const reader = new FrameReader(130);
  const seen: string[] = [];
  reader.push(packetOf(127), collector(seen));
  assert.equal(seen.length, 1);
  assert.throws(() => reader.push(bytes('30 80 01'), collector(seen)), refusal(ReasonCode.packetTooLarge));
  reader.push(bytes('c000'), collector(seen));
  reader.resume(collector(seen));
  assert.equal(seen.length, 1);
});

test('the limit may change between packets, even from inside the handler', () => {
  const reader = new FrameReader(2);
  const seen: string[] = [];
  const collect = collector(seen);
  reader.push(Buffer.concat([packetOf(0), packetOf(50)]), (...frame) => {
    reader.maximumPacketSize = 52;
    return collect(...frame);
  });
  assert.equal(seen.length, 2);
  assert.throws(() => reader.push(packetOf(51), collect), refusal(ReasonCode.packetTooLarge));
});

test('a remaining length of more than four bytes is refused with its fourth byte, whole or in pieces', () => {
  const reader = new FrameReader(Number.POSITIVE_INFINITY);
  const ignore: FrameHandler = () => true;
  assert.throws(() => reader.push(bytes('30 ff ff ff ff'), ignore), refusal(ReasonCode.malformedPacket));
  const second = new FrameReader(Number.POSITIVE_INFINITY);
  for (const byte of bytes('30 ff ff ff')) second.push(Buffer.from([byte]), ignore);
  assert.throws(() => second.push(bytes('80'), ignore), refusal(ReasonCode.malformedPacket));
});

test('what the handler throws comes out, and the reader has ended', () => {
  const reader = new FrameReader(100);
  const seen: string[] = [];
  const fail: FrameHandler = () => {
    throw new RangeError('of the handler');
  };
  assert.throws(() => reader.push(bytes('c000 c000'), fail), RangeError);
  reader.push(bytes('c000'), collector(seen));
  assert.deepEqual(seen, []);
});

test('a packet announced but not sent takes no room', () => {
  const reader = new FrameReader(300_000_000);
  const before = process.memoryUsage().arrayBuffers;
  reader.push(bytes('30 ff ff ff 7f'), () => true);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});

test('views of a packet put together from pieces are not written over by the next one', () => {
  const reader = new FrameReader(100);
  const views: Buffer[] = [];
  const keep: FrameHandler = (buffer, start, _, end) => {
    views.push(buffer.subarray(start, end));
    return true;
  };
  reader.push(bytes('30 03 aa'), keep);
  reader.push(bytes('bbcc 30 03 11'), keep);
  reader.push(bytes('2233'), keep);
  assert.deepEqual(
    views.map((view) => view.toString('hex')),
    ['3003aabbcc', '3003112233'],
  );
});
