import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { type Browser, chromium } from 'playwright-core';
import { findExecutable } from '../../src/adapters/temporal-server/find-executable.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const applications = ['/usr/bin', '/snap/bin', '/Applications/Google Chrome.app/Contents/MacOS'];

/** Chromium’s own calls home would only fail on a closed network, and slow the tests down. */
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];

/** A headless Chromium: the one that is named, on the PATH, Playwright’s, or the distribution’s package. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...quiet, ...sandbox, '--disable-gpu', '--no-first-run'] });
}

/** @throws Error with the commands that would provide a browser */
export async function findBrowser(): Promise<string> {
  const { COUNTERSIGN_CHROMIUM } = process.env;
  if (COUNTERSIGN_CHROMIUM) return COUNTERSIGN_CHROMIUM;
  const found = (await findOnPath()) ?? (await findPlaywrights());
  if (found !== undefined) return found;
  if (await installPackage()) {
    const installed = await findOnPath();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'The browser tests need Chromium. Install your distribution’s package (Debian: `apt-get install chromium`), or run ' +
      '`npx playwright-core install chromium`, or name one in COUNTERSIGN_CHROMIUM.',
  );
}

async function findOnPath(): Promise<string | undefined> {
  const searchPath = [process.env.PATH ?? '', ...applications].join(delimiter);
  for (const name of names) {
    const file = await findExecutable(name, searchPath);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** Playwright knows where its own would be for this version; another version’s does as well. */
async function findPlaywrights(): Promise<string | undefined> {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  const folders = listFolder(cache).filter((name) => name.startsWith('chromium-'));
  for (const folder of folders.sort().reverse()) {
    const file = await findExecutable('chrome', join(cache, folder, 'chrome-linux'));
    if (file !== undefined) return file;
  }
  return undefined;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Only root may, and only where the distribution has apt; anyone else is told what to do. */
async function installPackage(): Promise<boolean> {
  const apt = await findExecutable('apt-get', process.env.PATH ?? '');
  if (apt === undefined || process.getuid?.() !== 0) return false;
  process.stderr.write('Installing Chromium for the browser tests (apt-get install chromium) …\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  const run = (args: string[]) => spawnSync(apt, args, { env, stdio: 'ignore', timeout: 10 * 60_000 }).status === 0;
  return run(install) || (run(['update']) && run(install));
}
