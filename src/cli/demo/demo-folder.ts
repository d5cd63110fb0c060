import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { findDataFolderOwner } from '../../adapters/data-folder/open-data-folder.ts';
import { runIdSchema } from '../../contracts/scalars.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { UsageError } from '../usage-error.ts';

const markerName = 'countersign-demo.json';

/** The request is kept whole: the same run id with another body would be another run, and is refused. */
const planSchema = z.strictObject({ v: z.literal(1), runId: runIdSchema, task: z.string().min(1).max(2_000) });

export interface DemoPlan {
  readonly runId: string;
  readonly task: string;
  /** An earlier demo on this folder had begun it. */
  readonly resumed: boolean;
}

/**
 * The demo's run on this folder, a new one where there is none. The folder is made for its owner alone.
 *
 * @throws UsageError for a folder that holds something else
 */
export async function openDemoFolder(folder: string, task: string): Promise<DemoPlan> {
  const entries = await entriesOf(folder);
  const kept = await readPlan(folder);
  if (kept !== undefined) return { runId: kept.runId, task: kept.task, resumed: true };
  if (entries.length > 0) throw notOurs(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const plan = { v: 1, runId: `demo-${randomBytes(4).toString('hex')}`, task } as const;
  const staged = join(folder, `${markerName}.new`);
  await writeFile(staged, `${JSON.stringify(plan)}\n`, { mode: 0o600 });
  await rename(staged, join(folder, markerName));
  return { runId: plan.runId, task, resumed: false };
}

/**
 * Removes everything the demo kept. Only a folder that carries the demo's marker, and that nobody has open.
 *
 * @throws CountersignError `data-folder-in-use`; UsageError for a folder that holds something else
 */
export async function removeDemoFolder(folder: string): Promise<void> {
  if ((await entriesOf(folder)).length === 0) return;
  if ((await readPlan(folder)) === undefined) throw notOurs(folder);
  await refuseIfOwned(folder);
  await rm(folder, { recursive: true, force: true });
}

/** @throws CountersignError `data-folder-in-use`, saying where the demo that runs already can be seen */
export async function refuseIfOwned(folder: string): Promise<void> {
  const owner = await findDataFolderOwner(folder);
  if (owner === undefined) return;
  const where = owner.url === undefined ? 'It is still starting.' : `It serves ${owner.url}`;
  throw new CountersignError('data-folder-in-use', {
    message: `The demo runs already, as process ${owner.pid}. ${where}`,
  });
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw notOurs(folder);
  }
}

async function readPlan(folder: string): Promise<z.output<typeof planSchema> | undefined> {
  try {
    return planSchema.parse(JSON.parse((await readFile(join(folder, markerName), 'utf8')).slice(0, 16_384)));
  } catch {
    return undefined;
  }
}

function notOurs(folder: string): UsageError {
  return new UsageError(
    `${folder} holds something else than the demo’s data, so the demo leaves it alone.`,
    'Choose another folder with --data DIR.',
  );
}
