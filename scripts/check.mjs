/** `npm run check`: format and import order, lint with types, types, unused code. Runs all four, then tells. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folders = ['src', 'workflows', 'activities', 'examples', 'bench', 'test', 'scripts', 'vitest.config.ts'];
const present = folders.filter((folder) => existsSync(resolve(root, folder)));

const checks = [
  { name: 'format and import order', program: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
  { name: 'lint', program: 'oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings', ...present] },
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'unused code and dependencies', program: 'knip/bin/knip.js', args: [] },
];

const failed = checks.filter(({ name, program, args }) => {
  console.log(`— ${name}`);
  const { status } = spawnSync(process.execPath, [`node_modules/${program}`, ...args], { cwd: root, stdio: 'inherit' });
  return status !== 0;
});

if (failed.length > 0)
  console.log(`Failed: ${failed.map(({ name }) => name).join(', ')}. \`npm run format\` mends the first.`);
else console.log('All checks passed.');
process.exitCode = failed.length > 0 ? 1 : 0;
