/**
 * Bulk registration: the operations on its tasks (identity-registry-provisioning.md section 6), of which one runs at a time.
 * `registration-run.ts` does the work. Tasks and their reports are kept for thirty days.
 */
import type { IotOperations, Status } from '../api/generated/iot.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { invalidRequest } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { Turns } from '../base/turns.ts';
import { createReports, type ReportDeps, type Reports } from './registration-report.ts';
import { type RunDeps, runTask } from './registration-run.ts';
import type { TaskRecord } from './registration-task-record.ts';
import { readTemplate } from './template-record.ts';

export interface RegistrationTaskDeps extends RunDeps, ReportDeps {
  readonly random: Random;
}

export type RegistrationTaskOperations = Pick<
  IotOperations,
  | 'startThingRegistrationTask'
  | 'stopThingRegistrationTask'
  | 'describeThingRegistrationTask'
  | 'listThingRegistrationTasks'
  | 'listThingRegistrationTaskReports'
>;

export interface RegistrationTasks {
  readonly operations: RegistrationTaskOperations;
  readonly reports: Reports;
  /** Goes on with what was running before a restart. */
  start(): Promise<void>;
  /** Breaks off what is running, to be gone on with after the next `start`. */
  stop(): void;
  /** Resolves when nothing is running any more. */
  idle(): Promise<void>;
}

const RUNNING: readonly Status[] = ['InProgress', 'Cancelling'];
const KEPT_MS = 30 * 86_400_000;
/** Old tasks that a new one takes away, at most. */
const REMOVED_AT_ONCE = 20;
const STARTING = 'start';

export function createRegistrationTasks(deps: RegistrationTaskDeps): RegistrationTasks {
  const { clock, random, tasks } = deps;
  const reports = createReports(deps);
  const turns = new Turns();
  const running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  let isStopped = false;

  function run(taskId: string): void {
    const abort = new AbortController();
    const done = runTask(deps, taskId, abort.signal).finally(() => running.delete(taskId));
    running.set(taskId, { abort, done });
  }

  async function runningTasks(): Promise<readonly string[]> {
    const pages = await Promise.all(RUNNING.map((status) => tasks.tasks.findPrefix('status', `${status}/`)));
    return pages.flatMap(({ items }) => items.map(({ key }) => key));
  }

  async function removeOld(): Promise<void> {
    const { items } = await tasks.tasks.findPrefix('created', '', { limit: REMOVED_AT_ONCE });
    const isOld = (task: TaskRecord): boolean =>
      !RUNNING.includes(task.status) && task.modifiedMs < clock.now() - KEPT_MS;
    for (const { key, value } of items) if (isOld(value)) await tasks.remove(key);
  }

  return {
    operations: {
      startThingRegistrationTask: (input) =>
        turns.run(STARTING, async () => {
          readTemplate(input.templateBody);
          const [other] = await runningTasks();
          if (other !== undefined) throw invalidRequest(`The thing registration task ${other} is still running`);
          await removeOld();
          const taskId = random.uuid();
          const { templateBody, inputFileBucket, inputFileKey, roleArn } = input;
          const task: TaskRecord = {
            templateBody,
            inputFileBucket,
            inputFileKey,
            roleArn,
            status: 'InProgress',
            successCount: 0,
            failureCount: 0,
            offset: 0,
            lines: 0,
            linkSecret: random.bytes(32).toString('hex'),
            createdMs: clock.now(),
            modifiedMs: clock.now(),
          };
          await tasks.commit([tasks.tasks.put(taskId, task, { ifVersion: 0 })]);
          if (!isStopped) run(taskId);
          return { taskId };
        }),

      /** The devices under way are registered to their end. */
      async stopThingRegistrationTask({ taskId }) {
        await tasks.change(taskId, (task) => {
          if (!RUNNING.includes(task.status))
            throw invalidRequest(`The thing registration task is ${task.status} already`);
          return { ...task, status: 'Cancelling', modifiedMs: clock.now() };
        });
        running.get(taskId)?.abort.abort();
        return {};
      },

      async describeThingRegistrationTask({ taskId }) {
        const { value } = await tasks.require(taskId);
        const { templateBody, inputFileBucket, inputFileKey, roleArn, status, message } = value;
        return {
          taskId,
          creationDate: new Date(value.createdMs),
          lastModifiedDate: new Date(value.modifiedMs),
          templateBody,
          inputFileBucket,
          inputFileKey,
          roleArn,
          status,
          message,
          successCount: value.successCount,
          failureCount: value.failureCount,
          percentageProgress: percentageOf(value),
        };
      },

      /** The newest first. */
      async listThingRegistrationTasks({ status, ...input }) {
        const list = `ListThingRegistrationTasks ${status ?? ''}`;
        const range = { ...pageRange(list, input), descending: true };
        const page = await (status === undefined
          ? tasks.tasks.findPrefix('created', '', range)
          : tasks.tasks.findPrefix('status', `${status}/`, range));
        return { taskIds: page.items.map(({ key }) => key), nextToken: pageToken(list, page) };
      },

      /** One link at most: a report is one file. */
      async listThingRegistrationTaskReports({ taskId, reportType, ...input }) {
        pageRange(`ListThingRegistrationTaskReports ${taskId} ${reportType}`, input);
        const { value } = await tasks.require(taskId);
        const isEmpty = (reportType === 'RESULTS' ? value.successCount : value.failureCount) === 0;
        return { resourceLinks: isEmpty ? [] : [reports.link(taskId, value, reportType)], reportType };
      },
    },
    reports,
    async start() {
      for (const taskId of await runningTasks()) run(taskId);
    },
    stop() {
      isStopped = true;
      for (const { abort } of running.values()) abort.abort();
    },
    async idle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

/** 100 only at the end. */
function percentageOf({ status, offset, sizeBytes }: TaskRecord): number {
  if (status === 'Completed') return 100;
  if (sizeBytes === undefined || sizeBytes === 0) return 0;
  return Math.min(99, Math.floor((offset / sizeBytes) * 100));
}
