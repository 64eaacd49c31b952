/**
 * What a shadow is and how it changes: pure functions over values, no I/O and no clock (shadow.md sections 2 to 4).
 * Called by `shadow.ts` for both protocols. Nothing here alters what it is given.
 *
 * Every function that rebuilds an object goes through `Object.entries` and `Object.fromEntries`, which treat a key
 * named `__proto__` as any other.
 */
import { isUtf8 } from 'node:buffer';
import { ServiceError } from '../base/errors.ts';
import { isObject, isSame, type Json, type JsonObject, parseExactly } from './exact-json.ts';

export interface DocumentLimits {
  /** UTF-8 bytes of the compact JSON of `desired` plus that of `reported`, after the merge. */
  readonly stateBytes: number;
  /** Levels of keys below `desired` and `reported`; an array directly inside an array counts as one too. */
  readonly depth: number;
  /** UTF-8 bytes. */
  readonly clientTokenBytes: number;
}

export interface Sections {
  readonly desired?: JsonObject;
  readonly reported?: JsonObject;
}

/** Mirrors a state: objects and arrays as they are, every other value replaced by `{timestamp}` in epoch seconds. */
export type Metadata = { readonly timestamp: number } | MetadataObject | readonly Metadata[];
export type MetadataObject = { readonly [key: string]: Metadata };

export interface ShadowDocument {
  readonly state: Sections;
  readonly metadata: { readonly desired?: MetadataObject; readonly reported?: MetadataObject };
  readonly version: number;
}

export interface UpdateRequest {
  /** What the request said of the two sections, nulls included; null clears both. */
  readonly state: null | { readonly desired?: JsonObject | null; readonly reported?: JsonObject | null };
  /** Only if the shadow has this version. */
  readonly version?: number;
  readonly clientToken?: string;
}

export interface Delta {
  readonly state: JsonObject;
  readonly metadata: MetadataObject;
}

const SECTIONS = ['desired', 'reported'] as const;

/**
 * Reads an update's body. Throws the first failure of the table in section 3.1, rows 1 to 11; members that mean
 * nothing here are dropped.
 */
export function parseUpdate(payload: Buffer, limits: DocumentLimits): UpdateRequest {
  // `checkUpdate` has found it to be one.
  const request = parseBody(payload, (value) => checkUpdate(value, limits)) as unknown as UpdateRequest;
  return {
    state: request.state === null ? null : pickSections(request.state),
    ...(request.version === undefined ? {} : { version: request.version }),
    ...(request.clientToken === undefined ? {} : { clientToken: request.clientToken }),
  };
}

/** The token to echo, or undefined when the body has none, an invalid one, or cannot be read. Never throws. */
export function clientTokenOf(payload: Buffer, limits: DocumentLimits): string | undefined {
  const token = clientTokenMember(payload);
  return isClientToken(token, limits) ? token : undefined;
}

/** As `clientTokenOf`, but refuses an invalid token (row 3); anything else in the body is of no interest. */
export function requireClientToken(payload: Buffer, limits: DocumentLimits): string | undefined {
  const token = clientTokenMember(payload);
  if (token !== undefined && !isClientToken(token, limits)) throw invalid('Invalid clientToken');
  return token;
}

/**
 * The shadow after `request` (section 3.2). `current` is undefined when there is none; `lastVersion` is then the last
 * number its predecessor consumed, 0 if there never was one. Throws rows 12 and 13 of the table.
 */
export function applyUpdate(
  current: ShadowDocument | undefined,
  lastVersion: number,
  request: UpdateRequest,
  nowSeconds: number,
  limits: DocumentLimits,
): ShadowDocument {
  if (request.version !== undefined && request.version !== (current?.version ?? 0)) {
    throw new ServiceError('ConflictException', 'Version conflict');
  }
  const state: { desired?: JsonObject; reported?: JsonObject } = {};
  const metadata: { desired?: MetadataObject; reported?: MetadataObject } = {};
  for (const section of SECTIONS) {
    const change = request.state === null ? null : request.state[section];
    if (change === null) continue;
    const merged = mergeObject(
      current?.state[section] ?? {},
      current?.metadata[section] ?? {},
      change ?? {},
      nowSeconds,
    );
    if (Object.keys(merged.values).length === 0) continue;
    state[section] = merged.values;
    metadata[section] = merged.stamps;
  }
  if (stateBytes(state) > limits.stateBytes) {
    throw new ServiceError('RequestEntityTooLargeException', 'The payload exceeds the maximum size allowed');
  }
  return { state, metadata, version: lastVersion + 1 };
}

/** What the limit on a shadow's size counts (section 3.4). */
export function stateBytes(state: Sections): number {
  return SECTIONS.reduce((sum, name) => sum + (state[name] ? Buffer.byteLength(JSON.stringify(state[name])) : 0), 0);
}

/** Where `desired` differs from `reported` (section 4); undefined when nowhere. */
export function deltaOf(document: ShadowDocument): Delta | undefined {
  const { state, metadata } = document;
  if (!state.desired || !metadata.desired) return undefined;
  const delta = difference(state.desired, state.reported ?? {}, metadata.desired);
  return Object.keys(delta.state).length > 0 ? delta : undefined;
}

/** The metadata that mirrors `value`, all of it touched now. A null, which deletes, is stamped like a value. */
export function stamp(value: Json, nowSeconds: number): Metadata {
  if (Array.isArray(value)) return value.map((item) => stamp(item, nowSeconds));
  if (!isObject(value)) return { timestamp: nowSeconds };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, stamp(member, nowSeconds)]));
}

function parseBody(payload: Buffer, check: (value: Json) => void): Json {
  if (!isUtf8(payload)) {
    throw new ServiceError(
      'UnsupportedDocumentEncodingException',
      'Unsupported documented encoding; supported encoding is UTF-8',
    );
  }
  try {
    return parseExactly(payload.toString(), check);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('Invalid JSON');
    throw error;
  }
}

function clientTokenMember(payload: Buffer): Json | undefined {
  if (payload.length === 0 || !isUtf8(payload)) return undefined;
  try {
    const body = JSON.parse(payload.toString()) as Json;
    return isObject(body) && Object.hasOwn(body, 'clientToken') ? body['clientToken'] : undefined;
  } catch (error) {
    // Text that is no JSON has no token; whoever needs the rest of it reports that it is none.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Rows 2 to 11 of section 3.1, in their order. */
function checkUpdate(body: Json, limits: DocumentLimits): void {
  if (!isObject(body)) throw invalid('Invalid JSON');
  if (Object.hasOwn(body, 'clientToken') && !isClientToken(body['clientToken'], limits)) {
    throw invalid('Invalid clientToken');
  }
  if (!Object.hasOwn(body, 'state')) throw invalid('Missing required node: state');
  const { state } = body;
  if (state !== null && !isObject(state)) throw invalid('State node must be an object');
  const sections = state === null ? {} : state;
  const names = Object.keys(sections);
  const hasSection = SECTIONS.some((name) => Object.hasOwn(sections, name));
  if (names.length > 0 && !hasSection) throw invalid('State contains an invalid node');
  checkSection(sections, 'desired', 'Desired node must be an object');
  checkSection(sections, 'reported', 'Reported node must be an object');
  if (Object.hasOwn(body, 'version') && !isVersion(body['version'])) throw invalid('Invalid version');
  // Two levels more for the members `state` and `desired`. Members that are ignored may not be deeper either.
  if (isDeeper(body, limits.depth + 2)) {
    throw invalid('JSON contains too many levels of nesting; maximum is 6');
  }
  if (hasNullInArray(pickSections(sections))) throw invalid('State contains an invalid node');
}

function checkSection(state: JsonObject, name: (typeof SECTIONS)[number], message: string): void {
  if (Object.hasOwn(state, name) && state[name] !== null && !isObject(state[name])) throw invalid(message);
}

function pickSections<T extends object>(state: T): T {
  return Object.fromEntries(
    SECTIONS.filter((name) => Object.hasOwn(state, name)).map((name) => [name, state[name as keyof T]]),
  ) as T;
}

function isClientToken(value: Json | undefined, limits: DocumentLimits): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= limits.clientTokenBytes;
}

function isVersion(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Whether `value` has more than `levels` levels of keys. Stops there, so that no depth of input is followed. */
function isDeeper(value: Json, levels: number): boolean {
  if (levels < 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeper(item, Array.isArray(item) ? levels - 1 : levels));
  return isObject(value) && Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** Inside an array nothing is merged, so a null has nothing to delete there, however deep it is. */
function hasNullInArray(value: Json, isInArray = false): boolean {
  if (value === null) return isInArray;
  if (Array.isArray(value)) return value.some((item) => hasNullInArray(item, true));
  return isObject(value) && Object.values(value).some((member) => hasNullInArray(member, isInArray));
}

function mergeObject(
  current: JsonObject,
  stamps: MetadataObject,
  patch: JsonObject,
  nowSeconds: number,
): { values: JsonObject; stamps: MetadataObject } {
  const values = new Map(Object.entries(current));
  const marks = new Map(Object.entries(stamps));
  for (const [key, change] of Object.entries(patch)) {
    const existing = values.get(key);
    if (change === null) {
      values.delete(key);
      marks.delete(key);
    } else if (isObject(change) && isObject(existing)) {
      const merged = mergeObject(existing, marks.get(key) as MetadataObject, change, nowSeconds);
      values.set(key, merged.values);
      marks.set(key, merged.stamps);
    } else {
      const value = withoutNulls(change);
      values.set(key, value);
      marks.set(key, stamp(value, nowSeconds));
    }
  }
  return { values: Object.fromEntries(values), stamps: Object.fromEntries(marks) };
}

function withoutNulls(value: Json): Json {
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]));
}

function difference(desired: JsonObject, reported: JsonObject, stamps: MetadataObject): Delta {
  const state: [string, Json][] = [];
  const metadata: [string, Metadata][] = [];
  for (const [key, wanted] of Object.entries(desired)) {
    const actual = Object.hasOwn(reported, key) ? reported[key] : undefined;
    if (isObject(wanted) && isObject(actual)) {
      const inner = difference(wanted, actual, stamps[key] as MetadataObject);
      if (Object.keys(inner.state).length === 0) continue;
      state.push([key, inner.state]);
      metadata.push([key, inner.metadata]);
    } else if (!isSame(wanted, actual)) {
      state.push([key, wanted]);
      metadata.push([key, stamps[key]]);
    }
  }
  return { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}
