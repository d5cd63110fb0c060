import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { OwnerInfo } from './data-folder.ts';

const ownerNoteSchema = z.strictObject({ pid: z.int().positive(), url: z.url().max(2000).optional() });

/** @returns undefined where there is no note, or none that can be read */
export async function readOwnerNote(file: string): Promise<OwnerInfo | undefined> {
  try {
    const parsed = ownerNoteSchema.safeParse(JSON.parse((await readFile(file, 'utf8')).slice(0, 4096)));
    return parsed.success ? { pid: parsed.data.pid, url: parsed.data.url } : undefined;
  } catch {
    return undefined;
  }
}

export async function writeOwnerNote(file: string, owner: OwnerInfo): Promise<void> {
  const staged = `${file}.new`;
  await writeFile(staged, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  await rename(staged, file);
}

export async function removeOwnerNote(file: string): Promise<void> {
  await rm(file, { force: true });
}
