import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { Answers } from './external.ts';
import { Incoming } from './incoming.ts';
import { parseStatement } from './parser.ts';
import { compileStatement } from './statement.ts';
import type { SqlVersion } from './value.ts';

const mistakes: readonly (readonly [sql: string, message: RegExp, version?: SqlVersion])[] = [
  ['', /Expected SELECT but the text ends \(line 1, column 1\)/],
  ['SELEC * FROM "a"', /Expected SELECT but found 'SELEC' \(line 1, column 1\)/],
  ["SELECT\n  a b FROM 't'", /Expected a comma.* but found 'b' \(line 2, column 5\)/],
  ["SELECT a FROM 't' WHERE", /Expected an expression but the text ends/],
  ["SELECT a FROM 't", /The string that begins here has no end \(line 1, column 15\)/],
  ['SELECT a FROM', /Expected a topic filter/],
  ["SELECT (a FROM 't'", /Expected '\)' but found 'FROM'/],
  ["SELECT a AS FROM.b. FROM 't'", /Expected/],
  ["SELECT # FROM 't'", /Unexpected character '#'/],
  ["SELECT nosuch(1) FROM 't'", /There is no function nosuch \(line 1, column 8\)/],
  ["SELECT cast(1 AS Money) FROM 't'", /There is no type Money/],
  ["SELECT CASE WHEN a THEN 1 END FROM 't'", /Expected the value to compare/],
  ["SELECT CASE a ELSE 1 END FROM 't'", /Expected WHEN/],
  ["SET @a = @a SELECT @a FROM 't'", /The variable @a is not set before/],
  ["SET @a = 1, @a = 2 SELECT @a FROM 't'", /The variable @a is set twice/],
  ["SELECT @b FROM 't'", /The variable @b is not set before/],
  ["SELECT 1E1000 AS x FROM 't'", /out of range/],
  ["SELECT decode(*, 'proto', 'b', 'k', 'f', 'm') FROM 't'", /not available/],
  ["SELECT regexp_matches(a, '(?=x)') FROM 't'", /look-around/],
  ["SELECT aws_lambda('arn', a) FROM 't'", /aws_lambda is not available here/],
  ["SELECT [1] AS a FROM 't'", /Array literals need SQL version 2016-03-23/, '2015-10-08'],
  ["SELECT (SELECT a FROM b) AS a FROM 't'", /Nested queries need/, '2015-10-08'],
  ["SELECT length(a) FROM 't'", /length needs SQL version/, '2015-10-08'],
  ["SELECT cast(a AS Bool) FROM 't'", /Bool needs SQL version/, '2015-10-08'],
  ["SET @a = 1 SELECT @a FROM 't'", /SET needs SQL version/, '2015-10-08'],
];

for (const [sql, message, version = '2016-03-23'] of mistakes) {
  test(`the mistake in ${JSON.stringify(sql)} is told with its place`, () => {
    assert.throws(
      () => compileStatement(sql, version),
      (error) => error instanceof ServiceError && error.code === 'SqlParseException' && message.test(error.message),
    );
  });
}

test('depth and size are bounded, so that nothing that walks the tree overflows the stack', () => {
  const deep = [
    `SELECT ${'('.repeat(50_000)}1 FROM 't'`,
    `SELECT ${'NOT '.repeat(50_000)}a FROM 't'`,
    `SELECT ${'- '.repeat(50_000)}a FROM 't'`,
    `SELECT ${'1 + '.repeat(50_000)}a FROM 't'`,
    `SELECT a${'.a'.repeat(50_000)} FROM 't'`,
    `SELECT a AS a${'.a'.repeat(50_000)} FROM 't'`,
    `SELECT ${'[[[[['.repeat(10_000)} FROM 't'`,
  ];
  for (const sql of deep) assert.throws(() => parseStatement(sql), /SqlParseException|Nested deeper|More than/);
});

test('what stays within the bounds can be evaluated', () => {
  const within = [`${'1 + '.repeat(2000)}1`, `${'['.repeat(98)}1${']'.repeat(98)}`, `a${'.a'.repeat(2000)}`];
  const message = { topic: 't', payload: Buffer.from('{}'), qos: 0, retain: false, timestamp: 0 } as const;
  const surroundings = { account: '000000000000', random: seededRandom(1) };
  const outgoing = within.map((expression) => {
    const statement = compileStatement(`SELECT VALUE ${expression} FROM 't'`, '2016-03-23');
    return statement.evaluate(new Incoming(message), surroundings, new Answers({}))?.payload.toString();
  });
  assert.deepEqual(outgoing, ['2001', within[1], '']);
});

const filters: readonly (readonly [sql: string, filter: string | undefined])[] = [
  ["SELECT * FROM 'a/+/#'", 'a/+/#'],
  ['SELECT * FROM "a/b"', 'a/b'],
  ['SELECT * FROM a/+/c WHERE x = 1', 'a/+/c'],
  ['SELECT *', undefined],
];
for (const [sql, filter] of filters) {
  test(`the filter of ${sql} is ${filter}`, () => assert.equal(parseStatement(sql).filter, filter));
}

const valueIsField: readonly (readonly [sql: string, isKeyword: boolean])[] = [
  ["SELECT value FROM 't'", false],
  ["SELECT value, a FROM 't'", false],
  ["SELECT value AS v FROM 't'", false],
  ["SELECT value.a FROM 't'", false],
  ["SELECT value - 32 AS c FROM 't'", false],
  ["SELECT value * 2 AS c FROM 't'", false],
  ["SELECT value = 2 AS c FROM 't'", false],
  ["SELECT VALUE -1 FROM 't'", true],
  ["SELECT VALUE * FROM 't'", true],
  ["SELECT VALUE *.a FROM 't'", true],
  ["SELECT VALUE value FROM 't'", true],
  ["SELECT VALUE NOT a FROM 't'", true],
  ["SELECT VALUE (a) FROM 't'", true],
  ["SELECT VALUE 'a' FROM 't'", true],
  ["SELECT VALUE @a FROM 't'", true],
];
for (const [sql, isKeyword] of valueIsField) {
  test(`VALUE is ${isKeyword ? 'the keyword' : 'a field'} in ${sql}`, () => {
    assert.equal(parseStatement(sql).isValue, isKeyword);
  });
}

const oddCharacter = fc.constantFrom(...'ab19"\'@#$%{}[]().*,\\ \n\0é😀\ud800');
const words =
  `SELECT FROM WHERE AS VALUE AND OR NOT IN EXISTS CASE WHEN THEN ELSE END TRUE NULL SET CAST @a a b.c * , . ( ) [ ]
  { } : + - / % = <> < >= 'text' "t" 1 2.5 1E3 topic() get( Int '`.split(/\s+/);

test('whatever the text, the parser gives a tree or SqlParseException', () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => `SELECT ${parts.join(' ')}`);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: oddCharacter }), soup), (sql) => {
      try {
        compileStatement(sql, '2016-03-23');
      } catch (error) {
        assert.ok(error instanceof ServiceError && error.code === 'SqlParseException', String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
