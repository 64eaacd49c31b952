/**
 * Billing groups (identity-registry-provisioning.md section 2.4): flat, at most one for each thing, and kept in the
 * thing's record. A thing is never left in a group that is gone: whatever puts a thing in writes the group anew,
 * unchanged (`hold`), so that a deletion which did not see the thing fails.
 */
import type { BillingGroupProperties, IotOperations } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, notFound, versionConflict } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, CollectionSpec, Store, Stored, Write } from '../store/store.ts';
import type { Changes } from './change.ts';
import { nameFrom } from './resource-name.ts';
import type { TagsFor } from './tag.ts';
import { requireThing, type ThingRecord, type Things } from './thing-record.ts';

/** Its key is the group's name. */
export interface BillingGroupRecord {
  readonly billingGroupName: string;
  /** A UUID, new for each group that ever had the name. */
  readonly billingGroupId: string;
  readonly description?: string;
  /** What clients see: 1, and one more with every update. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
}

export type BillingGroups = Collection<BillingGroupRecord>;

export const billingGroupCollection: CollectionSpec<BillingGroupRecord> = { name: 'billing_group' };

export interface BillingGroupDeps {
  readonly store: Store;
  readonly groups: BillingGroups;
  readonly things: Things;
  /** Orders this process's writes: first a thing's turn, then its billing group's. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly changes: Changes;
  readonly tagsFor: TagsFor;
}

export type BillingGroupOperations = Pick<
  IotOperations,
  | 'createBillingGroup'
  | 'describeBillingGroup'
  | 'updateBillingGroup'
  | 'deleteBillingGroup'
  | 'listBillingGroups'
  | 'addThingToBillingGroup'
  | 'removeThingFromBillingGroup'
  | 'listThingsInBillingGroup'
>;

/** No thing name has a space, so this is never a thing's turn. */
export function billingTurn(billingGroupName: string): string {
  return `billing ${billingGroupName}`;
}

/** The write that must be in a commit which puts a thing into the group. Throws ResourceNotFoundException. */
export async function holdBillingGroup(groups: BillingGroups, billingGroupName: string): Promise<Write> {
  const { key, value, version } = await requireBillingGroup(groups, billingGroupName);
  return groups.put(key, value, { ifVersion: version });
}

export function billingGroupOperations(deps: BillingGroupDeps): BillingGroupOperations {
  const { store, groups, things, turns, clock, random, place, changes, tagsFor } = deps;
  const arnOf = (billingGroupName: string): string => iotArn(place, `billinggroup/${billingGroupName}`);
  const inTurn = <T>(billingGroupName: string, work: () => Promise<T>): Promise<T> =>
    turns.run(billingTurn(billingGroupName), () => retryConflicts(work));

  /** Puts the thing into another billing group, or into none. */
  async function move(stored: Stored<ThingRecord>, billingGroupName: string | undefined, held: readonly Write[]) {
    const before = stored.value;
    const { billingGroupName: _, ...rest } = before;
    const thing: ThingRecord = billingGroupName === undefined ? rest : { ...rest, billingGroupName };
    await store.commit([things.put(stored.key, thing, { ifVersion: stored.version }), ...held]);
    changes.announce({ kind: 'updated', thingName: stored.key, thing, before });
  }

  return {
    /** Repeating it with the same properties is fine and answers the same; tags are not compared. */
    createBillingGroup: ({ billingGroupName, billingGroupProperties, tags }) =>
      inTurn(billingGroupName, async () => {
        const existing = await groups.get(billingGroupName);
        const description = descriptionIn(billingGroupProperties);
        const billingGroupId = existing?.value.billingGroupId ?? random.uuid();
        const billingGroupArn = arnOf(billingGroupName);
        if (!existing) {
          const created = { billingGroupName, billingGroupId, ...description, version: 1, createdMs: clock.now() };
          await store.commit([
            groups.put(billingGroupName, created, { ifVersion: 0 }),
            ...tagsFor(billingGroupArn, tags),
          ]);
        } else if (existing.value.description !== description.description) {
          throw alreadyExists(
            `Billing Group ${billingGroupName} already exists in current account with different properties`,
            { resourceId: billingGroupId, resourceArn: billingGroupArn },
          );
        }
        return { billingGroupName, billingGroupArn, billingGroupId };
      }),

    async describeBillingGroup({ billingGroupName }) {
      const { value } = await requireBillingGroup(groups, billingGroupName);
      return {
        billingGroupName,
        billingGroupId: value.billingGroupId,
        billingGroupArn: arnOf(billingGroupName),
        version: value.version,
        billingGroupProperties: { billingGroupDescription: value.description },
        billingGroupMetadata: { creationDate: new Date(value.createdMs) },
      };
    },

    updateBillingGroup: ({ billingGroupName, billingGroupProperties, expectedVersion }) =>
      inTurn(billingGroupName, async () => {
        const stored = await requireBillingGroup(groups, billingGroupName);
        checkVersion(stored, expectedVersion);
        const version = stored.value.version + 1;
        const updated = { ...stored.value, ...descriptionIn(billingGroupProperties), version };
        await store.commit([groups.put(billingGroupName, updated, { ifVersion: stored.version })]);
        return { version };
      }),

    /** Deleting a group that is not there succeeds; things in it are left without one, a page in each commit. */
    deleteBillingGroup: ({ billingGroupName, expectedVersion }) =>
      inTurn(billingGroupName, async () => {
        const stored = await groups.get(billingGroupName);
        if (!stored) return {};
        checkVersion(stored, expectedVersion);
        for (;;) {
          const { items } = await things.find('billing_group', billingGroupName);
          if (items.length === 0) break;
          const moved = items.map(({ value: before, version }) => {
            const { billingGroupName: _, ...thing } = before;
            return { thing, before, write: things.put(thing.thingName, thing, { ifVersion: version }) };
          });
          await store.commit(moved.map(({ write }) => write));
          for (const { thing, before } of moved) {
            changes.announce({ kind: 'updated', thingName: thing.thingName, thing, before });
          }
        }
        await store.commit([
          groups.delete(billingGroupName, { ifVersion: stored.version }),
          ...tagsFor(arnOf(billingGroupName), undefined),
        ]);
        return {};
      }),

    async listBillingGroups(input) {
      const prefix = input.namePrefixFilter ?? '';
      const list = `ListBillingGroups ${prefix}`;
      const page = await groups.scan({ prefix, ...pageRange(list, input) });
      return {
        billingGroups: page.items.map(({ key }) => ({ groupName: key, groupArn: arnOf(key) })),
        nextToken: pageToken(list, page),
      };
    },

    /** Takes the thing out of the billing group it is in. The thing's version stays. */
    async addThingToBillingGroup(input) {
      const billingGroupName = nameFrom(place, 'billinggroup', input.billingGroupName, input.billingGroupArn);
      const thingName = nameFrom(place, 'thing', input.thingName, input.thingArn);
      return turns.run(thingName, () =>
        inTurn(billingGroupName, async () => {
          const thing = await requireThing(things, thingName);
          const hold = await holdBillingGroup(groups, billingGroupName);
          if (thing.value.billingGroupName !== billingGroupName) await move(thing, billingGroupName, [hold]);
          return {};
        }),
      );
    },

    /** Removing what is not in the group is fine. */
    async removeThingFromBillingGroup(input) {
      const billingGroupName = nameFrom(place, 'billinggroup', input.billingGroupName, input.billingGroupArn);
      const thingName = nameFrom(place, 'thing', input.thingName, input.thingArn);
      return turns.run(thingName, () =>
        retryConflicts(async () => {
          const thing = await requireThing(things, thingName);
          await requireBillingGroup(groups, billingGroupName);
          if (thing.value.billingGroupName === billingGroupName) await move(thing, undefined, []);
          return {};
        }),
      );
    },

    async listThingsInBillingGroup(input) {
      const { billingGroupName } = input;
      await requireBillingGroup(groups, billingGroupName);
      const list = `ListThingsInBillingGroup ${billingGroupName}`;
      const page = await things.find('billing_group', billingGroupName, pageRange(list, input));
      return { things: page.items.map(({ key }) => key), nextToken: pageToken(list, page) };
    },
  };
}

/** The group, or ResourceNotFoundException. */
async function requireBillingGroup(groups: BillingGroups, name: string): Promise<Stored<BillingGroupRecord>> {
  const stored = await groups.get(name);
  if (!stored) throw notFound(`Billing group ${name} cannot be found.`);
  return stored;
}

function descriptionIn(properties: BillingGroupProperties | undefined): { description?: string } {
  const description = properties?.billingGroupDescription;
  return description === undefined ? {} : { description };
}

function checkVersion({ value }: Stored<BillingGroupRecord>, expectedVersion: number | undefined): void {
  if (expectedVersion !== undefined && expectedVersion !== value.version) {
    throw versionConflict(
      `The version for billing group ${value.billingGroupName} does not match the expected version.`,
    );
  }
}
