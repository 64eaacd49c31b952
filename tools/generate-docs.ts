/**
 * Makes `docs/configuration.md` from the table of options in `src/config.ts`. `npm run generate` writes it, `--check`
 * only says (exit 1) whether it is current; `test/configuration-reference.test.ts` asks the same.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { accessOptions, demoOptions, explainOptions, fileOption, serverOptions } from '../src/config.ts';
import { flagOf, type Option, type OptionTable, variableOf } from '../src/options.ts';

const file = new URL('../docs/configuration.md', import.meta.url);

/** The text of the reference page. */
export function configurationReference(): string {
  return `# Configuration

Made from \`src/config.ts\` by \`npm run generate\`. Do not edit.

Every option can be given as a flag, as an environment variable, in a JSON file and, under the name it has in the file,
to \`startServer\`. A flag beats a variable, a variable beats the file, the file beats the default. Paths are relative to
the folder the program is started in. All mistakes are reported together, and the program then does not start (exit
code 2). An empty variable counts as not set.

\`\`\`json
{ "data": "/var/lib/tsunagu", "host": "0.0.0.0", "certificateHost": ["iot.example.com"] }
\`\`\`

## tsunagu start

${table(serverOptions)}

| flag | variable | |
| --- | --- | --- |
${rows(fileOption, false)}

A port of 0 picks a free one. \`--mqtt-port\` authenticates nobody: without \`--mqtt-anonymous-policy\` it opens on
loopback addresses only, and there anonymous clients may do everything.

\`TSUNAGU_SECRETS_KEY\` holds the key itself where \`--secrets-key\` names a file; without both, the systemd credential
\`tsunagu-secrets-key\` is taken. [access.md](access.md) says what it encrypts.

## tsunagu demo

${table(demoOptions)}

## tsunagu users, tsunagu keys

${table(accessOptions)}
## tsunagu explain

\`tsunagu explain [clientId]\` prints why a running server refused something, to one client or to any.

${table(explainOptions)}
`;
}

function table(options: OptionTable): string {
  return ['| flag | variable | file | default | |', '| --- | --- | --- | --- | --- |', rows(options, true)].join('\n');
}

function rows(options: OptionTable, isFull: boolean): string {
  return Object.entries(options)
    .map(([name, option]) => {
      const flag = option.placeholder ? `${flagOf(name)} ${option.placeholder}` : flagOf(name);
      const cells = [code(flag), code(variableOf(name, option))];
      if (isFull) cells.push(code(name), defaultOf(option));
      return `| ${[...cells, option.help].join(' | ')} |`;
    })
    .join('\n');
}

function defaultOf(option: Option<unknown>): string {
  if (option.default === undefined) return '';
  return Array.isArray(option.default) && option.default.length === 0 ? '' : code(String(option.default));
}

/** As code in a cell, where a bar would otherwise end it. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

if (import.meta.main) {
  const text = configurationReference();
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text;
  const isCheck = process.argv.includes('--check');
  if (!isCurrent) console.log(`docs/configuration.md ${isCheck ? 'is not current: run npm run generate' : 'written'}`);
  if (!isCurrent && isCheck) process.exitCode = 1;
  if (!isCurrent && !isCheck) writeFileSync(file, text);
}
