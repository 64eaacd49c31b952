import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Config,
  ConfigError,
  isLoopback,
  parseConfig,
  parseDemoConfig,
  parseExplainConfig,
  readSecretsKey,
  resolveConfig,
  serverOptions,
} from './config.ts';
import type { Environment } from './options.ts';

const noFile = (file: string): string => {
  throw new Error(`ENOENT: no such file '${file}'`);
};

function parse(
  argv: readonly string[],
  environment: Environment = {},
  files: Readonly<Record<string, string>> = {},
): ReturnType<typeof parseConfig> {
  return parseConfig(argv, environment, (file) => files[file] ?? noFile(file));
}

function accepted(...given: Parameters<typeof parse>): Config {
  const parsed = parse(...given);
  assert.ok(!parsed.errors, `refused: ${parsed.errors?.join('; ')}`);
  return parsed.config;
}

function refused(...given: Parameters<typeof parse>): readonly string[] {
  const { errors } = parse(...given);
  assert.ok(errors, 'accepted');
  return errors;
}

test('without options everything has its documented default', () => {
  assert.deepEqual(accepted([]), {
    data: './tsunagu-data',
    ephemeral: false,
    host: '127.0.0.1',
    httpPort: 8880,
    tlsPort: 8443,
    mqttsPort: 8883,
    mqttPort: undefined,
    mqttProfile: 'aws',
    mqttAnonymousPolicy: undefined,
    region: 'us-east-1',
    account: '000000000000',
    functions: undefined,
    functionsEndpoint: undefined,
    registrationInputs: undefined,
    limit: [],
    certificateHost: [],
    secretsKey: undefined,
    auditLog: undefined,
    stsEndpoint: undefined,
    stsAccessKeyId: undefined,
    stsSecretAccessKey: undefined,
    serverCertificates: undefined,
    clock: 'system',
    logLevel: 'info',
    json: false,
  });
});

test('a flag beats a variable, a variable beats the file, the file beats the default', () => {
  const files = { 'c.json': '{"region":"eu-west-1","account":"111111111111","httpPort":1,"tlsPort":2}' };
  const environment = { TSUNAGU_CONFIG: 'c.json', TSUNAGU_HTTP_PORT: '3', TSUNAGU_REGION: 'eu-west-2' };
  const config = accepted(['--region', 'eu-west-3'], environment, files);
  assert.equal(config.region, 'eu-west-3');
  assert.equal(config.httpPort, 3);
  assert.equal(config.tlsPort, 2);
  assert.equal(config.account, '111111111111');
  assert.equal(config.mqttsPort, 8883);
});

test('--config beats TSUNAGU_CONFIG', () => {
  const files = { 'a.json': '{"httpPort":1}', 'b.json': '{"httpPort":2}' };
  assert.equal(accepted(['--config', 'b.json'], { TSUNAGU_CONFIG: 'a.json' }, files).httpPort, 2);
});

test('every option can be given by flag, by variable and by file, under names made from its own', () => {
  const samples: Readonly<Record<keyof Config, { text: string; value: unknown }>> = {
    data: { text: '/d', value: '/d' },
    ephemeral: { text: 'true', value: true },
    host: { text: 'localhost', value: 'localhost' },
    httpPort: { text: '0', value: 0 },
    tlsPort: { text: '65535', value: 65535 },
    mqttsPort: { text: '1', value: 1 },
    mqttPort: { text: '1883', value: 1883 },
    mqttProfile: { text: 'standard', value: 'standard' },
    mqttAnonymousPolicy: { text: 'p.json', value: 'p.json' },
    region: { text: 'ap-northeast-1', value: 'ap-northeast-1' },
    account: { text: '012345678901', value: '012345678901' },
    functions: { text: 'fns', value: 'fns' },
    functionsEndpoint: { text: 'http://127.0.0.1:9001', value: 'http://127.0.0.1:9001' },
    registrationInputs: { text: 'inputs', value: 'inputs' },
    limit: { text: 'payloadBytes=10', value: ['payloadBytes=10'] },
    certificateHost: { text: 'a.example,10.0.0.1', value: ['a.example', '10.0.0.1'] },
    secretsKey: { text: '/k', value: '/k' },
    auditLog: { text: 'off', value: 'off' },
    stsEndpoint: { text: 'http://sts', value: 'http://sts' },
    stsAccessKeyId: { text: 'AKIA', value: 'AKIA' },
    stsSecretAccessKey: { text: 's', value: 's' },
    serverCertificates: { text: 'certs', value: 'certs' },
    clock: { text: 'virtual', value: 'virtual' },
    logLevel: { text: 'silent', value: 'silent' },
    json: { text: 'true', value: true },
  };
  assert.deepEqual(Object.keys(samples).sort(), Object.keys(serverOptions).sort());
  for (const [name, { text, value }] of Object.entries(samples)) {
    const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    // TSUNAGU_SECRETS_KEY is the key itself.
    const end = name === 'secretsKey' ? '_FILE' : '';
    const variable = `TSUNAGU_${kebab.replaceAll('-', '_').toUpperCase()}${end}`;
    // Its three options come together.
    const rest = name.startsWith('sts')
      ? { stsEndpoint: 'http://x', stsAccessKeyId: 'x', stsSecretAccessKey: 'x' }
      : {};
    const files = { 'c.json': JSON.stringify({ ...rest, [name]: value }), 'rest.json': JSON.stringify(rest) };
    for (const config of [
      accepted([`--${kebab}=${text}`, '--config=rest.json'], {}, files),
      accepted(['--config=rest.json'], { [variable]: text }, files),
      accepted(['--config', 'c.json'], {}, files),
    ]) {
      assert.deepEqual(config[name as keyof Config], value, name);
    }
  }
});

test('a switch stands alone, and a flag can take back what a variable switched on', () => {
  assert.equal(accepted(['--ephemeral', '--json']).ephemeral, true);
  assert.equal(accepted(['--ephemeral=false'], { TSUNAGU_EPHEMERAL: '1' }).ephemeral, false);
});

test('of a flag given twice the last one counts, and lists add up', () => {
  assert.equal(accepted(['--http-port', '1', '--http-port=2']).httpPort, 2);
  const config = accepted(['--certificate-host', 'a, b', '--certificate-host=c']);
  assert.deepEqual(config.certificateHost, ['a', 'b', 'c']);
});

test('an empty variable counts as not set', () => {
  assert.equal(accepted([], { TSUNAGU_REGION: '', TSUNAGU_CONFIG: '' }).region, 'us-east-1');
});

test('a value may hold an equals sign or begin with one dash', () => {
  assert.equal(accepted(['--data=a=b']).data, 'a=b');
  assert.equal(accepted(['--data', '-d']).data, '-d');
});

test('all of the result is frozen', () => {
  const config = accepted(['--certificate-host', 'a']);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.certificateHost));
});

for (const [what, argv, environment, file, expected] of [
  ['an unknown flag', ['--htp-port', '1'], {}, '', ['--htp-port is not an option: did you mean --http-port?']],
  ['a flag like no other', ['--colour'], {}, '', ['--colour is not an option: see --help']],
  ['a single dash', ['-x'], {}, '', ['-x is not an option: see --help']],
  ['a stray word', ['now'], {}, '', ["'now' is not understood: options begin with --"]],
  ['a value after a switch', ['--json', 'yes'], {}, '', ["'yes' is not understood: options begin with --"]],
  ['a flag at the end without value', ['--data'], {}, '', ['--data needs a value: --data DIR']],
  ['a flag for a value', ['--data', '--json'], {}, '', ['--data needs a value: --data DIR']],
  ['an empty value', ['--data='], {}, '', ["--data must be a text that is not empty, not ''"]],
  [
    'a port above the range',
    ['--tls-port', '65536'],
    {},
    '',
    ["--tls-port must be a whole number from 0 to 65535, not '65536'"],
  ],
  [
    'a port below the range',
    ['--tls-port', '-1'],
    {},
    '',
    ["--tls-port must be a whole number from 0 to 65535, not '-1'"],
  ],
  [
    'a port that is no number',
    [],
    { TSUNAGU_HTTP_PORT: '80a' },
    '',
    ["TSUNAGU_HTTP_PORT must be a whole number from 0 to 65535, not '80a'"],
  ],
  [
    'a port written as text in the file',
    [],
    {},
    '{"httpPort":"80"}',
    ['c.json: \'httpPort\' must be a whole number from 0 to 65535, not "80"'],
  ],
  ['a short account', ['--account', '42'], {}, '', ["--account must be 12 digits (in a file: in quotes), not '42'"]],
  [
    'an account as a number',
    [],
    {},
    '{"account":123456789012}',
    ["c.json: 'account' must be 12 digits (in a file: in quotes), not 123456789012"],
  ],
  ['a region', ['--region', 'US East'], {}, '', ["--region must be a region name such as 'us-east-1', not 'US East'"]],
  ['a choice', ['--mqtt-profile', 'AWS'], {}, '', ["--mqtt-profile must be one of aws, standard, not 'AWS'"]],
  ['a switch', ['--json=perhaps'], {}, '', ["--json must be true or false, not 'perhaps'"]],
  ['a list in the file', [], {}, '{"certificateHost":"a"}', [/^c\.json: 'certificateHost' must be a list of texts/]],
  [
    'a variable with a slip',
    [],
    { TSUNAGU_HTPT_PORT: '1' },
    '',
    ['the variable TSUNAGU_HTPT_PORT is not known: did you mean TSUNAGU_HTTP_PORT?'],
  ],
  ["a flag's name in the file", [], {}, '{"http-port":1}', [/'http-port' is not an option: did you mean 'httpPort'\?/]],
  ['something foreign in the file', [], {}, '{"toString":1}', ["c.json: 'toString' is not an option"]],
  ['a file that is a list', [], {}, '[]', ['c.json must hold one JSON object with the options']],
  ['a file that is no JSON', [], {}, '{', [/^the configuration file c\.json cannot be used: .*JSON/]],
  ['a missing file', ['--config', 'd.json'], {}, '', [/^the configuration file d\.json cannot be used: ENOENT/]],
  ['a config within the file', [], {}, '{"config":"e.json"}', ["c.json: 'config' is not an option"]],
  [
    'plain MQTT for everybody',
    ['--mqtt-port', '1883', '--host', '0.0.0.0'],
    {},
    '',
    [/--mqtt-anonymous-policy FILE, or listen on 127\.0\.0\.1$/],
  ],
  [
    'one port twice',
    ['--tls-port', '8880'],
    {},
    '',
    ['--tls-port and --http-port are both 8880: give each a port of its own'],
  ],
] as const) {
  test(`${what} is refused with what to do`, () => {
    const files: Record<string, string> = file === '' ? {} : { 'c.json': file };
    const errors = refused(file === '' ? argv : [...argv, '--config', 'c.json'], environment, files);
    assert.equal(errors.length, expected.length, errors.join('; '));
    for (const [at, wanted] of expected.entries()) {
      if (typeof wanted === 'string') assert.equal(errors[at], wanted);
      else assert.match(errors[at], wanted);
    }
  });
}

test('the mistakes of all sources are reported together', () => {
  const errors = refused(
    ['--hots', 'x', '--tls-port', 'y', '--account', '1', '--config', 'c.json', '--data'],
    { TSUNAGU_CLOCK: 'sundial' },
    { 'c.json': '{"region":7,"nope":true}' },
  );
  assert.equal(errors.length, 7, errors.join('\n'));
});

test('plain MQTT beyond loopback is accepted with a policy, and on loopback without one', () => {
  assert.equal(accepted(['--mqtt-port=1883', '--host=0.0.0.0', '--mqtt-anonymous-policy=p']).mqttPort, 1883);
  for (const host of ['localhost', '::1', '127.0.0.9']) accepted(['--mqtt-port=1883', '--host', host]);
});

test('several ports may be 0, since each then gets a free one', () => {
  accepted(['--http-port=0', '--tls-port=0', '--mqtts-port=0', '--mqtt-port=0']);
});

test('variables of other programs with our prefix are no mistake', () => {
  accepted([], { TSUNAGU_SERVICE_HOST: '10.0.0.1', TSUNAGU_PORT: 'tcp://10.0.0.1:80', PATH: '/bin' });
});

test('what looks like loopback but is a name is not loopback', () => {
  for (const host of ['127.0.0.1.example', '127.evil', '0.0.0.0', '::', 'LOCALHOST.']) {
    assert.equal(isLoopback(host), false, host);
  }
});

test('startServer takes the same options under the same names and completes them', () => {
  const config = resolveConfig({ ephemeral: true, httpPort: 0, region: undefined });
  assert.equal(config.httpPort, 0);
  assert.equal(config.region, 'us-east-1');
  assert.ok(Object.isFrozen(config));
});

test('startServer refuses wrong options with all mistakes in the message', () => {
  const options = { httpPrt: 1, account: '1' } as Partial<Config>;
  assert.throws(
    () => resolveConfig(options),
    (error) =>
      error instanceof ConfigError && error.errors.length === 2 && /did you mean 'httpPort'/.test(error.message),
  );
});

test('the demo runs for 20 seconds against a server of its own unless told otherwise', () => {
  const { config } = parseDemoConfig([], {}) as { config: { seconds: number; endpoint?: string } };
  assert.equal(config.seconds, 20);
  assert.equal(config.endpoint, undefined);
});

test('the demo needs an access key for a server that is not its own', () => {
  const argv = ['--endpoint', 'http://127.0.0.1:8880'];
  assert.equal(parseDemoConfig(argv, {}).errors?.length, 2);
  assert.equal(parseDemoConfig(argv, { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' }).errors, undefined);
  assert.equal(parseDemoConfig(['--endpoint', 'somewhere'], {}).errors?.length, 1);
  assert.equal(parseDemoConfig(['--mqtts-endpoint', 'mqtts://h'], {}).errors?.length, 1);
});

test('the secrets key comes from the named file, else the variable, else systemd, else there is none', () => {
  const files: Readonly<Record<string, string>> = { '/k': 'a', '/run/c/tsunagu-secrets-key': 'c' };
  const readFile = (file: string): string => {
    if (files[file] === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return files[file];
  };
  const read = (secretsKey: string | undefined, environment: Environment) =>
    readSecretsKey({ secretsKey }, environment, readFile);
  const environment = { TSUNAGU_SECRETS_KEY: 'b', CREDENTIALS_DIRECTORY: '/run/c' };
  assert.equal(read('/k', environment), 'a');
  assert.equal(read(undefined, environment), 'b');
  assert.equal(read(undefined, { CREDENTIALS_DIRECTORY: '/run/c' }), 'c');
  assert.equal(read(undefined, { CREDENTIALS_DIRECTORY: '/run/d' }), undefined);
  assert.equal(read(undefined, {}), undefined);
  assert.throws(() => read('/none', environment), { code: 'ENOENT' });
});

test('explain takes a client id first, or none', () => {
  assert.equal(parseExplainConfig([], {}).config?.clientId, undefined);
  const { config } = parseExplainConfig(['lamp', '--limit', '3'], { TSUNAGU_ENDPOINT: 'http://h:1' });
  assert.deepEqual([config?.clientId, config?.limit, config?.endpoint], ['lamp', 3, 'http://h:1']);
  assert.equal(parseExplainConfig(['lamp', 'fan'], {}).errors?.length, 1);
  assert.equal(parseExplainConfig(['--endpoint', 'h'], {}).errors?.length, 1);
});
