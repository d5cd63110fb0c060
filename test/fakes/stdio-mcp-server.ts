import { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

/** A real MCP server over stdio, started as a child process by the tests. */
serveStdio(() => {
  const server = new Server({ name: 'fake-stdio', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: ['environment', 'meta', 'die', 'hang'].map((name) => ({
      name,
      description: '',
      inputSchema: { type: 'object' as const },
    })),
  }));
  server.setRequestHandler('tools/call', (request, context) => {
    process.stderr.write(`called ${request.params.name}\n`);
    switch (request.params.name) {
      case 'environment':
        return { content: [], structuredContent: { names: Object.keys(process.env), pid: process.pid } };
      case 'meta':
        return { content: [], structuredContent: { meta: { ...context.mcpReq._meta } } };
      case 'die':
        process.exit(1);
        break;
      default:
        return new Promise(() => undefined);
    }
  });
  return server;
});
