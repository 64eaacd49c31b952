/**
 * Thing types (identity-registry-provisioning.md section 2.2). A type is deleted only when it has been deprecated for
 * five minutes: a thing that is being given the type meanwhile read it as not deprecated before that, so a deletion
 * needs no other guard against it.
 */
import type {
  IotOperations,
  Mqtt5Configuration,
  PropagatingAttribute,
  ThingTypeMetadata,
  ThingTypeProperties,
} from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { alreadyExists, invalidRequest, notFound } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, CollectionSpec, Store, Stored } from '../store/store.ts';
import type { Changes } from './change.ts';
import type { TagsFor } from './tag.ts';
import type { Things } from './thing-record.ts';

/** Its key is the type's name. Times are milliseconds since the epoch. */
export interface ThingTypeRecord {
  readonly thingTypeName: string;
  /** A UUID, new for each type that ever had the name. */
  readonly thingTypeId: string;
  readonly description?: string;
  readonly searchableAttributes: readonly string[];
  readonly propagatingAttributes?: readonly PropagatingAttribute[];
  readonly createdMs: number;
  /** Set while it is deprecated. */
  readonly deprecatedMs?: number;
}

export type ThingTypes = Collection<ThingTypeRecord>;

export const thingTypeCollection: CollectionSpec<ThingTypeRecord> = { name: 'thing_type' };

export interface ThingTypeDeps {
  readonly store: Store;
  readonly types: ThingTypes;
  readonly things: Things;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly random: Random;
  readonly place: Place;
  readonly changes: Changes;
  readonly tagsFor: TagsFor;
}

export type ThingTypeOperations = Pick<
  IotOperations,
  | 'createThingType'
  | 'describeThingType'
  | 'updateThingType'
  | 'deprecateThingType'
  | 'deleteThingType'
  | 'listThingTypes'
>;

/** How long a type must have been deprecated before it can be deleted. */
const DEPRECATION_MS = 5 * 60_000;
const MOST_SEARCHABLE = 3;
const MOST_PROPAGATING = 20;

export function thingTypeOperations(deps: ThingTypeDeps): ThingTypeOperations {
  const { store, types, things, turns, clock, random, place, changes, tagsFor } = deps;
  const arnOf = (thingTypeName: string): string => iotArn(place, `thingtype/${thingTypeName}`);
  const inTurn = <T>(thingTypeName: string, work: () => Promise<T>): Promise<T> =>
    turns.run(`type ${thingTypeName}`, () => retryConflicts(work));

  /** Writes `next` in the place of what was read. */
  async function replace(stored: Stored<ThingTypeRecord>, next: ThingTypeRecord): Promise<void> {
    await store.commit([types.put(stored.key, next, { ifVersion: stored.version })]);
    changes.announce({ kind: 'type updated', type: next });
  }

  return {
    /** Repeating it with the same properties is fine and answers the same; tags are not compared. */
    createThingType: ({ thingTypeName, thingTypeProperties, tags }) =>
      inTurn(thingTypeName, async () => {
        const existing = await types.get(thingTypeName);
        const wanted: ThingTypeRecord = {
          thingTypeName,
          thingTypeId: existing?.value.thingTypeId ?? random.uuid(),
          ...checkedProperties(thingTypeProperties),
          createdMs: clock.now(),
        };
        const thingTypeArn = arnOf(thingTypeName);
        const { thingTypeId } = wanted;
        if (!existing) {
          await store.commit([types.put(thingTypeName, wanted, { ifVersion: 0 }), ...tagsFor(thingTypeArn, tags)]);
          changes.announce({ kind: 'type created', type: wanted });
        } else if (!isSameType(existing.value, wanted)) {
          throw alreadyExists(`Thing type ${thingTypeName} already exists in account with different properties`, {
            resourceId: thingTypeId,
            resourceArn: thingTypeArn,
          });
        }
        return { thingTypeName, thingTypeArn, thingTypeId };
      }),

    async describeThingType({ thingTypeName }) {
      const { value } = await requireType(types, thingTypeName);
      return {
        thingTypeName,
        thingTypeId: value.thingTypeId,
        thingTypeArn: arnOf(thingTypeName),
        thingTypeProperties: propertiesOf(value),
        thingTypeMetadata: metadataOf(value),
      };
    },

    /** What is not given stays. Searchable attributes are chosen at creation for good. */
    updateThingType: ({ thingTypeName, thingTypeProperties = {} }) =>
      inTurn(thingTypeName, async () => {
        const stored = await requireType(types, thingTypeName);
        const { searchableAttributes = stored.value.searchableAttributes, ...changed } = checkedProperties(
          thingTypeProperties,
          stored.value.searchableAttributes,
        );
        if (!isSameList(searchableAttributes, stored.value.searchableAttributes)) {
          throw invalidRequest('The searchable attributes of a thing type cannot be changed');
        }
        await replace(stored, { ...stored.value, ...changed });
        return {};
      }),

    /** Deprecating anew does not start the five minutes anew. */
    deprecateThingType: ({ thingTypeName, undoDeprecate = false }) =>
      inTurn(thingTypeName, async () => {
        const stored = await requireType(types, thingTypeName);
        const { deprecatedMs, ...active } = stored.value;
        if ((deprecatedMs === undefined) === undoDeprecate) return {};
        await replace(stored, undoDeprecate ? active : { ...active, deprecatedMs: clock.now() });
        return {};
      }),

    deleteThingType: ({ thingTypeName }) =>
      inTurn(thingTypeName, async () => {
        const stored = await requireType(types, thingTypeName);
        const { deprecatedMs } = stored.value;
        const refusal = `Cannot delete thing type : ${thingTypeName}.`;
        if (deprecatedMs === undefined) {
          throw invalidRequest(`${refusal} The thing type must be deprecated before it can be deleted`);
        }
        if (clock.now() < deprecatedMs + DEPRECATION_MS) {
          throw invalidRequest(`${refusal} Please wait for 5 minutes after deprecation and then retry`);
        }
        if ((await things.find('type', thingTypeName, { limit: 1 })).items.length > 0) {
          throw invalidRequest(`${refusal} The thing type is still associated with one or more things`);
        }
        await store.commit([
          types.delete(thingTypeName, { ifVersion: stored.version }),
          ...tagsFor(arnOf(thingTypeName), undefined),
        ]);
        changes.announce({ kind: 'type deleted', type: stored.value });
        return {};
      }),

    /** `thingTypeName` is the beginning of the names wanted, as at the vendor. */
    async listThingTypes(input) {
      const prefix = input.thingTypeName ?? '';
      const list = `ListThingTypes ${prefix}`;
      const page = await types.scan({ prefix, ...pageRange(list, input) });
      return {
        thingTypes: page.items.map(({ value }) => ({
          thingTypeName: value.thingTypeName,
          thingTypeArn: arnOf(value.thingTypeName),
          thingTypeProperties: propertiesOf(value),
          thingTypeMetadata: metadataOf(value),
        })),
        nextToken: pageToken(list, page),
      };
    },
  };
}

/** The type, or ResourceNotFoundException. */
async function requireType(types: ThingTypes, thingTypeName: string): Promise<Stored<ThingTypeRecord>> {
  const stored = await types.get(thingTypeName);
  if (!stored) throw notFound(`Thing type ${thingTypeName} cannot be found.`);
  return stored;
}

type Properties = Pick<ThingTypeRecord, 'description' | 'searchableAttributes' | 'propagatingAttributes'>;

/** What was given, as it is stored. Throws InvalidRequestException for too many attributes and such as say nothing. */
function checkedProperties(given: ThingTypeProperties = {}, defaultSearchable: readonly string[] = []): Properties {
  const { thingTypeDescription, searchableAttributes = defaultSearchable, mqtt5Configuration } = given;
  if (searchableAttributes.length > MOST_SEARCHABLE) {
    throw invalidRequest(`A thing type has at most ${MOST_SEARCHABLE} searchable attributes`);
  }
  const propagatingAttributes = mqtt5Configuration && checkedPropagating(mqtt5Configuration);
  return {
    ...(thingTypeDescription === undefined ? {} : { description: thingTypeDescription }),
    searchableAttributes,
    ...(propagatingAttributes === undefined ? {} : { propagatingAttributes }),
  };
}

function checkedPropagating({ propagatingAttributes = [] }: Mqtt5Configuration): readonly PropagatingAttribute[] {
  if (propagatingAttributes.length > MOST_PROPAGATING) {
    throw invalidRequest(`A thing type has at most ${MOST_PROPAGATING} propagating attributes`);
  }
  for (const { userPropertyKey, thingAttribute, connectionAttribute } of propagatingAttributes) {
    if (userPropertyKey === undefined) throw invalidRequest('A propagating attribute needs a userPropertyKey');
    if ((thingAttribute === undefined) === (connectionAttribute === undefined)) {
      throw invalidRequest('A propagating attribute needs either a thingAttribute or a connectionAttribute');
    }
  }
  return propagatingAttributes;
}

function propertiesOf({ description, searchableAttributes, propagatingAttributes }: ThingTypeRecord) {
  return {
    thingTypeDescription: description,
    searchableAttributes: [...searchableAttributes],
    mqtt5Configuration: propagatingAttributes && { propagatingAttributes: [...propagatingAttributes] },
  } satisfies ThingTypeProperties;
}

function metadataOf({ createdMs, deprecatedMs }: ThingTypeRecord): ThingTypeMetadata {
  return {
    deprecated: deprecatedMs !== undefined,
    deprecationDate: deprecatedMs === undefined ? undefined : new Date(deprecatedMs),
    creationDate: new Date(createdMs),
  };
}

function isSameType(a: ThingTypeRecord, b: ThingTypeRecord): boolean {
  const configuration = ({ propagatingAttributes = [] }: ThingTypeRecord): string[] =>
    propagatingAttributes.map((one) =>
      JSON.stringify([one.userPropertyKey, one.thingAttribute, one.connectionAttribute]),
    );
  return (
    a.description === b.description &&
    isSameList(a.searchableAttributes, b.searchableAttributes) &&
    isSameList(configuration(a), configuration(b))
  );
}

/** The same members in any order. */
function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}
