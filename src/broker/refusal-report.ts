/** Tells the operator what the broker refused for reasons of the protocol or its limits. */
import type { Refusal } from '../identity/refusal.ts';
import { phraseOf } from '../mqtt/mqtt.ts';
import type { Connection } from './connection.ts';

export interface Refused extends Pick<Refusal, 'action' | 'resource' | 'detail' | 'clientId'> {
  readonly reasonCode: number;
}

/** The reason is the reason code's phrase as a word: `topic-name-invalid`, `quota-exceeded` … */
export function reportRefusal({ core, door, client }: Connection, { reasonCode, ...refused }: Refused): void {
  core.onRefusal({
    reason: phraseOf(reasonCode)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-'),
    sourceIp: door.sourceIp,
    ...(client && { clientId: client.clientId, principal: client.authority.principal.arn }),
    ...refused,
  });
}
