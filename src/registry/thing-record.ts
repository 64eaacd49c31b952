/** Things as they are stored, and what every resource that refers to a thing asks of them. */
import { notFound } from '../base/errors.ts';
import type { Collection, CollectionSpec, Stored } from '../store/store.ts';

export interface ThingRecord {
  readonly thingName: string;
  /** A UUID, new for each thing that ever had the name. */
  readonly thingId: string;
  readonly thingTypeName?: string;
  readonly billingGroupName?: string;
  /** Values are never empty. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What clients see: 1, and one more with every UpdateThing. The store's own version moves with attachments too. */
  readonly version: number;
}

export type Things = Collection<ThingRecord>;

export const thingCollection: CollectionSpec<ThingRecord> = {
  name: 'thing',
  indexes: {
    attribute: ({ attributes }) => Object.entries(attributes).map(([name, value]) => attributeKey(name, value)),
    type: ({ thingTypeName }) => (thingTypeName === undefined ? [] : [thingTypeName]),
    billing_group: ({ billingGroupName }) => (billingGroupName === undefined ? [] : [billingGroupName]),
  },
};

/** No attribute name has an equals sign. At most 929 bytes, all ASCII. */
export function attributeKey(name: string, valueOrPrefix: string): string {
  return `${name}=${valueOrPrefix}`;
}

/** The thing, or ResourceNotFoundException. */
export async function requireThing(things: Things, thingName: string): Promise<Stored<ThingRecord>> {
  const stored = await things.get(thingName);
  if (!stored) throw notFound(`Thing ${thingName} cannot be found.`);
  return stored;
}
