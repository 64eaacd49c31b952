/**
 * Tags of every resource that can have them (identity-registry-provisioning.md section 2.4): one document for each
 * tagged ARN, whichever domain the resource belongs to. Domains hand in how to find their resources and get `tagsFor`
 * for the commits that create and delete them; nobody else writes tags.
 */
import type { IotOperations, Tag } from '../api/generated/iot.ts';
import { pageRange } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import { invalidRequest, limitExceeded, notFound } from '../base/errors.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { CollectionSpec, Store, Write } from '../store/store.ts';

/**
 * The writes that give a resource its first tags, for the commit that creates it, or that take all from it
 * (`undefined`), for the one that deletes it. Creation without tags calls it too, so that nothing of an earlier
 * resource of that name is found. Throws InvalidRequestException for tags that cannot be.
 */
export type TagsFor = (arn: string, tags: readonly Tag[] | undefined) => readonly Write[];

/** By kind, as in ARNs (`policy`, `cacert`, `rule` …): whether there is a resource of this ARN. */
export type Taggable = Readonly<Record<string, (arn: string) => Promise<boolean>>>;

export interface TagDeps {
  readonly store: Store;
  readonly place: Place;
  readonly taggable: Taggable;
}

export type TagOperations = Pick<IotOperations, 'tagResource' | 'untagResource' | 'listTagsForResource'>;

export interface Tags {
  readonly operations: TagOperations;
  readonly tagsFor: TagsFor;
  /** The tags of an ARN by key, for policies; undefined when it has none. */
  tagsOf(arn: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** Its key is the ARN. */
interface TagRecord {
  /** In the order in which the keys came. */
  readonly tags: readonly Tag[];
}

const tagCollection: CollectionSpec<TagRecord> = { name: 'tag' };

const MOST_TAGS = 50;

export function createTags({ store, place, taggable }: TagDeps): Tags {
  const records = store.collection(tagCollection);
  const turns = new Turns();

  /** Throws InvalidRequestException for what cannot be tagged, ResourceNotFoundException for what is not there. */
  async function requireResource(arn: string): Promise<void> {
    const kind = /^arn:aws[\w-]*:iot:[\w-]+:\d{12}:([a-z]+)\/./.exec(arn)?.[1];
    if (kind === undefined || !Object.hasOwn(taggable, kind)) {
      throw invalidRequest('The ARN does not name a resource that can be tagged');
    }
    if (!arn.startsWith(iotArn(place, '')) || arn.length > LONGEST_ARN || !(await taggable[kind](arn))) {
      throw notFound();
    }
  }

  /** Replaces the tags of a resource by what `decide` makes of them. */
  function change(arn: string, decide: (tags: readonly Tag[]) => readonly Tag[]): Promise<Record<string, never>> {
    return turns.run(arn, () =>
      retryConflicts(async () => {
        await requireResource(arn);
        const stored = await records.get(arn);
        const tags = decide(stored?.value.tags ?? []);
        await store.commit([records.put(arn, { tags }, { ifVersion: stored?.version ?? 0 })]);
        return {};
      }),
    );
  }

  return {
    operations: {
      /** A key that the resource has already gets the new value. */
      async tagResource({ resourceArn, tags }) {
        checkKeys(tags);
        return change(resourceArn, (current) => {
          const merged = withTags(current, tags);
          if (merged.length > MOST_TAGS) throw limitExceeded(`A resource can have at most ${MOST_TAGS} tags`);
          return merged;
        });
      },

      /** Keys that the resource does not have are passed over. */
      async untagResource({ resourceArn, tagKeys }) {
        return change(resourceArn, (current) => current.filter(({ Key }) => !tagKeys.includes(Key)));
      },

      /** All come on one page: there are at most 50. */
      async listTagsForResource(input) {
        pageRange('ListTagsForResource', input);
        await requireResource(input.resourceArn);
        const stored = await records.get(input.resourceArn);
        return { tags: [...(stored?.value.tags ?? [])] };
      },
    },

    async tagsOf(arn) {
      const stored = arn.length > LONGEST_ARN ? undefined : await records.get(arn);
      return stored && Object.fromEntries(stored.value.tags.map(({ Key, Value = '' }) => [Key, Value]));
    },

    tagsFor(arn, tags = []) {
      checkKeys(tags);
      const merged = withTags([], tags);
      if (merged.length > MOST_TAGS) throw invalidRequest(`A resource can have at most ${MOST_TAGS} tags`);
      return [merged.length === 0 ? records.delete(arn) : records.put(arn, { tags: merged })];
    },
  };
}

/** What is longer is no ARN of ours, nor a key of the store. */
const LONGEST_ARN = 1024;

function checkKeys(tags: readonly Tag[]): void {
  const reserved = tags.find(({ Key }) => /^aws:/i.test(Key));
  if (reserved) throw invalidRequest(`Tag keys must not begin with aws: (${reserved.Key})`);
}

function withTags(current: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const byKey = new Map([...current, ...added].map(({ Key, Value = '' }) => [Key, { Key, Value }]));
  return [...byKey.values()];
}
