import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '..', '..');

const sourceFolders = ['src', 'workflows', 'activities', 'examples', 'bench', 'test', 'scripts'];
const sourceFile = /\.(ts|mts|cts|js|mjs|cjs)$/;

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every program file of the repository. */
export function readSourceFiles(): SourceFile[] {
  const paths = sourceFolders.flatMap((folder) => filesBelow(join(repositoryRoot, folder)));
  return ['vitest.config.ts', ...paths.map((path) => relative(repositoryRoot, path).split(sep).join('/'))]
    .filter((path) => sourceFile.test(path))
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }));
}

export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
