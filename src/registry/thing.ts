/** Things (identity-registry-provisioning.md section 2.1): the operations on one and the list of all. */
import type { IotOperations, ListThingsRequest, ThingAttribute } from '../api/generated/iot.ts';
import { type PageRange, pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { alreadyExists, invalidRequest, notFound, versionConflict } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Page, Store, Stored } from '../store/store.ts';
import { type Attachments, thingPrefix } from './attachment.ts';
import { type Attributes, isSameAttributes, updatedAttributes, withoutEmpty } from './attributes.ts';
import { type BillingGroups, billingTurn, holdBillingGroup } from './billing-group.ts';
import type { Changes } from './change.ts';
import { membershipsOf } from './thing-group-membership.ts';
import type { Memberships } from './thing-group-record.ts';
import { attributeKey, requireThing, type ThingRecord, type Things } from './thing-record.ts';
import type { ThingTypes } from './thing-type.ts';

export interface ThingDeps {
  readonly store: Store;
  readonly things: Things;
  readonly attachments: Attachments;
  readonly memberships: Memberships;
  /** Orders this process's writes of a thing; first its turn, then its billing group's. */
  readonly turns: Turns;
  readonly random: Random;
  readonly place: Place;
  readonly changes: Changes;
  readonly types: ThingTypes;
  readonly billingGroups: BillingGroups;
}

export type ThingOperations = Pick<
  IotOperations,
  'createThing' | 'describeThing' | 'updateThing' | 'deleteThing' | 'listThings'
>;

/** Section 7. With the model's limits on names and values 50 attributes stay below the 47 KB of a whole thing. */
const MAX_ATTRIBUTES_UNTYPED = 3;
const MAX_ATTRIBUTES_TYPED = 50;

export function thingOperations(deps: ThingDeps): ThingOperations {
  const { store, things, attachments, memberships, turns, random, place, changes } = deps;
  const arnOf = (thingName: string): string => iotArn(place, `thing/${thingName}`);

  function inBillingTurn<T>(billingGroupName: string | undefined, work: () => Promise<T>): Promise<T> {
    if (billingGroupName === undefined) return retryConflicts(work);
    return turns.run(billingTurn(billingGroupName), () => retryConflicts(work));
  }

  return {
    /** Repeating it with the same configuration is fine and answers the same. */
    createThing: ({ thingName, attributePayload, thingTypeName, billingGroupName }) =>
      inBillingTurn(billingGroupName, async () => {
        const attributes = withoutEmpty(attributePayload?.attributes ?? {});
        checkAttributeCount(attributes, thingTypeName);
        const existing = await things.get(thingName);
        const thing: ThingRecord = {
          thingName,
          thingId: existing?.value.thingId ?? random.uuid(),
          ...(thingTypeName === undefined ? {} : { thingTypeName }),
          ...(billingGroupName === undefined ? {} : { billingGroupName }),
          attributes,
          version: 1,
        };
        const { thingId } = thing;
        const response = { thingName, thingArn: arnOf(thingName), thingId };
        if (existing) {
          if (isSameConfiguration(existing.value, thing)) return response;
          throw alreadyExists(`Thing ${thingName} already exists in account with different attributes`, {
            resourceId: thingId,
            resourceArn: arnOf(thingName),
          });
        }
        await checkType(deps.types, thingTypeName);
        const held =
          billingGroupName === undefined ? [] : [await holdBillingGroup(deps.billingGroups, billingGroupName)];
        await store.commit([things.put(thingName, thing, { ifVersion: 0 }), ...held]);
        changes.announce({ kind: 'created', thingName, thing });
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
          const thing: ThingRecord = { ...rest, ...typed, attributes, version: stored.value.version + 1 };
          await store.commit([things.put(thingName, thing, { ifVersion: stored.version })]);
          changes.announce({ kind: 'updated', thingName, thing, before: stored.value });
          return {};
        }),
      ),

    /** Deleting a thing that is not there succeeds. The thing leaves its groups. */
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
          const left = await membershipsOf(memberships, thingName);
          await store.commit([
            things.delete(thingName, { ifVersion: stored.version }),
            ...left.map(({ key, version }) => memberships.delete(key, { ifVersion: version })),
          ]);
          for (const { value } of left) changes.announce({ kind: 'left', thingName, membership: value });
          changes.announce({ kind: 'deleted', thingName, thing: stored.value });
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

function checkAttributeCount(attributes: Attributes, thingTypeName: string | undefined): void {
  const count = Object.keys(attributes).length;
  const limit = thingTypeName === undefined ? MAX_ATTRIBUTES_UNTYPED : MAX_ATTRIBUTES_TYPED;
  if (count <= limit) return;
  const owner = thingTypeName === undefined ? 'without a thing type' : 'with a thing type';
  throw invalidRequest(`A thing ${owner} has at most ${limit} attributes, not ${count}`);
}

/** A type that a thing is to have from now on must be there and not deprecated. */
async function checkType(types: ThingTypes, thingTypeName: string | undefined): Promise<void> {
  if (thingTypeName === undefined) return;
  const type = await types.get(thingTypeName);
  if (!type) throw notFound(`Thing type ${thingTypeName} cannot be found.`);
  if (type.value.deprecatedMs !== undefined)
    throw invalidRequest(`Can not create new thing with deprecated thing type:${thingTypeName}`);
}

function checkVersion({ value }: Stored<ThingRecord>, expectedVersion: number | undefined): void {
  if (expectedVersion !== undefined && expectedVersion !== value.version) {
    throw versionConflict(`The version for thing ${value.thingName} does not match the expected version.`);
  }
}

function isSameConfiguration(a: ThingRecord, b: ThingRecord): boolean {
  return (
    a.thingTypeName === b.thingTypeName &&
    a.billingGroupName === b.billingGroupName &&
    isSameAttributes(a.attributes, b.attributes)
  );
}
