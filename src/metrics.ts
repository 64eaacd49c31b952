/**
 * `/metrics`: what the domains have counted, in Prometheus' text format. Nothing is kept here: the domains hand over
 * plain numbers when somebody asks, and this gives them names. The names are in `docs/operations.md`.
 */
import type { Metric, MetricValueWithName, Registry } from 'prom-client';
import { DURATION_BUCKETS_MS, type OperationCounters } from './api/api.ts';
import type { EventLoopDelay } from './base/event-loop.ts';
import type { Broker } from './broker/broker.ts';
import { PacketType } from './mqtt/packets.ts';
import type { RuleCounters } from './rules/rules.ts';
import type { ShadowCounters } from './shadow/shadow.ts';
import type { StoreCounters } from './store/store.ts';

export interface DomainFigures {
  readonly broker: Pick<Broker, 'counters' | 'sizes' | 'census'>;
  /** By reason. */
  readonly refusals: ReadonlyMap<string, number>;
  /** By action. */
  readonly decisions: ReadonlyMap<string, { readonly allowed: number; readonly denied: number }>;
  readonly rules: {
    readonly byRule: ReadonlyMap<string, RuleCounters>;
    readonly notFound: number;
    readonly waiting: number;
  };
  readonly shadows: ShadowCounters;
  readonly requests: ReadonlyMap<string, OperationCounters>;
  readonly store: Readonly<StoreCounters>;
}

type Kind = 'counter' | 'gauge' | 'histogram';
type Labels = Readonly<Record<string, string | number>>;
type Add = (kind: Kind, name: string, help: string, values: readonly Value[]) => void;
type Value = MetricValueWithName<string> | readonly [labels: Labels, value: number];

export async function renderMetrics(figures: DomainFigures, eventLoop: EventLoopDelay): Promise<string> {
  // Loaded when somebody first asks: the program starts faster without.
  const { Registry } = await import('prom-client');
  const registry = new Registry();
  const add = adderTo(registry);
  addBroker(add, figures.broker);
  addAccess(add, figures);
  addRules(add, figures.rules);
  addRequests(add, figures.requests);
  addShadows(add, figures.shadows);
  addProcess(add, figures.store, eventLoop);
  return registry.metrics();
}

function addBroker(add: Add, broker: DomainFigures['broker']): void {
  const { received, sent, packets, dropped, connections } = broker.counters;
  const { clients, sessions, retained } = broker.sizes();
  const census = broker.census();
  add('gauge', 'tsunagu_clients_connected', 'MQTT clients connected now', [[{}, clients]]);
  add(
    'gauge',
    'tsunagu_connections',
    'Network connections of MQTT clients',
    census.connections.map(({ door, state, count }) => [{ door, state }, count]),
  );
  add('gauge', 'tsunagu_sessions', 'MQTT sessions, of absent clients too', [[{}, sessions]]);
  add('gauge', 'tsunagu_session_messages', 'Messages queued in persistent sessions', [[{}, census.queued]]);
  add('gauge', 'tsunagu_retained_messages', 'Retained messages', [[{}, retained]]);
  const byQos = (of: typeof received): Value[] => [0, 1, 2].map((qos) => [{ qos }, of[`qos${qos as 0 | 1 | 2}`]]);
  add('counter', 'tsunagu_messages_received_total', 'PUBLISH packets from clients', byQos(received));
  add('counter', 'tsunagu_messages_sent_total', 'PUBLISH packets to clients', byQos(sent));
  add('counter', 'tsunagu_messages_dropped_total', 'Messages that did not reach somebody', byLabel('reason', dropped));
  add('counter', 'tsunagu_bytes_total', 'Bytes of MQTT: all that came, messages that went', [
    [{ direction: 'in' }, received.bytes],
    [{ direction: 'out' }, sent.bytes],
  ]);
  const byType = (direction: string, counts: readonly number[]): Value[] =>
    Object.entries(PacketType)
      .filter(([, type]) => type !== PacketType.publish && counts[type] > 0)
      .map(([type, at]) => [{ direction, type }, counts[at]]);
  const packetCounts = [...byType('in', packets.received), ...byType('out', packets.sent)];
  add('counter', 'tsunagu_packets_total', 'MQTT packets other than PUBLISH', packetCounts);
  add('counter', 'tsunagu_connects_total', 'CONNECT packets', [
    [{ outcome: 'accepted' }, connections.accepted],
    [{ outcome: 'refused' }, connections.refused],
  ]);
}

function addAccess(add: Add, { refusals, decisions }: DomainFigures): void {
  add('counter', 'tsunagu_refusals_total', 'What was refused', byLabel('reason', Object.fromEntries(refusals)));
  const values = [...decisions].flatMap(([action, { allowed, denied }]): Value[] => [
    [{ action, decision: 'allowed' }, allowed],
    [{ action, decision: 'denied' }, denied],
  ]);
  add('counter', 'tsunagu_policy_decisions_total', 'Decisions of policies, remembered ones not counted again', values);
}

function addRules(add: Add, { byRule, notFound, waiting }: DomainFigures['rules']): void {
  const events: Value[] = [];
  const actions: Value[] = [];
  for (const [rule, { Success, Failure, ...counts }] of byRule) {
    for (const [event, count] of Object.entries(counts)) events.push([{ rule, event }, count]);
    for (const [action, count] of Object.entries(Success)) actions.push([{ rule, action, outcome: 'success' }, count]);
    for (const [action, count] of Object.entries(Failure)) actions.push([{ rule, action, outcome: 'failure' }, count]);
  }
  add('counter', 'tsunagu_rule_events_total', "What happened to messages of rules, by AWS's names", events);
  add('counter', 'tsunagu_rule_actions_total', 'Actions of rules', actions);
  add('counter', 'tsunagu_rule_not_found_total', 'Basic Ingest for a rule that is not there', [[{}, notFound]]);
  add('gauge', 'tsunagu_rule_actions_waiting', 'Messages whose rule actions wait for others', [[{}, waiting]]);
}

function addShadows(add: Add, shadows: ShadowCounters): void {
  const values = Object.entries(shadows).flatMap(([operation, { accepted, rejected }]): Value[] => [
    [{ operation, outcome: 'accepted' }, accepted],
    [{ operation, outcome: 'rejected' }, rejected],
  ]);
  add('counter', 'tsunagu_shadow_operations_total', 'Shadow operations, over MQTT and HTTP', values);
}

function addRequests(add: Add, requests: DomainFigures['requests']): void {
  const statuses = [...requests].flatMap(([operation, { statuses }]) =>
    [...statuses].map(([status, count]): Value => [{ operation, status }, count]),
  );
  add('counter', 'tsunagu_api_requests_total', 'API requests', statuses);
  const name = 'tsunagu_api_request_duration_seconds';
  const durations = [...requests].flatMap(
    ([operation, { durations, count, totalMs }]): MetricValueWithName<string>[] => [
      ...DURATION_BUCKETS_MS.map((bound, at) => ({
        metricName: `${name}_bucket`,
        labels: { operation, le: bound / 1000 },
        value: durations[at],
      })),
      { metricName: `${name}_bucket`, labels: { operation, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels: { operation }, value: totalMs / 1000 },
      { metricName: `${name}_count`, labels: { operation }, value: count },
    ],
  );
  add('histogram', name, 'How long API requests took', durations);
}

function addProcess(add: Add, store: DomainFigures['store'], { mean, p99, max }: EventLoopDelay): void {
  add('counter', 'tsunagu_store_commits_total', 'Commits of the store', [
    [{ outcome: 'done' }, store.committed],
    [{ outcome: 'failed' }, store.failed],
  ]);
  add('gauge', 'tsunagu_store_commits_waiting', 'Commits on their way to the disk', [[{}, store.waiting]]);
  add('gauge', 'tsunagu_event_loop_delay_seconds', 'How late the event loop is, over the last seconds', [
    [{ statistic: 'mean' }, mean / 1000],
    [{ statistic: 'p99' }, p99 / 1000],
    [{ statistic: 'max' }, max / 1000],
  ]);
  const { rss, heapUsed, external } = process.memoryUsage();
  add('gauge', 'process_resident_memory_bytes', 'Memory of the process', [[{}, rss]]);
  add('gauge', 'nodejs_heap_size_used_bytes', 'JavaScript objects', [[{}, heapUsed]]);
  add('gauge', 'nodejs_external_memory_bytes', 'Buffers and native memory', [[{}, external]]);
}

function byLabel(label: string, counts: Readonly<Record<string, number>>): Value[] {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, count]);
}

/**
 * Adds metrics whose values are there already. The library's own metrics only count for themselves; a registry takes
 * anything that can be asked for its values.
 */
function adderTo(registry: Registry): Add {
  return (type, name, help, given) => {
    const values = given.map((value) => (isPair(value) ? { labels: value[0], value: value[1] } : value));
    const metric = { name, get: () => ({ name, help, type, values, aggregator: 'sum' }) };
    registry.registerMetric(metric as unknown as Metric);
  };
}

function isPair(value: Value): value is readonly [Labels, number] {
  return Array.isArray(value);
}
