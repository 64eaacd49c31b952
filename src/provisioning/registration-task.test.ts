import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, test } from 'node:test';
import { provisioningWorld } from '../../test/support/provisioning-bench.ts';
import { invalidRequest } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import type { OpenObject } from './objects.ts';
import { createProvisioning, type Provisioning } from './provisioning.ts';

const templateBody = JSON.stringify({
  Parameters: { Name: { Type: 'String' } },
  Resources: { thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'Name' } } } },
});
const request = {
  templateBody,
  inputFileBucket: 'bucket',
  inputFileKey: 'devices.json',
  roleArn: 'arn:aws:iam::000000000000:role/bulk',
};

/** One object, whose chunks come when `gate` (by chunk number) resolves. */
function objectOf(chunks: readonly string[], gate: (chunk: number) => Promise<unknown> = async () => {}): OpenObject {
  const whole = chunks.join('');
  return async (bucket, key, offset, signal) => {
    assert.deepEqual([bucket, key], ['bucket', 'devices.json']);
    async function* read(): AsyncGenerator<Buffer> {
      let at = 0;
      for (const [index, chunk] of chunks.entries()) {
        await gate(index);
        signal.throwIfAborted();
        const start = Math.max(0, offset - at);
        if (start < chunk.length) yield Buffer.from(chunk.slice(start));
        at += chunk.length;
      }
    }
    return { sizeBytes: whole.length, chunks: read() };
  };
}

const line = (name: string) => `${JSON.stringify({ Name: name })}\n`;

test('every line becomes a thing or an error, and the reports say which', async () => {
  const input = [
    line('a'),
    '\n',
    line('not a name'),
    '{"Name": 7}\n',
    '[]\n',
    '{"Name": null}\n',
    '{\n',
    '{"Name":"b"}',
  ];
  const { api, provisioning, inventory, clock } = await provisioningWorld({ openObject: objectOf([input.join('')]) });
  const { taskId = '' } = await api.startThingRegistrationTask(request);
  assert.equal((await api.describeThingRegistrationTask({ taskId })).status, 'InProgress');
  await provisioning.idle();
  const { creationDate, lastModifiedDate, ...described } = await api.describeThingRegistrationTask({ taskId });
  assert.deepEqual([creationDate?.getTime(), lastModifiedDate?.getTime()], [clock.now(), clock.now()]);
  assert.deepEqual(described, {
    ...request,
    taskId,
    status: 'Completed',
    message: undefined,
    successCount: 3,
    failureCount: 4,
    percentageProgress: 100,
  });
  assert.deepEqual((await inventory()).things, ['7', 'a', 'b']);
  const read = async (reportType: 'RESULTS' | 'ERRORS') => {
    const { resourceLinks = [] } = await api.listThingRegistrationTaskReports({ taskId, reportType });
    const { status, body } = await download(provisioning, resourceLinks[0]);
    assert.equal(status, 200);
    return body
      .trimEnd()
      .split('\n')
      .map((it) => JSON.parse(it));
  };
  const arn = 'arn:aws:iot:us-east-1:000000000000:thing/';
  assert.deepEqual(await read('RESULTS'), [
    { lineNumber: 1, offset: 0, response: { ResourceArns: { thing: `${arn}a` } } },
    { lineNumber: 4, offset: 36, response: { ResourceArns: { thing: `${arn}7` } } },
    { lineNumber: 8, offset: 68, response: { ResourceArns: { thing: `${arn}b` } } },
  ]);
  const errors = await read('ERRORS');
  assert.deepEqual(
    errors.map(({ lineNumber, error }) => [lineNumber, error.code]),
    [
      [3, 'ResourceRegistrationFailureException'],
      [5, 'InvalidRequestException'],
      [6, 'InvalidRequestException'],
      [7, 'InvalidRequestException'],
    ],
  );
  assert.match(errors[0].error.message, /ThingName must be a name/);
});

/** What a GET of a link answers. */
async function download(
  { handleRequest }: Pick<Provisioning, 'handleRequest'>,
  link: string,
): Promise<{ status: number; body: string }> {
  const response = new Answer();
  const url = link.slice('http://localhost:4000'.length);
  assert.ok(handleRequest({ method: 'GET', url } as IncomingMessage, response as unknown as ServerResponse));
  await finished(response);
  return { status: response.status, body: Buffer.concat(response.chunks).toString() };
}

/** As much of a ServerResponse as the reports use. */
class Answer extends Writable {
  status = 0;
  readonly chunks: Buffer[] = [];

  writeHead(status: number): this {
    this.status = status;
    return this;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

test('a link to a report holds for an hour, and nobody can make one up', async () => {
  const { api, provisioning, clock } = await provisioningWorld({ openObject: objectOf([line('a')]) });
  const { taskId = '' } = await api.startThingRegistrationTask(request);
  await provisioning.idle();
  const { resourceLinks = [] } = await api.listThingRegistrationTaskReports({ taskId, reportType: 'RESULTS' });
  const [link] = resourceLinks;
  assert.equal((await download(provisioning, link)).status, 200);
  for (const other of [
    link.replace('RESULTS', 'ERRORS'),
    link.replace(/expires=\d+/, 'expires=99999999999999'),
    link.replace(/signature=../, 'signature=00'),
    link.replace(/&signature.*/, ''),
    link.replace(taskId, 'nothing'),
  ]) {
    assert.equal((await download(provisioning, other)).status, 403, other);
  }
  await clock.advance(3_600_001);
  assert.equal((await download(provisioning, link)).status, 403);
  const { resourceLinks: none } = await api.listThingRegistrationTaskReports({ taskId, reportType: 'ERRORS' });
  assert.deepEqual(none, []);
});

test('one task runs at a time; the others are listed, the newest first', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { api, clock, provisioning } = await provisioningWorld({ openObject: objectOf([line('a')], () => gate) });
  const { taskId: first = '' } = await api.startThingRegistrationTask(request);
  await assert.rejects(api.startThingRegistrationTask(request), {
    code: 'InvalidRequestException',
    message: `The thing registration task ${first} is still running`,
  });
  assert.deepEqual((await api.listThingRegistrationTasks({ status: 'InProgress' })).taskIds, [first]);
  release();
  await provisioning.idle();
  await clock.advance(1000);
  const { taskId: second = '' } = await api.startThingRegistrationTask(request);
  await provisioning.idle();
  assert.deepEqual((await api.listThingRegistrationTasks({})).taskIds, [second, first]);
  assert.deepEqual((await api.listThingRegistrationTasks({ status: 'Completed' })).taskIds, [second, first]);
  assert.deepEqual((await api.listThingRegistrationTasks({ status: 'Failed' })).taskIds, []);
});

test('a task that is stopped ends as Cancelled, and cannot be stopped again', async () => {
  const never = new Promise<void>(() => {});
  const openObject: OpenObject = async (_bucket, _key, _offset, signal) => ({
    chunks: (async function* () {
      yield Buffer.from(line('a').repeat(300));
      await Promise.race([
        never,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
    })(),
  });
  const { api, provisioning } = await provisioningWorld({ openObject });
  const { taskId = '' } = await api.startThingRegistrationTask(request);
  while ((await api.describeThingRegistrationTask({ taskId })).successCount === 0) await new Promise(setImmediate);
  await api.stopThingRegistrationTask({ taskId });
  await provisioning.idle();
  const { status, successCount } = await api.describeThingRegistrationTask({ taskId });
  assert.deepEqual([status, successCount], ['Cancelled', 256]);
  await assert.rejects(api.stopThingRegistrationTask({ taskId }), /is Cancelled already/);
});

test('a task goes on after a restart where it was', async () => {
  const chunks = Array.from({ length: 4 }, (_, chunk) =>
    Array.from({ length: 256 }, (_, at) => line(`t${chunk * 256 + at}`)).join(''),
  );
  const never = new Promise<void>(() => {});
  const reads: number[] = [];
  const halted = await provisioningWorld({
    openObject: async (bucket, key, offset, signal) =>
      objectOf(chunks, (chunk) => {
        reads.push(chunk);
        if (chunk < 2) return Promise.resolve();
        return Promise.race([
          never,
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]);
      })(bucket, key, offset, signal),
  });
  const { taskId = '' } = await halted.api.startThingRegistrationTask(request);
  const describe = () => halted.api.describeThingRegistrationTask({ taskId });
  while ((await describe()).successCount !== 512) await new Promise(setImmediate);
  halted.provisioning.stop();
  await halted.provisioning.idle();
  const { status, percentageProgress } = await describe();
  assert.deepEqual([status, percentageProgress], ['InProgress', 49]);
  const restarted = createProvisioning({
    ...halted,
    log: silentLog,
    place: { region: 'us-east-1', account: '000000000000' },
    bus: { listen: () => () => {}, deliverTo: async () => false },
    resources: halted.operations,
    issuing: halted.identity.issuing,
    baseUrl: () => '',
    openObject: objectOf(chunks),
  });
  await restarted.start();
  await restarted.idle();
  const end = await describe();
  assert.deepEqual([end.status, end.successCount, end.failureCount], ['Completed', 1024, 0]);
});

describe('a task fails', () => {
  for (const [what, openObject, message] of [
    ['without its input', async () => Promise.reject(invalidRequest('There is no file')), /^There is no file$/],
    ['where no place of input is configured', undefined, /No place of input files is configured/],
    [
      'when its input breaks off',
      async () => ({
        chunks: (async function* () {
          yield Buffer.from(line('a'));
          throw new Error('connection lost');
        })(),
      }),
      /connection lost/,
    ],
  ] as [string, OpenObject | undefined, RegExp][]) {
    test(what, async () => {
      const { api, provisioning } = await provisioningWorld(openObject ? { openObject } : {});
      const { taskId = '' } = await api.startThingRegistrationTask(request);
      await provisioning.idle();
      const described = await api.describeThingRegistrationTask({ taskId });
      assert.equal(described.status, 'Failed');
      assert.match(described.message ?? '', message);
    });
  }
});

test('a task needs a template, and is kept for thirty days', async () => {
  let nowMs = Date.parse('2026-11-25T12:00:00Z');
  const timer = { cancel: () => {} };
  const clock = { now: () => nowMs, after: () => timer, every: () => timer };
  const { api, provisioning } = await provisioningWorld({ openObject: objectOf([line('a')]), clock });
  await assert.rejects(api.startThingRegistrationTask({ ...request, templateBody: '{}' }), {
    code: 'InvalidRequestException',
  });
  await assert.rejects(api.describeThingRegistrationTask({ taskId: 'x' }), { code: 'ResourceNotFoundException' });
  const { taskId: old = '' } = await api.startThingRegistrationTask(request);
  await provisioning.idle();
  nowMs += 31 * 86_400_000;
  const { taskId } = await api.startThingRegistrationTask(request);
  await provisioning.idle();
  assert.deepEqual((await api.listThingRegistrationTasks({})).taskIds, [taskId]);
  await assert.rejects(api.listThingRegistrationTaskReports({ taskId: old, reportType: 'RESULTS' }), {
    code: 'ResourceNotFoundException',
  });
});
