import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const patienceMs = 10_000;
const pauseMs = 50;

/**
 * Holds an exclusive lock on a folder for as long as this process lives; the operating system frees it
 * however the process ends. A predecessor that is just ending is waited for, up to 10 s; then throws.
 */
export async function lockDataFolder(folder: string): Promise<void> {
  const name = `invoice-desk-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32)}`;
  const address = process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
  const deadline = Date.now() + patienceMs;
  while (!(await tryToHold(address))) {
    if (Date.now() > deadline) throw new Error(`another process owns ${folder}; stop it, or choose another --data`);
    await removeIfAbandoned(address);
    await delay(pauseMs);
  }
}

function tryToHold(address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const lock = createServer((socket) => socket.destroy());
    lock.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    lock.listen(address, () => {
      lock.unref();
      resolve(true);
    });
  });
}

/** Abstract sockets vanish with their process; a socket file stays behind and answers nobody. */
function removeIfAbandoned(address: string): Promise<void> {
  if (address.startsWith('\0')) return Promise.resolve();
  return new Promise((resolve) => {
    const probe = connect(address, () => resolve(void probe.destroy()));
    probe.once('error', () => resolve(rmSync(address, { force: true })));
  });
}
