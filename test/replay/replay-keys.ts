import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everybody may know this key: it seals the payloads of recorded histories, and nothing else. */
const secret = createHash('sha256').update('countersign: the key of recorded histories').digest('base64');

/** A key folder as an installation has it, so that histories are sealed as real ones are, and can be opened again. */
export async function writeReplayKeys(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = { v: 1, keyId: 'data-default-1-replayed', secret };
  await writeFile(join(folder, 'data-default-1.json'), `${JSON.stringify(key)}\n`, { mode: 0o600 });
}
