/** Operations that take a resource by its name or by its ARN, and what they answer when they are given neither. */
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest } from '../base/errors.ts';

/** As in ARNs. */
export type NamedKind = 'thing' | 'thinggroup' | 'billinggroup';

/** What the members of requests are called. */
const members: Readonly<Record<NamedKind, string>> = {
  thing: 'thing',
  thinggroup: 'thingGroup',
  billinggroup: 'billingGroup',
};

/**
 * The name that `name` or `arn` gives. Throws InvalidRequestException when neither is given (an empty one counts as
 * none), when they differ, and for an ARN that is not one of this place and kind.
 */
export function nameFrom(place: Place, kind: NamedKind, name: string | undefined, arn: string | undefined): string {
  const member = members[kind];
  if (!arn) {
    if (name) return name;
    throw invalidRequest(`Both ${member}Arn and ${member}Name are empty. Need to specify at least one of them`);
  }
  const named = nameInArn(place, kind, arn);
  if (named === undefined) throw invalidRequest(`Invalid ${member}Arn: ${arn.slice(0, 256)}`);
  if (name && name !== named) throw invalidRequest(`${member}Name and ${member}Arn do not name the same resource`);
  return named;
}

/** The name in an ARN of this place and kind, or undefined. */
export function nameInArn(place: Place, kind: NamedKind, arn: string): string | undefined {
  const head = iotArn(place, `${kind}/`);
  if (!arn.startsWith(head)) return undefined;
  const name = arn.slice(head.length);
  return /^[a-zA-Z0-9:_-]{1,128}$/.test(name) ? name : undefined;
}
