import assert from 'node:assert/strict';
import { test } from 'node:test';
import { banner, type Ready, readyLine } from './banner.ts';

const ready: Ready = {
  endpoints: {
    http: 'http://127.0.0.1:8880',
    https: 'https://127.0.0.1:8443',
    mqtts: 'mqtts://127.0.0.1:8883',
    wss: 'wss://127.0.0.1:8443/mqtt',
  },
  caFile: '/tmp/my data/ca.pem',
  region: 'us-east-1',
  accountId: '000000000000',
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: "s/e+c'ret" },
};

test('with --json the ready line is exactly one line with exactly the members of the contract', () => {
  const line = readyLine({ ...ready, stop: () => {} } as Ready);
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.deepEqual(JSON.parse(line), { event: 'ready', ...ready });
});

test('a plain MQTT endpoint is named when there is one and absent otherwise', () => {
  const withPlain = { ...ready, endpoints: { ...ready.endpoints, mqtt: 'mqtt://127.0.0.1:1883' } };
  assert.equal(JSON.parse(readyLine(withPlain)).endpoints.mqtt, 'mqtt://127.0.0.1:1883');
  assert.equal('mqtt' in JSON.parse(readyLine(ready)).endpoints, false);
  assert.match(banner(withPlain), /mosquitto_sub -h 127\.0\.0\.1 -p 1883 -t '#'/);
  assert.match(banner(ready), /mosquitto_sub -h 127\.0\.0\.1 -p 8883 --cafile/);
});

test('the banner names every endpoint and the variables of the AWS CLI, safe to paste', () => {
  const text = banner(ready);
  for (const part of [
    ...Object.values(ready.endpoints),
    'export AWS_ENDPOINT_URL_IOT=http://127.0.0.1:8880',
    'export AWS_ENDPOINT_URL_IOT_DATA_PLANE=http://127.0.0.1:8880',
    'export AWS_ENDPOINT_URL_IOT_JOBS_DATA_PLANE=http://127.0.0.1:8880',
    'export AWS_ENDPOINT_URL_IOTSECURETUNNELING=http://127.0.0.1:8880',
    "export AWS_CA_BUNDLE='/tmp/my data/ca.pem'",
    "--user 'AKIAEXAMPLE:s/e+c'\\''ret'",
  ]) {
    assert.ok(text.includes(part), part);
  }
});
