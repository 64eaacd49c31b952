/**
 * The audit log: one line of JSON for every call of the control plane, in a file for its owner alone. Lines are written
 * in order, many at a time when many come. The file is rotated by size and a fixed number of old ones is kept, so it is
 * bounded on disk; what waits for a disk that does not keep up is bounded too, and what is dropped then is logged.
 */

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditEvent } from './api/api.ts';
import { messageOf } from './base/errors.ts';
import { makeFolder } from './base/folder.ts';
import type { Log } from './base/log.ts';

export interface AuditLog {
  /** Takes the event at once; it is on its way to the disk. Never throws. */
  write(event: AuditEvent): void;
  /** Resolves when everything taken is in the file and the file is closed. */
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly file: string;
  readonly log: Log;
  /** A file this large is put aside as `<file>.1`; default 16 MiB. */
  readonly rotateBytes?: number;
  /** How many old files are kept; default 8. */
  readonly keep?: number;
}

const MODE = 0o600;
const MIB = 1024 * 1024;
/** Lines that may wait for the disk. */
const MOST_WAITING = 10_000;

/** Opens the file, so that one that cannot be written stops the start and not the record. */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { file, log, rotateBytes = 16 * MIB, keep = 8 } = options;
  makeFolder(dirname(file));
  let handle = await open(file, 'a', MODE);
  let size = (await handle.stat()).size;
  let waiting: string[] = [];
  let dropped = 0;
  let writing: Promise<void> | undefined;

  const append = async (lines: string): Promise<void> => {
    if (size > 0 && size + Buffer.byteLength(lines) > rotateBytes) {
      handle = await rotated(handle, file, keep);
      size = 0;
    }
    await handle.appendFile(lines);
    size += Buffer.byteLength(lines);
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      try {
        await append(lines.join(''));
      } catch (error) {
        log.error({ file, lines: lines.length, error: messageOf(error) }, 'the audit log could not be written');
      }
    }
    if (dropped > 0) log.error({ file, dropped }, 'the audit log lost entries: its disk does not keep up');
    dropped = 0;
    writing = undefined;
  };

  return {
    write(event) {
      if (waiting.length >= MOST_WAITING) dropped++;
      else waiting.push(`${JSON.stringify(event)}\n`);
      writing ??= drain();
    },
    async close() {
      await writing;
      await handle.close();
    },
  };
}

/** Moves every file one place on, the oldest out of the door, and opens a new one. */
async function rotated(handle: FileHandle, file: string, keep: number): Promise<FileHandle> {
  await rm(`${file}.${keep}`, { force: true });
  for (let place = keep - 1; place >= 1; place--) await renameIfThere(`${file}.${place}`, `${file}.${place + 1}`);
  await rename(file, keep > 0 ? `${file}.1` : file);
  const next = await open(file, keep > 0 ? 'a' : 'w', MODE);
  await handle.close();
  return next;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
