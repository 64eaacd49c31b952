/** Tasks of bulk registration as they are stored, with their reports, and every change of one. */
import type { ReportType, Status } from '../api/generated/iot.ts';
import { notFound } from '../base/errors.ts';
import { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Collection, CollectionSpec, Queue, Store, Stored, Write } from '../store/store.ts';

/** Its key is the task id. Times are milliseconds since the epoch. */
export interface TaskRecord {
  readonly templateBody: string;
  readonly inputFileBucket: string;
  readonly inputFileKey: string;
  readonly roleArn: string;
  readonly status: Status;
  /** Why it failed. */
  readonly message?: string;
  readonly successCount: number;
  readonly failureCount: number;
  /** How far it has come: bytes and lines of the input that are done and in the reports. */
  readonly offset: number;
  readonly lines: number;
  readonly sizeBytes?: number;
  /** Signs links to the reports. */
  readonly linkSecret: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

const taskCollection: CollectionSpec<TaskRecord> = {
  name: 'registration_task',
  indexes: {
    created: ({ createdMs }) => [sortable(createdMs)],
    status: ({ status, createdMs }) => [`${status}/${sortable(createdMs)}`],
  },
};

export const REPORT_TYPES: readonly ReportType[] = ['RESULTS', 'ERRORS'];

export class TaskRecords {
  readonly tasks: Collection<TaskRecord>;
  readonly #store: Store;
  readonly #turns = new Turns();

  constructor(store: Store) {
    this.#store = store;
    this.tasks = store.collection(taskCollection);
  }

  /** The task, or ResourceNotFoundException. */
  async require(taskId: string): Promise<Stored<TaskRecord>> {
    const stored = await this.tasks.get(taskId);
    if (!stored) throw notFound(`The thing registration task ${taskId} does not exist`);
    return stored;
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#store.commit(writes);
  }

  /** A line for each device: what was registered, or why not. */
  report(taskId: string, type: ReportType): Queue {
    return this.#store.queue(`registration_task/${taskId}/${type}`);
  }

  /** Replaces the task by what `decide` makes of it, together with other writes; what it returns unchanged is not written. */
  change(
    taskId: string,
    decide: (task: TaskRecord) => TaskRecord,
    alongside: readonly Write[] = [],
  ): Promise<TaskRecord> {
    return this.#turns.run(taskId, () =>
      retryConflicts(async () => {
        const { value, version } = await this.require(taskId);
        const changed = decide(value);
        if (changed === value) return value;
        await this.#store.commit([this.tasks.put(taskId, changed, { ifVersion: version }), ...alongside]);
        return changed;
      }),
    );
  }

  /** Takes a task away, with its reports. */
  async remove(taskId: string): Promise<void> {
    const reports = REPORT_TYPES.map((type) => this.report(taskId, type).drop());
    await this.#store.commit([this.tasks.delete(taskId), ...reports]);
  }
}

function sortable(epochMs: number): string {
  return String(epochMs).padStart(16, '0');
}
