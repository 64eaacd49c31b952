// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitution templates look like that
/** What rules-cases.json leaves open: decisions of DESIGN.md, limits, and that evaluation never throws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { Answers, type ExternalFunctions, withAnswers } from './external.ts';
import { EvaluationFailure } from './frame.ts';
import { Incoming } from './incoming.ts';
import { compileStatement, type Selected } from './statement.ts';
import { compileTemplate } from './template.ts';
import type { SqlVersion } from './value.ts';

const surroundings = { account: '000000000000', random: seededRandom(7) };

function select(sql: string, payload: string | Buffer, version: SqlVersion = '2016-03-23'): Selected | undefined {
  return compileStatement(sql, version).evaluate(incomingOf(payload), surroundings, new Answers({}));
}

function incomingOf(payload: string | Buffer): Incoming {
  const message = { topic: 'a/b', payload: Buffer.from(payload), qos: 0, retain: false, timestamp: 1000 } as const;
  return new Incoming({ ...message, publisher: { principal: 'p', sourceIp: '::1', protocol: 'MQTT', clientId: 'c' } });
}

const payload =
  '{"n":215,"d":2.5,"s":"text","t":"10.0","nul":null,"arr":[1,[2],{"k":"v"}],"o":{"x":{"y":1}},"e":[{"a":1},{"b":2}]}';

const expressions: readonly (readonly [expression: string, in2016: string, in2015?: string])[] = [
  ['n / 9', '23', '23'],
  ['-7 / 2', '-3'],
  ['n / 0', ''],
  ['d / 0', ''],
  ['n % 0', ''],
  ['-7 % 3', '-1'],
  ['1 / 3.5', '0.2857142857142857142857142857142857'],
  ['10 / 2.5', '4', '4.0'],
  ['power(2, 5)', '32', '32.0'],
  ['9007199254740991 + 1', '9007199254740992'],
  ['9007199254740993 * 3', '27021597764222979'],
  ['9999999999999999999999999999999999 + 1', '10000000000000000000000000000000000'],
  ['1E999 * 10', ''],
  ["get('abc', 1)", '"b"'],
  ['bitnot(13)', '-14'],
  ['concat(1)', '1'],
  ['concat(1, 2)', ''],
  ['round(-2.5)', '-3'],
  ["indexof('abc', 'x')", '-1'],
  ["regexp_substr('abc', 'x')", ''],
  ["'it''s'", '"it\'s"'],
  ["'a\\n'", '"a\\\\n"'],
  ['nul = NULL', 'true'],
  ["'a' + nul", ''],
  ['topic(9)', ''],
  ["cast('text' AS String)", '"text"'],
  ['[n, missing, d]', '[215,null,2.5]'],
  ["{'a': missing, 'b': 1}", '{"b":1}'],
  ['(SELECT a FROM e)', '[{"a":1},{}]'],
  ['(SELECT VALUE a FROM e)', '[1]'],
  ['(SELECT VALUE x FROM o)', '{"y":1}'],
  ['(SELECT x AS z FROM o)', '{"z":{"y":1}}'],
  ['(SELECT VALUE el FROM arr AS el WHERE el > 0)', '[1]'],
  ['(SELECT n FROM e)', '[{},{}]'],
  ['exists(SELECT * FROM missing)', 'false'],
  ['isNull(SELECT VALUE x FROM o)', 'false'],
  ['arr', '[1,[2],{"k":"v"}]', ''],
  ["replace('a$b', '$', '$&')", '"a$&b"'],
  ["regexp_replace('ab', '(a)(b)', '$2$1\\$')", '"ba$"'],
  ["regexp_replace('ab', 'a', '$9')", ''],
  ["regexp_replace('a😀b', 'x*', '-')", '"-a-😀-b-"'],
  ["regexp_replace('2024-05', '(?<y>\\d+)-(\\d+)', '$2.${y}$13')", '"05.202420243"'],
  ["time_to_epoch('2020-02-30', 'yyyy-MM-dd')", '1582934400000'],
  ["time_to_epoch('5 Feb 2021 3 PM PST', 'd MMM yyyy h a z')", '1612566000000'],
  ["time_to_epoch('20210205T101112.5', \"yyyyMMdd'T'HHmmss.S\")", '1612519872500'],
  ["time_to_epoch('2021-02-05', 'yyyy-MM-dd[ HH:mm]')", '1612483200000'],
  ["time_to_epoch('2021-13-05', 'yyyy-MM-dd')", ''],
  ["parse_time('EEEE D w xxxx yy h a Z ZZ', 0, 'Asia/Tokyo')", '"Thursday 1 1 1970 70 9 AM +0900 +09:00"'],
  ["parse_time('yyyy', 0, 'No/Where')", ''],
  [
    "parse_time('HH:mm z zzzz ZZZ', 1710054000000, 'America/New_York')",
    '"03:00 EDT Eastern Daylight Time America/New_York"',
  ],
  ["parse_time(\"K k a SSSS '' 'it''s'\", -1, '+05:30')", '"5 5 AM 9990 \' it\'s"'],
  ["time_to_epoch('2024-03-10 02:30 America/New_York', 'yyyy-MM-dd HH:mm VV')", '1710055800000'],
  ["time_to_epoch('2024-11-03 01:30 America/New_York', 'yyyy-MM-dd HH:mm VV')", '1730611800000'],
  ["time_to_epoch('2024-11-03T01:30:00Z', \"yyyy-MM-dd'T'HH:mm:ssX\")", '1730597400000'],
  ["time_to_epoch('2024-11-03T01:30:00+0230', \"yyyy-MM-dd'T'HH:mm:ssZ\")", '1730588400000'],
  ["time_to_epoch('12:00', 'HH:mm')", ''],
  ["parse_time('b', 0)", ''],
  ["parse_time('yyyy', 1E30)", ''],
];

for (const [expression, in2016, in2015] of expressions) {
  test(`${expression} is ${in2016 || 'Undefined'}`, () => {
    assert.equal(select(`SELECT VALUE ${expression} FROM 't'`, payload)?.payload.toString(), in2016);
    if (in2015 === undefined) return;
    assert.equal(select(`SELECT VALUE ${expression} FROM 't'`, payload, '2015-10-08')?.payload.toString(), in2015);
  });
}

const selections: readonly (readonly [sql: string, payload: string | Buffer, outgoing: string])[] = [
  [
    "SELECT o.x.y, upper(s), @v, cast(n AS String), n + 1 FROM 't'",
    payload,
    '{"y":1,"upper":"TEXT","v":7,"cast":"215","n + 1":216}',
  ],
  ["SELECT * AS m FROM 't'", '{"a":1}', '{"m":{"a":1}}'],
  ["SELECT *, 1 AS a FROM 't'", '{"a":0,"b":2}', '{"a":1,"b":2}'],
  ["SELECT *, 2 AS o.b FROM 't'", '{"o":{"a":1}}', '{"o":{"a":1,"b":2}}'],
  ["SELECT * FROM 't'", '[1, 2]', '[1,2]'],
  ["SELECT *, 1 AS x FROM 't'", Buffer.from([0xff]), '{"x":1}'],
  ["SELECT *, 1 AS x FROM 't'", '', '{"x":1}'],
  ["SELECT * AS m, 1 AS x FROM 't'", Buffer.from([0xff]), '{"x":1}'],
  ["SELECT missing FROM 't'", 'not JSON', '{}'],
];
for (const [sql, incoming, outgoing] of selections) {
  test(`${sql} of ${incoming.toString('latin1')} is ${outgoing}`, () => {
    const withVariable = sql.includes('@v') ? `SET @v = 7 ${sql}` : sql;
    assert.equal(select(withVariable, incoming)?.payload.toString(), outgoing);
  });
}

test('a dotted alias does not change the payload that other rules see', () => {
  const incoming = incomingOf('{"o":{"a":1}}');
  const run = (sql: string): string | undefined =>
    compileStatement(sql, '2016-03-23').evaluate(incoming, surroundings, new Answers({}))?.payload.toString();
  assert.equal(run("SELECT *, 2 AS o.b FROM 't'"), '{"o":{"a":1,"b":2}}');
  assert.equal(run("SELECT * FROM 't'"), '{"o":{"a":1}}');
});

test('a rule that needs no payload never reads it', () => {
  const statement = compileStatement(
    "SELECT topic() AS t, encode(*, 'base64') AS raw FROM 't' WHERE timestamp() > 1",
    'beta',
  );
  assert.equal(statement.usesPayload, false);
  const incoming = incomingOf('not JSON');
  assert.ok(statement.evaluate(incoming, surroundings, new Answers({})));
  assert.equal(incoming.isUnreadable, false);
});

test('nested queries over each other end at a limit instead of running for minutes', () => {
  const items = JSON.stringify({ a: Array.from({ length: 1000 }, (_, i) => i) });
  const sql = "SET @a = a SELECT (SELECT (SELECT (SELECT 1 AS x FROM @a) AS y FROM @a) AS z FROM @a) AS w FROM 't'";
  assert.throws(() => select(sql, items), EvaluationFailure);
});

test('variables that grow by naming each other end at a limit', () => {
  const grow = Array.from({ length: 9 }, (_, i) => `@v${i + 1} = [${`@v${i},`.repeat(99)}1]`).join(', ');
  assert.throws(() => select(`SET @v0 = *, ${grow} SELECT @v9 FROM 't'`, payload), EvaluationFailure);
});

test('an outgoing payload above 128 KiB is a failure', () => {
  const text = JSON.stringify({ a: 'x'.repeat(100_000) });
  assert.throws(() => select("SELECT a AS b, a AS c FROM 't'", text), /larger than/);
});

test('templates see the incoming message and the variables, not the outgoing payload', () => {
  const statement = compileStatement("SET @v = n * 2 SELECT 1 AS n FROM 't'", '2016-03-23');
  const frame = statement.evaluate(incomingOf(payload), surroundings, new Answers({}))!.frame;
  const render = (text: string): string => compileTemplate(text, statement.scope, 'x').render(frame);
  assert.equal(render('${topic()}/${n}/${@v}/${missing}-${nul}-${o}'), 'a/b/215/430/--{"x":{"y":1}}');
  assert.equal(render("${replace(topic(), '/', '}') + '${' + timestamp()}"), 'a}b${1000');
  assert.equal(render("${get({'a': 5}, 'a')}"), '5');
  assert.equal(compileTemplate('plain $', statement.scope, 'x').literal, 'plain $');
  assert.throws(() => compileTemplate('${', statement.scope, 's3.key'), /s3\.key/);
  assert.throws(() => compileTemplate('${a b}', statement.scope, 'x'), { code: 'InvalidRequestException' });
});

test('an external function is asked once for the same arguments, and its failure ends the rule', async () => {
  let calls = 0;
  const external: ExternalFunctions = {
    awsLambda: async (_, input) => {
      calls++;
      if (input === '0') throw new Error('boom');
      return `{"twice":${Number(input) * 2}}`;
    },
  };
  const run = (sql: string, text: string): Promise<string | undefined> => {
    const statement = compileStatement(sql, '2016-03-23', external);
    const answers = new Answers(external);
    const incoming = incomingOf(text);
    return withAnswers(answers, () => statement.evaluate(incoming, surroundings, answers)?.payload.toString());
  };
  assert.equal(
    await run("SELECT aws_lambda('f', n).twice AS a, aws_lambda('f', n).twice AS b FROM 't'", '{"n":4}'),
    '{"a":8,"b":8}',
  );
  assert.equal(calls, 1);
  await assert.rejects(run("SELECT aws_lambda('f', n) AS a FROM 't'", '{"n":0}'), /aws_lambda failed: boom/);
  assert.equal(await run("SELECT get_or_default(aws_lambda('f', n), 'd') AS a FROM 't'", '{"n":0}'), '{"a":"d"}');
  await assert.rejects(run("SELECT aws_lambda('f', rand()) AS a FROM 't'", '{}'), /at most 20 times/);
});

const leaf = fc.constantFrom(
  'a',
  'b',
  'a.b',
  '*',
  '*.a',
  '1',
  '2.5',
  '-3',
  '1E300',
  "'x'",
  "'7'",
  'TRUE',
  'NULL',
  'missing',
  'topic()',
  'rand()',
);
const functionNames = (
  'abs ceil floor round sign sqrt exp ln lower upper trim length numbytes chr md5 md2 isNull isUndefined get concat indexof ' +
  'substring lpad replace regexp_matches regexp_replace regexp_substr nanvl power mod trunc bitand bitnot encode decode parse_time ' +
  'time_to_epoch startswith topic get_user_properties transform get_or_default'
).split(' ');
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    leaf,
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '/', '%', '=', '<>', '<', '>=', 'AND', 'OR', 'IN'),
        tie('expression'),
      )
      .map((parts) => `(${parts.join(' ')})`),
    fc.tuple(fc.constantFrom('NOT ', '-'), tie('expression')).map(([operator, operand]) => `(${operator}${operand})`),
    fc
      .tuple(fc.constantFrom(...functionNames), fc.array(tie('expression'), { maxLength: 3 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('Int', 'String', 'Decimal', 'Bool'))
      .map(([operand, type]) => `cast(${operand} AS ${type})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([v, t, r]) => `CASE ${v} WHEN ${t} THEN ${r} ELSE ${v} END`),
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    tie('expression').map((value) => `{'k': ${value}}`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([item, from, where]) => `(SELECT ${item} AS i, * FROM ${from} AS el WHERE ${where})`),
  ),
}));

test('whatever the expression and the payload, evaluation gives a value or Undefined', () => {
  const payloads = fc.oneof(
    fc.json(),
    fc.record({ a: fc.jsonValue(), b: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(expression, payloads, (text, incoming) => {
      const selected = select(`SELECT ${text} AS v, VALUE FROM 't'`, incoming);
      assert.ok(selected);
      if (selected.payload.length > 0) JSON.parse(selected.payload.toString());
    }),
    { numRuns: 2000 },
  );
});
