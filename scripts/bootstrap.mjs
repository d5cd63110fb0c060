#!/usr/bin/env node
/**
 * Sets the checkout up, then runs a program of it with the pinned Node:
 *
 *     node scripts/bootstrap.mjs [program [arguments…]]
 *
 * Needs nothing but a Node of version 18 or later and npm. Does nothing, quickly, when nothing is to do.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { digestOfDependencies, pinnedNodeVersion } from './setup/dependency-digest.mjs';
import { installDependencies } from './setup/install-dependencies.mjs';
import { brokenNativePackages } from './setup/native-packages.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { withSetupLock } from './setup/setup-lock.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.countersign-setup');
const pinnedNode = join(modules, 'node', 'bin', 'node');

/** True if node_modules was set up from exactly these dependencies, on this platform, and found to load. */
function isReady() {
  return existsSync(pinnedNode) && readStamp() === digestOfDependencies(root);
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : undefined;
}

async function setUp() {
  const say = (sentence) => process.stderr.write(`${sentence}\n`);
  const [major, minor] = process.versions.node.split('.').map(Number);
  const wanted = pinnedNodeVersion(root);
  if (major < 22 || (major === 22 && minor < 18)) {
    say(
      `Your Node is ${process.versions.node}; Countersign brings its own ${wanted}, so npm’s engine warnings are left out.`,
    );
  }
  await installDependencies({ root, say, lockfile: 'use' });
  let broken = brokenNativePackages(root, pinnedNode);
  if (broken.length > 0) {
    say(`The lockfile has no build of ${broken.join(', ')} for this platform: installing without the lockfile.`);
    await installDependencies({ root, say, lockfile: 'ignore' });
    broken = brokenNativePackages(root, pinnedNode);
  }
  if (broken.length > 0) {
    throw new SetupError(
      `These packages do not load on ${process.platform} ${process.arch}: ${broken.join(', ')}.`,
      'Countersign runs on Linux with glibc and on macOS, x64 or arm64. If yours is one, delete node_modules and try again.',
    );
  }
  writeFileSync(stampFile, `${digestOfDependencies(root)}\n`);
  say('Dependencies are ready.');
}

/** Runs the program with the pinned Node, so that each signal reaches it exactly once and its exit code is ours. */
async function run(program, args) {
  const command = [resolve(root, program), ...args];
  const onTerminal = isatty(0);
  // On a terminal, Ctrl-C reaches the whole foreground group, and npm passes it on to us a second time: then we stay
  // between npm and the program. Everywhere else the program takes our place.
  const passedOnTwice = onTerminal && process.env.npm_lifecycle_event !== undefined;
  const inPinnedNode = resolve(process.execPath) === pinnedNode;
  if (inPinnedNode && !passedOnTwice && typeof process.execve === 'function') {
    process.execve(pinnedNode, [pinnedNode, ...command], process.env);
  }
  const child = spawn(pinnedNode, command, { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  process.on('SIGINT', () => {
    if (!onTerminal) child.kill('SIGINT');
  });
  const { code, signal } = await new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done({ code, signal }));
  });
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exitCode = code ?? 1;
}

function checkNpm() {
  const npm = spawnSync('npm', ['--version'], { encoding: 'utf8' });
  if (npm.status !== 0) {
    throw new SetupError(
      'npm was not found.',
      'Install Node 18 or later with npm from https://nodejs.org, then try again.',
    );
  }
}

try {
  if (!isReady()) {
    checkNpm();
    await withSetupLock(root, async () => {
      if (!isReady()) await setUp();
    });
  }
  const [program, ...args] = process.argv.slice(2);
  if (program !== undefined) await run(program, args);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n${error.remedy}\n`);
  process.exitCode = 1;
}
