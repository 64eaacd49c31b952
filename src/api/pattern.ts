/**
 * The regular expressions of the models are written for Java and match whole values; here they become JavaScript's.
 * What cannot be translated throws, and a test compiles every pattern of every model, so none is passed over.
 */

/** Java's POSIX classes, as members of a character class. */
const posixClasses: Readonly<Record<string, string>> = {
  Alnum: '0-9A-Za-z',
  Alpha: 'A-Za-z',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  Digit: '0-9',
  Graph: '!-~',
  Lower: 'a-z',
  Print: ' -~',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Upper: 'A-Z',
  XDigit: '0-9A-Fa-f',
};

/** Escapes that JavaScript's Unicode mode refuses outside of a class although they mean only the character. */
const needlessEscape = /^[-"'#%&,:;<=>@_`~ !]$/;

/** `pattern` as a regular expression over the whole of a value. Throws a SyntaxError when JavaScript cannot express it. */
export function compilePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${translate(pattern)})$`, 'u');
}

function translate(pattern: string): string {
  let isInClass = false;
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\') {
      const posix = /^\\p\{(\w+)\}/.exec(pattern.slice(at));
      const ranges = posix && posixClasses[posix[1]];
      if (posix && ranges) {
        out += isInClass ? ranges : `[${ranges}]`;
        at += posix[0].length - 1;
      } else {
        const next = pattern[at + 1] ?? '';
        out += needlessEscape.test(next) && !(isInClass && next === '-') ? next : char + next;
        at++;
      }
    } else {
      if (char === '[' && !isInClass) isInClass = true;
      else if (char === '[') throw new SyntaxError(`nested character class in ${pattern}`);
      else if (char === ']') isInClass = false;
      if (isInClass && pattern.startsWith('&&', at)) throw new SyntaxError(`intersection of classes in ${pattern}`);
      out += char;
    }
  }
  return out;
}
