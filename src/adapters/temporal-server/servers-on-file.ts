import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';
import { databaseFlag } from './dev-server-arguments.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

const execute = promisify(execFile);

/**
 * Every live dev server that was started on this database file. Needed beside the record: a kill -9 between
 * starting the child and writing the record leaves a server that no record names.
 */
export async function serversOnFile(databaseFile: string): Promise<ProcessIdentity[]> {
  const pids = process.platform === 'linux' ? await pidsFromProc(databaseFile) : await pidsFromPs(databaseFile);
  const identities = await Promise.all(pids.map(identifyProcess));
  return identities.filter((identity) => identity !== undefined);
}

async function pidsFromProc(databaseFile: string): Promise<number[]> {
  const entries = await readdir('/proc');
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const matches = await Promise.all(pids.map((pid) => isServerOn(pid, databaseFile)));
  return pids.filter((_, index) => matches[index]);
}

async function isServerOn(pid: number, databaseFile: string): Promise<boolean> {
  try {
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return args.includes('start-dev') && args[args.indexOf(databaseFlag) + 1] === databaseFile;
  } catch {
    return false; // it ended meanwhile
  }
}

async function pidsFromPs(databaseFile: string): Promise<number[]> {
  const { stdout } = await execute('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 });
  const marker = ` ${databaseFlag} ${databaseFile} `;
  const lines = stdout.split('\n').filter((line) => line.includes(' start-dev ') && line.includes(marker));
  return lines.map((line) => Number.parseInt(line, 10));
}
