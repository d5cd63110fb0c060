import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../digest/digest.ts';
import { isJsonObject } from '../domain/json.ts';
import { parseYaml } from './parse-yaml.ts';
import { readReviewedFile } from './read-reviewed-file.ts';
import type { SourceFiles } from './source-files.ts';

const maxSnapshotBytes = 16 * 1024 * 1024;
const maxSnapshots = 256;

/** Sets of source files that were once in force, by content; the newest is what a restart falls back on. */
export interface LastGood {
  /** Durable when it resolves. Keeping the same files again only makes them the newest. */
  keep(files: SourceFiles): Promise<void>;
  newest(): Promise<SourceFiles | undefined>;
  /** At most 256 sets, newest first. */
  history(): Promise<readonly SourceFiles[]>;
}

/**
 * A folder with one file a set, named by its digest, and `current`, which names the newest.
 * A crash leaves at most a `.part` file; a set whose content is not its name is passed over.
 */
export function openLastGoodFolder(folder: string): LastGood {
  return {
    async keep(files) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = digestOf('content', files).replace(':', '-');
      await writeDurably(folder, `${name}.json`, JSON.stringify(files));
      await writeDurably(folder, 'current', name);
    },
    async newest() {
      const current = await readReviewedFile(folder, ['current']);
      return 'text' in current ? readSnapshot(folder, `${current.text}.json`) : undefined;
    },
    async history() {
      const names = await snapshotsNewestFirst(folder);
      const snapshots = await Promise.all(names.slice(0, maxSnapshots).map((name) => readSnapshot(folder, name)));
      return snapshots.filter((snapshot) => snapshot !== undefined);
    },
  };
}

async function writeDurably(folder: string, name: string, text: string): Promise<void> {
  const part = join(folder, `${name}.${process.pid}.part`);
  try {
    const file = await open(part, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, join(folder, name));
    await syncFolder(folder);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function snapshotsNewestFirst(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  const names = entries.filter((entry) => /^sha256-[0-9a-f]{64}\.json$/.test(entry));
  const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  return dated.toSorted((a, b) => b.at - a.at || a.name.localeCompare(b.name)).map(({ name }) => name);
}

async function readSnapshot(folder: string, name: string): Promise<SourceFiles | undefined> {
  const read = await readReviewedFile(folder, [name], maxSnapshotBytes);
  if ('rule' in read) return undefined;
  const parsed = parseYaml(read.text);
  if (!('value' in parsed) || !isJsonObject(parsed.value)) return undefined;
  const entries = Object.entries(parsed.value);
  const files: Record<string, string> = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const intact =
    `${digestOf('content', files).replace(':', '-')}.json` === name && entries.length === Object.keys(files).length;
  return intact ? files : undefined;
}
