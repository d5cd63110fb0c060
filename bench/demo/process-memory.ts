import { readdir, readFile } from 'node:fs/promises';

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
  readonly residentBytes: number;
}

/** A process and all that came of it, as /proc has them; empty where the system has no /proc. */
export async function processTree(root: number): Promise<readonly RunningProcess[]> {
  const entries = await readdir('/proc').catch(() => []);
  const all = await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))));
  const processes = all.filter((process) => process !== undefined);
  const family = new Set([root]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.filter(({ pid }) => family.has(pid));
}

/** Undefined where it has ended meanwhile. */
export async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    const [status, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (parent === undefined || kilobytes === undefined) return undefined;
    const words = commandLine.replaceAll('\0', ' ');
    return { pid, parent: Number(parent), commandLine: words, residentBytes: Number(kilobytes) * 1_024 };
  } catch {
    return undefined;
  }
}
