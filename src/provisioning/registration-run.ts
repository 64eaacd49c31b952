/**
 * Runs one task of bulk registration (identity-registry-provisioning.md section 6): reads its input line by line, registers
 * a device for each, several at a time, and keeps how far it has come together with the reports, so that it goes on there
 * after a restart. The lines under way when the program dies are registered again; their template's OverrideSettings count.
 */
import type { Status } from '../api/generated/iot.ts';
import type { JsonValue } from '../api/json.ts';
import type { RequestContext } from '../api/operation.ts';
import type { Clock } from '../base/clock.ts';
import { invalidRequest, messageOf, ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Queued } from '../store/store.ts';
import { type InputLine, linesOf } from './input-lines.ts';
import type { OpenObject } from './objects.ts';
import { planned, type Register } from './register.ts';
import type { TaskRecord, TaskRecords } from './registration-task-record.ts';
import type { Template } from './template.ts';
import { readTemplate } from './template-record.ts';

export interface RunDeps {
  readonly tasks: TaskRecords;
  readonly register: Register;
  readonly context: RequestContext;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: no input can be read, and every task fails. */
  readonly openObject?: OpenObject;
}

/** Devices being registered at a time. */
const CONCURRENCY = 64;
/** Lines between two commits of the progress. */
const BATCH = 256;
/** Room for a certificate and its CA's, written as JSON. */
const LONGEST_LINE = 262_144;

/** Resolves when the task has ended, or `signal` was aborted: then it stays as it is, unless it was being cancelled. Never rejects. */
export async function runTask(deps: RunDeps, taskId: string, signal: AbortSignal): Promise<void> {
  const { clock, log, tasks } = deps;
  const end = (task: TaskRecord, status: Status, message?: string): TaskRecord => ({
    ...task,
    status,
    ...(message !== undefined && { message }),
    modifiedMs: clock.now(),
  });
  try {
    await registerAll(deps, taskId, signal);
    await tasks.change(taskId, (task) => {
      if (task.status === 'Cancelling') return end(task, 'Cancelled');
      return signal.aborted ? task : end(task, 'Completed');
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) log.error({ err: error, taskId }, 'a registration task failed');
    const message = messageOf(error).slice(0, 2048);
    await tasks
      .change(taskId, (task) => end(task, 'Failed', message))
      .catch((failure: unknown) => {
        log.error({ err: failure, taskId }, 'the end of a registration task was not stored');
      });
  }
}

async function registerAll(deps: RunDeps, taskId: string, signal: AbortSignal): Promise<void> {
  const { openObject, tasks } = deps;
  const { value: task } = await tasks.require(taskId);
  if (task.status !== 'InProgress') return;
  if (!openObject) throw invalidRequest('No place of input files is configured (--registration-inputs)');
  const template = readTemplate(task.templateBody);
  try {
    const { sizeBytes, chunks } = await openObject(task.inputFileBucket, task.inputFileKey, task.offset, signal);
    let batch: InputLine[] = [];
    for await (const line of linesOf(chunks, task, LONGEST_LINE)) {
      batch.push(line);
      if (batch.length < BATCH) continue;
      await registerBatch(deps, taskId, template, batch, sizeBytes);
      batch = [];
      if (signal.aborted) return;
    }
    if (batch.length > 0) await registerBatch(deps, taskId, template, batch, sizeBytes);
  } catch (error) {
    // Reading was broken off on purpose.
    if (signal.aborted) return;
    throw error;
  }
}

/** Registers the devices of some lines, then keeps the outcome and the progress in one commit. */
async function registerBatch(
  deps: RunDeps,
  taskId: string,
  template: Template,
  batch: readonly InputLine[],
  sizeBytes: number | undefined,
): Promise<void> {
  const results: Queued[] = [];
  const errors: Queued[] = [];
  const waiting = batch.filter(({ bytes }) => bytes === undefined || !isBlank(bytes)).values();
  const work = async (): Promise<void> => {
    for (const line of waiting) {
      const { lineNumber, offset } = line;
      const outcome = await registerLine(deps, template, line);
      const item = Buffer.from(`${JSON.stringify({ lineNumber, offset, ...outcome })}\n`);
      ('response' in outcome ? results : errors).push({ sequence: lineNumber, item });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const reports = [
    { type: 'RESULTS', items: results },
    { type: 'ERRORS', items: errors },
  ] as const;
  const last = batch[batch.length - 1];
  await deps.tasks.change(
    taskId,
    (task) => ({
      ...task,
      successCount: task.successCount + results.length,
      failureCount: task.failureCount + errors.length,
      lines: last.lineNumber,
      offset: last.end,
      ...(sizeBytes !== undefined && { sizeBytes }),
      modifiedMs: deps.clock.now(),
    }),
    reports
      .filter(({ items }) => items.length > 0)
      .map(({ type, items }) =>
        deps.tasks.report(taskId, type).append(items.toSorted((one, other) => one.sequence - other.sequence)),
      ),
  );
}

type Outcome =
  | { readonly response: { readonly ResourceArns: object; readonly CertificatePem?: string } }
  | { readonly error: { readonly code: string; readonly message: string } };

async function registerLine(
  { register, context, log }: RunDeps,
  template: Template,
  { bytes, lineNumber }: InputLine,
): Promise<Outcome> {
  try {
    const { resourceArns, certificatePem } = await register(planned(template, parametersIn(bytes)), context);
    return { response: { ResourceArns: resourceArns, ...(certificatePem && { CertificatePem: certificatePem }) } };
  } catch (error) {
    if (error instanceof ServiceError) return { error: { code: error.code, message: error.message } };
    log.error({ err: error, lineNumber }, 'a line of a registration task failed');
    return { error: { code: 'InternalFailureException', message: 'An internal failure' } };
  }
}

/** Throws InvalidRequestException for anything but a JSON object of texts, numbers and booleans. */
function parametersIn(bytes: Buffer | undefined): Readonly<Record<string, string>> {
  if (!bytes) throw invalidRequest(`The line is longer than ${LONGEST_LINE} bytes`);
  let json: JsonValue;
  try {
    json = JSON.parse(bytes.toString().replace(/^\uFEFF/, '')) as JsonValue;
  } catch (error) {
    throw invalidRequest(`The line is not JSON: ${messageOf(error)}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalidRequest('The line must be a JSON object of parameters');
  }
  const entries = Object.entries(json).map(([name, value]): [string, string] => {
    if (value !== null && typeof value !== 'object') return [name, String(value)];
    throw invalidRequest(`The parameter '${name}' must be a text`);
  });
  return Object.fromEntries(entries);
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
