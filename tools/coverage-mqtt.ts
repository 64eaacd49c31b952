/**
 * Prints how many normative statements of MQTT the tests cover, with `--missing` those that none does, and with
 * `--markdown` the page `docs/mqtt-conformance.md`. Fails when a statement names a test that does not exist.
 */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Statement, statements } from '../test/mqtt/statements.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['test/{mqtt,fault}/*.test.ts', 'src/{mqtt,broker}/*.test.ts'];
const TITLE = /\btest\(\s*(?:'([^'\n]*)'|"([^"\n]*)"|`([^`\n]*)`)/g;

/** The names of all tests as their sources have them, `${…}` included. */
export function testNames(): string[] {
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).flatMap((file) =>
    [...readFileSync(`${root}/${file}`, 'utf8').matchAll(TITLE)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
  );
}

/** Statements whose test is not among `names`. */
export function withoutTest(names: readonly string[]): Statement[] {
  return statements.filter(
    ({ coverage }) => coverage.kind === 'test' && !names.some((name) => name.includes(coverage.name)),
  );
}

export function summary(): string {
  const lines = ([4, 5] as const).map((version) => {
    const all = statements.filter((it) => it.version === version);
    const count = (kind: Statement['coverage']['kind']) => all.filter((it) => it.coverage.kind === kind).length;
    const name = version === 4 ? '3.1.1' : '5.0';
    const concerning = all.length - count('client');
    return `MQTT ${name.padEnd(5)} ${count('test')} of ${concerning} covered, ${count('client')} more are about clients`;
  });
  return lines.join('\n');
}

export function markdown(): string {
  const table = (version: Statement['version']): string[] =>
    statements
      .filter((it) => it.version === version)
      .map(({ id, meaning, coverage }) => `| ${id} | ${meaning.replaceAll('|', '\\|')} | ${told(coverage)} |`);
  const head = ['| statement | meaning | covered by |', '| --- | --- | --- |'];
  return [
    INTRODUCTION,
    '',
    ...summary()
      .split('\n')
      .map((line) => `- ${line}`),
    '',
    '## MQTT 3.1.1',
    '',
    ...head,
    ...table(4),
    '',
    '## MQTT 5.0',
    '',
    ...head,
    ...table(5),
    '',
  ].join('\n');
}

function told(coverage: Statement['coverage']): string {
  if (coverage.kind === 'client') return 'about clients';
  if (coverage.kind === 'none') return `not covered: ${coverage.why}`;
  return `"${coverage.name.replaceAll('|', '\\|')}…"`;
}

const INTRODUCTION = `# MQTT conformance

Made by \`node tools/coverage-mqtt.ts --markdown\` from \`test/mqtt/statements.ts\`: every normative statement of both
specifications in short, and the test that covers it. The statements are about the \`standard\` profile. The \`aws\`
profile differs where AWS IoT Core does:

- QoS 2 ends the connection (a will with it is refused with 0x9B).
- \`a/#\` does not match \`a\`; filters with wildcards get no retained messages when they are subscribed to.
- DUP is never set. A will's delay is ignored. Subscription identifiers are refused (0xA1).
- A session cannot be resumed with the other version of the protocol.
- Topics that begin with \`$\` are the platform's; limits are those of the service.

Optional behaviour: topic aliases are taken and not sent; the payload format indicator is passed on and not checked
against the payload; response information is not given; enhanced authentication is refused (0x8C); QoS 1 messages are
sent again when a session is resumed, not on a connection that lasts; wills of clients that were connected when the
process was killed are lost, those waiting for their delay when it stops are published at once.`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--markdown')) console.log(markdown().trimEnd());
  else {
    console.log(summary());
    const missing = statements.filter((it) => it.coverage.kind === 'none');
    if (process.argv.includes('--missing')) for (const it of missing) console.log(`  ${it.id}  ${it.meaning}`);
    const broken = withoutTest(testNames());
    for (const { id, coverage } of broken) {
      if (coverage.kind === 'test') console.error(`${id} names a test that does not exist: ${coverage.name}`);
    }
    if (broken.length > 0) process.exitCode = 1;
  }
}
