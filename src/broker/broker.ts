/**
 * The message broker: sessions, subscriptions, retained messages and the connections of clients. The gateway hands it
 * connections (`accept`), the platform's services publish and listen through it, and it has the data plane operations
 * that are about messages and connections. Knows no sockets, no HTTP and no domain.
 */
import type { Place } from '../base/arn.ts';
import type { Timer } from '../base/clock.ts';
import { ReasonCode } from '../mqtt/mqtt.ts';
import { Connection, type Door } from './connection.ts';
import { type BrokerDeps, Core } from './core.ts';
import type { Counters } from './counters.ts';
import { createDataPlane, type DataPlaneOperations } from './data-plane.ts';
import type { DisconnectReason } from './lifecycle.ts';
import type { DirectDelivery, MessageBus } from './message.ts';
import type { Profile } from './profile.ts';

export type { Door } from './connection.ts';
export { awsLimits, awsProfile, awsQuotas, type Limits, type Profile, standardProfile } from './profile.ts';
export { BASIC_INGEST, basicIngest } from './reserved.ts';
export type { Transport } from './transport.ts';

/** What the gateway tells a connection it handed over. */
export interface AcceptedConnection {
  /** Bytes came in; they may be used again when the call returns. */
  receive(chunk: Buffer): void;
  /** The network connection is gone; `isClean`: a WebSocket was closed properly. */
  ended(isClean?: boolean): void;
  /** Ends it from our side, `reasonCode` for MQTT 5 clients. Its door may know best how long it may last. */
  close(reason: DisconnectReason, reasonCode: number, detail: string): void;
  /** The network has taken bytes that were waiting; publishers that were held up may go on. */
  drained(): void;
}

export interface Broker extends MessageBus, DirectDelivery {
  readonly operations: DataPlaneOperations;
  readonly counters: Counters;
  /** Connected clients, sessions, retained messages: for the health endpoint and metrics. */
  readonly sizes: () => { clients: number; sessions: number; retained: number };
  /** What takes longer to know: network connections by door and state, and messages queued for sessions. */
  readonly census: () => {
    readonly connections: readonly { readonly door: string; readonly state: string; readonly count: number }[];
    readonly queued: number;
  };
  /** Takes over a network connection. */
  accept(door: Door): AcceptedConnection;
  /** Ends the connections of a principal, e.g. of a certificate that is not active any more. */
  disconnectPrincipal(principalId: string, reason: DisconnectReason): void;
  /** Brings stored sessions and retained messages back and starts the clockwork. */
  start(): Promise<void>;
  /** Tells all clients that the server goes away and closes their connections. */
  stop(): void;
}

/** How often connections are looked at for silence. */
const TICK_MS = 1000;
/** How often the `$SYS` topics are published. */
const SYS_MS = 10_000;

/** `dataPlane`: the profile whose limits count for the HTTP API. */
export function createBroker(deps: BrokerDeps & { readonly place: Place; readonly dataPlane: Profile }): Broker {
  const core = new Core(deps);
  let ticking: Timer | undefined;
  /** When the `$SYS` topics were published last. */
  let toldAt = core.clock.now();
  /** Ticks only while there are connections, so that a virtual clock may be moved by days in no time. */
  const tick = (): void => {
    ticking = undefined;
    const now = core.clock.now();
    for (const connection of core.connections) connection.checkSilence(now);
    for (const connection of core.lingering) connection.checkLinger(now);
    if (now - toldAt >= SYS_MS) {
      toldAt = now;
      core.sysTree.publish();
    }
    keepTicking();
  };
  const keepTicking = (): void => {
    if (core.connections.size + core.lingering.size > 0) ticking ??= core.clock.after(TICK_MS, tick);
  };
  return {
    operations: createDataPlane(core, deps.dataPlane, deps.place),
    counters: core.counters,
    census: () => ({ connections: connectionsOf(core), queued: core.sessions.queued }),
    sizes: () => ({ clients: core.clients.size, sessions: core.sessions.size, retained: core.retained.size }),
    accept(door) {
      const connection = new Connection(core, door);
      keepTicking();
      return connection;
    },

    async publish(publication) {
      const isDurable = await core.publish(publication);
      if (!isDurable) throw new Error(`the message to '${publication.topic}' could not be stored`);
    },

    async deliverTo(clientId, publication) {
      const outcome = await core.deliverTo(clientId, publication);
      if (outcome === 'notStored') throw new Error(`the message to '${publication.topic}' could not be stored`);
      return outcome === 'delivered';
    },

    listen: (filter, listener) => core.router.listen(filter, listener, false),

    disconnectPrincipal(principalId, reason) {
      for (const connection of core.connections) {
        if (connection.client?.subject.principalId !== principalId) continue;
        connection.close(reason, ReasonCode.notAuthorized, 'the certificate is not active any more');
      }
    },

    async start() {
      await core.retained.load();
      await core.sessions.load();
    },

    stop() {
      ticking?.cancel();
      core.isStopping = true;
      for (const connection of core.connections) {
        connection.close('SERVER_INITIATED_DISCONNECT', ReasonCode.serverShuttingDown, 'the server is shutting down');
      }
      core.sessions.publishWills();
    },
  };
}

function connectionsOf({ connections }: Core): { door: string; state: string; count: number }[] {
  const found = Map.groupBy(connections, ({ door, state }) => `${door.name} ${state}`);
  return [...found.values()].map((alike) => {
    const [{ door, state }] = alike;
    return { door: door.name, state, count: alike.length };
  });
}
