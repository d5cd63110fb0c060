import { join } from 'node:path';
import process from 'node:process';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { DataFolder, OwnerInfo } from './data-folder.ts';
import { isOwned, takeOwnerLock } from './owner-lock.ts';
import { readOwnerNote, removeOwnerNote, writeOwnerNote } from './owner-note.ts';
import { ensurePrivateFolder } from './private-folder.ts';

const lockName = 'owner.lock';
const noteName = 'owner.json';

/**
 * Opens the folder that holds everything the embedded mode keeps, creating it where it is missing. Two processes on
 * one folder lose acknowledged rows in silence, so it opens for one at a time.
 *
 * @throws CountersignError `data-folder-in-use`, naming the owner's address; `invalid-configuration`
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder = await ensurePrivateFolder(path, lockName);
  const note = join(folder, noteName);
  const lock = takeOwnerLock(join(folder, lockName));
  if (lock === undefined) throw inUse(path, await readOwnerNote(note));

  let ownerInfo: OwnerInfo = { pid: process.pid, url: undefined };
  let held = true;
  const publish = async (owner: OwnerInfo) => {
    ownerInfo = owner;
    await writeOwnerNote(note, owner);
  };
  await publish(ownerInfo);
  return {
    path: folder,
    get ownerInfo() {
      return ownerInfo;
    },
    announce: (url) => publish({ pid: process.pid, url }),
    release: async () => {
      if (!held) return;
      held = false;
      await removeOwnerNote(note); // before the lock goes: afterwards the note may be the next owner's
      lock.release();
    },
  };
}

/** Who owns a folder at this moment; undefined if nobody does. Leaves the folder as it is. */
export async function findDataFolderOwner(path: string): Promise<OwnerInfo | undefined> {
  // A killed owner leaves its note behind; only the lock tells whether it still lives.
  return isOwned(join(path, lockName)) ? readOwnerNote(join(path, noteName)) : undefined;
}

function inUse(path: string, owner: OwnerInfo | undefined): CountersignError {
  const who = owner === undefined ? 'Another process' : `Process ${owner.pid}`;
  const where = owner?.url === undefined ? 'It is still starting.' : `It serves ${owner.url}`;
  return new CountersignError('data-folder-in-use', { message: `${who} owns the data folder ${path}. ${where}` });
}
