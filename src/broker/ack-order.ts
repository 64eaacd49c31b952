/**
 * PUBACKs go out in the order of the PUBLISHes they answer [MQTT-4.6.0-2], though some wait for the store and others
 * do not. Only used while something waits.
 */

interface Pending {
  readonly packetId: number;
  /** Undefined while it waits; then the reason code to answer with. */
  reasonCode: number | undefined;
}

export class AckOrder {
  #pending: Pending[] = [];
  readonly #send: (packetId: number, reasonCode: number) => void;

  constructor(send: (packetId: number, reasonCode: number) => void) {
    this.#send = send;
  }

  /** How many are waiting. */
  get size(): number {
    return this.#pending.length;
  }

  /** An ack that can be sent as soon as those before it were. */
  ready(packetId: number, reasonCode: number): void {
    if (this.#pending.length === 0) this.#send(packetId, reasonCode);
    else this.#pending.push({ packetId, reasonCode });
  }

  /** An ack that waits; the function returned says with what reason code it may go. */
  wait(packetId: number): (reasonCode: number) => void {
    const pending: Pending = { packetId, reasonCode: undefined };
    this.#pending.push(pending);
    return (reasonCode) => {
      pending.reasonCode = reasonCode;
      this.#sendReady();
    };
  }

  #sendReady(): void {
    let sent = 0;
    for (const { packetId, reasonCode } of this.#pending) {
      if (reasonCode === undefined) break;
      this.#send(packetId, reasonCode);
      sent++;
    }
    if (sent > 0) this.#pending = this.#pending.slice(sent);
  }
}
