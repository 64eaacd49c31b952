/** The registry as policies and the broker ask it (policies.md sections 5, "Thing association", and 7). */
import type { Place } from '../base/arn.ts';
import type { AssociatedThing, ThingDirectory } from '../identity/authority.ts';
import { type Attachment, type Attachments, attachmentKey } from './attachment.ts';
import type { Changes } from './change.ts';
import { nameInArn } from './resource-name.ts';
import { membershipsOf } from './thing-group-membership.ts';
import { groupArn, lineageOf, type Memberships, type ThingGroups } from './thing-group-record.ts';
import type { Things } from './thing-record.ts';

export interface DirectoryDeps {
  readonly things: Things;
  readonly attachments: Attachments;
  readonly groups: ThingGroups;
  readonly memberships: Memberships;
  readonly changes: Changes;
  readonly place: Place;
}

/** A client id that is none cannot be a thing's, and may be longer than a key of the store. */
const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;

export function thingDirectory(deps: DirectoryDeps): ThingDirectory {
  const { things, attachments, groups, memberships, changes, place } = deps;

  /** Static groups and every group above them, as ARNs. */
  async function groupsOf(thingName: string): Promise<readonly string[]> {
    const all = await membershipsOf(memberships, thingName);
    const lineages = all.flatMap(({ value }) => (value.dynamicSinceMs === undefined ? value.lineage : []));
    return [...new Set(lineages)].map((name) => groupArn(place, name));
  }

  async function associated(
    thingName: string,
    attachment: Attachment | undefined,
  ): Promise<AssociatedThing | undefined> {
    const stored = await things.get(thingName);
    if (!stored) return undefined;
    const { thingTypeName, attributes } = stored.value;
    const isAttached = attachment !== undefined;
    return {
      thingName,
      ...(thingTypeName === undefined ? {} : { thingTypeName }),
      attributes,
      isAttached,
      isExclusive: attachment?.type === 'EXCLUSIVE_THING',
      groupArns: isAttached ? await groupsOf(thingName) : [],
    };
  }

  return {
    async associatedThing(principalArn, clientId) {
      const exclusive = await attachments.find('principal_type', `EXCLUSIVE_THING ${principalArn}`, { limit: 1 });
      if (exclusive.items.length > 0) {
        const { value } = exclusive.items[0];
        return associated(value.thingName, value);
      }
      if (!THING_NAME.test(clientId)) return undefined;
      const attachment = await attachments.get(attachmentKey(clientId, principalArn));
      return associated(clientId, attachment?.value);
    },

    async hasThings(principalArn) {
      return (await attachments.find('principal', principalArn, { limit: 1 })).items.length > 0;
    },

    async groupsOf(thingName) {
      return (await things.get(thingName)) && groupsOf(thingName);
    },

    async thingGroup(arn) {
      const name = nameInArn(place, 'thinggroup', arn);
      const stored = name === undefined ? undefined : await groups.get(name);
      if (!stored) return undefined;
      return {
        isDynamic: stored.value.query !== undefined,
        lineageArns: lineageOf(stored.value).map((one) => groupArn(place, one)),
      };
    },

    onChange: (listener) =>
      changes.listen((change) => {
        if ('thingName' in change) listener(change);
      }),
  };
}
