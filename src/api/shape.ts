/**
 * The shapes of a model, compiled: references resolved, patterns and enums ready to test. Made once for each shape, on
 * first use, and never changed. `decode.ts`, `validate.ts` and `encode.ts` walk values along them.
 */
import { compilePattern } from './pattern.ts';

/** How botocore's format writes a shape and a reference to one. */
export interface RawShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, RawReference>>;
  readonly required?: readonly string[];
  readonly payload?: string;
  readonly member?: RawReference;
  readonly key?: RawReference;
  readonly value?: RawReference;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: boolean;
  readonly document?: boolean;
  readonly timestampFormat?: string;
  readonly error?: { readonly httpStatusCode?: number };
  readonly exception?: boolean;
  readonly fault?: boolean;
}

export interface RawReference {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly jsonvalue?: boolean;
  readonly timestampFormat?: string;
}

/** Limits of a size: code points of a string, bytes of a blob, entries of a list or map, the value of a number. */
interface Limits {
  readonly min: number;
  readonly max: number;
}

interface Common {
  readonly isSensitive: boolean;
  /** Something in it, at any depth, has a constraint to check. */
  readonly isConstrained: boolean;
}

export interface StructureShape extends Common {
  readonly kind: 'structure';
  readonly name: string;
  /** By the name of the TypeScript member. */
  readonly members: ReadonlyMap<string, Member>;
  /** Those that travel in a JSON body, by their name there. */
  readonly bodyMembers: ReadonlyMap<string, Member>;
  readonly required: readonly string[];
  /** The one member that is the whole body. */
  readonly payload?: Member;
}

export interface Member {
  readonly name: string;
  readonly location: Location;
  /** Its name at that place. */
  readonly wireName: string;
  readonly shape: Shape;
  /** A JSON document inside a (base64) header. */
  readonly isJson: boolean;
  readonly timestampFormat: TimestampFormat;
}

export type Location = 'body' | 'payload' | 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
export type TimestampFormat = 'unixTimestamp' | 'iso8601' | 'rfc822';

export type Shape =
  | StructureShape
  | (Common & Limits & { readonly kind: 'list'; readonly member: Shape })
  | (Common & Limits & { readonly kind: 'map'; readonly key: Shape; readonly value: Shape })
  | StringShape
  | (Common & Limits & { readonly kind: 'number'; readonly isInteger: boolean; readonly typeName: string })
  | (Common & { readonly kind: 'boolean' })
  | (Common & { readonly kind: 'timestamp'; readonly format?: TimestampFormat })
  | (Common & Limits & { readonly kind: 'blob' })
  | (Common & { readonly kind: 'document' });

export interface StringShape extends Common, Limits {
  readonly kind: 'string';
  readonly pattern?: RegExp;
  /** The pattern as the model writes it, for messages. */
  readonly patternText?: string;
  readonly values?: ReadonlySet<string>;
}

/** The numeric types: what messages call them, and the range of the type itself. */
const numbers: Readonly<Record<string, { typeName: string; isInteger: boolean; limit: number }>> = {
  byte: { typeName: 'Byte', isInteger: true, limit: 0x7f },
  short: { typeName: 'Short', isInteger: true, limit: 0x7fff },
  integer: { typeName: 'Integer', isInteger: true, limit: 0x7fffffff },
  long: { typeName: 'Long', isInteger: true, limit: Number.MAX_SAFE_INTEGER },
  float: { typeName: 'Float', isInteger: false, limit: Number.POSITIVE_INFINITY },
  double: { typeName: 'Double', isInteger: false, limit: Number.POSITIVE_INFINITY },
};

/** The range of a numeric type; values outside of it cannot be converted, whatever the model's limits. */
export function typeLimit(typeName: string): number {
  return Object.values(numbers).find((type) => type.typeName === typeName)!.limit;
}

/** Returns the compiled shape of a name. Throws on an unknown one: the model is broken. */
export type ShapeOf = (name: string) => Shape;

/** A compiler of the given shapes that does each once and only when it is asked for. */
export function shapeCompiler(raw: Readonly<Record<string, RawShape>>): ShapeOf {
  const compiled = new Map<string, Shape>();
  const shapeOf: ShapeOf = (name) => {
    const known = compiled.get(name);
    if (known) return known;
    if (!Object.hasOwn(raw, name)) throw new Error(`the model has no shape ${name}`);
    // A recursive shape meets itself here, unfinished: it is filled in place.
    const shape = { isConstrained: true } as Shape;
    compiled.set(name, shape);
    return Object.assign(shape, compile(name, raw[name], shapeOf));
  };
  return shapeOf;
}

function compile(name: string, raw: RawShape, shapeOf: ShapeOf): Shape {
  const isSensitive = raw.sensitive === true;
  const limits: Limits = { min: raw.min ?? Number.NEGATIVE_INFINITY, max: raw.max ?? Number.POSITIVE_INFINITY };
  const hasLimits = raw.min !== undefined || raw.max !== undefined;
  if (raw.document) return { kind: 'document', isSensitive, isConstrained: false };
  switch (raw.type) {
    case 'structure':
      return structure(name, raw, shapeOf);
    case 'list': {
      const member = shapeOf(raw.member!.shape);
      return { kind: 'list', member, ...limits, isSensitive, isConstrained: hasLimits || member.isConstrained };
    }
    case 'map': {
      const key = shapeOf(raw.key!.shape);
      const value = shapeOf(raw.value!.shape);
      const isConstrained = hasLimits || key.isConstrained || value.isConstrained;
      return { kind: 'map', key, value, ...limits, isSensitive, isConstrained };
    }
    case 'string':
      return string(raw, limits, isSensitive);
    case 'boolean':
      return { kind: 'boolean', isSensitive, isConstrained: false };
    case 'timestamp':
      return { kind: 'timestamp', format: timestampFormat(raw.timestampFormat), isSensitive, isConstrained: false };
    case 'blob':
      return { kind: 'blob', ...limits, isSensitive, isConstrained: hasLimits };
    default: {
      const number = numbers[raw.type];
      if (!number) throw new Error(`shape ${name} has the unknown type ${raw.type}`);
      const { isInteger, typeName } = number;
      return { kind: 'number', isInteger, typeName, ...limits, isSensitive, isConstrained: hasLimits };
    }
  }
}

function string(raw: RawShape, limits: Limits, isSensitive: boolean): StringShape {
  const pattern = raw.pattern === undefined ? undefined : compilePattern(raw.pattern);
  const values = raw.enum && new Set(raw.enum);
  const isConstrained = raw.min !== undefined || raw.max !== undefined || pattern !== undefined || values !== undefined;
  return { kind: 'string', pattern, patternText: raw.pattern, values, ...limits, isSensitive, isConstrained };
}

function structure(name: string, raw: RawShape, shapeOf: ShapeOf): StructureShape {
  const members = new Map<string, Member>();
  const bodyMembers = new Map<string, Member>();
  for (const [memberName, reference] of Object.entries(raw.members ?? {})) {
    const member = compileMember(memberName, reference, raw.payload === memberName, shapeOf);
    members.set(memberName, member);
    if (member.location === 'body') bodyMembers.set(member.wireName, member);
  }
  const required = raw.required ?? [];
  const isConstrained = required.length > 0 || [...members.values()].some((member) => member.shape.isConstrained);
  const payload = raw.payload === undefined ? undefined : members.get(raw.payload);
  return { kind: 'structure', name, members, bodyMembers, required, payload, isSensitive: false, isConstrained };
}

const locations: readonly string[] = ['uri', 'querystring', 'header', 'headers', 'statusCode'];

function compileMember(name: string, reference: RawReference, isPayload: boolean, shapeOf: ShapeOf): Member {
  if (reference.location !== undefined && !locations.includes(reference.location))
    throw new Error(`member ${name} is bound to ${reference.location}, which is not supported`);
  const location = isPayload ? 'payload' : ((reference.location ?? 'body') as Location);
  const shape = shapeOf(reference.shape);
  const ownFormat = shape.kind === 'timestamp' ? shape.format : undefined;
  return {
    name,
    location,
    wireName: location === 'header' ? (reference.locationName ?? name).toLowerCase() : (reference.locationName ?? name),
    shape,
    isJson: reference.jsonvalue === true,
    timestampFormat: timestampFormat(reference.timestampFormat) ?? ownFormat ?? defaultFormat(location),
  };
}

function timestampFormat(name: string | undefined): TimestampFormat | undefined {
  if (name === undefined || name === 'unixTimestamp' || name === 'iso8601' || name === 'rfc822') return name;
  throw new Error(`unknown timestamp format ${name}`);
}

function defaultFormat(location: Location): TimestampFormat {
  if (location === 'header' || location === 'headers') return 'rfc822';
  return location === 'uri' || location === 'querystring' ? 'iso8601' : 'unixTimestamp';
}
