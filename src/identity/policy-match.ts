/**
 * Texts of a policy that may hold wildcards and variables: parsed once to a Template when the policy is read, bound to
 * the values of one connection as a Pattern, then matched against resources. Called by the policy parser and the
 * decision; knows nothing of statements.
 *
 * A value put in for a variable is data: a `*` in a client id never becomes a wildcard. Matching goes through the text
 * once, star by star, and never backtracks over a star. Characters are UTF-16 code units.
 */

/** One piece of a template: fixed text, `*`, `?` or `${name}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | {
      readonly kind: 'variable';
      /** As written. */
      readonly name: string;
      /** As `normalizeKey` makes it. */
      readonly key: string;
    };

export interface Template {
  readonly source: string;
  readonly pieces: readonly Piece[];
  readonly variables: readonly { readonly name: string; readonly key: string }[];
  /** The pattern of a template without variables: the same for everybody. */
  readonly constant: Pattern | undefined;
}

/** A run of a pattern between two stars. */
interface Segment {
  readonly text: string;
  /** Set when the run has `?`: the texts around them, each with its place in the run. */
  readonly parts: readonly { readonly at: number; readonly text: string }[] | undefined;
}

/** A template with its variables put in. Opaque: made by `bindTemplate`, used by `matches`. */
export interface Pattern {
  readonly head: Segment;
  /** What stands between the first and the last star, in order. */
  readonly middle: readonly Segment[];
  /** Undefined when the pattern has no star: the head is then all of it. */
  readonly tail: Segment | undefined;
}

/** What a template may hold besides text. */
export interface TemplateSyntax {
  readonly variables: boolean;
  readonly wildcards: boolean;
}

/** The text of a variable by its normalised key, or undefined when it is not known. */
export type Resolve = (key: string) => string | undefined;

/** Thrown by `parseTemplate`; the parser of documents turns it into its own error. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/**
 * Reads `source`; `${*}`, `${?}` and `${$}` stand for the character itself. Throws TemplateError for a variable that is
 * not closed or has no name.
 */
export function parseTemplate(source: string, syntax: TemplateSyntax): Template {
  const pieces: Piece[] = [];
  let text = '';
  const flush = (piece?: Piece): void => {
    if (text) pieces.push({ kind: 'text', text });
    text = '';
    if (piece) pieces.push(piece);
  };
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (syntax.variables && char === '$' && source[i + 1] === '{') {
      const end = source.indexOf('}', i + 2);
      if (end < 0) throw new TemplateError(`a variable that begins with "\${" has no closing "}"`);
      const name = source.slice(i + 2, end).trim();
      if (!name) throw new TemplateError(`"\${}" names no variable`);
      if (name === '*' || name === '?' || name === '$') text += name;
      else flush({ kind: 'variable', name, key: normalizeKey(name) });
      i = end;
    } else if (syntax.wildcards && char === '*') flush({ kind: 'any' });
    else if (syntax.wildcards && char === '?') flush({ kind: 'one' });
    else text += char;
  }
  flush();
  const variables = pieces.flatMap((piece) => (piece.kind === 'variable' ? [piece] : []));
  return { source, pieces, variables, constant: variables.length === 0 ? toPattern(pieces) : undefined };
}

/** Names of variables and condition keys are compared without case, but for what stands in brackets. */
export function normalizeKey(name: string): string {
  const bracket = name.indexOf('[');
  return bracket < 0 ? name.toLowerCase() : name.slice(0, bracket).toLowerCase() + name.slice(bracket);
}

/** The pattern for one set of values; undefined when a variable has none, and then nothing matches. */
export function bindTemplate(template: Template, resolve: Resolve): Pattern | undefined {
  if (template.constant) return template.constant;
  const pieces: Piece[] = [];
  for (const piece of template.pieces) {
    if (piece.kind !== 'variable') pieces.push(piece);
    else {
      const text = resolve(piece.key);
      if (text === undefined) return undefined;
      pieces.push({ kind: 'text', text });
    }
  }
  return toPattern(pieces);
}

/** The text of a template that has no wildcards; undefined when a variable has no value. */
export function bindText(template: Template, resolve: Resolve): string | undefined {
  let text = '';
  for (const piece of template.pieces) {
    if (piece.kind === 'text') text += piece.text;
    else if (piece.kind === 'variable') {
      const value = resolve(piece.key);
      if (value === undefined) return undefined;
      text += value;
    } else text += piece.kind === 'any' ? '*' : '?';
  }
  return text;
}

/** Whether the whole of `text` fits the pattern. */
export function matches(pattern: Pattern, text: string): boolean {
  const { head, middle, tail } = pattern;
  if (!fitsAt(head, text, 0)) return false;
  if (tail === undefined) return text.length === head.text.length;
  const end = text.length - tail.text.length;
  let at = head.text.length;
  if (end < at || !fitsAt(tail, text, end)) return false;
  for (const segment of middle) {
    at = find(segment, text, at, end);
    if (at < 0) return false;
    at += segment.text.length;
  }
  return true;
}

function toPattern(pieces: readonly Piece[]): Pattern {
  const segments: Segment[] = [];
  let parts = [''];
  const close = (): void => {
    segments.push(toSegment(parts));
    parts = [''];
  };
  for (const piece of pieces) {
    if (piece.kind === 'any') close();
    else if (piece.kind === 'one') parts.push('');
    else if (piece.kind === 'text') parts[parts.length - 1] += piece.text;
  }
  close();
  const [head, ...rest] = segments;
  const tail = rest.pop();
  return { head, middle: rest.filter((segment) => segment.text.length > 0), tail };
}

/** A segment from the texts between its `?`s. */
function toSegment(texts: readonly string[]): Segment {
  const text = texts.join('?');
  if (texts.length === 1) return { text, parts: undefined };
  const parts: { at: number; text: string }[] = [];
  let at = 0;
  for (const part of texts) {
    if (part) parts.push({ at, text: part });
    at += part.length + 1;
  }
  return { text, parts };
}

/** The first place from `from` on where the segment fits and ends by `end`, or -1. */
function find(segment: Segment, text: string, from: number, end: number): number {
  const last = end - segment.text.length;
  if (segment.parts === undefined) {
    const at = text.indexOf(segment.text, from);
    return at <= last ? at : -1;
  }
  for (let at = from; at <= last; at++) if (fitsAt(segment, text, at)) return at;
  return -1;
}

function fitsAt(segment: Segment, text: string, at: number): boolean {
  if (segment.parts === undefined) return text.startsWith(segment.text, at);
  if (at + segment.text.length > text.length) return false;
  return segment.parts.every((part) => text.startsWith(part.text, at + part.at));
}
