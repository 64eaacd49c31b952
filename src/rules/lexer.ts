/**
 * The words of a rule's SQL, one at a time as the parser asks for them (a topic filter without quotes is only a word
 * where the parser expects one). Used by `parser.ts` alone, which also reads substitution templates with it.
 */
import { ServiceError } from '../base/errors.ts';

export type TokenKind = 'word' | 'variable' | 'number' | 'string' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; the content of a string, the name of a variable without `@`. */
  readonly text: string;
  readonly at: number;
  /** The offset behind the token. */
  readonly end: number;
}

const whiteSpace = /\s*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const variable = /@([A-Za-z0-9_]{1,64})(?![A-Za-z0-9_])/y;
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const single = /'([^']*(?:''[^']*)*)'/y;
const double = /"([^"]*(?:""[^"]*)*)"/y;
const symbol = /<>|<=|>=|!=|[-()[\]{},.:*=<>+/%]/y;
const bareFilter = /[^\s'"]+/y;

/** The next token at or behind `from`; throws SqlParseException at a character that begins none. */
export function nextToken(text: string, from: number): Token {
  const at = skip(whiteSpace, text, from);
  if (at >= text.length) return { kind: 'end', text: '', at, end: at };
  return (
    read('word', word, text, at) ??
    read('symbol', symbol, text, at) ??
    read('number', number, text, at) ??
    readString(single, "'", text, at) ??
    readString(double, '"', text, at) ??
    read('variable', variable, text, at) ??
    refuse(text, at)
  );
}

/** A topic filter written without quotes, if one is next: everything up to white space. */
export function bareFilterAt(text: string, from: number): Token | undefined {
  return read('string', bareFilter, text, skip(whiteSpace, text, from));
}

/** A SqlParseException that says where in `text`. */
export function sqlParseError(message: string, text: string, at: number): ServiceError {
  const before = text.slice(0, at).split('\n');
  const where = `line ${before.length}, column ${before[before.length - 1].length + 1}`;
  return new ServiceError('SqlParseException', `${message} (${where})`);
}

function read(kind: TokenKind, pattern: RegExp, text: string, at: number): Token | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match ? { kind, text: match[1] ?? match[0], at, end: pattern.lastIndex } : undefined;
}

/** No escapes: backslashes stand for themselves, the quote is doubled. */
function readString(pattern: RegExp, quote: string, text: string, at: number): Token | undefined {
  if (text[at] !== quote) return undefined;
  const token = read('string', pattern, text, at);
  return token && { ...token, text: token.text.replaceAll(quote + quote, quote) };
}

function refuse(text: string, at: number): never {
  const found = text[at];
  if (found === "'" || found === '"') throw sqlParseError('The string that begins here has no end', text, at);
  if (found === '@') throw sqlParseError('Expected the name of a variable: @ and 1 to 64 of A-Z a-z 0-9 _', text, at);
  throw sqlParseError(`Unexpected character '${String.fromCodePoint(text.codePointAt(at)!)}'`, text, at);
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
}
