import { randomUUID } from 'node:crypto';
import { constants, type FileHandle, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { CountersignError } from '../../domain/countersign-error.ts';

/** One key as it lies on disk: its name in signatures and seals, and its bytes (base64; an Ed25519 key as PKCS #8). */
export interface StoredKey {
  readonly keyId: string;
  readonly secret: string;
}

const storedKeySchema = z.strictObject({
  v: z.literal(1),
  keyId: z.string().regex(/^[a-z0-9-]{1,64}$/),
  secret: z.base64().max(1_024),
});

const maxKeyFileBytes = 4_096;

/** Makes the folder, for its owner alone. Fails with `key-file-unsafe` where others may put keys into it. */
export async function openKeyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const handle = await open(folder, 'r');
  try {
    if (hasModes() && ((await handle.stat()).mode & 0o022) !== 0) throw unsafe(folder, 700);
  } finally {
    await handle.close();
  }
}

/** The key of this file; undefined where there is none. Fails with `key-file-unsafe` when group or others may read it. */
export async function readKeyFile(folder: string, name: string): Promise<StoredKey | undefined> {
  const file = join(folder, name);
  const handle = await openIfThere(file);
  if (handle === undefined) return undefined;
  try {
    // The open file is asked, not the path: nobody can put another one in between.
    const { mode, size } = await handle.stat();
    if (hasModes() && (mode & 0o077) !== 0) throw unsafe(file, 600);
    if (size > maxKeyFileBytes) throw unusable(file);
    return parsed(file, await handle.readFile('utf8'));
  } finally {
    await handle.close();
  }
}

/**
 * Writes the key unless the file exists, and returns the key that is in force.
 * The file gets its name by a link, after its bytes are on disk: a crash leaves a whole key or none
 * (and perhaps a stray `.new` file), and of two creators the second finds the first one's key.
 */
export async function createKeyFile(folder: string, name: string, key: StoredKey): Promise<StoredKey> {
  const staged = join(folder, `${name}.${randomUUID()}.new`);
  const handle = await open(staged, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ v: 1, ...key })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(staged, join(folder, name));
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    await rm(staged, { force: true });
  }
  await syncFolder(folder);
  const inForce = await readKeyFile(folder, name);
  if (inForce === undefined) throw unusable(join(folder, name));
  return inForce;
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (isErrno(error, 'ELOOP')) throw unusable(file);
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parsed(file: string, text: string): StoredKey {
  try {
    const { keyId, secret } = storedKeySchema.parse(JSON.parse(text));
    return { keyId, secret };
  } catch {
    // The cause is dropped: a parser's message may quote the key.
    throw unusable(file);
  }
}

function hasModes(): boolean {
  return process.platform !== 'win32';
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function unsafe(file: string, mode: 600 | 700): CountersignError {
  return new CountersignError('key-file-unsafe', {
    message: `${file} is open to other users; run: chmod ${mode} ${file}`,
  });
}

function unusable(file: string): CountersignError {
  return new CountersignError('key-file-unsafe', {
    message: `${file} is not a key file; restore it from a backup (a new key cannot open what the old one sealed).`,
  });
}
