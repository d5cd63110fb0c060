import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type ImportRow, importTable, notToBeImported } from './import-table.ts';
import { type Import, readImports } from './read-imports.ts';
import type { SourceFile } from './source-files.ts';

/** Every edge of `files` that the table does not allow, as a sentence; `all` are the files that there are. */
export function findForbiddenImports(files: readonly SourceFile[], all: readonly SourceFile[]): string[] {
  const paths = new Set(all.map(({ path }) => path));
  return files.flatMap(({ path, text }) => {
    const row = rowOf(path);
    if (row === undefined) return [`${path} belongs to no layer of the table`];
    return readImports(path, text).flatMap((edge) => {
      const wrong = whyForbidden(path, row, edge, paths);
      return wrong === undefined
        ? []
        : [`${path} (${row.layer}) imports ${edge.specifier ?? 'something computed'}: ${wrong}`];
    });
  });
}

/** The file that a relative specifier names. */
export function targetOf(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier.replace(/\?.*$/, '')));
}

export function rowOf(path: string): ImportRow | undefined {
  const fits = importTable.flatMap((row) =>
    row.files.filter((prefix) => path.startsWith(prefix)).map((prefix) => ({ row, prefix })),
  );
  return fits.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.row;
}

function whyForbidden(path: string, row: ImportRow, edge: Import, paths: ReadonlySet<string>): string | undefined {
  const { specifier } = edge;
  if (specifier === undefined) return mayCompute(row) ? undefined : 'nobody can tell what that is';
  if (specifier.startsWith('.')) return whyFileForbidden(path, row, edge, targetOf(path, specifier), paths);
  if (isBuiltin(specifier)) return whyBuiltinForbidden(row, specifier);
  return whyPackageForbidden(row, specifier);
}

/** Tests and set-up load files by a path that they compute; nothing that ships does. */
function mayCompute(row: ImportRow): boolean {
  return row.layer === 'test' || row.layer === 'scripts' || row.layer === 'bench';
}

function whyFileForbidden(
  path: string,
  row: ImportRow,
  edge: Import,
  target: string,
  paths: ReadonlySet<string>,
): string | undefined {
  if (!paths.has(target))
    return target.endsWith('.json') || target.startsWith('node_modules/') ? undefined : 'there is no such file';
  const other = rowOf(target);
  if (other === undefined) return 'it belongs to no layer';
  if (other.layer === row.layer)
    return row.apart && houseOf(path) !== houseOf(target) ? 'it is another folder’s own' : undefined;
  const guests = notToBeImported[other.layer];
  if (guests !== undefined) return guests.includes(row.layer) ? undefined : `${other.layer} is imported by nobody`;
  if (row.layers === 'every' || row.layers.includes(other.layer)) return undefined;
  if (row.typesOf?.includes(other.layer))
    return edge.typeOnly ? undefined : `of ${other.layer} it may import types only`;
  return `it may not know ${other.layer}`;
}

/** `src/adapters/keys-file` of `src/adapters/keys-file/key-file.ts`. */
function houseOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function whyBuiltinForbidden(row: ImportRow, specifier: string): string | undefined {
  if (!specifier.startsWith('node:')) return 'write it with node:';
  if (row.builtins === 'every' || row.builtins?.includes(specifier.slice('node:'.length))) return undefined;
  return 'it may not use this part of Node';
}

function whyPackageForbidden(row: ImportRow, specifier: string): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (row.packages === 'every' || row.packages?.includes(name)) return undefined;
  return `it may not use the package ${name}`;
}
