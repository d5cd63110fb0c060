import { chmod, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { CountersignError } from '../../domain/countersign-error.ts';

const othersMayAccess = 0o077;

/**
 * Makes sure of a folder that only its owner can enter. An existing folder is closed to others if it is empty or
 * ours by `marker`; any other is refused, for it may be somebody's home.
 *
 * @returns its real path
 * @throws CountersignError `invalid-configuration`
 */
export async function ensurePrivateFolder(path: string, marker: string): Promise<string> {
  const folder = await createFolder(path);
  const found = await stat(folder);
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) throw unusable(path, 'It belongs to another user.');
  if ((found.mode & othersMayAccess) === 0) return folder;
  const entries = await readdir(folder);
  if (entries.length > 0 && !entries.includes(marker)) {
    throw unusable(
      path,
      `Others can enter it, and it holds other files: choose another folder, or chmod 700 ${join(path)}.`,
    );
  }
  await chmod(folder, 0o700);
  return folder;
}

async function createFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await realpath(path);
  } catch (cause) {
    throw unusable(path, 'It cannot be created.', cause);
  }
}

function unusable(path: string, why: string, cause?: unknown): CountersignError {
  return new CountersignError('invalid-configuration', {
    message: `The data folder ${path} cannot be used. ${why}`,
    cause,
  });
}
