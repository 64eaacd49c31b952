/** `/metrics`: the broker's counters in Prometheus' text format, read when asked. */
import type { Broker } from './broker/broker.ts';

export async function renderMetrics(broker: Broker): Promise<string> {
  // Loaded when somebody first asks: the program starts faster without.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registers = [new Registry()];
  const { received, sent, connections, dropped } = broker.counters;
  const { clients, sessions, retained } = broker.sizes();

  const gauge = (name: string, help: string, value: number): void => new Gauge({ name, help, registers }).set(value);
  gauge('tsunagu_clients_connected', 'MQTT clients connected now', clients);
  gauge('tsunagu_sessions', 'MQTT sessions, persistent ones of absent clients included', sessions);
  gauge('tsunagu_retained_messages', 'Retained messages', retained);

  const counter = (name: string, help: string, label: string, values: Record<string, number>): void => {
    const metric = new Counter({ name, help, labelNames: [label], registers });
    for (const [value, count] of Object.entries(values)) metric.inc({ [label]: value }, count);
  };
  counter('tsunagu_messages_received_total', 'PUBLISH packets from clients', 'qos', {
    0: received.qos0,
    1: received.qos1,
    2: received.qos2,
  });
  counter('tsunagu_messages_sent_total', 'PUBLISH packets to clients', 'qos', {
    0: sent.qos0,
    1: sent.qos1,
    2: sent.qos2,
  });
  counter('tsunagu_messages_dropped_total', 'Messages that did not reach somebody', 'reason', { ...dropped });
  counter('tsunagu_bytes_total', 'Bytes of MQTT', 'direction', { in: received.bytes, out: sent.bytes });
  counter('tsunagu_connects_total', 'CONNECT packets', 'outcome', {
    accepted: connections.accepted,
    refused: connections.refused,
  });
  return registers[0].metrics();
}
