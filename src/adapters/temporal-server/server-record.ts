import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const serverRecordSchema = z.strictObject({
  v: z.literal(1),
  pid: z.int().positive(),
  startedAt: z.string().min(1).max(100),
  databaseFile: z.string().min(1).max(4096),
  port: z.int().min(1).max(65_535),
  uiPort: z.int().min(1).max(65_535),
  /** Everything but the ports that the server was started with; a server started otherwise is not adopted. */
  settingsDigest: z.string().max(100),
});

/** What a later process needs to recognise the server that this one leaves behind if it is killed. */
export type ServerRecord = z.infer<typeof serverRecordSchema>;

/** @returns undefined where there is no record, or none that can be read: it then proves nothing */
export async function readServerRecord(file: string): Promise<ServerRecord | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const parsed = serverRecordSchema.safeParse(JSON.parse(text.slice(0, 16_384)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** A crash in the middle leaves the old record or the new one. */
export async function writeServerRecord(file: string, record: ServerRecord): Promise<void> {
  const staged = `${file}.new`;
  await writeFile(staged, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(staged, file);
}

export async function removeServerRecord(file: string): Promise<void> {
  await rm(file, { force: true });
}
