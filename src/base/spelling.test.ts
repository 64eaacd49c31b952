import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './spelling.ts';

const names = ['data', 'host', 'http-port', 'mqtt-port', 'mqtts-port'];

for (const [typed, limit, expected] of [
  ['http-prot', 1, 'http-port'],
  ['dat', 1, 'data'],
  ['hots', 1, 'host'],
  ['mqtts-port', 2, 'mqtts-port'],
  ['mqttport', 2, 'mqtt-port'],
  ['htpp-prt', 1, undefined],
  ['colour', 2, undefined],
  ['', 2, undefined],
] as const) {
  test(`'${typed}' with at most ${limit} slips is ${expected ? `taken for '${expected}'` : 'nothing known'}`, () => {
    assert.equal(nearest(typed, names, limit), expected);
  });
}
