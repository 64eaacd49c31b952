/**
 * Reports of bulk registration for download: links that hold for an hour and need no other credentials, as links into an
 * object store would, and the small HTTP handler they lead to. The gateway's requests come here before the API's.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReportType } from '../api/generated/iot.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Queue } from '../store/store.ts';
import { REPORT_TYPES, type TaskRecord, type TaskRecords } from './registration-task-record.ts';

export interface ReportDeps {
  readonly tasks: TaskRecords;
  readonly clock: Clock;
  readonly log: Log;
  /** Where clients reach this server, without a slash at the end; known once its doors are open. */
  readonly baseUrl: () => string;
}

export interface Reports {
  link(taskId: string, task: TaskRecord, type: ReportType): string;
  /** Answers requests for reports; false, and nothing done, for all others. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
}

const PREFIX = '/registration-reports/';
const LINK_LIFE_MS = 3_600_000;
const LINES_AT_ONCE = 500;

export function createReports({ tasks, clock, log, baseUrl }: ReportDeps): Reports {
  async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const report = await reportAt(url);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'MethodNotAllowed');
    if (!report) return refuse(response, 403, 'The link is not valid, or it has expired');
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    if (request.method === 'HEAD') response.end();
    else await pipeline(Readable.from(linesIn(report)), response);
  }

  async function reportAt(url: URL): Promise<Queue | undefined> {
    const [taskId, typeText] = url.pathname.slice(PREFIX.length).split('/');
    const type = REPORT_TYPES.find((one) => one === typeText);
    const expiresMs = Number(url.searchParams.get('expires') ?? 0);
    if (!type || !/^[\w-]{1,40}$/.test(taskId) || !(expiresMs > clock.now())) return undefined;
    const task = await tasks.tasks.get(taskId);
    if (!task) return undefined;
    const given = Buffer.from(url.searchParams.get('signature') ?? '', 'hex');
    const expected = signatureOf(task.value, taskId, type, expiresMs);
    return given.length === expected.length && timingSafeEqual(given, expected)
      ? tasks.report(taskId, type)
      : undefined;
  }

  return {
    link(taskId, task, type) {
      const expiresMs = clock.now() + LINK_LIFE_MS;
      const signature = signatureOf(task, taskId, type, expiresMs).toString('hex');
      return `${baseUrl()}${PREFIX}${taskId}/${type}?expires=${expiresMs}&signature=${signature}`;
    },
    handleRequest(request, response) {
      if (!request.url?.startsWith(PREFIX)) return false;
      const url = URL.parse(request.url, 'http://localhost');
      if (!url) {
        refuse(response, 400, 'The URL cannot be read');
        return true;
      }
      answer(request, response, url).catch((error: unknown) => {
        log.warn({ cause: messageOf(error) }, 'a registration report was not sent to its end');
        response.destroy();
      });
      return true;
    },
  };
}

function signatureOf({ linkSecret }: TaskRecord, taskId: string, type: ReportType, expiresMs: number): Buffer {
  return createHmac('sha256', linkSecret).update(`${taskId}/${type}/${expiresMs}`).digest();
}

async function* linesIn(report: Queue): AsyncGenerator<Buffer> {
  for (let page = await report.read(0, LINES_AT_ONCE); page.length > 0; ) {
    for (const { item } of page) yield item;
    page = await report.read(page[page.length - 1].sequence, LINES_AT_ONCE);
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}
