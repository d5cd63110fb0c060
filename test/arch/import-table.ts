/**
 * Who may import whom: ARCHITECTURE.md's table as data. What a row does not name, it may not import; a file that no
 * row covers may not exist. `files` are path prefixes, and the longest that fits decides.
 */
export interface ImportRow {
  readonly layer: string;
  readonly files: readonly string[];
  /** Layers whose values and types it may import; its own is always among them. */
  readonly layers: readonly string[] | 'every';
  /** Layers of which it may import types only. */
  readonly typesOf?: readonly string[];
  /** Packages, each with all its subpaths. */
  readonly packages?: readonly string[] | 'every';
  /** Node's builtins, without `node:`. */
  readonly builtins?: readonly string[] | 'every';
  /** Each subfolder is a house of its own: no file imports from a sibling folder. */
  readonly apart?: true;
}

export const importTable: readonly ImportRow[] = [
  { layer: 'domain', files: ['src/domain/'], layers: [] },
  { layer: 'contracts', files: ['src/contracts/'], layers: ['domain'], packages: ['zod'] },
  { layer: 'ports', files: ['src/ports/'], layers: ['domain'], typesOf: ['contracts'] },
  {
    layer: 'digest',
    files: ['src/digest/'],
    layers: ['domain'],
    typesOf: ['contracts', 'ports'],
    packages: ['canonicalize'],
    builtins: ['crypto'],
  },
  {
    layer: 'reviewed-files',
    files: ['src/reviewed-files/'],
    layers: ['domain', 'digest'],
    packages: ['yaml', 'zod'],
    builtins: ['fs', 'fs/promises', 'path'],
  },
  {
    layer: 'config',
    files: ['src/config/'],
    layers: ['domain', 'contracts', 'ports'],
    packages: ['zod'],
    builtins: ['fs', 'fs/promises', 'os', 'path', 'process'],
  },
  {
    layer: 'adapters',
    files: ['src/adapters/'],
    layers: ['domain', 'contracts', 'ports', 'digest', 'reviewed-files'],
    packages: 'every',
    builtins: 'every',
    apart: true,
  },
  {
    // It sends the signals and starts the workflow, so it must speak their names.
    layer: 'run-engine-adapter',
    files: ['src/adapters/run-engine-temporal/'],
    layers: ['domain', 'contracts', 'ports', 'digest', 'workflow-messages'],
    packages: ['@temporalio/client', '@temporalio/common', 'zod'],
    builtins: 'every',
  },
  {
    // All that programs beside the workflow may know of it.
    layer: 'workflow-messages',
    files: ['workflows/messages.ts'],
    layers: ['domain'],
    typesOf: ['contracts'],
    packages: ['@temporalio/common', '@temporalio/workflow'],
  },
  {
    layer: 'workflows',
    files: ['workflows/'],
    layers: ['domain', 'workflow-messages'],
    typesOf: ['contracts'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  {
    layer: 'activities',
    files: ['activities/'],
    layers: ['domain', 'contracts', 'ports', 'digest'],
    packages: ['@temporalio/activity', '@temporalio/common'],
  },
  {
    layer: 'api',
    files: ['src/api/'],
    layers: ['domain', 'contracts', 'ports', 'digest', 'workflow-messages'],
    packages: ['@hono/node-server', '@temporalio/client', 'hono', 'zod'],
    builtins: 'every',
  },
  {
    layer: 'web',
    files: ['src/web/'],
    layers: ['domain', 'contracts', 'ports', 'digest', 'workflow-messages', 'api'],
    packages: ['@temporalio/client', 'hono', 'zod'],
    builtins: 'every',
  },
  {
    // Runs wherever `fetch` does.
    layer: 'client',
    files: ['src/client/'],
    layers: ['domain'],
    typesOf: ['contracts'],
  },
  { layer: 'main', files: ['src/main/'], layers: 'every', packages: 'every', builtins: 'every' },
  { layer: 'cli', files: ['src/cli/'], layers: 'every', packages: 'every', builtins: 'every' },
  {
    // Somebody else's programs: they know of us what anybody can know.
    layer: 'examples',
    files: ['examples/'],
    layers: ['client'],
    packages: 'every',
    builtins: 'every',
  },
  { layer: 'bench', files: ['bench/'], layers: 'every', packages: 'every', builtins: 'every' },
  { layer: 'test', files: ['test/', 'vitest.config.ts'], layers: 'every', packages: 'every', builtins: 'every' },
  {
    // Set-up runs before anything is installed; it only starts programs, by name.
    layer: 'scripts',
    files: ['scripts/'],
    layers: [],
    packages: ['vitest'],
    builtins: 'every',
  },
  {
    layer: 'docs-generator',
    files: ['scripts/generate-docs.ts', 'scripts/setup/reference-pages.ts'],
    layers: ['config'],
    builtins: ['fs/promises', 'path'],
  },
];

/** Composition roots see everything, and few see them; benches share the tests’ fake hosts, and the product neither. */
export const notToBeImported: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'bench', 'test'],
  cli: ['test'],
  test: ['bench'],
  bench: ['test'],
  scripts: ['test'],
};
