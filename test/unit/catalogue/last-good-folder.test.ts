import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLastGoodFolder } from '../../../src/reviewed-files/last-good-folder.ts';
import { temporaryFolder } from '../../policy/temporary-folder.ts';

test('what was kept last is the newest, and each set is in the history once', async () => {
  const kept = openLastGoodFolder(join(await temporaryFolder(), 'deep', 'er'));
  expect(await kept.newest()).toBeUndefined();
  await kept.keep({ 'a.txt': '1' });
  await kept.keep({ 'a.txt': '2' });
  await kept.keep({ 'a.txt': '1' });
  expect(await kept.newest()).toEqual({ 'a.txt': '1' });
  expect(await kept.history()).toHaveLength(2);
});

test('a set that was changed on disk is passed over', async () => {
  const folder = await temporaryFolder();
  const kept = openLastGoodFolder(folder);
  await kept.keep({ 'a.txt': '1' });
  const [name = ''] = (await readdir(folder)).filter((entry) => entry.endsWith('.json'));
  await writeFile(join(folder, name), (await readFile(join(folder, name), 'utf8')).replace('1', '2'));
  expect(await kept.newest()).toBeUndefined();
  expect(await kept.history()).toEqual([]);
});

test('a pointer that leads elsewhere leads nowhere', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'current'), '../../etc/passwd');
  expect(await openLastGoodFolder(folder).newest()).toBeUndefined();
});

test('nobody else can read what is kept', async () => {
  const folder = join(await temporaryFolder(), 'kept');
  await openLastGoodFolder(folder).keep({ 'a.txt': '1' });
  expect((await stat(folder)).mode & 0o077).toBe(0);
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
});
