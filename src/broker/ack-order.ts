/**
 * PUBACKs and PUBRECs go out in the order of the PUBLISHes they answer [MQTT-4.6.0-2], [MQTT-4.6.0-3], though some wait
 * for the store and others do not. Only used while something waits.
 */
import type { QoS } from '../mqtt/packets.ts';

interface Pending {
  readonly packetId: number;
  readonly qos: QoS;
  /** Undefined while it waits; then the reason code to answer with. */
  reasonCode: number | undefined;
}

export class AckOrder {
  #pending: Pending[] = [];
  readonly #send: (packetId: number, qos: QoS, reasonCode: number) => void;

  constructor(send: (packetId: number, qos: QoS, reasonCode: number) => void) {
    this.#send = send;
  }

  /** How many are waiting. */
  get size(): number {
    return this.#pending.length;
  }

  /** An ack that can be sent as soon as those before it were. */
  ready(packetId: number, qos: QoS, reasonCode: number): void {
    if (this.#pending.length === 0) this.#send(packetId, qos, reasonCode);
    else this.#pending.push({ packetId, qos, reasonCode });
  }

  /** An ack that waits; the function returned says with what reason code it may go. */
  wait(packetId: number, qos: QoS): (reasonCode: number) => void {
    const pending: Pending = { packetId, qos, reasonCode: undefined };
    this.#pending.push(pending);
    return (reasonCode) => {
      pending.reasonCode = reasonCode;
      this.#sendReady();
    };
  }

  #sendReady(): void {
    let sent = 0;
    for (const { packetId, qos, reasonCode } of this.#pending) {
      if (reasonCode === undefined) break;
      this.#send(packetId, qos, reasonCode);
      sent++;
    }
    if (sent > 0) this.#pending = this.#pending.slice(sent);
  }
}
