import { readFile, stat } from 'node:fs/promises';
import { shownLine } from './terminal/shown-text.ts';
import { UsageError } from './usage-error.ts';

/** UTF-8 text that somebody named on the command line, of at most `maxBytes`. Fails with a `UsageError`. */
export async function readTextFile(file: string, maxBytes: number): Promise<string> {
  const shown = shownLine(file);
  try {
    if ((await stat(file)).size > maxBytes) throw new UsageError(`${shown} is over ${maxBytes} bytes.`);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(isAbsent ? `There is no file ${shown}.` : `${shown} cannot be read as text.`);
  }
}
