import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { repositoryRoot } from './source-files.ts';

const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');
const dependenciesSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = dependenciesSchema.parse(JSON.parse(read('package.json')));
const lockfile = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ resolved: z.string().optional(), integrity: z.string().optional() }).loose(),
    ),
  })
  .parse(JSON.parse(read('package-lock.json')));
const everything = { ...manifest.dependencies, ...manifest.devDependencies };

test('every dependency is pinned to one version', () => {
  const loose = Object.entries(everything).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  expect(loose).toEqual([]);
});

test('the lockfile was made from the dependencies that are declared', () => {
  const root = dependenciesSchema.parse(lockfile.packages['']);
  expect({ ...root.dependencies, ...root.devDependencies }).toEqual(everything);
});

test('the lockfile names no host to download from', () => {
  const entries = Object.entries(lockfile.packages);
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([name]) => name)).toEqual([]);
});

test('the lockfile holds a digest of every package', () => {
  const entries = Object.entries(lockfile.packages).filter(([name]) => name !== '');
  expect(entries.filter(([, { integrity }]) => integrity === undefined).map(([name]) => name)).toEqual([]);
});

test('the project’s npm settings name no registry', () => {
  expect(read('.npmrc')).not.toMatch(/registry\s*=\s*http|_auth/i);
});

test('Temporal’s packages are of one version', () => {
  const versions = Object.entries(everything).filter(([name]) => name.startsWith('@temporalio/'));
  expect(new Set(versions.map(([, version]) => version)).size).toBe(1);
});
