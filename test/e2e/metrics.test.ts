/** What `/metrics` and the health endpoint say of a server that has done a little of everything. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateTopicRuleCommand, DescribeThingCommand } from '@aws-sdk/client-iot';
import { GetThingShadowCommand, UpdateThingShadowCommand } from '@aws-sdk/client-iot-data-plane';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Fleet, makeDevice, startFleet } from './fleet.ts';

let fleet: Fleet;
let client: MqttClient;
before(async () => {
  fleet = await startFleet();
  const device = await makeDevice(fleet, 'lamp');
  client = await connectAsync(`mqtts://localhost:${fleet.ports.mqtts}`, {
    ca: fleet.ca,
    cert: device.certificatePem,
    key: device.privateKey,
    clientId: 'lamp',
    reconnectPeriod: 0,
  });
});
after(async () => {
  await client.endAsync(true);
  await fleet.stop();
});

async function metrics(): Promise<string> {
  const response = await fetch(`${fleet.server.endpoints.http}/metrics`);
  assert.equal(response.status, 200);
  return response.text();
}

test('metrics count messages, connections, decisions, refusals, rules, shadows, requests, commits and the process', async () => {
  const { control, data } = fleet;
  await control.send(
    new CreateTopicRuleCommand({
      ruleName: 'count',
      topicRulePayload: {
        sql: "SELECT * FROM 'devices/lamp/t'",
        actions: [{ republish: { topic: 'alarms/x', roleArn: 'arn:aws:iam::000000000000:role/r' } }],
      },
    }),
  );
  const republished = fleet.server.nextMessage('alarms/x');
  await client.subscribeAsync('alarms/#', { qos: 1 });
  await client.publishAsync('devices/lamp/t', '{"a":1}', { qos: 1 });
  await republished;
  await client.subscribeAsync('not/mine').catch(() => undefined);
  await data.send(new UpdateThingShadowCommand({ thingName: 'lamp', payload: Buffer.from('{"state":{}}') }));
  await assert.rejects(data.send(new GetThingShadowCommand({ thingName: 'nothing' })));
  await assert.rejects(control.send(new DescribeThingCommand({ thingName: 'nothing' })));

  const text = await metrics();
  for (const line of [
    'tsunagu_clients_connected 1',
    'tsunagu_connections{door="mqtts",state="connected"} 1',
    'tsunagu_messages_received_total{qos="1"} 1',
    'tsunagu_packets_total{direction="in",type="subscribe"} 2',
    'tsunagu_packets_total{direction="out",type="puback"} 1',
    'tsunagu_connects_total{outcome="accepted"} 1',
    'tsunagu_messages_dropped_total{reason="queueFull"} 0',
    'tsunagu_refusals_total{reason="policy"} 1',
    'tsunagu_policy_decisions_total{action="iot:Connect",decision="allowed"} 1',
    'tsunagu_policy_decisions_total{action="iot:Subscribe",decision="denied"} 1',
    'tsunagu_rule_events_total{rule="count",event="RulesExecuted"} 1',
    'tsunagu_shadow_operations_total{operation="update",outcome="accepted"} 1',
    'tsunagu_shadow_operations_total{operation="get",outcome="rejected"} 1',
    'tsunagu_api_requests_total{operation="DescribeThing",status="404"} 1',
    'tsunagu_api_request_duration_seconds_bucket{operation="DescribeThing",le="+Inf"} 1',
    'tsunagu_api_request_duration_seconds_count{operation="DescribeThing"} 1',
    'tsunagu_store_commits_total{outcome="failed"} 0',
    '# TYPE tsunagu_api_request_duration_seconds histogram',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line}\n---\n${text}`);
  }
  assert.match(text, /^tsunagu_store_commits_total\{outcome="done"\} [1-9]/m);
  assert.match(text, /^tsunagu_event_loop_delay_seconds\{statistic="max"\} \d/m);
  assert.match(text, /^process_resident_memory_bytes [1-9]\d{6,}$/m);
});

test('metrics have no series twice, and no sample without its type', async () => {
  const lines = (await metrics()).trim().split('\n');
  const series = lines
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));
  assert.equal(new Set(series).size, series.length);
  const typed = new Set(lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []));
  for (const name of series.map((it) => it.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, ''))) {
    assert.ok(typed.has(name), name);
  }
});

test('health tells what was checked', async () => {
  const response = await fetch(`${fleet.server.endpoints.http}/_tsunagu/health`);
  assert.equal(response.status, 200);
  const health = (await response.json()) as {
    status: string;
    clients: number;
    checks: Record<string, { status: string }>;
  };
  assert.equal(health.status, 'ok');
  assert.equal(health.clients, 1);
  assert.deepEqual(Object.keys(health.checks), ['store', 'doors', 'eventLoop', 'rules']);
  assert.deepEqual(health.checks['doors'], { status: 'ok', http: true, tls: true, mqtts: true });
});
