import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.mjs';

const noise = /EBADENGINE|^npm (warn|WARN) (deprecated|Unknown (user|project|env|builtin) config)/;

/**
 * `npm install`, quiet but with progress. `npm ci` is not used: a lockfile made where some platforms’ optional
 * binaries could not be had lacks them, and `npm ci` then refuses it everywhere.
 *
 * @param {{ root: string, say: (sentence: string) => void, lockfile: 'use' | 'ignore' }} options
 */
export async function installDependencies({ root, say, lockfile }) {
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--no-progress'];
  if (lockfile === 'ignore') {
    // npm repeats what node_modules already holds, gaps included, so it has to go.
    rmSync(join(root, 'node_modules'), { recursive: true, force: true });
    args.push('--no-package-lock');
  }
  say('Installing dependencies (about 40 seconds the first time) …');
  const started = Date.now();
  const ticker = setInterval(() => say(`  still installing, ${seconds(started)} s …`), 15_000);
  try {
    const { code, output } = await runNpm(root, args);
    if (code !== 0) throw new SetupError(`npm install failed:\n${output}`, remedyFor(output));
  } finally {
    clearInterval(ticker);
  }
}

function runNpm(root, args) {
  return new Promise((done, failed) => {
    const npm = spawn('npm', args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks = [];
    npm.stdout.on('data', (chunk) => chunks.push(chunk));
    npm.stderr.on('data', (chunk) => chunks.push(chunk));
    npm.once('error', failed);
    npm.once('close', (code) => done({ code, output: lastLines(Buffer.concat(chunks).toString('utf8')) }));
  });
}

function lastLines(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !noise.test(line));
  return lines.slice(-25).join('\n');
}

function remedyFor(output) {
  if (/ENOTFOUND|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN|ECONNRESET/.test(output)) {
    return 'The package registry was not reached: check the network, or `npm config get registry` and its proxy settings.';
  }
  if (/EACCES|EPERM/.test(output)) return 'The folder is not writable: use a checkout of your own.';
  if (/ENOSPC/.test(output)) return 'The disk is full: about 1 GB is needed.';
  return 'Mend what npm names above and try again.';
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000);
}
