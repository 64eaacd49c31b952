/**
 * regexp_matches, regexp_replace and regexp_substr (rules-engine.md section 6.2) over our own linear-time engine. A
 * literal pattern is compiled once per rule; one that cannot be matched in linear time refuses the rule. A pattern or
 * replacement with a mistake makes the result Undefined, as documented.
 */
import { bounded, toText } from '../convert.ts';
import type { Value } from '../value.ts';
import { type Call, type FunctionTable, ofTexts, type SqlFunction } from './function.ts';
import { compileRegex, type Match, newBudget, type Regex, SearchTooLong } from './regex.ts';
import { InvalidPattern, UnsupportedPattern } from './regex-pattern.ts';

type Operation = (regex: Regex, text: string, replacement: string) => Value;

export const regexpFunctions: FunctionTable = {
  regexp_matches: regexp(2, (regex, text) => regex.find(text, 0, newBudget()) !== undefined),
  regexp_substr: regexp(2, (regex, text) => regex.find(text, 0, newBudget())?.groups[0]),
  regexp_replace: regexp(3, replaceMatches),
};

function regexp(arity: number, operation: Operation): SqlFunction {
  const callWith = (regexOf: (pattern: string) => Regex | undefined): Call =>
    ofTexts((text, pattern, replacement = '') => {
      const regex = regexOf(pattern);
      return regex && withinBudget(() => operation(regex, text, replacement));
    });
  return {
    since: '2015-10-08',
    arity: [arity, arity],
    call: callWith(lenientRegex),
    prepare: (literals) => {
      const pattern = toText(literals[1], '2016-03-23');
      if (pattern === undefined) return callWith(lenientRegex);
      const regex = strictRegex(pattern);
      return callWith(() => regex);
    },
  };
}

function strictRegex(pattern: string): Regex | undefined {
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (error instanceof InvalidPattern) return undefined;
    if (error instanceof UnsupportedPattern) throw new SyntaxError(`In the regular expression, ${error.message}`);
    throw error;
  }
}

/** For patterns that come with the message: there is no author to tell. */
function lenientRegex(pattern: string): Regex | undefined {
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (error instanceof InvalidPattern || error instanceof UnsupportedPattern) return undefined;
    throw error;
  }
}

function withinBudget(search: () => Value): Value {
  try {
    return search();
  } catch (error) {
    if (error instanceof SearchTooLong) return undefined;
    throw error;
  }
}

function replaceMatches(regex: Regex, text: string, replacement: string): Value {
  const parts = replacementParts(replacement, regex);
  if (!parts) return undefined;
  const budget = newBudget();
  let result: string | undefined = '';
  let at = 0;
  for (let match = regex.find(text, 0, budget); match && result !== undefined; ) {
    result = bounded(result + text.slice(at, match.start) + expand(parts, match));
    at = match.end;
    const from: number = match.end > match.start ? match.end : match.end + characterLength(text, match.end);
    match = from <= text.length ? regex.find(text, from, budget) : undefined;
  }
  return result === undefined ? undefined : bounded(result + text.slice(at));
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function expand(parts: readonly (string | number)[], match: Match): string {
  return parts.map((part) => (typeof part === 'number' ? (match.groups[part] ?? '') : part)).join('');
}

/** Texts and group numbers; undefined when a group does not exist or a `$` or `\` says nothing. */
function replacementParts(replacement: string, regex: Regex): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  const token = /\\([\s\S])|\$\{([A-Za-z][A-Za-z0-9]*)\}|\$(\d+)|([^\\$]+)/y;
  while (token.lastIndex < replacement.length) {
    const match = token.exec(replacement);
    if (!match) return undefined;
    const [, escaped, name, digits, literal] = match;
    if (escaped !== undefined) parts.push(escaped);
    else if (literal !== undefined) parts.push(literal);
    else {
      const length = name === undefined ? groupDigits(digits, regex.groupCount) : 0;
      const group = name === undefined ? Number(digits.slice(0, length)) : regex.groupNames.get(name);
      if (group === undefined || group > regex.groupCount) return undefined;
      parts.push(group);
      if (name === undefined) parts.push(digits.slice(length));
    }
  }
  return parts;
}

/** How many digits name a group; more are text: `$12` is group 1 and `2` when there are fewer than 12. */
function groupDigits(digits: string, count: number): number {
  let length = digits.length;
  while (length > 1 && Number(digits.slice(0, length)) > count) length--;
  return length;
}
