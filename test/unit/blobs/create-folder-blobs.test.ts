import { mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBlobCache } from '../../../src/adapters/blobs-folder/blob-cache.ts';
import { createFolderBlobs, maxBlobBytes } from '../../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { type FileKeys, openFileKeys } from '../../../src/adapters/keys-file/open-file-keys.ts';
import { canonicalJson } from '../../../src/digest/canonical-json.ts';
import type { JsonValue } from '../../../src/domain/json.ts';
import { type BlobRef, parseBlobRef } from '../../../src/ports/blob-store.port.ts';
import { durabilities } from '../../../src/ports/durability.ts';

let home: string;
let folder: string;
let keys: FileKeys;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-blobs-'));
  folder = join(home, 'blobs');
  keys = await openFileKeys(join(home, 'keys'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

const fileOf = (ref: BlobRef) => join(folder, 'default', ref.slice(5, 7), ref.slice(5));
const missing = { code: 'blob-missing' };

const withoutUnsafeIntegers = (_: string, value: unknown) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? 0 : value;

describe.each(durabilities)('durable against loss of %s', (durability) => {
  const fresh = (cacheBytes?: number) =>
    createFolderBlobs({ folder, keys, durability, ...(cacheBytes === undefined ? {} : { cacheBytes }) });

  test('what was put comes back equal, from memory and from disk', async () => {
    const blobs = fresh();
    const values = fc
      .jsonValue({ maxDepth: 4 })
      .map((value) => JSON.stringify(value))
      // the one name that canonical JSON refuses
      .filter((text) => !text.includes('"__proto__"'))
      .map((text) => JSON.parse(text, withoutUnsafeIntegers) as JsonValue);
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const ref = await blobs.put('default', 'result', value);
        const expected = canonicalJson(value);
        expect(canonicalJson(await blobs.get('default', 'result', ref))).toBe(expected);
        expect(canonicalJson(await fresh().get('default', 'result', ref))).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('equal content has one reference and one file, whatever the order of its keys', async () => {
    const first = await fresh().put('default', 'task', { a: 1, b: [2] });
    const second = await fresh().put('default', 'task', { b: [2], a: 1 });
    expect(second).toBe(first);
    expect(await readdir(join(folder, 'default', first.slice(5, 7)))).toEqual([first.slice(5)]);
  });

  test('another tenant or kind has another reference and cannot read this one', async () => {
    const blobs = fresh();
    const ref = await blobs.put('default', 'task', 'text');
    expect(await blobs.put('other', 'task', 'text')).not.toBe(ref);
    expect(await blobs.put('default', 'answer', 'text')).not.toBe(ref);
    await expect(fresh().get('other', 'task', ref)).rejects.toMatchObject(missing);
    await expect(fresh().get('default', 'answer', ref)).rejects.toMatchObject(missing);
  });

  test('files are for their owner alone and hold no plain text', async () => {
    const ref = await fresh().put('default', 'task', { text: 'a very secret sentence' });
    expect((await stat(fileOf(ref))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await readFile(fileOf(ref))).toString('latin1')).not.toContain('secret');
  });

  test('any changed byte, a shorter file and another blob’s file are missing content', async () => {
    const blobs = fresh();
    const ref = await blobs.put('default', 'task', 'text');
    const whole = await readFile(fileOf(ref));
    for (let position = 0; position < whole.length; position += 1) {
      const changed = Buffer.from(whole);
      changed[position] = (changed[position] ?? 0) ^ 1;
      await writeFile(fileOf(ref), changed);
      await expect(fresh().get('default', 'task', ref)).rejects.toMatchObject(missing);
    }
    await truncate(fileOf(ref), 3);
    await expect(fresh().get('default', 'task', ref)).rejects.toMatchObject(missing);
    await truncate(fileOf(ref), 0);
    await expect(fresh().get('default', 'task', ref)).rejects.toMatchObject(missing);
    const other = await blobs.put('default', 'task', 'other');
    await rename(fileOf(other), fileOf(ref));
    await expect(fresh().get('default', 'task', ref)).rejects.toMatchObject(missing);
  });

  test('putting again mends a torn file', async () => {
    const ref = await fresh().put('default', 'task', 'text');
    await truncate(fileOf(ref), 10);
    expect(await fresh().put('default', 'task', 'text')).toBe(ref);
    expect(await fresh().get('default', 'task', ref)).toBe('text');
  });

  test('writers of the same content at once all succeed and leave one file', async () => {
    const refs = await Promise.all(Array.from({ length: 12 }, () => fresh().put('default', 'turn', { n: 1 })));
    expect(new Set(refs).size).toBe(1);
    const [ref = parseBlobRef('')] = refs;
    expect(await readdir(join(folder, 'default', ref.slice(5, 7)))).toEqual([ref.slice(5)]);
  });

  test('content over the limit, and what JSON cannot carry exactly, is refused and leaves nothing', async () => {
    const blobs = fresh();
    await expect(blobs.put('default', 'result', 'x'.repeat(maxBlobBytes))).rejects.toMatchObject({
      code: 'payload-too-large',
    });
    await expect(blobs.put('default', 'result', Number.NaN)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('no tenant and no reference leads out of the folder', async () => {
    const blobs = fresh();
    await expect(blobs.put('../x', 'task', 1)).rejects.toThrow(RangeError);
    await expect(blobs.get('default', 'task', 'blob:../../keys/ticket-1.json')).rejects.toThrow(RangeError);
    await expect(blobs.get('default', 'task', `blob:${'0'.repeat(64)}`)).rejects.toMatchObject(missing);
  });

  test('a failed write leaves no stray file and is not remembered as done', async () => {
    const blobs = fresh();
    const ref = await blobs.put('default', 'task', 'text');
    const neighbours = join(folder, 'default', ref.slice(5, 7));
    await rm(fileOf(ref));
    await rm(neighbours, { recursive: true });
    await writeFile(neighbours, 'a file where a folder should be');
    await expect(fresh().put('default', 'task', 'text')).rejects.toThrow();
    await rm(neighbours);
    expect(await fresh().put('default', 'task', 'text')).toBe(ref);
  });
});

test('the cache keeps what was used last within its bytes', () => {
  const cache = createBlobCache(100);
  cache.set('a', 1, 40);
  cache.set('b', 2, 40);
  cache.get('a');
  cache.set('c', 3, 40);
  expect(['a', 'b', 'c'].map((name) => cache.get(name))).toEqual([1, undefined, 3]);
  cache.set('huge', 4, 101);
  expect(['a', 'c', 'huge'].map((name) => cache.get(name))).toEqual([1, 3, undefined]);
});
