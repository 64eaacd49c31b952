/** Functions of arrays, objects and types (rules-engine.md section 6.3); `cast` is syntax and lives in `cast.ts`. */
import { isUtf8 } from 'node:buffer';
import { toText, toTruncatedInt } from '../convert.ts';
import type { Frame } from '../frame.ts';
import { jsonLimit, parseJson, printJson } from '../json.ts';
import { isArray, isBytes, isObject, type ObjectValue, type Value } from '../value.ts';
import { type FunctionTable, since2015, since2016 } from './function.ts';

export const collectionFunctions: FunctionTable = {
  get: since2015(2, 2, get),
  isnull: since2015(1, 1, ([value]) => value === null),
  isundefined: since2016(1, 1, ([value]) => value === undefined),
  nanvl: since2015(2, 2, ([value, other]) => value ?? other),
  transform: since2016(3, 3, transform),
  encode: since2016(2, 2, encode),
  decode: {
    ...since2016(2, 6, ([value, encoding], frame) =>
      encoding === 'base64' ? decodeBase64(toText(value, frame.version)) : undefined,
    ),
    prepare: (literals) => {
      if (literals[1] === 'proto') throw new SyntaxError("decode(…, 'proto', …) is not available in this installation");
      return collectionFunctions.decode.call;
    },
  },
};

/** Arrays and strings by position, objects by name without conversion. */
function get([value, key]: readonly Value[]): Value {
  if (isObject(value)) return typeof key === 'string' ? value.get(key) : undefined;
  if (!isArray(value) && typeof value !== 'string') return undefined;
  const index = toTruncatedInt(key);
  return typeof index === 'number' ? value[index] : undefined;
}

/** Each element with the object's members added; on a name in both, the element's own stays. */
function transform([mode, object, elements]: readonly Value[]): Value {
  if (mode !== 'enrichArray' || !isObject(object) || !isArray(elements)) return undefined;
  const enriched: ObjectValue[] = [];
  for (const element of elements) {
    if (!isObject(element)) return undefined;
    const members = new Map(element);
    for (const [name, member] of object) if (!members.has(name)) members.set(name, member);
    enriched.push(members);
  }
  return printJson(enriched, '2016-03-23', jsonLimit) === undefined ? undefined : enriched;
}

/** Of `*`, bytes and JSON alike, `evaluate.ts` passes the payload's bytes. */
function encode([value, encoding]: readonly Value[], frame: Frame): Value {
  if (encoding !== 'base64') return undefined;
  if (isBytes(value)) return value.toString('base64');
  const text = toText(value, frame.version);
  return text === undefined ? undefined : Buffer.from(text).toString('base64');
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Null for what is not base64; bytes that are no text are read with replacement characters. */
function decodeBase64(text: string | undefined): Value {
  if (text === undefined) return undefined;
  if (text.length % 4 !== 0 || !base64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  const decoded = bytes.toString('utf8');
  if (!isUtf8(bytes)) return decoded;
  try {
    return parseJson(decoded);
  } catch (error) {
    if (error instanceof SyntaxError) return decoded;
    throw error;
  }
}
