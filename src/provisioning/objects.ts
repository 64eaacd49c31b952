/**
 * Where bulk registration finds its input: `BUCKET/KEY` below a folder, or below an http or https URL (an object store's
 * endpoint). `platform.ts` opens it. Nothing outside the folder is ever read.
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { invalidRequest, messageOf } from '../base/errors.ts';

export interface OpenedObject {
  /** Of the whole object; absent when nobody says. */
  readonly sizeBytes?: number;
  /** From the offset on. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Rejects with InvalidRequestException, in words for the operator, when there is no such object. */
export type OpenObject = (bucket: string, key: string, offset: number, signal: AbortSignal) => Promise<OpenedObject>;

/** `root`: a folder, or an http or https URL. */
export function objectsBelow(root: string): OpenObject {
  return /^https?:\/\//.test(root) ? remoteObjects(root) : localObjects(root);
}

function localObjects(root: string): OpenObject {
  return async (bucket, key, offset, signal) => {
    const wanted = join(root, bucket, key);
    const [folder, file] = await Promise.all([realPathOf(root), realPathOf(wanted)]);
    // Neither `..` nor a symbolic link leads out of the folder.
    const inside = folder !== undefined && file?.startsWith(folder + sep);
    const found = inside && file !== undefined ? await stat(file) : undefined;
    if (!found?.isFile()) throw invalidRequest(`There is no file ${bucket}/${key} in the folder of input files`);
    return { sizeBytes: found.size, chunks: createReadStream(file as string, { start: offset, signal }) };
  };
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EACCES') return undefined;
    throw error;
  }
}

function remoteObjects(root: string): OpenObject {
  const base = root.endsWith('/') ? root : `${root}/`;
  return async (bucket, key, offset, signal) => {
    const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
    const url = base + path;
    if (!new URL(url).href.startsWith(new URL(base).href)) throw invalidRequest(`There is no object ${bucket}/${key}`);
    const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const response = await get(url, { headers, signal, redirect: 'error' });
    if (!response.ok || !response.body) throw invalidRequest(`${url} answered ${response.status}`);
    const isPart = response.status === 206;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const sizeBytes = isPart ? offset + length : length;
    return {
      ...(Number.isFinite(sizeBytes) && { sizeBytes }),
      chunks: isPart ? response.body : after(response.body, offset),
    };
  };
}

async function get(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw invalidRequest(`${url} cannot be read: ${messageOf((error as Error).cause ?? error)}`);
  }
}

/** What comes after the first `offset` bytes. */
async function* after(chunks: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let toSkip = offset;
  for await (const chunk of chunks) {
    if (toSkip < chunk.length) yield chunk.subarray(toSkip);
    toSkip = Math.max(0, toSkip - chunk.length);
  }
}
