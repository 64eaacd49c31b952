/**
 * Makes a folder and those above it. Not by Node's `recursive`, which never returns where the system says ENOENT of a
 * folder whose parent is there, as it does in /proc.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Folders that are there stay as they are; new ones get `mode`. Throws the system's error for the one it cannot make. */
export function makeFolder(folder: string, mode = 0o700): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
