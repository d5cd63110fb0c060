import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

function readManifest(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** The digest of everything that decides what an installation contains: a changed npm script does not change it. */
export function digestOfDependencies(root) {
  const { dependencies, devDependencies, optionalDependencies, overrides, allowScripts } = readManifest(root);
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ dependencies, devDependencies, optionalDependencies, overrides, allowScripts }));
  const lockfile = join(root, 'package-lock.json');
  if (existsSync(lockfile)) hash.update(readFileSync(lockfile));
  hash.update(`${process.platform}-${process.arch}`);
  return `sha256:${hash.digest('hex')}`;
}

export function pinnedNodeVersion(root) {
  return readManifest(root).devDependencies.node;
}
