import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, expect, test } from 'vitest';
import { createDataFolder } from './invoice-desk-process.ts';

const data = createDataFolder();
const server = new URL('../../examples/invoice-desk/server.ts', import.meta.url).pathname;

afterAll(() => data.remove());

test.each(['auto', 'legacy'] as const)('over stdio the same desk answers, keys included (%s)', async (mode) => {
  const client = new Client({ name: 'invoice-desk-test', version: '1.0.0' }, { versionNegotiation: { mode } });
  const args = [server, '--stdio', '--data', data.path];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  const listed = await client.callTool({ name: 'list_messages', arguments: {} });
  expect(listed.structuredContent).toHaveProperty('total', 22);
  const mail = { to: 'billing@tannhelm.example', subject: 'A question', body: 'Hello.' };
  const send = (): ReturnType<Client['callTool']> =>
    client.callTool({
      name: 'send_email',
      arguments: mail,
      _meta: { 'countersign.dev/idempotency-key': 'default/stdio/t1.0' },
    });
  expect((await send()).structuredContent).toEqual((await send()).structuredContent);
  await client.close();
});
