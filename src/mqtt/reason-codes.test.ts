import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connackReturnCode, MqttError, phraseOf, ReasonCode } from './mqtt.ts';

test('reason codes have phrases made of words', () => {
  assert.equal(phraseOf(ReasonCode.topicFilterInvalid), 'topic filter invalid');
  assert.equal(phraseOf(ReasonCode.grantedQoS1), 'granted QoS 1');
  assert.equal(phraseOf(ReasonCode.qosNotSupported), 'QoS not supported');
  assert.equal(phraseOf(ReasonCode.badUserNameOrPassword), 'bad user name or password');
  assert.equal(phraseOf(0xee), 'reason code 0xee');
  assert.equal(new MqttError(0x8e).message, 'session taken over');
});

test('every reason code has a return code of 3.1.1, and only success is 0', () => {
  for (const code of Object.values(ReasonCode)) {
    const returned = connackReturnCode(code);
    assert.ok(Number.isInteger(returned) && returned >= 0 && returned <= 5);
    assert.equal(returned === 0, code === 0);
  }
  assert.deepEqual([0x84, 0x85, 0x88, 0x86, 0x87].map(connackReturnCode), [1, 2, 3, 4, 5]);
});
