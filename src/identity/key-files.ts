/**
 * Where the server's own keys and certificates lie. `server.ts` chooses: a folder, or memory for an ephemeral server.
 * A write is there whole or not at all, also after `kill -9` or a power cut.
 */

import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../base/folder.ts';

import type { SecretBox } from './secret-box.ts';

const SECRET_MODE = 0o600;

export interface KeyFiles {
  /** The file's bytes, or undefined if there is none. */
  read(name: string): Promise<Buffer | undefined>;
  /** Replaces the file in one step and durably; `mode` as in chmod. */
  write(name: string, data: string | Buffer, mode: number): Promise<void>;
}

export interface TemporaryFile {
  readonly path: string;
  /** Removes it and its folder. */
  remove(): Promise<void>;
}

/** Files in `folder`, which is made (for its owner only) with the first write. */
export function folderKeyFiles(folder: string): KeyFiles {
  return {
    read: (name) => readIfPresent(join(folder, name)),
    write: async (name, data, mode) => {
      makeFolder(folder);
      await writeAtomically(folder, name, data, mode);
    },
  };
}

/**
 * The files with all but `isPublic` sealed by `secrets`. What lies there otherwise, plain or under an older key, is
 * replaced when it is read, so encryption is switched on by reading everything once. Reading throws SecretsKeyError.
 */
export function sealedKeyFiles(files: KeyFiles, secrets: SecretBox, isPublic: (name: string) => boolean): KeyFiles {
  const write: KeyFiles['write'] = (name, data, mode) =>
    files.write(name, isPublic(name) ? data : secrets.seal(data.toString(), aboutFile(name)), mode);
  return {
    write,
    read: async (name) => {
      const stored = await files.read(name);
      if (stored === undefined || isPublic(name)) return stored;
      const text = stored.toString();
      const plain = secrets.open(text, aboutFile(name));
      if (!secrets.isCurrent(text)) await write(name, plain, SECRET_MODE);
      return Buffer.from(plain);
    },
  };
}

function aboutFile(name: string): string {
  return `file/${name}`;
}

export function memoryKeyFiles(): KeyFiles {
  const files = new Map<string, Buffer>();
  return {
    read: async (name) => files.get(name),
    write: async (name, data) => {
      files.set(name, Buffer.from(data));
    },
  };
}

/** Puts the CA certificate where clients on this machine can read it, for a server that keeps nothing itself. */
export async function temporaryCaFile(pem: string): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'tsunagu-'));
  await writeAtomically(folder, 'ca.pem', pem, 0o600);
  return { path: join(folder, 'ca.pem'), remove: () => rm(folder, { recursive: true, force: true }) };
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeAtomically(folder: string, name: string, data: string | Buffer, mode: number): Promise<void> {
  const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}`);
  try {
    await writeDurably(temporary, data, mode);
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function writeDurably(path: string, data: string | Buffer, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name durable. Windows cannot open folders, and needs it not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
