import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';

const keptBytes = 16 * 1024 * 1024;

/** Opens the log for appending; one that has grown too long is set aside as `.1` first. */
export async function openServerLog(file: string): Promise<FileHandle> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > keptBytes) await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

/** The last lines, for an error message. */
export async function lastWords(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-5).join('\n').slice(-2000);
  } catch {
    return '(no log)';
  }
}
