/**
 * Which principal is attached to which thing, as it is stored (policies.md section 8). Two rules span documents, and
 * commits keep them by writing a document both sides write:
 *
 * - a thing with principals is not deleted: an attachment writes the thing's record anew, unchanged, so that a
 *   deletion that saw no attachments fails;
 * - an exclusive thing is its principal's only one: every attachment writes the principal's mark, so that one that
 *   saw no other attachments fails.
 */
import type { ThingPrincipalType } from '../api/generated/iot.ts';
import type { Collection, CollectionSpec } from '../store/store.ts';

export interface Attachment {
  readonly thingName: string;
  /** An ARN, or the id of a Cognito identity. */
  readonly principal: string;
  readonly type: ThingPrincipalType;
}

export type Attachments = Collection<Attachment>;

export const attachmentCollection: CollectionSpec<Attachment> = {
  name: 'thing_principal',
  indexes: {
    /** By thing and type, the thing first; the keys alone find all of a thing. */
    thing_type: ({ thingName, type }) => [`${thingName}/${type}`],
    principal: ({ principal }) => [principal],
    principal_type: ({ principal, type }) => [`${type} ${principal}`],
  },
};

/** Exists while a principal may have attachments. */
export interface PrincipalMark {
  readonly principal: string;
}

export type PrincipalMarks = Collection<PrincipalMark>;

export const principalMarkCollection: CollectionSpec<PrincipalMark> = { name: 'thing_principal_mark' };

/** No thing name has a slash: a thing's attachments are those under `thingPrefix`, in the order of their principals. */
export function attachmentKey(thingName: string, principal: string): string {
  return `${thingPrefix(thingName)}${principal}`;
}

export function thingPrefix(thingName: string): string {
  return `${thingName}/`;
}
