import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** True if the file is a Temporal CLI with a dev server: a broken or foreign `temporal` must not end the search. */
export async function runsStartDev(file: string): Promise<boolean> {
  try {
    const { stdout } = await execute(file, ['server', 'start-dev', '--help'], { timeout: 15_000 });
    return stdout.includes('--db-filename') && stdout.includes('--dynamic-config-value');
  } catch {
    return false;
  }
}
