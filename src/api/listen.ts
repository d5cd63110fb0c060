import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { CountersignError } from '../domain/countersign-error.ts';

export interface Listening {
  /** `http://host:port`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, gives those in flight a second, then closes every connection. */
  close(): Promise<void>;
}

const graceMs = 1_000;
const maxHeaderBytes = 16 * 1_024;

/** Serves the handler. Port 0 takes a free one. Fails with `unavailable` where the address is taken or not ours to take. */
export async function listen(
  app: Pick<Hono, 'fetch'>,
  at: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const listener = getRequestListener(app.fetch);
  const options = {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 15_000,
  };
  const server = createServer(options, (request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(unusable(at, error)));
    server.listen(at.port, at.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  return {
    url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function unusable({ host, port }: { readonly host: string; readonly port: number }, cause: Error): Error {
  const code = 'code' in cause ? cause.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return cause;
  const why =
    code === 'EADDRINUSE' ? 'another program listens there. End it, or choose' : 'the system does not allow it. Choose';
  const message = `${host}:${port} cannot be used: ${why} another port.`;
  return new CountersignError('unavailable', { message, cause });
}
