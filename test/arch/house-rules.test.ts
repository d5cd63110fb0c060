import { describe, expect, test } from 'vitest';
import { readsEnvironment } from './reads-environment.ts';
import { readSourceFiles } from './source-files.ts';

const files = readSourceFiles();
const product = files.filter(({ path }) => /^(src|workflows|activities)\//.test(path));
const tests = files.filter(({ path }) => path.startsWith('test/') && !path.startsWith('test/arch/'));

test('no file of the product is over 250 lines', () => {
  const long = product.filter(({ text }) => text.split('\n').length > 250);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('files are named in kebab-case, and none is a drawer for odds and ends', () => {
  const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|mjs|js)$/;
  const drawer = /^(utils?|helpers?|types?|common|misc|shared)\./;
  const bad = files.filter(({ path }) => {
    const base = path.slice(path.lastIndexOf('/') + 1);
    return !name.test(base) || drawer.test(base);
  });
  expect(bad.map(({ path }) => path)).toEqual([]);
});

test('no test is skipped, singled out or left for later', () => {
  const lame = /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|only|todo|fails|skipIf|runIf)\b/;
  expect(tests.filter(({ text }) => lame.test(text)).map(({ path }) => path)).toEqual([]);
});

test('every test lies in a folder that `npm test` runs', () => {
  const run = /^test\/(?:api|arch|contract|e2e|fault|policy|replay|unit|workflow)\//;
  const all = files.filter(({ path }) => path.endsWith('.test.ts'));
  expect(all.filter(({ path }) => !run.test(path)).map(({ path }) => path)).toEqual([]);
});

test('the type checker is never overruled', () => {
  const overruled = /@ts-(?:ignore|nocheck|expect-error)|\bas unknown as\b|oxlint-disable|biome-ignore/;
  const sources = files.filter(({ path }) => !path.startsWith('test/arch/'));
  expect(sources.filter(({ text }) => overruled.test(text)).map(({ path }) => path)).toEqual([]);
});

describe('the environment', () => {
  test('is read by src/config alone', () => {
    const readers = product.filter(({ path, text }) => !path.startsWith('src/config/') && readsEnvironment(path, text));
    expect(readers.map(({ path }) => path)).toEqual([]);
  });

  test.each([
    'const home = process.env.HOME;',
    "const home = process['env'].HOME;",
    'const { env } = process;',
    "import { env } from 'node:process';",
    "import { env as surroundings } from 'node:process';",
    'globalThis.process.env;',
  ])('is seen to be read by %s', (text) => {
    expect(readsEnvironment('src/domain/x.ts', text)).toBe(true);
  });

  test('is not read by a comment or another object’s env', () => {
    expect(readsEnvironment('src/domain/x.ts', '// process.env\nrequest.env.HOME; process.pid;')).toBe(false);
  });
});
