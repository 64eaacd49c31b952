/**
 * The will of a client whose connection ended without a normal DISCONNECT (MQTT 5.0 section 3.1.2.5). It was admitted
 * when the client connected. In the standard profile it may be delayed, as long as the session lasts and the client
 * does not come back.
 */
import type { Will } from '../../mqtt/packets.ts';
import type { Client, Connection } from '../connection.ts';

/** Publishes the will now or when its delay has passed. To be called before the session is told that its client left. */
export function leaveWill(connection: Connection, will: Will, client: Client): void {
  const { core, profile } = connection;
  const { session } = client;
  const asked = profile.delaysWills ? (will.properties?.willDelayInterval ?? 0) : 0;
  const delaySeconds = Math.min(asked, session.expirySeconds);
  const publish = () => publishWill(connection, will, client);
  if (delaySeconds === 0) return publish();
  const timer = core.clock.after(delaySeconds * 1000, () => {
    session.delayedWill = undefined;
    publish();
  });
  session.delayedWill = { timer, publish };
}

function publishWill({ core }: Connection, will: Will, client: Client): void {
  const { willDelayInterval: _, ...properties } = will.properties ?? {};
  core.publishLater({
    topic: will.topic,
    payload: will.payload,
    qos: will.qos,
    retain: will.retain,
    properties,
    publisher: client.publisher,
    isWill: true,
  });
}
