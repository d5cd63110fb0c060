import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileCatalogue, openCatalogue } from '../../src/adapters/catalogue-files/open-catalogue.ts';
import { quietLog } from './quiet-log.ts';

/** The catalogue of this repository. */
export async function deskCatalogue(): Promise<FileCatalogue> {
  const lastGood = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    return await openCatalogue({ folder: 'agents', lastGood, log: quietLog() });
  } finally {
    await rm(lastGood, { recursive: true, force: true });
  }
}
