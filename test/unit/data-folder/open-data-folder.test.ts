import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findDataFolderOwner, openDataFolder } from '../../../src/adapters/data-folder/open-data-folder.ts';

const ownerProgram = new URL('./folder-owner.ts', import.meta.url).pathname;
const url = 'http://127.0.0.1:7070';

describe('a data folder', () => {
  let base: string;
  let path: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'data-folder-')));
    path = join(base, 'data');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(base, { recursive: true, force: true });
  });

  /** Another process that tries to own the folder, and the line in which it says how that went. */
  const contend = async ({ childSeconds = 0 } = {}) => {
    const args = [ownerProgram, path, url, String(childSeconds)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return { child, line: String(line) };
  };

  test('it is created for its owner alone', async () => {
    const folder = await openDataFolder(path);
    expect(folder.path).toBe(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await folder.release();
  });

  test('a second opener in the same process is refused', async () => {
    const folder = await openDataFolder(path);
    await expect(openDataFolder(path)).rejects.toMatchObject({ code: 'data-folder-in-use' });
    await folder.release();
    await (await openDataFolder(path)).release();
  });

  test('another process is refused and told the owner’s address', async () => {
    const { line } = await contend();
    expect(line).toBe('owner');
    await expect(openDataFolder(path)).rejects.toMatchObject({
      code: 'data-folder-in-use',
      message: expect.stringContaining(url),
    });
    expect(await findDataFolderOwner(path)).toMatchObject({ url });
  });

  test('another name for the same folder does not get round its owner', async () => {
    const folder = await openDataFolder(path);
    await symlink(path, join(base, 'alias'));
    await expect(openDataFolder(join(base, 'alias'))).rejects.toMatchObject({ code: 'data-folder-in-use' });
    await folder.release();
  });

  test('of many processes that race for it exactly one gets it', async () => {
    const lines = (await Promise.all(Array.from({ length: 6 }, () => contend()))).map(({ line }) => line);
    expect(lines.filter((line) => line === 'owner')).toHaveLength(1);
    expect(lines.filter((line) => line === 'data-folder-in-use')).toHaveLength(5);
  });

  test('an owner that is killed leaves it free at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { child, line } = await contend();
      expect(line).toBe('owner');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await findDataFolderOwner(path)).toBeUndefined();
    }
    await (await openDataFolder(path)).release();
  });

  test('a released folder has no owner', async () => {
    const folder = await openDataFolder(path);
    await folder.announce(url);
    await folder.release();
    await folder.release();
    expect(await findDataFolderOwner(path)).toBeUndefined();
  });

  test('a child that outlives its owner does not keep it', async () => {
    const { child } = await contend({ childSeconds: 3 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const folder = await openDataFolder(path);
    expect(folder.ownerInfo.pid).toBe(process.pid);
    await folder.release();
  });

  test('a folder that others can enter and that is not ours is refused and left as it was', async () => {
    await mkdir(path, { mode: 0o755 });
    await chmod(path, 0o755);
    await writeFile(join(path, 'diary.txt'), 'private');
    await expect(openDataFolder(path)).rejects.toMatchObject({ code: 'invalid-configuration' });
    expect((await stat(path)).mode & 0o777).toBe(0o755);
  });

  test('a folder of ours that was opened to others is closed to them again', async () => {
    await (await openDataFolder(path)).release();
    await chmod(path, 0o755);
    await (await openDataFolder(path)).release();
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  test('a file in its place is refused', async () => {
    await writeFile(path, '');
    await expect(openDataFolder(path)).rejects.toMatchObject({ code: 'invalid-configuration' });
  });
});
