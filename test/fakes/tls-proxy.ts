import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { localhostCertificate, localhostKey } from './localhost-certificate.ts';

/** A proxy with TLS that passes everything on as it comes, the `Host` header too. */
export interface TlsProxy {
  readonly url: string;
  /** Where it passes requests on to; before that it answers 502. */
  forwardTo(port: number): void;
  close(): Promise<void>;
}

export async function startTlsProxy(): Promise<TlsProxy> {
  let target: number | undefined;
  const server = createServer({ cert: localhostCertificate, key: localhostKey }, (incoming, outgoing) => {
    const fail = () => void outgoing.writeHead(502).end();
    if (target === undefined) return fail();
    const { method, url: path, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: target, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', fail);
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    forwardTo(port) {
      target = port;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
