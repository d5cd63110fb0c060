import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the project needs in a build for this very platform. npm leaves an optional binary out in silence, so each is
 * loaded once, under the pinned Node, as it will be used.
 */
const probes = [
  { name: 'node', args: ['--version'] },
  { name: '@temporalio/core-bridge', args: ['-e', "require('@temporalio/core-bridge')"] },
  { name: '@swc/core', args: ['-e', "require('@swc/core').transformSync('1')"] },
  { name: 'rolldown', args: ['--input-type=module', '-e', "await import('rolldown')"] },
  { name: 'oxc-parser', args: ['-e', "require('oxc-parser').parseSync('a.ts', '1')"] },
  { name: '@biomejs/biome', args: ['node_modules/@biomejs/biome/bin/biome', '--version'] },
  { name: 'oxlint', args: ['node_modules/oxlint/bin/oxlint', '--version'] },
  { name: 'oxlint-tsgolint', args: ['node_modules/oxlint-tsgolint/bin/tsgolint.js', '--help'] },
  { name: 'typescript', args: ['node_modules/typescript/bin/tsc', '--version'] },
];

/** @returns {string[]} the packages that do not load */
export function brokenNativePackages(root, pinnedNode) {
  if (!existsSync(pinnedNode)) return [join('node', 'bin', 'node')];
  return probes.filter(({ args }) => !loads(root, pinnedNode, args)).map(({ name }) => name);
}

function loads(root, pinnedNode, args) {
  const probe = spawnSync(pinnedNode, args, { cwd: root, stdio: 'ignore', timeout: 60_000 });
  return probe.status === 0;
}
