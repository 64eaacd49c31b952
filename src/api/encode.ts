/**
 * A handler's output → status, headers and body, along the model: dates become epoch seconds, Buffers base64 (or the
 * raw body, where the model says so), absent members are left out and members the model does not know never leave the
 * server.
 */
import type { Structure } from './decode.ts';
import type { Operation } from './model.ts';
import { epochSeconds, formatTimestamp } from './scalar.ts';
import type { Member, Shape, StructureShape } from './shape.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** The reply of a success. An operation without output answers `{}`, which every client takes. */
export function encodeOutput(operation: Operation, output: Structure, requestId: string): Reply {
  const { model, output: shape } = operation;
  const contentType = model.protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json';
  const headers: Record<string, string> = { 'content-type': contentType };
  if (!shape) {
    const acknowledgement = model.traits.unmodelledOutputs[operation.name]?.(requestId) ?? {};
    return { status: operation.status, headers, body: JSON.stringify(acknowledgement) };
  }
  let status = operation.status;
  for (const member of shape.members.values()) {
    const value = output[member.name];
    if (value === undefined || value === null) continue;
    if (member.location === 'statusCode') status = value as number;
    else if (member.location === 'header') headers[member.wireName] = headerText(value, member);
    else if (member.location === 'headers')
      for (const [name, text] of Object.entries(value)) headers[(member.wireName + name).toLowerCase()] = String(text);
  }
  return {
    status,
    headers,
    body: shape.payload ? payload(output, shape.payload) : JSON.stringify(toJson(output, shape)),
  };
}

/** The members of a structure that go into a JSON body. */
export function toJson(value: Structure, shape: StructureShape): Structure {
  const json: Structure = {};
  for (const member of shape.bodyMembers.values()) {
    const inner = value[member.name];
    if (inner !== undefined && inner !== null) json[member.wireName] = jsonValue(inner, member.shape, member);
  }
  return json;
}

/** Payload blobs of these services are JSON documents of shadows, hence the content type stays. */
function payload(output: Structure, member: Member): string | Buffer {
  const value = output[member.name];
  if (value === undefined || value === null) return '';
  if (member.shape.kind === 'blob' || member.shape.kind === 'string') return value as Buffer | string;
  return JSON.stringify(jsonValue(value, member.shape, member));
}

function jsonValue(value: unknown, shape: Shape, member: Member | undefined): unknown {
  switch (shape.kind) {
    case 'structure':
      return toJson(value as Structure, shape);
    case 'list':
      return (value as readonly unknown[]).map((item) => jsonValue(item, shape.member, undefined));
    case 'map':
      return mapJson(value as Structure, shape.value);
    case 'timestamp': {
      const format = member?.timestampFormat ?? shape.format ?? 'unixTimestamp';
      return format === 'unixTimestamp' ? epochSeconds(value as Date) : formatTimestamp(value as Date, format);
    }
    case 'blob':
      return (value as Buffer).toString('base64');
    case 'number':
      // JSON has no words for these; the protocol writes them as strings.
      return Number.isFinite(value) ? value : String(value);
    default:
      return value;
  }
}

function mapJson(map: Structure, shape: Shape): Structure {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, jsonValue(value, shape, undefined)]));
}

function headerText(value: unknown, member: Member): string {
  if (member.isJson) return Buffer.from(JSON.stringify(value)).toString('base64');
  if (value instanceof Date) return formatTimestamp(value, member.timestampFormat);
  return Buffer.isBuffer(value) ? value.toString('base64') : String(value);
}
