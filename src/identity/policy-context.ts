/**
 * What the variables and condition keys of policies stand for in one connection or request (policies.md section 5).
 * Made by the policy authority when it binds policies; the decision asks it for one key at a time.
 */
import type { Clock } from '../base/clock.ts';
import type { AssociatedThing, Circumstances } from './authority.ts';
import { normalizeKey } from './policy-match.ts';
import { principalValue } from './policy-principal.ts';
import type { Principal } from './principal.ts';

/** The values of a normalised key while `action` (lower case) is judged; undefined when it is not known. */
export type PolicyContext = (key: string, action: string) => readonly string[] | undefined;

/**
 * What a device certificate says, by names such as `Subject.CommonName`, `Issuer.AlternativeName.DNSName` or
 * `SerialNumber`; several values in the order of the certificate.
 */
export type CertificateAttributes = ReadonlyMap<string, readonly string[]>;

export interface ContextSource {
  readonly circumstances: Circumstances;
  readonly clock: Clock;
  readonly thing?: AssociatedThing;
  readonly certificate?: CertificateAttributes;
  readonly principal?: Principal;
  /** Of the resource that is asked for. */
  readonly resourceTags?: Readonly<Record<string, string>>;
}

/** Groups of keys that cost something to know; whoever gathers the facts asks first whether they are needed. */
export const THING_KEYS = 'iot:connection.thing.';
export const CERTIFICATE_KEYS = 'iot:certificate.';
export const RESOURCE_TAG_KEYS = 'aws:resourcetag/';
const REQUEST_TAG_KEYS = 'aws:requesttag/';

/** Keys whose values change while a connection stands still. */
export function isTimeKey(key: string): boolean {
  return key === 'aws:currenttime' || key === 'aws:epochtime';
}

export function policyContext(source: ContextSource): PolicyContext {
  const certificate = certificateValues(source.certificate);
  return (key, action) => {
    if (key.startsWith(THING_KEYS)) return thingValue(source, key.slice(THING_KEYS.length));
    if (key.startsWith(CERTIFICATE_KEYS)) return certificate.get(key.slice(CERTIFICATE_KEYS.length));
    return generalValue(source, key, action);
  };
}

function generalValue(source: ContextSource, key: string, action: string): string[] | undefined {
  const { circumstances, clock, principal } = source;
  if (key.startsWith(RESOURCE_TAG_KEYS)) return tagValue(source.resourceTags, key.slice(RESOURCE_TAG_KEYS.length));
  if (key.startsWith(REQUEST_TAG_KEYS)) return tagValue(circumstances.requestTags, key.slice(REQUEST_TAG_KEYS.length));
  switch (key) {
    case 'iot:clientid':
      return circumstances.clientId === undefined ? undefined : [circumstances.clientId];
    case 'iot:connectattributes':
      return action === 'iot:connect' ? [...(circumstances.connectAttributes ?? [])] : undefined;
    case 'aws:sourceip':
      return [plainAddress(circumstances.sourceIp)];
    case 'aws:securetransport':
      return [String(circumstances.secure)];
    case 'aws:currenttime':
      return [new Date(clock.now()).toISOString()];
    case 'aws:epochtime':
      return [String(Math.floor(clock.now() / 1000))];
    case 'aws:tagkeys':
      return circumstances.requestTags && Object.keys(circumstances.requestTags);
    default:
      return principal && principalValue(principal, key);
  }
}

/** Names of tags in condition keys are compared without case. */
function tagValue(tags: Readonly<Record<string, string>> | undefined, name: string): string[] | undefined {
  const found = Object.entries(tags ?? {}).find(([key]) => key.toLowerCase() === name);
  return found && [found[1]];
}

/** An IPv4 address as IPv4 even when it came in through an IPv6 socket. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/**
 * The guides differ on a thing that has the client's name but is not attached: its name and attributes are not told
 * here, so that an unattached certificate cannot borrow them. `IsAttached` says `false` then.
 */
function thingValue({ thing, circumstances }: ContextSource, name: string): string[] | undefined {
  if (name === 'isattached') {
    const isAsked = circumstances.clientId !== undefined || circumstances.thingName !== undefined;
    return isAsked ? [String(thing?.isAttached ?? false)] : undefined;
  }
  if (!thing?.isAttached) return undefined;
  if (name === 'thingname') return [thing.thingName];
  if (name === 'thingtypename') return thing.thingTypeName === undefined ? undefined : [thing.thingTypeName];
  const attribute = /^attributes\[(.*)\]$/s.exec(name)?.[1];
  if (attribute === undefined || !Object.hasOwn(thing.attributes, attribute)) return undefined;
  return [thing.attributes[attribute]];
}

/** The vendor puts at most so many values of one field at a policy's disposal, and none that is longer. */
const MOST_VALUES = 5;
const LONGEST_VALUE = 1024;

/** All keys of a certificate: `<name>` and `<name>.0` the first value, `<name>.<n>` the others, `<name>.List` all. */
function certificateValues(certificate: CertificateAttributes | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  if (!certificate) return found;
  for (const [name, all] of certificate) {
    const key = normalizeKey(name);
    const values = all.slice(0, MOST_VALUES);
    found.set(`${key}.list`, values.filter(isSubstitutable));
    for (const [n, value] of values.entries()) {
      if (!isSubstitutable(value)) continue;
      found.set(`${key}.${n}`, [value]);
      if (n === 0) found.set(key, [value]);
    }
  }
  found.set(
    'availablekeys',
    [...certificate.keys()].map((name) => `iot:Certificate.${name}`),
  );
  return found;
}

/** A value with characters that mean something in topics or policies is never put into a pattern. */
function isSubstitutable(value: string): boolean {
  return value.length <= LONGEST_VALUE && !/[*$+?#]/.test(value);
}
