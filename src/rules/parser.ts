/**
 * From the text of a rule's SQL to its syntax tree, by recursive descent over the grammar of rules-engine.md section 3.
 * Called by `statement.ts` and `template.ts`. Throws SqlParseException and nothing else, whatever the text; depth and
 * size of the tree are bounded, so that whoever walks it may recurse.
 */
import type { Assignment, BinaryOperator, Expression, Query, Select, SelectItem, Statement } from './ast.ts';
import { bareFilterAt, nextToken, sqlParseError, type Token } from './lexer.ts';
import { numberFromText } from './value.ts';

/** Most bytes of a rule's SQL (section 15). */
export const sqlLimit = 256 * 1024;
/** Parentheses, calls, literals and queries within each other. */
const nestingLimit = 100;
/** Binary operators and member accesses of one text: they make the tree deep without nesting. */
const operatorLimit = 2000;
const variableLimit = 10;

const reserved = new Set(
  'SET SELECT FROM WHERE AS AND OR NOT IN EXISTS CASE WHEN THEN ELSE END TRUE FALSE NULL'.split(' '),
);
const comparisons = new Map<string, BinaryOperator>([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

export function parseStatement(text: string): Statement {
  if (Buffer.byteLength(text) > sqlLimit) throw sqlParseError(`The SQL is longer than ${sqlLimit} bytes`, text, 0);
  return new Parser(text, 0).statement();
}

/** The expression at `from`, which the symbol `closing` must follow, and the offset behind that. */
export function parseExpression(
  text: string,
  from: number,
  closing: string,
): { readonly expression: Expression; readonly end: number } {
  return new Parser(text, from).enclosed(closing);
}

class Parser {
  readonly #text: string;
  /** Behind the last token taken. */
  #offset: number;
  #ahead: Token | undefined;
  #nesting = 0;
  #operators = 0;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#offset = from;
  }

  statement(): Statement {
    const assignments = this.#takesWord('SET') ? this.#assignments() : [];
    this.#expectWord('SELECT');
    const { isValue, items } = this.#selection();
    const filter = this.#takesWord('FROM') ? this.#filter() : undefined;
    const where = this.#takesWord('WHERE') ? this.#expression() : undefined;
    if (this.#peek().kind !== 'end') throw this.#expected(this.#after(filter, where));
    return { assignments, isValue, items, filter, where };
  }

  enclosed(closing: string): { readonly expression: Expression; readonly end: number } {
    const expression = this.#expression();
    this.#expectSymbol(closing);
    return { expression, end: this.#offset };
  }

  #after(filter: string | undefined, where: Expression | undefined): string {
    if (where) return 'an operator or the end of the statement';
    return filter === undefined ? 'a comma, an operator, AS, FROM or WHERE' : 'WHERE or the end of the statement';
  }

  #assignments(): Assignment[] {
    const assignments: Assignment[] = [];
    do {
      const variable = this.#take();
      if (variable.kind !== 'variable') throw this.#expected('a variable such as @name', variable);
      if (assignments.some((other) => other.name === variable.text)) {
        throw sqlParseError(`The variable @${variable.text} is set twice`, this.#text, variable.at);
      }
      if (assignments.length === variableLimit) {
        throw sqlParseError(`A statement has at most ${variableLimit} variables`, this.#text, variable.at);
      }
      this.#expectSymbol('=');
      assignments.push({ name: variable.text, expression: this.#expression(), at: variable.at });
    } while (this.#takesSymbol(','));
    return assignments;
  }

  #selection(): Pick<Select, 'isValue' | 'items'> {
    if (this.#takesValueKeyword()) return { isValue: true, items: [this.#item(false)] };
    const items: SelectItem[] = [];
    do items.push(this.#item(true));
    while (this.#takesSymbol(','));
    return { isValue: false, items };
  }

  /**
   * VALUE is the keyword only where an expression can follow; `value` is a fine name for a field. What could be both
   * (`value - 1`, `value * 2`) is the field, unless written `VALUE -1`, or `VALUE *` with nothing to multiply.
   */
  #takesValueKeyword(): boolean {
    const value = this.#peek();
    if (!isWord(value, 'VALUE')) return false;
    const next = nextToken(this.#text, value.end);
    if (!this.#canFollowValue(value, next)) return false;
    this.#take();
    return true;
  }

  #canFollowValue(value: Token, next: Token): boolean {
    if (next.kind === 'word') return !isReserved(next) || /^(NOT|EXISTS|CASE|TRUE|FALSE|NULL)$/i.test(next.text);
    if (next.kind !== 'symbol') return next.kind !== 'end';
    if ('([{'.includes(next.text)) return true;
    const behind = nextToken(this.#text, next.end);
    if (next.text === '-') return value.end < next.at && next.end === behind.at;
    if (next.text !== '*') return false;
    return behind.kind === 'end' || isWord(behind, 'FROM') || isWord(behind, 'WHERE') || ').'.includes(behind.text);
  }

  #item(mayHaveAlias: boolean): SelectItem {
    const start = this.#peek().at;
    const expression = this.#expression();
    const text = this.#text.slice(start, this.#offset);
    return mayHaveAlias && this.#takesWord('AS') ? { expression, text, alias: this.#path() } : { expression, text };
  }

  #path(): string[] {
    const path = [this.#name()];
    while (this.#takesSymbol('.')) {
      if (path.length === nestingLimit) throw this.#tooDeep();
      path.push(this.#name());
    }
    return path;
  }

  #filter(): string {
    const token = bareFilterAt(this.#text, this.#offset) ?? this.#take();
    if (token.kind !== 'string') throw this.#expected('a topic filter in single quotes', token);
    this.#offset = token.end;
    return token.text;
  }

  /** Behind SELECT, inside an expression. */
  #query(): Query {
    return this.#nested(() => {
      const { isValue, items } = this.#selection();
      this.#expectWord('FROM');
      const from = this.#expression();
      const alias = this.#takesWord('AS') ? this.#name() : undefined;
      const where = this.#takesWord('WHERE') ? this.#expression() : undefined;
      return { isValue, items, from, alias, where };
    });
  }

  #expression(): Expression {
    return this.#nested(() => this.#or());
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takesWord('OR')) left = this.#binary('OR', left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#takesWord('AND')) left = this.#binary('AND', left, this.#not());
    return left;
  }

  #not(): Expression {
    if (!this.#takesWord('NOT')) return this.#comparison();
    return { kind: 'not', operand: this.#nested(() => this.#not()) };
  }

  #comparison(): Expression {
    let left = this.#sum();
    for (;;) {
      const operator = this.#takesWord('IN') ? 'IN' : this.#takesOneOf(comparisons);
      if (!operator) return left;
      left = this.#binary(operator, left, this.#sum());
    }
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      if (this.#takesSymbol('+')) left = this.#binary('+', left, this.#product());
      else if (this.#takesSymbol('-')) left = this.#binary('-', left, this.#product());
      else return left;
    }
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      if (this.#takesSymbol('*')) left = this.#binary('*', left, this.#unary());
      else if (this.#takesSymbol('/')) left = this.#binary('/', left, this.#unary());
      else if (this.#takesSymbol('%')) left = this.#binary('%', left, this.#unary());
      else return left;
    }
  }

  #unary(): Expression {
    if (!this.#takesSymbol('-')) return this.#postfix();
    return { kind: 'negate', operand: this.#nested(() => this.#unary()) };
  }

  #postfix(): Expression {
    let expression = this.#primary();
    while (this.#takesSymbol('.')) {
      this.#countOperator();
      expression = { kind: 'member', of: expression, name: this.#name() };
    }
    return expression;
  }

  #primary(): Expression {
    const token = this.#take();
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', value: this.#number(token) };
      case 'string':
        return { kind: 'literal', value: token.text };
      case 'variable':
        return { kind: 'variable', name: token.text, at: token.at };
      case 'word':
        return this.#wordExpression(token);
      case 'symbol':
        return this.#symbolExpression(token);
      default:
        throw this.#expected('an expression', token);
    }
  }

  #number(token: Token): NonNullable<ReturnType<typeof numberFromText>> {
    const value = numberFromText(token.text);
    if (value === undefined) throw sqlParseError('The number is out of range', this.#text, token.at);
    return value;
  }

  #wordExpression(token: Token): Expression {
    switch (token.text.toUpperCase()) {
      case 'TRUE':
        return { kind: 'literal', value: true };
      case 'FALSE':
        return { kind: 'literal', value: false };
      case 'NULL':
        return { kind: 'literal', value: null };
      case 'CASE':
        return this.#case();
      case 'EXISTS':
        return { kind: 'exists', query: this.#parenthesized(), at: token.at };
      case 'CAST':
        if (this.#takesSymbol('(')) return this.#cast(token);
        break;
      case 'SELECT':
        // Only as an argument or in parentheses, where the caller knows it; here it stands alone in an argument list.
        return { kind: 'query', query: this.#query(), at: token.at };
    }
    if (isReserved(token)) throw this.#expected('an expression', token);
    if (!this.#takesSymbol('(')) return { kind: 'field', name: token.text };
    return { kind: 'call', name: token.text, args: this.#list(')', () => this.#expression()), at: token.at };
  }

  #symbolExpression(token: Token): Expression {
    switch (token.text) {
      case '*':
        return { kind: 'star' };
      case '[':
        return { kind: 'array', items: this.#list(']', () => this.#expression()), at: token.at };
      case '{':
        return { kind: 'object', members: this.#list('}', () => this.#member()), at: token.at };
      case '(': {
        const inner = this.#expression();
        this.#expectSymbol(')');
        return inner;
      }
      default:
        throw this.#expected('an expression', token);
    }
  }

  #member(): { name: string; value: Expression } {
    const key = this.#take();
    if (key.kind !== 'string') throw this.#expected('a key in quotes', key);
    this.#expectSymbol(':');
    return { name: key.text, value: this.#expression() };
  }

  #case(): Expression {
    if (isWord(this.#peek(), 'WHEN')) throw this.#expected('the value to compare: CASE value WHEN …');
    const operand = this.#expression();
    const branches: { when: Expression; result: Expression }[] = [];
    do {
      this.#expectWord('WHEN');
      const when = this.#expression();
      this.#expectWord('THEN');
      branches.push({ when, result: this.#expression() });
    } while (isWord(this.#peek(), 'WHEN'));
    const otherwise = this.#takesWord('ELSE') ? this.#expression() : undefined;
    this.#expectWord('END');
    return { kind: 'case', operand, branches, otherwise };
  }

  #cast(token: Token): Expression {
    const operand = this.#expression();
    this.#expectWord('AS');
    const type = this.#name();
    this.#expectSymbol(')');
    return { kind: 'cast', operand, type, at: token.at };
  }

  #parenthesized(): Query {
    this.#expectSymbol('(');
    this.#expectWord('SELECT');
    const query = this.#query();
    this.#expectSymbol(')');
    return query;
  }

  #list<T>(closing: string, read: () => T): T[] {
    const items: T[] = [];
    if (this.#takesSymbol(closing)) return items;
    do items.push(read());
    while (this.#takesSymbol(','));
    this.#expectSymbol(closing);
    return items;
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
    this.#countOperator();
    return { kind: 'binary', operator, left, right };
  }

  #countOperator(): void {
    if (++this.#operators > operatorLimit) {
      throw sqlParseError(`More than ${operatorLimit} operators`, this.#text, this.#offset);
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#nesting > nestingLimit) throw this.#tooDeep();
    const result = read();
    this.#nesting--;
    return result;
  }

  #tooDeep(): Error {
    return sqlParseError(`Nested deeper than ${nestingLimit} levels`, this.#text, this.#offset);
  }

  /** A name where no expression can stand: behind a dot or AS, even reserved words. */
  #name(): string {
    const token = this.#take();
    if (token.kind !== 'word') throw this.#expected('a name', token);
    return token.text;
  }

  #peek(): Token {
    this.#ahead ??= nextToken(this.#text, this.#offset);
    return this.#ahead;
  }

  #take(): Token {
    const token = this.#peek();
    this.#offset = token.end;
    this.#ahead = undefined;
    return token;
  }

  #takesWord(word: string): boolean {
    if (!isWord(this.#peek(), word)) return false;
    this.#take();
    return true;
  }

  #takesSymbol(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#take();
    return true;
  }

  #takesOneOf(operators: ReadonlyMap<string, BinaryOperator>): BinaryOperator | undefined {
    const token = this.#peek();
    const operator = token.kind === 'symbol' ? operators.get(token.text) : undefined;
    if (operator) this.#take();
    return operator;
  }

  #expectWord(word: string): void {
    if (!this.#takesWord(word)) throw this.#expected(word);
  }

  #expectSymbol(symbol: string): void {
    if (!this.#takesSymbol(symbol)) throw this.#expected(`'${symbol}'`);
  }

  #expected(what: string, token: Token = this.#peek()): Error {
    const found = token.kind === 'end' ? 'the text ends' : `found '${this.#text.slice(token.at, token.end)}'`;
    return sqlParseError(`Expected ${what} but ${found}`, this.#text, token.at);
  }
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toUpperCase() === word;
}

function isReserved(token: Token): boolean {
  return reserved.has(token.text.toUpperCase());
}
