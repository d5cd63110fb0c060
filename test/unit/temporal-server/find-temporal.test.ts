import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTemporal } from '../../../src/adapters/temporal-server/find-temporal.ts';
import type { TemporalSettings } from '../../../src/adapters/temporal-server/temporal-settings.ts';

const silent = () => undefined;

describe('finding a Temporal server', () => {
  let folder: string;
  let settings: TemporalSettings;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'find-temporal-'));
    settings = {
      address: undefined,
      searchPath: join(folder, 'bin'),
      cacheFolder: join(folder, 'cache'),
      childEnvironment: {},
    };
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'cache', 'temporal'), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const install = async (file: string, help: string) => {
    await writeFile(file, `#!/bin/sh\necho '${help}'\n`);
    await chmod(file, 0o755);
    return file;
  };
  const devServer = '--db-filename --dynamic-config-value';

  test('a configured address comes before every binary', async () => {
    await install(join(folder, 'bin', 'temporal'), devServer);
    const found = await findTemporal({ ...settings, address: 'temporal.example:7233' }, silent);
    expect(found).toEqual({ kind: 'running', address: 'temporal.example:7233' });
  });

  test('the command on the PATH comes before the cache', async () => {
    const onPath = await install(join(folder, 'bin', 'temporal'), devServer);
    await install(join(folder, 'cache', 'temporal', 'temporal'), devServer);
    expect(await findTemporal(settings, silent)).toEqual({ kind: 'binary', file: onPath, origin: 'path' });
  });

  test('a command that only shares the name is passed over', async () => {
    await install(join(folder, 'bin', 'temporal'), 'a calendar');
    const cached = await install(join(folder, 'cache', 'temporal', 'temporal'), devServer);
    expect(await findTemporal(settings, silent)).toEqual({ kind: 'binary', file: cached, origin: 'cache' });
  });
});
