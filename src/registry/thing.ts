/** Things (identity-registry-provisioning.md section 2.1): the operations on one and the list of all. */
import type { AttributePayload, IotOperations, ListThingsRequest, ThingAttribute } from '../api/generated/iot.ts';
import { type PageRange, pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { alreadyExists, invalidRequest, notFound, versionConflict } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Page, Store, Stored } from '../store/store.ts';
import { type Attachments, thingPrefix } from './attachment.ts';
import type { Changes } from './change.ts';
import { attributeKey, requireThing, type ThingRecord, type Things } from './thing-record.ts';

export interface ThingDeps {
  readonly store: Store;
  readonly things: Things;
  readonly attachments: Attachments;
  /** Orders this process's writes of a thing. */
  readonly turns: Turns;
  readonly random: Random;
  readonly place: Place;
  readonly changes: Changes;
  readonly types: ThingTypes;
  readonly billingGroups: BillingGroups;
}

/** What a thing needs of thing types. */
export interface ThingTypes {
  find(thingTypeName: string): Promise<{ readonly isDeprecated: boolean } | undefined>;
}

/** What a thing needs of billing groups. */
export interface BillingGroups {
  exists(billingGroupName: string): Promise<boolean>;
}

export type ThingOperations = Pick<
  IotOperations,
  'createThing' | 'describeThing' | 'updateThing' | 'deleteThing' | 'listThings'
>;

/** Section 7. With the model's limits on names and values 50 attributes stay below the 47 KB of a whole thing. */
const MAX_ATTRIBUTES_UNTYPED = 3;
const MAX_ATTRIBUTES_TYPED = 50;

export function thingOperations(deps: ThingDeps): ThingOperations {
  const { store, things, attachments, turns, random, place, changes } = deps;
  const arnOf = (thingName: string): string => iotArn(place, `thing/${thingName}`);

  return {
    /** Repeating it with the same configuration is fine and answers the same. */
    createThing: ({ thingName, attributePayload, thingTypeName, billingGroupName }) =>
      retryConflicts(async () => {
        const attributes = withoutEmpty(attributePayload?.attributes ?? {});
        checkAttributeCount(attributes, thingTypeName);
        const existing = await things.get(thingName);
        const wanted: ThingRecord = {
          thingName,
          thingId: existing?.value.thingId ?? random.uuid(),
          ...(thingTypeName === undefined ? {} : { thingTypeName }),
          ...(billingGroupName === undefined ? {} : { billingGroupName }),
          attributes,
          version: 1,
        };
        const { thingId } = wanted;
        const response = { thingName, thingArn: arnOf(thingName), thingId };
        if (existing) {
          if (isSameConfiguration(existing.value, wanted)) return response;
          throw alreadyExists(`Thing ${thingName} already exists in account with different attributes`, {
            resourceId: thingId,
            resourceArn: arnOf(thingName),
          });
        }
        await checkType(deps.types, thingTypeName);
        if (billingGroupName !== undefined && !(await deps.billingGroups.exists(billingGroupName))) {
          throw notFound(`Billing group ${billingGroupName} cannot be found.`);
        }
        await store.commit([things.put(thingName, wanted, { ifVersion: 0 })]);
        changes.announce({ kind: 'created', thingName });
        return response;
      }),

    async describeThing({ thingName }) {
      const { value: thing } = await requireThing(things, thingName);
      const { thingId, thingTypeName, billingGroupName, attributes, version } = thing;
      return {
        defaultClientId: thingName,
        thingName,
        thingId,
        thingArn: arnOf(thingName),
        thingTypeName,
        attributes,
        version,
        billingGroupName,
      };
    },

    updateThing: (input) =>
      turns.run(input.thingName, () =>
        retryConflicts(async () => {
          const { thingName, thingTypeName, removeThingType, attributePayload, expectedVersion } = input;
          if (removeThingType && thingTypeName !== undefined) {
            throw invalidRequest('thingTypeName cannot be given when removeThingType is true');
          }
          const stored = await requireThing(things, thingName);
          checkVersion(stored, expectedVersion);
          const { thingTypeName: oldType, ...rest } = stored.value;
          const type = removeThingType ? undefined : (thingTypeName ?? oldType);
          const attributes = updatedAttributes(stored.value.attributes, attributePayload);
          checkAttributeCount(attributes, type);
          if (type !== oldType) await checkType(deps.types, type);
          const typed = type === undefined ? {} : { thingTypeName: type };
          const updated: ThingRecord = { ...rest, ...typed, attributes, version: stored.value.version + 1 };
          await store.commit([things.put(thingName, updated, { ifVersion: stored.version })]);
          changes.announce({ kind: 'updated', thingName });
          return {};
        }),
      ),

    /** Deleting a thing that is not there succeeds. */
    deleteThing: ({ thingName, expectedVersion }) =>
      turns.run(thingName, () =>
        retryConflicts(async () => {
          const stored = await things.get(thingName);
          if (!stored) return {};
          checkVersion(stored, expectedVersion);
          const attached = await attachments.scan({ prefix: thingPrefix(thingName), limit: 1 });
          if (attached.items.length > 0) {
            throw invalidRequest(`Cannot delete. Thing ${thingName} is still attached to one or more principals`);
          }
          await store.commit([things.delete(thingName, { ifVersion: stored.version })]);
          changes.announce({ kind: 'deleted', thingName });
          return {};
        }),
      ),

    async listThings(input) {
      const { attributeName, attributeValue, thingTypeName, usePrefixAttributeValue } = input;
      if ((attributeName === undefined) !== (attributeValue === undefined)) {
        throw invalidRequest('attributeName and attributeValue must be given together');
      }
      const filters = [attributeName, attributeValue, thingTypeName, usePrefixAttributeValue ?? false];
      const list = `ListThings ${JSON.stringify(filters)}`;
      const page = await findThings(things, input, pageRange(list, input));
      return {
        things: page.items.map(({ value }) => listed(value, arnOf(value.thingName))),
        nextToken: pageToken(list, page),
      };
    },
  };
}

/** Pages that `listThings` reads before it answers with fewer things than asked for, and a token to go on. */
const PAGES_PER_LIST = 20;

/** One page of the things that pass the filters; may be short when two filters together find few. */
async function findThings(things: Things, filters: ListThingsRequest, range: PageRange): Promise<Page<ThingRecord>> {
  const { attributeName, attributeValue = '', thingTypeName, usePrefixAttributeValue } = filters;
  const read = (from: PageRange): Promise<Page<ThingRecord>> => {
    if (attributeName !== undefined) {
      const key = attributeKey(attributeName, attributeValue);
      return usePrefixAttributeValue ? things.findPrefix('attribute', key, from) : things.find('attribute', key, from);
    }
    return thingTypeName === undefined ? things.scan(from) : things.find('type', thingTypeName, from);
  };
  const items: Stored<ThingRecord>[] = [];
  let next = range.after;
  for (let pages = 0; pages < PAGES_PER_LIST; pages++) {
    const limit = range.limit - items.length;
    const page = await read(next === undefined ? { limit } : { limit, after: next });
    const matches = page.items.filter(
      ({ value }) => thingTypeName === undefined || value.thingTypeName === thingTypeName,
    );
    items.push(...matches);
    next = page.next;
    if (next === undefined || items.length === range.limit) break;
  }
  return next === undefined ? { items } : { items, next };
}

function listed({ thingName, thingTypeName, attributes, version }: ThingRecord, thingArn: string): ThingAttribute {
  return { thingName, thingTypeName, thingArn, attributes, version };
}

/** An empty value removes an attribute, whether the rest is merged or replaced. */
function updatedAttributes(
  current: Readonly<Record<string, string>>,
  payload: AttributePayload | undefined,
): Readonly<Record<string, string>> {
  if (payload?.attributes === undefined) return current;
  const kept = payload.merge ? Object.entries(current) : [];
  return withoutEmpty(Object.fromEntries([...kept, ...Object.entries(payload.attributes)]));
}

function withoutEmpty(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

function checkAttributeCount(attributes: Readonly<Record<string, string>>, thingTypeName: string | undefined): void {
  const count = Object.keys(attributes).length;
  const limit = thingTypeName === undefined ? MAX_ATTRIBUTES_UNTYPED : MAX_ATTRIBUTES_TYPED;
  if (count <= limit) return;
  const owner = thingTypeName === undefined ? 'without a thing type' : 'with a thing type';
  throw invalidRequest(`A thing ${owner} has at most ${limit} attributes, not ${count}`);
}

/** A type that a thing is to have from now on must be there and not deprecated. */
async function checkType(types: ThingTypes, thingTypeName: string | undefined): Promise<void> {
  if (thingTypeName === undefined) return;
  const type = await types.find(thingTypeName);
  if (!type) throw notFound(`Thing type ${thingTypeName} cannot be found.`);
  if (type.isDeprecated) throw invalidRequest(`Can not create new thing with deprecated thing type:${thingTypeName}`);
}

function checkVersion({ value }: Stored<ThingRecord>, expectedVersion: number | undefined): void {
  if (expectedVersion !== undefined && expectedVersion !== value.version) {
    throw versionConflict(`The version for thing ${value.thingName} does not match the expected version.`);
  }
}

function isSameConfiguration(a: ThingRecord, b: ThingRecord): boolean {
  const names = Object.keys(a.attributes);
  return (
    a.thingTypeName === b.thingTypeName &&
    a.billingGroupName === b.billingGroupName &&
    names.length === Object.keys(b.attributes).length &&
    names.every((name) => Object.hasOwn(b.attributes, name) && a.attributes[name] === b.attributes[name])
  );
}
