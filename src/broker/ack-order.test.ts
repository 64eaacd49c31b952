import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AckOrder } from './ack-order.ts';

test('[MQTT-4.6.0-2] acks go out in the order of their publishes, whichever is ready first', () => {
  const sent: number[][] = [];
  const acks = new AckOrder((packetId, _qos, reasonCode) => sent.push([packetId, reasonCode]));
  acks.ready(1, 1, 0);
  const second = acks.wait(2, 2);
  acks.ready(3, 1, 0x87);
  const fourth = acks.wait(4, 1);
  assert.deepEqual(sent, [[1, 0]]);
  fourth(0);
  assert.deepEqual(sent, [[1, 0]], 'the fourth waits for the second');
  assert.equal(acks.size, 3);
  second(0);
  assert.deepEqual(sent, [
    [1, 0],
    [2, 0],
    [3, 0x87],
    [4, 0],
  ]);
  assert.equal(acks.size, 0);
});
