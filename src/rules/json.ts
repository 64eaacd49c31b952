/**
 * JSON text to and from values. Our own reader, because `JSON.parse` rounds numbers through doubles, moves keys that
 * look like integers to the front and follows any depth; one pass over the text keeps every digit and the order of keys.
 */
import {
  isArray,
  isBytes,
  isNumber,
  isObject,
  numberFromText,
  numberText,
  type SqlVersion,
  type Value,
} from './value.ts';

/** Payloads nested deeper are not taken for JSON. */
export const jsonDepth = 100;

/** Most characters a printed value may have: the limit of an outgoing message. */
export const jsonLimit = 128 * 1024;

/** The value of a JSON document; throws SyntaxError when it is none. */
export function parseJson(text: string): Value {
  const reader = new Reader(text);
  return reader.document();
}

/**
 * Compact JSON text, members in their order. Undefined members and bytes are left out, in arrays they are `null`.
 * Undefined for Undefined, for bytes, and for what would be longer than `limit`.
 */
export function printJson(value: Value, version: SqlVersion, limit = jsonLimit): string | undefined {
  if (value === undefined || isBytes(value)) return undefined;
  const printer = { text: '', limit, version };
  return print(value, printer) ? printer.text : undefined;
}

interface Printer {
  text: string;
  readonly limit: number;
  readonly version: SqlVersion;
}

/** False once the text is too long. */
function print(value: Value, to: Printer): boolean {
  if (typeof value === 'string') to.text += quoted(value);
  else if (typeof value === 'number') to.text += value;
  else if (isNumber(value)) to.text += numberText(value, to.version);
  else if (isArray(value)) return printArray(value, to);
  else if (isObject(value)) return printObject(value, to);
  else to.text += isMissing(value) ? 'null' : String(value);
  return to.text.length <= to.limit;
}

function printArray(items: readonly Value[], to: Printer): boolean {
  to.text += '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) to.text += ',';
    if (!print(items[i], to)) return false;
  }
  to.text += ']';
  return to.text.length <= to.limit;
}

function printObject(members: ReadonlyMap<string, Value>, to: Printer): boolean {
  let separator = '{';
  for (const [name, member] of members) {
    if (isMissing(member)) continue;
    to.text += `${separator}${quoted(name)}:`;
    separator = ',';
    if (!print(member, to)) return false;
  }
  to.text += separator === '{' ? '{}' : '}';
  return to.text.length <= to.limit;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in strings
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function isMissing(value: Value): value is undefined | Buffer {
  return value === undefined || isBytes(value);
}

const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
const whiteSpace = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in strings
const plainString = /[^"\\\u0000-\u001f]*/y;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): Value {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): Map<string, Value> {
    const members = new Map<string, Value>();
    this.#open();
    if (!this.#takes('}')) {
      do {
        this.#skipSpace();
        if (this.#text[this.#at] !== '"') throw this.#unexpected();
        const name = this.#string();
        if (!this.#takes(':')) throw this.#unexpected();
        members.set(name, this.#value());
      } while (this.#takes(','));
      if (!this.#takes('}')) throw this.#unexpected();
    }
    this.#depth--;
    return members;
  }

  #array(): Value[] {
    const items: Value[] = [];
    this.#open();
    if (!this.#takes(']')) {
      do items.push(this.#value());
      while (this.#takes(','));
      if (!this.#takes(']')) throw this.#unexpected();
    }
    this.#depth--;
    return items;
  }

  #open(): void {
    if (++this.#depth > jsonDepth) throw new SyntaxError(`JSON is nested deeper than ${jsonDepth} levels`);
    this.#at++;
  }

  /** Strings without escapes, nearly all of them, are a slice of the text; the others are left to `JSON.parse`. */
  #string(): string {
    const start = this.#at;
    let at = start + 1;
    let code = this.#text.charCodeAt(at);
    // NaN, behind the end, fails both comparisons.
    while (code >= space && code !== quote && code !== backslash) code = this.#text.charCodeAt(++at);
    if (code === quote) {
      this.#at = at + 1;
      return this.#text.slice(start + 1, at);
    }
    while (this.#text[at] === '\\') at = this.#skip(plainString, at + 2);
    if (this.#text[at] !== '"') throw this.#unexpected();
    this.#at = at + 1;
    return JSON.parse(this.#text.slice(start, at + 1)) as string;
  }

  #number(): Value {
    const end = this.#skip(number, this.#at);
    if (end === this.#at) throw this.#unexpected();
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return numberFromText(text);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #takes(symbol: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== symbol) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    if (this.#text.charCodeAt(this.#at) <= space) this.#at = this.#skip(whiteSpace, this.#at);
  }

  /** Where the match of a sticky pattern at `from` ends; `from` itself when there is none. */
  #skip(pattern: RegExp, from: number): number {
    pattern.lastIndex = from;
    return pattern.test(this.#text) ? pattern.lastIndex : from;
  }

  #unexpected(): SyntaxError {
    const found = this.#text[this.#at];
    return new SyntaxError(found === undefined ? 'unexpected end of JSON' : `unexpected '${found}' at ${this.#at}`);
  }
}
