/** The syntax of Java's regular expressions, as a tree that `regex.ts` makes programs of. */

export type Test = (code: number) => boolean;

export type Node =
  | { readonly kind: 'set'; readonly test: Test }
  | { readonly kind: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'group'; readonly index: number; readonly node: Node }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
    };

/** The pattern is no regular expression. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

/** A valid pattern that cannot be matched in linear time. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
}

const nestingLimit = 100;
const repeatLimit = 1000;

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
}

export function parsePattern(pattern: string): {
  readonly node: Node;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
} {
  const parser = new PatternParser(withoutQuotes(pattern));
  const node = parser.pattern();
  return { node, groupCount: parser.groupCount, groupNames: parser.groupNames };
}

/** `\Q…\E` stands for its characters one by one. */
function withoutQuotes(pattern: string): string {
  return pattern.replace(/\\Q([\s\S]*?)(?:\\E|$)|\\[\s\S]/g, (whole, quoted?: string) =>
    quoted === undefined ? whole : quoted.replace(/[^A-Za-z0-9]/gu, '\\$&'),
  );
}

const isDigit: Test = (c) => c >= 48 && c <= 57;
const isUpper: Test = (c) => c >= 65 && c <= 90;
const isLower: Test = (c) => c >= 97 && c <= 122;
const isAlpha: Test = (c) => isUpper(c) || isLower(c);
const isWordChar: Test = (c) => isAlpha(c) || isDigit(c) || c === 95;
const isSpace: Test = (c) => c === 32 || (c >= 9 && c <= 13);
const isLineEnd: Test = (c) => c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029;
const not = (test: Test): Test => {
  return (c) => !test(c);
};

const shorthands: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWordChar,
  W: not(isWordChar),
  s: isSpace,
  S: not(isSpace),
  h: (c) => c === 32 || c === 9 || c === 0xa0,
};

const posix: Readonly<Record<string, Test>> = {
  Lower: isLower,
  Upper: isUpper,
  Alpha: isAlpha,
  Digit: isDigit,
  Alnum: (c) => isAlpha(c) || isDigit(c),
  Punct: (c) => c > 32 && c < 127 && !isAlpha(c) && !isDigit(c),
  Graph: (c) => c > 32 && c < 127,
  Print: (c) => c >= 32 && c < 127,
  Blank: (c) => c === 32 || c === 9,
  Cntrl: (c) => c < 32 || c === 127,
  XDigit: (c) => isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
  Space: isSpace,
  ASCII: (c) => c < 128,
};

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

class PatternParser {
  groupCount = 0;
  readonly groupNames = new Map<string, number>();
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, dotAll: false, multiline: false };

  constructor(text: string) {
    this.#text = text;
  }

  pattern(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw this.#invalid();
    return node;
  }

  #choice(): Node {
    if (++this.#depth > nestingLimit) throw new InvalidPattern('nested too deeply');
    const flags = this.#flags;
    const options = [this.#sequence()];
    while (this.#takes('|')) options.push(this.#sequence());
    this.#flags = flags;
    this.#depth--;
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at])) parts.push(this.#quantified());
    return { kind: 'sequence', parts };
  }

  #quantified(): Node {
    let node = this.#atom();
    for (let range = this.#quantifier(); range; range = this.#quantifier()) {
      const isLazy = this.#takes('?');
      if (!isLazy && this.#takes('+')) throw new UnsupportedPattern('possessive quantifiers are not supported');
      node = { kind: 'repeat', node, least: range[0], most: range[1], isLazy };
    }
    return node;
  }

  #quantifier(): readonly [number, number] | undefined {
    if (this.#takes('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#takes('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#takes('?')) return [0, 1];
    const counts = this.#match(/\{(\d{1,4})(,(\d{1,4})?)?\}/y);
    if (!counts) return undefined;
    const least = Number(counts[1]);
    const most =
      counts[2] === undefined ? least : counts[3] === undefined ? Number.POSITIVE_INFINITY : Number(counts[3]);
    if (most < least || least > repeatLimit) throw this.#invalid();
    return [least, most];
  }

  #atom(): Node {
    const character = this.#take();
    switch (character) {
      case '.':
        return { kind: 'set', test: this.#flags.dotAll ? () => true : not(isLineEnd) };
      case '[':
        return { kind: 'set', test: this.#class() };
      case '(':
        return this.#group();
      case '^':
        return { kind: 'assert', holds: this.#flags.multiline ? atLineStart : (_, at) => at === 0 };
      case '$':
        return { kind: 'assert', holds: this.#flags.multiline ? atLineEnd : atEnd };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#invalid();
      default:
        return this.#literal(character.codePointAt(0)!);
    }
  }

  #group(): Node {
    let index: number | undefined;
    const flags = this.#flags;
    if (this.#takes('?')) {
      const name = this.#match(/P?<([A-Za-z][A-Za-z0-9]*)>/y);
      if (name) {
        index = ++this.groupCount;
        if (this.groupNames.has(name[1])) throw this.#invalid();
        this.groupNames.set(name[1], index);
      } else if (this.#match(/<?[=!]|>/y)) {
        throw new UnsupportedPattern('look-around and atomic groups are not supported');
      } else if (this.#inlineFlags()) {
        return { kind: 'sequence', parts: [] };
      }
    } else index = ++this.groupCount;
    const node = this.#choice();
    this.#flags = flags;
    if (!this.#takes(')')) throw this.#invalid();
    return index === undefined ? node : { kind: 'group', index, node };
  }

  /** `i:` of `(?i:…)`, or `i)` of `(?i)`: then true, and the flags hold until the group around it ends. */
  #inlineFlags(): boolean {
    const match = this.#match(/([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])/y);
    if (!match) throw this.#invalid();
    const [, on, off = '', close] = match;
    if (/[^ismu]/.test(on + off)) throw new UnsupportedPattern(`the flags ${on}${off} are not supported`);
    const has = (flag: string, before: boolean): boolean => (before || on.includes(flag)) && !off.includes(flag);
    this.#flags = {
      ignoreCase: has('i', this.#flags.ignoreCase),
      dotAll: has('s', this.#flags.dotAll),
      multiline: has('m', this.#flags.multiline),
    };
    return close === ')';
  }

  #escape(): Node {
    const character = this.#take();
    if (character === 'b' || character === 'B') {
      const isBoundary = character === 'b';
      return { kind: 'assert', holds: (text, at) => atWordBoundary(text, at) === isBoundary };
    }
    if (character === 'A') return { kind: 'assert', holds: (_, at) => at === 0 };
    if (character === 'z') return { kind: 'assert', holds: (text, at) => at === text.length };
    if (character === 'Z') return { kind: 'assert', holds: atEnd };
    if (/[1-9kG]/.test(character)) throw new UnsupportedPattern('back references are not supported');
    const escaped = this.#escaped(character);
    return typeof escaped === 'number' ? this.#literal(escaped) : { kind: 'set', test: escaped };
  }

  /** What a backslash and `character` mean inside and outside of classes. */
  #escaped(character: string): number | Test {
    if (Object.hasOwn(shorthands, character)) return shorthands[character];
    if (Object.hasOwn(controls, character)) return controls[character];
    if (character === 'p' || character === 'P') {
      const name = this.#match(/\{([A-Za-z_]+)\}|([A-Z])/y);
      if (!name) throw this.#invalid();
      const test = this.#property(name[1] ?? name[2]);
      return character === 'p' ? test : not(test);
    }
    const hex = character === 'x' ? this.#match(/([0-9a-fA-F]{2})/y) : undefined;
    const unicode = character === 'u' ? this.#match(/([0-9a-fA-F]{4})/y) : undefined;
    const octal = character === '0' ? this.#match(/([0-3]?[0-7]{1,2})/y) : undefined;
    if (hex ?? unicode) return Number.parseInt((hex ?? unicode)![1], 16);
    if (octal) return Number.parseInt(octal[1], 8);
    if (/[A-Za-z0-9]/.test(character)) throw this.#invalid();
    return character.codePointAt(0)!;
  }

  #property(name: string): Test {
    if (Object.hasOwn(posix, name)) return posix[name];
    const category = name.replace(/^Is/, '');
    if (!/^(L|Lu|Ll|Lt|Lm|Lo|M|Mn|Mc|N|Nd|Nl|No|P|Pd|S|Sc|Sm|Z|Zs|Alphabetic|Uppercase|Lowercase)$/.test(category)) {
      throw new UnsupportedPattern(`the property ${name} is not supported`);
    }
    const pattern = new RegExp(`^\\p{${category}}$`, 'u');
    return (c) => pattern.test(String.fromCodePoint(c));
  }

  #literal(code: number): Node {
    return { kind: 'set', test: this.#folded((c) => c === code) };
  }

  #folded(test: Test): Test {
    if (!this.#flags.ignoreCase) return test;
    return (c) => test(c) || test(otherCase(c));
  }

  /** Behind `[`. */
  #class(): Test {
    if (++this.#depth > nestingLimit) throw new InvalidPattern('nested too deeply');
    const isNegated = this.#takes('^');
    const tests: Test[] = [];
    for (let isFirst = true; isFirst || this.#text[this.#at] !== ']'; isFirst = false) {
      if (this.#text.startsWith('&&', this.#at)) throw new UnsupportedPattern('class intersections are not supported');
      if (this.#takes('[')) tests.push(this.#class());
      else tests.push(this.#folded(this.#range()));
    }
    this.#at++;
    this.#depth--;
    const anyOf: Test = (c) => tests.some((test) => test(c));
    return isNegated ? not(anyOf) : anyOf;
  }

  #range(): Test {
    const first = this.#classMember();
    if (typeof first !== 'number') return first;
    const hasRange = this.#text[this.#at] === '-' && !']['.includes(this.#text[this.#at + 1] ?? ']');
    if (!hasRange) return (c) => c === first;
    this.#at++;
    const last = this.#classMember();
    if (typeof last !== 'number' || last < first) throw this.#invalid();
    return (c) => c >= first && c <= last;
  }

  #classMember(): number | Test {
    const character = this.#take();
    return character === '\\' ? this.#escaped(this.#take()) : character.codePointAt(0)!;
  }

  #take(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw this.#invalid();
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #invalid(): InvalidPattern {
    return new InvalidPattern(`not a regular expression, at character ${this.#at}`);
  }
}

function otherCase(code: number): number {
  const text = String.fromCodePoint(code);
  const other = text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
  return other.codePointAt(0)!;
}

function atEnd(text: string, at: number): boolean {
  if (at === text.length) return true;
  if (at === text.length - 2) return text.endsWith('\r\n');
  return at === text.length - 1 && isLineEnd(text.charCodeAt(at));
}

function atLineStart(text: string, at: number): boolean {
  return at === 0 || (at < text.length && isLineEnd(text.charCodeAt(at - 1)));
}

function atLineEnd(text: string, at: number): boolean {
  return at === text.length || isLineEnd(text.charCodeAt(at));
}

function atWordBoundary(text: string, at: number): boolean {
  const before = at > 0 && isWordChar(text.charCodeAt(at - 1));
  return before !== (at < text.length && isWordChar(text.charCodeAt(at)));
}
