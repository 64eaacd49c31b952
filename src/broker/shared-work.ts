/**
 * Moves what shared subscriptions keep to where it can go: a message kept by a persistent member that is away goes to
 * one that is there, and what a leaving member did not acknowledge goes to those that stay (gateway-broker.md "Shared
 * subscriptions"). QoS 2 messages stay with the member chosen for them [MQTT-4.8.2-4], [MQTT-4.8.2-5].
 */
import { parseShared } from '../mqtt/mqtt.ts';
import type { Core } from './core.ts';
import { Outgoing } from './outgoing.ts';
import type { Redelivery } from './sender.ts';
import type { Session } from './session.ts';

/** A member is there: it takes what members that are away keep. */
export function takeSharedWork(core: Core, session: Session): void {
  for (const filter of session.subscriptions.keys()) {
    if (!parseShared(filter)) continue;
    for (const member of core.router.groupOf(filter)?.members ?? []) {
      if (!member.session.isConnected) giveSharedWork(core, member.session);
    }
  }
}

/** A member is away, or ends: what its queue keeps of shared subscriptions goes to members that are there. */
export function giveSharedWork(core: Core, session: Session): void {
  const { durable } = session;
  if (durable === undefined || durable.length === 0) return;
  void durable.giveAway((share, outgoing) => core.router.groupOf(share)?.deliverToAnother(outgoing, session) ?? false);
}

/** What a connection had been sent and did not acknowledge goes to others. */
export function redeliver(core: Core, redeliveries: readonly Redelivery[]): void {
  for (const { group, message } of redeliveries) {
    const outgoing = Outgoing.of(message);
    group.deliver(outgoing);
    core.commitOutgoing(outgoing);
  }
}
