import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes with the test; with `from`, a copy of that one. */
export async function temporaryFolder(from?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  if (from !== undefined) await cp(from, folder, { recursive: true });
  return folder;
}
