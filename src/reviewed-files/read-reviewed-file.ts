import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';

export const maxReviewedFileBytes = 256 * 1024;

export type ReadText = { readonly text: string } | { readonly rule: string };

/**
 * Reads one UTF-8 file below `folder`. Every step of the path is checked: a symbolic link could lead out
 * of what was reviewed. Never throws; what cannot be used comes back as the rule it broke.
 */
export async function readReviewedFile(
  folder: string,
  steps: readonly string[],
  maxBytes = maxReviewedFileBytes,
): Promise<ReadText> {
  if (!steps.every(isPlainName)) return { rule: 'must be a file name without a path' };
  try {
    for (let length = 1; length < steps.length; length += 1) {
      if (!(await lstat(join(folder, ...steps.slice(0, length)))).isDirectory())
        return { rule: 'must be in a folder, not behind a symbolic link' };
    }
    return await readBounded(join(folder, ...steps), maxBytes);
  } catch (error) {
    return { rule: ruleOf(error) };
  }
}

async function readBounded(path: string, maxBytes: number): Promise<ReadText> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return { rule: 'must be a regular file' };
    const buffer = Buffer.alloc(maxBytes + 1);
    const length = await fill(file, buffer);
    if (length > maxBytes) return { rule: `must be at most ${maxBytes} bytes` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length)) };
  } finally {
    await file.close();
  }
}

async function fill(
  file: { read(buffer: Buffer, offset: number): Promise<{ bytesRead: number }> },
  buffer: Buffer,
): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,128}$/.test(name) && name !== '.' && name !== '..';
}

function ruleOf(error: unknown): string {
  if (error instanceof TypeError) return 'must be UTF-8 text';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'must exist';
  if (code === 'ELOOP') return 'must not be a symbolic link';
  return 'must be readable';
}
