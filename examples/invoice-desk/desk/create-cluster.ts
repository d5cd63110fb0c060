import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

/** The desk is small, and memory that PostgreSQL sets aside for pages is resident from the start: 4 MB instead of 128. */
export const startParams: readonly string[] = [...PGlite.defaultStartParams, '-c', 'shared_buffers=4MB'];

const modules = new URL('../../../node_modules/', import.meta.url);

/**
 * A fresh PostgreSQL cluster in an empty folder. Initialising one takes seconds, unpacking a copy half of one,
 * so the first is kept beside the installed packages; where it cannot be kept or used, nothing is lost but time.
 */
export async function createCluster(folder: string): Promise<PGlite> {
  const file = new URL(`.cache/countersign/pglite-${installedVersion()}.tar.gz`, modules);
  return (await unpackCluster(folder, file)) ?? initialiseCluster(folder, file);
}

async function unpackCluster(folder: string, file: URL): Promise<PGlite | undefined> {
  try {
    return await PGlite.create(folder, { startParams: [...startParams], loadDataDir: new Blob([readFileSync(file)]) });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    rmSync(file, { force: true });
    return undefined;
  }
}

async function initialiseCluster(folder: string, file: URL): Promise<PGlite> {
  const pglite = await PGlite.create(folder, { startParams: [...startParams] });
  const unfinished = new URL(`${file.href}.${process.pid}`);
  try {
    const copy = await pglite.dumpDataDir('gzip');
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(unfinished, Buffer.from(await copy.arrayBuffer()));
    renameSync(unfinished, file);
  } catch {
    rmSync(unfinished, { force: true });
  }
  return pglite;
}

function installedVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('@electric-sql/pglite/package.json', modules), 'utf8'),
  );
  return version;
}
