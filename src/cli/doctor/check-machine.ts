import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { findExecutable } from '../../adapters/temporal-server/find-executable.ts';
import type { Configuration } from '../../config/configuration.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const leastNode = [22, 18] as const;

export function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const text = `${process.versions.node} on ${process.platform} ${process.arch}`;
  return isNewEnough
    ? ok('Node', text)
    : fail(
        'Node',
        `${text}; ${leastNode.join('.')} or later is needed`,
        'Start it with `npm run countersign -- …`, which brings its own Node.',
      );
}

/** Loaded here as they will be used: npm leaves a binary out in silence where its platform’s build cannot be had. */
const natives: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['@temporalio/worker', () => import('@temporalio/worker')],
  ['@cedar-policy/cedar-wasm', () => import('@cedar-policy/cedar-wasm/nodejs')],
  ['@electric-sql/pglite', () => import('@electric-sql/pglite')],
  ['node:sqlite', () => import('node:sqlite')],
];

export async function checkNativePackages(): Promise<Finding> {
  const loaded = await Promise.allSettled(natives.map(([, load]) => load()));
  const broken = natives.filter((_, at) => loaded[at]?.status === 'rejected').map(([name]) => name);
  if (broken.length === 0) return ok('Packages', 'the native ones load');
  return fail(
    'Packages',
    `${broken.join(', ')} do not load`,
    'Delete node_modules, then start any command with `npm run`: it installs what this platform needs.',
  );
}

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

export async function checkChromium({ chromium, surroundings }: Configuration): Promise<Finding> {
  if (chromium !== undefined) return ok('Chromium', `${chromium} (COUNTERSIGN_CHROMIUM)`);
  for (const name of chromiumNames) {
    const file = await findExecutable(name, `${surroundings.searchPath}:/usr/bin:/snap/bin`);
    if (file !== undefined) return ok('Chromium', file);
  }
  const folders = await readdir(join(surroundings.home, '.cache', 'ms-playwright')).catch(() => []);
  if (folders.some((folder) => folder.startsWith('chromium'))) return ok('Chromium', 'Playwright’s own');
  return warn(
    'Chromium',
    'not found; only the browser tests need it',
    'apt-get install chromium, or: npx playwright-core install chromium',
  );
}
