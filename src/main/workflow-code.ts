import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { failureConverterPath } from '../adapters/codec-aes-gcm/create-data-converter.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The bundle of `workflows/`, made once per content of its sources and kept in a folder: bundling takes seconds,
 * and every start would pay them. The name holds the digest of everything that goes into it.
 */
export async function workflowCode(cacheFolder: string): Promise<WorkflowBundleWithSourceMap> {
  const file = join(cacheFolder, `workflows-${await sourceDigest()}.js`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return { code: kept, sourceMap: '' };
  const bundle = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    failureConverterPath,
    logger: quiet,
  });
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  const staged = `${file}.${process.pid}`;
  await writeFile(staged, bundle.code, { mode: 0o600 });
  await rename(staged, file);
  return bundle;
}

async function sourceDigest(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'src/domain', 'src/contracts']) {
    for (const name of (await readdir(join(root, folder))).sort()) {
      if (name.endsWith('.ts')) hash.update(`${folder}/${name}\0`).update(await readFile(join(root, folder, name)));
    }
  }
  for (const file of [failureConverterPath, join(root, 'package.json')]) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 24);
}

const silent = () => undefined;
const quiet = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
