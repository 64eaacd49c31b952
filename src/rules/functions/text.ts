/** String functions (rules-engine.md section 6.2): arguments are converted to text; regular expressions and hashes apart. */
import { bounded, clamp, toFlooredInt, toText, toTruncatedInt } from '../convert.ts';
import type { Frame } from '../frame.ts';
import { isArray, type Value } from '../value.ts';
import { type Call, type FunctionTable, many, ofTexts, since2015, since2016 } from './function.ts';

/** Spaces that lpad and rpad add at most. */
const padLimit = 1000;
const itemLimit = 100_000;

export const textFunctions: FunctionTable = {
  lower: since2015(
    1,
    1,
    ofTexts((text) => text.toLowerCase()),
  ),
  upper: since2015(
    1,
    1,
    ofTexts((text) => text.toUpperCase()),
  ),
  ltrim: since2015(
    1,
    1,
    ofTexts((text) => text.replace(/^[ \t]+/, '')),
  ),
  rtrim: since2015(1, 1, ofTexts(trimEnd)),
  trim: since2015(
    1,
    1,
    ofTexts((text) => trimEnd(text.replace(/^[ \t]+/, ''))),
  ),
  lpad: since2015(
    2,
    2,
    padded((text, spaces) => spaces + text),
  ),
  rpad: since2015(
    2,
    2,
    padded((text, spaces) => text + spaces),
  ),
  startswith: since2015(
    2,
    2,
    ofTexts((text, start) => text.startsWith(start)),
  ),
  endswith: since2015(
    2,
    2,
    ofTexts((text, end) => text.endsWith(end)),
  ),
  substring: since2015(2, 3, substring),
  indexof: since2016(
    2,
    2,
    ofTexts((text, part) => text.indexOf(part)),
  ),
  length: since2016(
    1,
    1,
    ofTexts((text) => text.length),
  ),
  numbytes: since2016(
    1,
    1,
    ofTexts((text) => Buffer.byteLength(text)),
  ),
  replace: since2015(3, 3, ofTexts(replaceAll)),
  chr: since2015(1, 1, ([code]) => {
    const number = toFlooredInt(code);
    return typeof number === 'number' && number >= 0 && number < 128 ? String.fromCharCode(number) : undefined;
  }),
  concat: since2015(0, many, concat),
  newuuid: since2015(0, 0, (_, frame) => frame.surroundings.random.uuid()),
};

/** A loop: `/[ \t]+$/` would be quadratic on a text of many spaces. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t'.includes(text[end - 1])) end--;
  return text.slice(0, end);
}

function padded(pad: (text: string, spaces: string) => string): Call {
  return ([value, count], frame) => {
    const text = toText(value, frame.version);
    const spaces = toFlooredInt(count);
    return text === undefined || spaces === undefined ? undefined : pad(text, ' '.repeat(clamp(spaces, 0, padLimit)));
  };
}

/** Only as many arguments as were written count: `substring('a', 0, missing)` is Undefined. */
function substring(args: readonly Value[], frame: Frame): Value {
  const text = toText(args[0], frame.version);
  const start = toTruncatedInt(args[1]);
  const end = args.length === 3 ? toTruncatedInt(args[2]) : text?.length;
  if (text === undefined || start === undefined || end === undefined) return undefined;
  return text.slice(clamp(start, 0, text.length), clamp(end, 0, text.length));
}

function replaceAll(text: string, part: string, replacement: string): Value {
  const pieces = text.split(part);
  const length = text.length + (pieces.length - 1) * (replacement.length - part.length);
  if (part === '' || length > 2 ** 20) return part === '' ? text : undefined;
  return pieces.join(replacement);
}

/** Any array: one array of all items. Else any string: the joined text. One argument stays what it is (section 17). */
function concat(args: readonly Value[], frame: Frame): Value {
  if (args.length === 1) return args[0];
  if (args.some(isArray)) {
    if (args.includes(undefined)) return undefined;
    const items = args.flat(1) as Value[];
    return items.length <= itemLimit ? items : undefined;
  }
  if (!args.some((arg) => typeof arg === 'string')) return undefined;
  let joined: string | undefined = '';
  for (const arg of args) {
    const text = toText(arg, frame.version);
    if (text === undefined || joined === undefined) return undefined;
    joined = bounded(joined + text);
  }
  return joined;
}
