import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createDeskMcpServer } from './create-mcp-server.ts';
import type { DeskDatabase } from './desk/desk-schema.ts';

const maxBodyBytes = 256_000;

/** MCP over streamable HTTP at `/mcp`, on loopback only, and only for requests that name loopback as their host. */
export function serveHttp(port: number, openDatabase: () => Promise<DeskDatabase>): Promise<Server> {
  const mcp = createMcpHandler(() => createDeskMcpServer(openDatabase), { maxRequestBodySize: maxBodyBytes });
  const handle = toNodeHandler(mcp, { maxRequestBodySize: maxBodyBytes });
  const hostIsLoopback = localhostHostValidation();
  const originIsLoopback = localhostOriginValidation();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (!hostIsLoopback(request, response) || !originIsLoopback(request, response)) return;
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/mcp') {
      response.writeHead(404).end();
      return;
    }
    void handle(bodyAndHead(request), response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** What the adapter reads of a request, in the exact shape that it asks for. */
function bodyAndHead(request: IncomingMessage): Parameters<ReturnType<typeof toNodeHandler>>[0] {
  const { method = 'GET', url = '/', headers } = request;
  return { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() };
}
