/**
 * A request → the input its handler is typed with. Members are collected from where the model binds them (path,
 * query, headers, body) and converted strictly: whatever cannot be converted throws SerializationException (400)
 * with the server's well-known wording and the member's path. Unknown members are passed over, null is absent.
 * Whether values are allowed is not asked here but in `validate.ts`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../base/errors.ts';
import type { JsonValue } from './json.ts';
import type { Operation } from './model.ts';
import { percentDecode } from './route.ts';
import { parseBase64, parseBoolean, parseNumber, parseTimestamp } from './scalar.ts';
import { type Member, type Shape, type StructureShape, typeLimit } from './shape.ts';

export interface RequestParts {
  readonly labels: Readonly<Record<string, string>>;
  /** Raw, without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Structure = Record<string, unknown>;

/** Values nested deeper than this are refused; no model needs a tenth of it. */
const DEEPEST = 100;

/** The input of an operation. Throws SerializationException. */
export function decodeInput(operation: Operation, parts: RequestParts): Structure {
  const shape = operation.input;
  if (!shape) return {};
  const input: Structure = {};
  let query: ReadonlyMap<string, string[]> | undefined;
  for (const member of shape.members.values()) {
    let value: unknown;
    if (member.location === 'uri') value = fromText(parts.labels[member.wireName], member);
    else if (member.location === 'querystring') {
      query ??= parseQuery(parts.query);
      value = fromQuery(query.get(member.wireName), member);
    } else if (member.location === 'header') value = fromHeader(parts.headers[member.wireName], member);
    else if (member.location === 'headers') value = prefixed(parts.headers, member.wireName);
    else if (member.location === 'payload') value = fromPayload(parts.body, member);
    if (value !== undefined) input[member.name] = value;
  }
  return shape.bodyMembers.size === 0 ? input : fromBody(parts.body, shape, input);
}

/** Decodes a query into its parameters. A `+` stays a plus, as signatures have it. Throws SerializationException. */
export function parseQuery(raw: string): ReadonlyMap<string, string[]> {
  const parameters = new Map<string, string[]>();
  if (raw === '') return parameters;
  for (const pair of raw.split('&')) {
    const equals = pair.indexOf('=');
    const name = percentDecode(equals < 0 ? pair : pair.slice(0, equals), 'query');
    const value = equals < 0 ? '' : percentDecode(pair.slice(equals + 1), `query parameter '${name.slice(0, 128)}'`);
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}

function fromQuery(values: string[] | undefined, member: Member): unknown {
  if (!values) return undefined;
  const { shape } = member;
  if (shape.kind === 'list') return values.map((value) => textValue(value, shape.member, member.wireName));
  if (values.length > 1) throw malformed(`The query parameter '${member.wireName}' is given more than once`);
  return textValue(values[0], shape, member.wireName);
}

function fromHeader(value: string | string[] | undefined, member: Member): unknown {
  const text = Array.isArray(value) ? value.join(', ') : value;
  if (text === undefined || !member.isJson) return fromText(text, member);
  const bytes = parseBase64(text);
  if (!bytes) throw malformed(`The header '${member.wireName}' is not base64`);
  return parseJson(bytes, `header '${member.wireName}'`);
}

function prefixed(headers: IncomingHttpHeaders, prefix: string): Structure | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix.toLowerCase()));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}

function fromText(text: string | undefined, member: Member): unknown {
  return text === undefined ? undefined : textValue(text, member.shape, member.wireName);
}

function textValue(text: string, shape: Shape, where: string): unknown {
  let value: unknown = text;
  if (shape.kind === 'number') value = inType(parseNumber(text), shape);
  else if (shape.kind === 'boolean') value = parseBoolean(text);
  else if (shape.kind === 'timestamp') value = parseTimestamp(text);
  else if (shape.kind === 'blob') value = parseBase64(text);
  else if (shape.kind !== 'string') throw new Error(`a ${shape.kind} cannot be read from text`);
  if (value === undefined) throw mismatch('STRING_VALUE', shape, where);
  return value;
}

function fromPayload(body: Buffer, member: Member): unknown {
  if (body.length === 0) return undefined;
  if (member.shape.kind === 'blob') return body;
  if (member.shape.kind === 'string') return utf8(body, 'body');
  return fromJson(parseJson(body, 'body'), member.shape, member.name, 0);
}

function fromBody(body: Buffer, shape: StructureShape, input: Structure): Structure {
  if (body.length === 0) return input;
  const json = parseJson(body, 'body');
  if (json === null) return input;
  if (typeof json !== 'object' || Array.isArray(json)) throw mismatch(kindOf(json), shape, '');
  return fillStructure(input, json as { readonly [key: string]: JsonValue }, shape, '', 0);
}

function parseJson(bytes: Buffer, where: string): JsonValue {
  try {
    return JSON.parse(utf8(bytes, where)) as JsonValue;
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw malformed(`The ${where} is not valid JSON: ${(cause as Error).message.slice(0, 200)}`, cause);
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function utf8(bytes: Buffer, where: string): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw malformed(`The ${where} is not valid UTF-8`, cause);
  }
}

/** `path` is where the value stands, for messages. Never called with null. */
function fromJson(json: JsonValue, shape: Shape, path: string, depth: number): unknown {
  if (depth > DEEPEST) throw malformed(`The request is nested too deeply (at '${path.slice(0, 128)}')`);
  switch (shape.kind) {
    case 'string':
      if (typeof json === 'string') return json;
      break;
    case 'number': {
      const number = typeof json === 'number' ? inType(json, shape) : undefined;
      if (number !== undefined) return number;
      break;
    }
    case 'boolean':
      if (typeof json === 'boolean') return json;
      break;
    case 'timestamp': {
      const date = typeof json === 'number' || typeof json === 'string' ? parseTimestamp(json) : undefined;
      if (date) return date;
      break;
    }
    case 'blob': {
      const bytes = typeof json === 'string' ? parseBase64(json) : undefined;
      if (bytes) return bytes;
      break;
    }
    case 'list':
      if (Array.isArray(json)) return listFrom(json as readonly JsonValue[], shape.member, path, depth);
      break;
    case 'map':
      if (isObject(json)) return mapFrom(json, shape.value, path, depth);
      break;
    case 'structure':
      if (isObject(json)) return fillStructure({}, json, shape, path, depth);
      break;
    case 'document':
      return json;
  }
  throw mismatch(kindOf(json), shape, path);
}

function fillStructure(
  into: Structure,
  json: { readonly [key: string]: JsonValue },
  shape: StructureShape,
  path: string,
  depth: number,
): Structure {
  for (const key of Object.keys(json)) {
    const member = shape.bodyMembers.get(key);
    const value = json[key];
    if (!member || value === null) continue;
    into[member.name] = fromJson(value, member.shape, path === '' ? key : `${path}.${key}`, depth + 1);
  }
  return into;
}

/** Nulls in lists are left out, as absent members are. */
function listFrom(json: readonly JsonValue[], member: Shape, path: string, depth: number): unknown[] {
  const list: unknown[] = [];
  for (const [index, value] of json.entries())
    if (value !== null) list.push(fromJson(value, member, `${path}.${index + 1}.member`, depth + 1));
  return list;
}

function mapFrom(json: { readonly [key: string]: JsonValue }, shape: Shape, path: string, depth: number): Structure {
  const entries = Object.entries(json).filter(([, value]) => value !== null);
  // fromEntries defines properties, so that a key `__proto__` is one like any other.
  return Object.fromEntries(entries.map(([key, value]) => [key, fromJson(value, shape, `${path}.${key}`, depth + 1)]));
}

function isObject(json: JsonValue): json is { readonly [key: string]: JsonValue } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function inType(value: number | undefined, shape: Shape & { kind: 'number' }): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  if (shape.isInteger && !Number.isInteger(value)) return undefined;
  return Math.abs(value) <= typeLimit(shape.typeName) ? value : undefined;
}

/** How the messages of the service call what was found. */
function kindOf(json: JsonValue): string {
  if (Array.isArray(json)) return 'list';
  if (typeof json === 'object') return 'structure or map';
  if (typeof json === 'string') return 'STRING_VALUE';
  if (typeof json === 'number') return 'NUMBER_VALUE';
  return json ? 'TRUE_VALUE' : 'FALSE_VALUE';
}

const typeNames: Readonly<Record<Shape['kind'], string>> = {
  string: 'String',
  number: 'Number',
  boolean: 'Boolean',
  timestamp: 'Timestamp',
  blob: 'Blob',
  list: 'list',
  map: 'map',
  structure: 'structure',
  document: 'document',
};

function mismatch(found: string, shape: Shape, path: string): ServiceError {
  const where = path === '' ? '' : ` (at '${path.slice(0, 256)}')`;
  if (!found.endsWith('_VALUE')) return malformed(`Start of ${found} found where not expected${where}`);
  const isContainer = shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'structure';
  if (isContainer) return malformed(`Unexpected ${found}, expected a ${shape.kind} or null${where}`);
  const type = shape.kind === 'number' ? shape.typeName : typeNames[shape.kind];
  return malformed(`${found} can not be converted to ${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}${where}`);
}

function malformed(message: string, cause?: unknown): ServiceError {
  return new ServiceError('SerializationException', message, { cause });
}
