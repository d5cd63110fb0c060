import { randomUUID } from 'node:crypto';
import { link, lstat, readFile, unlink, writeFile } from 'node:fs/promises';
import { CountersignError } from '../../domain/countersign-error.ts';

const ownerOnly = 0o600;

/**
 * The text of a file that only its owner may read, made on first use.
 * Two processes that make it at the same time end up with the same one: the link is the moment it exists, whole.
 * Fails with `key-file-unsafe` where others may read it or it is not a plain file.
 */
export async function openPrivateFile(file: string, make: () => Promise<string>): Promise<string> {
  const found = await readPrivate(file);
  if (found !== undefined) return found;
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, await make(), { mode: ownerOnly, flag: 'wx', flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  const made = await readPrivate(file);
  if (made === undefined)
    throw new CountersignError('key-file-unsafe', { message: `${file} vanished while it was made.` });
  return made;
}

async function readPrivate(file: string): Promise<string | undefined> {
  try {
    const status = await lstat(file);
    if (!status.isFile() || (status.mode & 0o077) !== 0) {
      throw new CountersignError('key-file-unsafe', { message: `${file} must be a plain file with mode 0600.` });
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
