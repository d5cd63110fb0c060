import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Durability } from '../../ports/durability.ts';

/** Raise with every PGlite or PostgreSQL version whose data folders differ; a template is only ever copied, never migrated. */
const templateName = 'pglite-0.5.16';

/**
 * Makes a new data folder from a template in the cache, which is made once: initdb takes seconds, a copy a fraction.
 * The folder appears whole, by a rename, or not at all. One that is there already is left alone.
 */
export async function createFromTemplate(folder: string, cacheFolder: string, durability: Durability): Promise<void> {
  if (await exists(folder)) return;
  const template = await ensureTemplate(cacheFolder);
  await placeWhole(folder, durability, (staged) => {
    cpSync(template, staged, { recursive: true });
  });
}

async function ensureTemplate(cacheFolder: string): Promise<string> {
  const template = join(cacheFolder, 'database', templateName);
  if (!(await exists(template))) {
    await placeWhole(template, 'power', async (staged) => {
      await (await PGlite.create(staged)).close();
    });
  }
  return template;
}

/** Fills a folder beside the target and renames it; where another process was faster, its folder stays. */
async function placeWhole(
  target: string,
  durability: Durability,
  fill: (staged: string) => void | Promise<void>,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const workshop = await mkdtemp(`${target}.new-`);
  try {
    const staged = join(workshop, 'data');
    await fill(staged);
    if (durability === 'power') await syncTree(staged);
    await rename(staged, target);
    if (durability === 'power') await syncPath(dirname(target));
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function syncTree(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = [root, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  const inParallel = 8;
  await Promise.all(
    Array.from({ length: inParallel }, async (_, worker) => {
      for (let index = worker; index < paths.length; index += inParallel) await syncPath(paths[index] ?? root);
    }),
  );
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
