/** What the event messages of a change of the registry say and where (gateway-broker.md section 10). Pure. */
import type { EventType } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Change, GroupChange, ThingChange } from './change.ts';
import { groupArn, type MembershipRecord, parentOf } from './thing-group-record.ts';
import type { ThingRecord } from './thing-record.ts';
import type { ThingTypeRecord } from './thing-type.ts';

export interface RegistryEvent {
  /** What it is switched on by. */
  readonly type: EventType;
  /** Below `$aws/events/`. */
  readonly topic: string;
  readonly eventType: string;
  readonly operation: string;
  readonly hasAccount: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The events of one change: none, one or several. */
export function eventsOf(change: Change, place: Place): readonly RegistryEvent[] {
  if ('type' in change) return [typeEvent(change.type, lastWord(change.kind))];
  if ('group' in change) return groupEvents(change, place);
  return thingEvents(change, place);
}

function lastWord(kind: string): string {
  return kind.slice(kind.lastIndexOf(' ') + 1);
}

function event(
  type: EventType,
  topic: string,
  operation: string,
  body: RegistryEvent['body'],
  hasAccount = true,
): RegistryEvent {
  return {
    type,
    topic: `${topic}/${operation}`,
    eventType: `${type}_EVENT`,
    operation: operation.toUpperCase(),
    hasAccount,
    body,
  };
}

function thingEvents(change: ThingChange, place: Place): readonly RegistryEvent[] {
  switch (change.kind) {
    case 'created':
      return [thingEvent(change.thing, 'created'), ...typeAssociation(change.thing, 'added')];
    case 'deleted':
      return [...typeAssociation(change.thing, 'removed'), thingEvent(change.thing, 'deleted')];
    case 'updated': {
      const isOtherType = change.before.thingTypeName !== change.thing.thingTypeName;
      return [
        thingEvent(change.thing, 'updated'),
        ...(isOtherType ? typeAssociation(change.before, 'removed') : []),
        ...(isOtherType ? typeAssociation(change.thing, 'added') : []),
      ];
    }
    case 'joined':
    case 'left':
      return [membershipEvent(change.membership, change.kind === 'joined' ? 'added' : 'removed', place)];
    default:
      return [];
  }
}

function thingEvent(thing: ThingRecord, operation: string): RegistryEvent {
  const { thingId, thingName, version, thingTypeName = null, billingGroupName, attributes } = thing;
  return event('THING', `thing/${thingName}`, operation, {
    thingId,
    thingName,
    versionNumber: version,
    thingTypeName,
    ...(billingGroupName === undefined ? {} : { billingGroupName }),
    attributes,
  });
}

function typeAssociation({ thingId, thingName, thingTypeName }: ThingRecord, operation: string): RegistryEvent[] {
  if (thingTypeName === undefined) return [];
  const topic = `thingTypeAssociation/thing/${thingName}/thingType/${thingTypeName}`;
  return [event('THING_TYPE_ASSOCIATION', topic, operation, { thingId, thingName, thingTypeName }, false)];
}

function membershipEvent(membership: MembershipRecord, operation: string, place: Place): RegistryEvent {
  const { membershipId, thingName, thingId, thingGroupName, thingGroupId } = membership;
  const topic = `thingGroupMembership/thingGroup/${thingGroupName}/thing/${thingName}`;
  return event('THING_GROUP_MEMBERSHIP', topic, operation, {
    groupArn: groupArn(place, thingGroupName),
    groupId: thingGroupId,
    thingArn: iotArn(place, `thing/${thingName}`),
    thingId,
    membershipId,
  });
}

function typeEvent(type: ThingTypeRecord, operation: string): RegistryEvent {
  const { thingTypeId, thingTypeName, deprecatedMs = null, searchableAttributes, propagatingAttributes } = type;
  return event('THING_TYPE', `thingType/${thingTypeName}`, operation, {
    thingTypeId,
    thingTypeName,
    isDeprecated: deprecatedMs !== null,
    deprecationDate: deprecatedMs,
    searchableAttributes,
    ...(propagatingAttributes === undefined ? {} : { propagatingAttributes }),
    description: type.description ?? null,
  });
}

/** A group's own event, and its parent's when it is made or deleted. */
function groupEvents({ group, kind }: GroupChange, place: Place): readonly RegistryEvent[] {
  const { thingGroupName, thingGroupId, ancestors, version, description = null, attributes } = group;
  const parent = parentOf(group);
  const own = event('THING_GROUP', `thingGroup/${thingGroupName}`, lastWord(kind), {
    thingGroupId,
    thingGroupName,
    versionNumber: version,
    parentGroupName: parent?.name ?? null,
    parentGroupId: parent?.id ?? null,
    description,
    rootToParentThingGroups: ancestors.map(({ name, id }) => ({ groupArn: groupArn(place, name), groupId: id })),
    attributes,
    dynamicGroupMappingId: null,
  });
  if (!parent || kind === 'group updated') return [own];
  const topic = `thingGroupHierarchy/thingGroup/${parent.name}/childThingGroup/${thingGroupName}`;
  const hierarchy = event('THING_GROUP_HIERARCHY', topic, kind === 'group created' ? 'added' : 'removed', {
    thingGroupId: parent.id,
    thingGroupName: parent.name,
    childGroupId: thingGroupId,
    childGroupName: thingGroupName,
  });
  return [own, hierarchy];
}
