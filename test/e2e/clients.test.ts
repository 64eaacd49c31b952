/** Programs that are not ours and not Node: the AWS CLI, mosquitto's clients, curl. Each is skipped where it is not installed. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type Device, type Fleet, makeDevice, startFleet } from './fleet.ts';

const run = promisify(execFile);

async function isInstalled(program: string): Promise<boolean> {
  return run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
}

const has = {
  aws: await isInstalled('aws'),
  mosquitto: await isInstalled('mosquitto_pub'),
  curl: await isInstalled('curl'),
};
const without = (program: keyof typeof has) => (has[program] ? {} : { skip: `${program} is not installed` });

describe('programs from elsewhere', () => {
  let fleet: Fleet;
  let device: Device;
  let folder: string;
  const file = (name: string): string => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsunagu-clients-'));
    fleet = await startFleet({ mqttPort: 0 });
    device = await makeDevice(fleet, 'lamp');
    await writeFile(file('cert.pem'), device.certificatePem);
    await writeFile(file('key.pem'), device.privateKey, { mode: 0o600 });
  });
  after(async () => {
    await fleet.stop();
    await rm(folder, { recursive: true });
  });

  const env = (): NodeJS.ProcessEnv => {
    const { endpoints, credentials, region } = fleet.server;
    return {
      ...process.env,
      AWS_ENDPOINT_URL_IOT: endpoints.http,
      AWS_ENDPOINT_URL_IOT_DATA_PLANE: endpoints.http,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_PAGER: '',
      AWS_MAX_ATTEMPTS: '1',
    };
  };

  const aws = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await run('aws', [...args, '--output', 'json'], { env: env() });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };

  test('the AWS CLI creates, describes, updates, lists and deletes a thing', without('aws'), async () => {
    const made = await aws(
      'iot',
      'create-thing',
      '--thing-name',
      'cli:1',
      '--attribute-payload',
      '{"attributes":{"room":"attic"}}',
    );
    assert.equal(made['thingArn'], 'arn:aws:iot:us-east-1:000000000000:thing/cli:1');
    await aws(
      'iot',
      'update-thing',
      '--thing-name',
      'cli:1',
      '--attribute-payload',
      '{"attributes":{"floor":"2"},"merge":true}',
    );
    const described = await aws('iot', 'describe-thing', '--thing-name', 'cli:1');
    assert.deepEqual(described['attributes'], { room: 'attic', floor: '2' });
    const listed = await aws('iot', 'list-things', '--attribute-name', 'room', '--attribute-value', 'attic');
    assert.deepEqual(
      (listed['things'] as { thingName: string }[]).map((thing) => thing.thingName),
      ['cli:1'],
    );
    await aws('iot', 'delete-thing', '--thing-name', 'cli:1');
    await assert.rejects(aws('iot', 'describe-thing', '--thing-name', 'cli:1'), /ResourceNotFoundException/);
  });

  test('the AWS CLI updates and reads a shadow, and publishes', without('aws'), async () => {
    const message = fleet.server.nextMessage('from/cli', 30_000);
    await writeFile(file('state.json'), JSON.stringify({ state: { desired: { on: true } } }));
    await writeFile(file('hello.txt'), 'hello');
    // Version 2 of the CLI wants base64 and version 1 does not; a file is the same to both.
    const state = `fileb://${file('state.json')}`;
    const answer = file('answer.json');
    await run('aws', ['iot-data', 'update-thing-shadow', '--thing-name', 'lamp', '--payload', state, answer], {
      env: env(),
    });
    await run('aws', ['iot-data', 'get-thing-shadow', '--thing-name', 'lamp', answer], { env: env() });
    assert.deepEqual(JSON.parse(await readFile(answer, 'utf8')).state, { desired: { on: true }, delta: { on: true } });
    const hello = `fileb://${file('hello.txt')}`;
    await aws('iot-data', 'publish', '--topic', 'from/cli', '--qos', '1', '--payload', hello);
    assert.equal(String((await message).payload), 'hello');
  });

  test(
    'mosquitto_sub receives over mutual TLS what mosquitto_pub sends, with both versions',
    without('mosquitto'),
    async () => {
      const common = ['-h', 'localhost', '-p', String(fleet.ports.mqtts), '--cafile', fleet.server.caFile];
      const identity = ['--cert', file('cert.pem'), '--key', file('key.pem'), '-i', 'lamp'];
      for (const version of ['311', '5']) {
        const subscribed = fleet.server.nextMessage('$aws/events/subscriptions/subscribed/lamp');
        const args = [...common, ...identity, '-V', version, '-t', 'devices/lamp/in', '-q', '1', '-C', '1'];
        const subscriber = spawn('mosquitto_sub', args);
        let output = '';
        subscriber.stdout.on('data', (chunk) => {
          output += chunk;
        });
        const ended = once(subscriber, 'exit');
        await subscribed;
        await fleet.server.publish({ topic: 'devices/lamp/in', payload: Buffer.from(`to ${version}`), qos: 1 });
        assert.deepEqual((await ended)[0], 0);
        assert.equal(output, `to ${version}\n`);
        const message = fleet.server.nextMessage('devices/lamp/out');
        await run('mosquitto_pub', [
          ...common,
          ...identity,
          '-V',
          version,
          '-t',
          'devices/lamp/out',
          '-q',
          '1',
          '-m',
          `from ${version}`,
        ]);
        assert.equal(String((await message).payload), `from ${version}`);
      }
    },
  );

  test(
    'mosquitto_pub reaches the plain port, and is told when a topic is not for it on the other',
    without('mosquitto'),
    async () => {
      const plain = ['-h', '127.0.0.1', '-p', new URL(fleet.server.endpoints.mqtt ?? '').port];
      const message = fleet.server.nextMessage('plain');
      await run('mosquitto_pub', [...plain, '-t', 'plain', '-q', '1', '-m', 'x']);
      assert.equal((await message).publisher?.principal, 'anonymous');
      const tls = ['-h', 'localhost', '-p', String(fleet.ports.mqtts), '--cafile', fleet.server.caFile];
      const identity = ['--cert', file('cert.pem'), '--key', file('key.pem'), '-i', 'lamp'];
      const denied = run('mosquitto_pub', [
        ...tls,
        ...identity,
        '-V',
        '5',
        '-t',
        'devices/panel/out',
        '-q',
        '1',
        '-m',
        'x',
      ]);
      const { stderr } = await denied;
      assert.match(stderr, /Not authorized/i);
    },
  );

  test('curl publishes with its SigV4, and with a client certificate over HTTPS', without('curl'), async () => {
    const { endpoints, credentials } = fleet.server;
    const signed = fleet.server.nextMessage('from/curl');
    const key = `${credentials.accessKeyId}:${credentials.secretAccessKey}`;
    await run('curl', [
      '-sf',
      '--aws-sigv4',
      'aws:amz:us-east-1:iotdata',
      '--user',
      key,
      '-d',
      'x',
      `${endpoints.http}/topics/from/curl?qos=1`,
    ]);
    assert.equal((await signed).publisher?.protocol, 'HTTP');
    const url = `https://localhost:${fleet.ports.tls}/topics/alarms/curl?qos=1`;
    const certificate = ['--cacert', fleet.server.caFile, '--cert', file('cert.pem'), '--key', file('key.pem')];
    const published = fleet.server.nextMessage('alarms/curl');
    await run('curl', ['-sf', ...certificate, '-d', 'x', url]);
    assert.equal((await published).publisher?.principal, device.certificateId);
    const denied = await run('curl', [
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      ...certificate,
      '-d',
      'x',
      url.replace('alarms', 'secret'),
    ]);
    assert.equal(denied.stdout, '403');
    const nobody = await run('curl', [
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '--cacert',
      fleet.server.caFile,
      '-d',
      'x',
      url,
    ]);
    assert.equal(nobody.stdout, '403');
  });
});
