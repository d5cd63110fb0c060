import { targetOf } from './check-imports.ts';
import { readImports } from './read-imports.ts';
import type { SourceFile } from './source-files.ts';

/** The cycles of the import graph, types included: each as the files on the way round. */
export function findCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map(({ path, text }) => [path, neighboursOf(path, text)]));
  const done = new Set<string>();
  const way: string[] = [];
  const cycles: string[] = [];

  function walk(path: string): void {
    const start = way.indexOf(path);
    if (start >= 0) cycles.push([...way.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    way.push(path);
    for (const next of graph.get(path) ?? []) walk(next);
    way.pop();
    done.add(path);
  }

  for (const { path } of files) walk(path);
  return cycles;
}

function neighboursOf(path: string, text: string): string[] {
  return readImports(path, text).flatMap(({ specifier }) =>
    specifier?.startsWith('.') ? [targetOf(path, specifier)] : [],
  );
}
