import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Durability } from '../../ports/durability.ts';
import type { Sealed } from '../../ports/key-service.port.ts';

/** A write below this keeps the event loop busy for less than a database statement does. */
const smallFileBytes = 64 * 1_024;

/** One byte length of the key id, the key id in ASCII, then the sealed bytes. */
export function joinSealed({ keyId, bytes }: Sealed): Uint8Array {
  const name = Buffer.from(keyId, 'ascii');
  return Buffer.concat([Buffer.from([name.length]), name, bytes]);
}

/** Undefined for a file that is too short to be ours. */
export function splitSealed(file: Uint8Array): Sealed | undefined {
  const length = file[0];
  if (length === undefined || file.length <= 1 + length) return undefined;
  return { keyId: Buffer.from(file.subarray(1, 1 + length)).toString('ascii'), bytes: file.subarray(1 + length) };
}

/** Undefined where there is no such file; `unavailable` when it cannot be read just now. */
export async function readSealedFile(file: string): Promise<Sealed | undefined> {
  try {
    return splitSealed(await readFile(file));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new CountersignError('unavailable', { message: 'Stored content cannot be read.', cause });
  }
}

/**
 * Durable when it resolves, with at most one sync. The file gets its name once it is written, so a kill leaves it whole or
 * absent; the sync after the rename brings content and name to disk together. A power cut in between may leave a
 * name with torn content: nobody was told of it, reading would notice, and the next writer replaces it.
 */
export async function writeSealedFile(file: string, sealed: Sealed, durability: Durability): Promise<void> {
  const staged = `${file}.${randomUUID()}`;
  const bytes = joinSealed(sealed);
  if (durability === 'process' && bytes.length <= smallFileBytes) return writeSmallFile(staged, file, bytes);
  const handle = await create(staged);
  try {
    await handle.writeFile(bytes);
    await rename(staged, file);
    if (durability === 'power') await handle.sync();
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Into the page cache this takes less than half of what the thread pool needs to hand it over and back, and an agent's
 * step writes three such files.
 */
function writeSmallFile(staged: string, file: string, bytes: Uint8Array): void {
  try {
    writeInFolder(staged, bytes);
    renameSync(staged, file);
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  }
}

function writeInFolder(file: string, bytes: Uint8Array): void {
  const write = (): void => writeFileSync(file, bytes, { flag: 'wx', mode: 0o600 });
  try {
    write();
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    write();
  }
}

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return open(file, 'wx', 0o600);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
