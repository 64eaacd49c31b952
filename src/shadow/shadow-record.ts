/**
 * Shadows in the store. A record holds the document as JSON text, because its numbers may not survive the store's own
 * JSON (`exact-json.ts`). A deleted shadow leaves a tombstone without a document, so that its version goes on
 * (shadow.md section 6).
 */
import type { CollectionSpec } from '../store/store.ts';
import { type Json, parseExactly } from './exact-json.ts';
import type { ShadowDocument } from './shadow-document.ts';

export interface ShadowName {
  readonly thingName: string;
  /** Absent for the classic shadow. */
  readonly shadowName?: string;
}

export interface ShadowRecord extends ShadowName {
  /** The number of the last update or deletion. */
  readonly version: number;
  /** JSON of `{state, metadata}`; absent after a deletion. */
  readonly document?: string;
}

export const shadowCollection: CollectionSpec<ShadowRecord> = {
  name: 'shadow',
  indexes: {
    /** The thing's named shadows that exist. */
    named: (record) => (record.shadowName === undefined || record.document === undefined ? [] : [record.thingName]),
  },
};

/** No name contains a slash, so no two shadows share a key. */
export function recordKey({ thingName, shadowName = '' }: ShadowName): string {
  return `${thingName}/${shadowName}`;
}

/** The document of a record; undefined when there is no shadow. */
export function documentOf(record: ShadowRecord | undefined): ShadowDocument | undefined {
  if (record?.document === undefined) return undefined;
  const { state, metadata } = parseExactly(record.document, trusted) as unknown as Omit<ShadowDocument, 'version'>;
  return { state, metadata, version: record.version };
}

export function recordOf(name: ShadowName, { state, metadata, version }: ShadowDocument): ShadowRecord {
  return { ...name, version, document: JSON.stringify({ state, metadata }) };
}

/** The deletion consumes a version: a shadow deleted at N leaves N + 1. */
export function tombstoneOf(name: ShadowName, deleted: ShadowDocument): ShadowRecord {
  return { ...name, version: deleted.version + 1 };
}

/** A stored document was checked when it was accepted. */
function trusted(_value: Json): void {}
