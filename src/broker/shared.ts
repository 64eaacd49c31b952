/**
 * A shared subscription: the members of `$share/{name}/{filter}`, each message going to one of them (MQTT 5.0
 * section 4.8.2; gateway-broker.md "Shared subscriptions"). Members take turns; those online and able to take the
 * message now come first, then persistent sessions, which keep it until they or another member can take it.
 */
import type { Counters } from './counters.ts';
import type { Outgoing } from './outgoing.ts';
import type { Session } from './session.ts';
import type { Subscription } from './subscription.ts';

export class SharedGroup {
  readonly hashMatchesParent: boolean;
  readonly #counters: Counters;
  readonly #members: Subscription[] = [];
  #turn = 0;

  constructor(hashMatchesParent: boolean, counters: Counters) {
    this.hashMatchesParent = hashMatchesParent;
    this.#counters = counters;
  }

  get isEmpty(): boolean {
    return this.#members.length === 0;
  }

  get members(): readonly Subscription[] {
    return this.#members;
  }

  add(subscription: Subscription): void {
    this.#members.push(subscription);
  }

  remove(subscription: Subscription): void {
    const index = this.#members.indexOf(subscription);
    if (index >= 0) this.#members.splice(index, 1);
  }

  deliver(outgoing: Outgoing): void {
    const member =
      this.#next((it) => it.session.isReady(outgoing.topic)) ?? this.#next((it) => it.session.keeps(outgoing));
    if (member) member.session.deliver(outgoing, member, this);
    else this.#counters.drop('noSharedMember', outgoing.publisher?.clientId);
  }

  /** Gives a message kept by one member to another that takes it at once; false when there is none. */
  deliverToAnother(outgoing: Outgoing, keeper: Session): boolean {
    const member = this.#next((it) => it.session !== keeper && it.session.isReady(outgoing.topic));
    member?.session.deliver(outgoing, member, this);
    return member !== undefined;
  }

  #next(isFit: (subscription: Subscription) => boolean): Subscription | undefined {
    const count = this.#members.length;
    for (let i = 0; i < count; i++) {
      const at = (this.#turn + i) % count;
      if (!isFit(this.#members[at])) continue;
      this.#turn = (at + 1) % count;
      return this.#members[at];
    }
    return undefined;
  }
}
