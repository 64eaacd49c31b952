/**
 * Continuation tokens of lists: opaque to clients, bound to the list they came from, so that a token of one list is
 * refused by another instead of giving a page of nonsense. Not secret and not signed: a position is no permission.
 */
import { invalidRequest } from './errors.ts';

/** `list` names the list with its filters; `position` is the store's `next`. */
export function pageToken(list: string, position: string): string {
  return Buffer.from(JSON.stringify([list, position])).toString('base64url');
}

/** The position in a token of `list`; undefined without a token. Throws InvalidRequestException for any other token. */
export function positionIn(list: string, token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const content = parse(Buffer.from(token, 'base64url').toString());
  if (!Array.isArray(content) || content.length !== 2 || content[0] !== list || typeof content[1] !== 'string') {
    throw invalidRequest('The nextToken is not valid for this request.');
  }
  return content[1];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
