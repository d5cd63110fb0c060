import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { keepTemporal, withBuildFolder } from './cached-temporal.ts';
import type { Acquired } from './download-temporal.ts';
import { runsStartDev } from './runs-start-dev.ts';
import { temporalCliModule } from './temporal-cli-version.ts';
import type { Progress } from './temporal-settings.ts';

/** Packages that the build compiles with an empty Go cache; only for the progress report. */
const packagesToCompile = 1300;
const reportEveryMs = 20_000;
const keptErrorBytes = 4000;

export interface GoInstall {
  /** The `go` command, if there is one. */
  readonly go: string | undefined;
  readonly cacheFolder: string;
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
}

/** Builds the Temporal CLI from source into our cache. */
export async function installTemporalWithGo(install: GoInstall): Promise<Acquired> {
  const { go, cacheFolder, progress } = install;
  if (go === undefined) return { ok: false, reason: 'Go was not found' };
  progress(`Building the Temporal server from source: ${temporalCliModule}, once, about 5 minutes on two cores …`);
  return withBuildFolder(cacheFolder, async (folder) => {
    const failure = await goInstall(go, folder, install);
    if (failure !== undefined) return { ok: false, reason: failure };
    const built = join(folder, 'temporal');
    if (!(await runsStartDev(built))) return { ok: false, reason: 'the built server does not start' };
    const file = await keepTemporal(cacheFolder, built);
    progress(`The Temporal server is built: ${file}`);
    return { ok: true, file };
  });
}

/** Resolves with the reason of a failure. */
function goInstall(go: string, folder: string, { childEnvironment, progress }: GoInstall): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = ['install', '-v', '-ldflags=-s -w', temporalCliModule];
    const build = spawn(go, args, {
      cwd: folder,
      env: { ...childEnvironment, GOBIN: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const started = Date.now();
    let compiled = 0;
    let tail = '';
    build.stderr.setEncoding('utf8');
    build.stderr.on('data', (text: string) => {
      compiled += text.split('\n').filter(isPackageLine).length;
      tail = (tail + text).slice(-keptErrorBytes);
    });
    const reports = setInterval(() => progress(building(started, compiled)), reportEveryMs);
    build.once('error', (error) => {
      clearInterval(reports);
      resolve(`go does not start: ${error.message}`);
    });
    build.once('close', (code) => {
      clearInterval(reports);
      resolve(code === 0 ? undefined : `go install failed: ${lastErrors(tail)}`);
    });
  });
}

/** `go install -v` prints the name of each package that it compiles, and lines with spaces for everything else. */
function isPackageLine(line: string): boolean {
  return /^[\w./~-]+$/.test(line);
}

function building(started: number, compiled: number): string {
  const seconds = Math.round((Date.now() - started) / 1000);
  const share = Math.min(99, Math.floor((compiled / packagesToCompile) * 100));
  return `  still building the Temporal server: ${seconds} s, ${share} % of its packages`;
}

function lastErrors(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !isPackageLine(line));
  return lines.slice(-3).join(' ') || 'no reason given';
}
