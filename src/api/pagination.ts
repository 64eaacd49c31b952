/**
 * Lists, page by page: between the two styles of the API (`maxResults`/`nextToken` and `pageSize`/`marker`) and the
 * store's ranges. Tokens are opaque and belong to one list: a token that was made up, or comes from another list, is
 * refused with InvalidRequestException. Domains import this file directly.
 */
import { hash } from 'node:crypto';
import { invalidRequest } from '../base/errors.ts';
import type { Page } from '../store/store.ts';

/** What a list operation's input has of these, in either style. */
export interface PageInput {
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly pageSize?: number;
  readonly marker?: string;
}

/** The part of a store `Range` that a page's input decides. */
export interface PageRange {
  readonly after?: string;
  readonly limit: number;
}

/** Nobody gets more at once, even where the model sets no limit. */
const LARGEST_PAGE = 250;
const CHECK_BYTES = 6;

/**
 * The range to ask the store for: `collection.scan({ prefix, ...pageRange('ListThings', input) })`. `list` is the
 * operation's name (with whatever else a token must not be carried over from). Throws InvalidRequestException for a bad token.
 */
export function pageRange(list: string, input: PageInput, defaultSize = LARGEST_PAGE): PageRange {
  const size = input.maxResults ?? input.pageSize ?? defaultSize;
  const limit = Math.min(Math.max(size, 1), LARGEST_PAGE);
  const token = input.nextToken ?? input.marker;
  return token === undefined ? { limit } : { limit, after: readToken(list, token) };
}

/** `nextToken` (or `nextMarker`) of an output; undefined, so left out, on the last page. */
export function pageToken(list: string, page: Pick<Page<object>, 'next'>): string | undefined {
  return page.next === undefined ? undefined : makeToken(list, page.next);
}

/** A token for the place `after`. Hexadecimal, since some models allow no other characters in common. */
export function makeToken(list: string, after: string): string {
  return Buffer.concat([checkOf(list, after), Buffer.from(after)]).toString('hex');
}

/** The place a token stands for. Throws InvalidRequestException unless `makeToken` made it for this list. */
export function readToken(list: string, token: string): string {
  const bytes = Buffer.from(token, 'hex');
  const after = bytes.subarray(CHECK_BYTES).toString();
  if (makeToken(list, after) !== token) throw invalidRequest('Invalid pagination token');
  return after;
}

/** Guards against mistakes, not against attackers: a forged token only moves its maker's own page. */
function checkOf(list: string, after: string): Buffer {
  return hash('sha256', `${list}\n${after}`, 'buffer').subarray(0, CHECK_BYTES);
}
