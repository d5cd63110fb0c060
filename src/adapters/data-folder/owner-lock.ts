import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Longer than a look at the lock takes: it must not make an owner-to-be believe in another owner. */
const lookingMs = 250;

export interface OwnerLock {
  release(): void;
}

/**
 * Takes an exclusive lock of the operating system on a file, through an SQLite transaction that never ends: the
 * system takes it back when the process dies, kill -9 included, and SQLite also refuses a second opener inside this
 * process, which a plain POSIX lock does not. On a network file system it is as good as that system's locks.
 *
 * @returns undefined if another owner holds it
 */
export function takeOwnerLock(file: string): OwnerLock | undefined {
  const database = new DatabaseSync(file, { timeout: lookingMs });
  try {
    chmodSync(file, 0o600);
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** True while some process, this one included, holds the lock. Does not take it. */
export function isOwned(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    database.exec('SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}

/** SQLITE_BUSY is 5; the upper bytes of an SQLite result code only refine it. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5
  );
}
