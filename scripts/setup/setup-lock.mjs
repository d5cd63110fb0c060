import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { SetupError } from './setup-error.mjs';

const banner = 'countersign set-up\n';
const patienceMs = 20 * 60_000;

/**
 * Runs `work` while no other set-up of the same checkout runs. The lock is a listening loopback port, which the
 * system takes back when the process dies, however it dies.
 */
export async function withSetupLock(root, work) {
  const lock = await acquire(portFor(root));
  try {
    return await work();
  } finally {
    await new Promise((closed) => lock.close(closed));
  }
}

/** Two checkouts that meet on one port only wait for each other. The range lies below the ephemeral ports. */
function portFor(root) {
  return 20_000 + (createHash('sha256').update(root).digest().readUInt16BE(0) % 10_000);
}

async function acquire(firstPort) {
  const deadline = Date.now() + patienceMs;
  let port = firstPort;
  let told = false;
  while (Date.now() < deadline) {
    const server = await listen(port);
    if (server) return server;
    if ((await greeting(port)) === 'another program') {
      port += 1;
      continue;
    }
    if (!told) process.stderr.write('Another set-up of this checkout is running; waiting for it …\n');
    told = true;
    await pause(500);
  }
  throw new SetupError('Another set-up of this checkout has been running for 20 minutes.', 'End it and try again.');
}

function listen(port) {
  return new Promise((done, failed) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(banner);
    });
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? done(undefined) : failed(error)));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => done(server));
  });
}

/** A port that refuses, resets or stays silent for a moment may be a set-up that is just ending: ask again. */
function greeting(port) {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2000 });
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (text) => (heard += text));
    socket.once('error', () => done('unclear'));
    socket.once('timeout', () => {
      socket.destroy();
      done('another program');
    });
    socket.once('end', () => {
      socket.destroy();
      done(heard === banner ? 'set-up' : 'another program');
    });
    socket.on('data', () => {
      if (banner.startsWith(heard)) return;
      socket.destroy();
      done('another program');
    });
  });
}
