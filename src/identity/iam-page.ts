/** Lists of IAM: `Marker` and `MaxItems` in, `IsTruncated` and `Marker` out. Used by the operations of IAM. */
import { pageRange, pageToken } from '../api/pagination.ts';
import type { Collection, Stored } from '../store/store.ts';
import type { QueryInput } from './query-operation.ts';

const DEFAULT_PAGE_SIZE = 100;

export interface IamPage<T> {
  readonly items: readonly Stored<T>[];
  /** The members of the result that tell whether there is more. */
  readonly more: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** A page of all documents of a collection, in the order of their names. */
export async function iamPage<T extends object>(
  list: string,
  collection: Collection<T>,
  { Marker: marker, MaxItems: maxItems }: QueryInput,
): Promise<IamPage<T>> {
  const input = {
    ...(marker !== undefined && { marker }),
    ...(maxItems !== undefined && { pageSize: Number(maxItems) }),
  };
  const page = await collection.scan(pageRange(list, input, DEFAULT_PAGE_SIZE));
  const next = pageToken(list, page);
  return { items: page.items, more: { IsTruncated: next !== undefined, ...(next !== undefined && { Marker: next }) } };
}

/** For lists that are short enough for one answer. */
export const whole = { IsTruncated: false };
