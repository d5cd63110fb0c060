import { createServer } from 'node:net';
import { CountersignError } from '../../domain/countersign-error.ts';

const tries = 100;

/** Whether a loopback port is free at this moment. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

/** A port for the API, with its neighbour free for the codec server; the first such from `start` on. 0 stays 0. */
export async function freePortPair(start: number): Promise<number> {
  if (start === 0) return 0;
  for (let port = start; port < start + 2 * tries && port < 65_535; port += 2) {
    if ((await isPortFree(port)) && (await isPortFree(port + 1))) return port;
  }
  throw portTaken(start);
}

export function portTaken(port: number): CountersignError {
  return new CountersignError('unavailable', {
    message: `Another program listens on port ${port} or ${port + 1}. End it, or choose another port with --port N.`,
  });
}
