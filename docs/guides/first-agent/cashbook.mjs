// An MCP server over stdio with two tools. `payments.json` is the world outside.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const file = new URL('payments.json', import.meta.url);
const payments = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const payees = { DE02120300000000202051: 'Tannhelm Büroservice GmbH' };

const answer = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value });

serveStdio(() => {
  const server = new McpServer({ name: 'cashbook', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.registerTool(
    'get_payee',
    {
      description: 'Looks up whom an account belongs to.',
      inputSchema: z.strictObject({ iban: z.string() }),
      outputSchema: z.strictObject({ known: z.boolean(), name: z.string() }),
    },
    async ({ iban }) => answer({ known: iban in payees, name: payees[iban] ?? '' }),
  );
  server.registerTool(
    'make_payment',
    {
      description: 'Pays an amount to an account.',
      inputSchema: z.strictObject({
        iban: z.string(),
        amount: z.number(),
        currency: z.string(),
        reference: z.string(),
      }),
      outputSchema: z.strictObject({ paymentId: z.string() }),
    },
    async (payment, { mcpReq }) => {
      const key = mcpReq._meta?.['countersign.dev/idempotency-key'];
      payments[key] ??= { paymentId: `P-${Object.keys(payments).length + 1}`, ...payment }; // the same key pays once
      writeFileSync(file, JSON.stringify(payments, null, 2));
      return answer({ paymentId: payments[key].paymentId });
    },
  );
  return server;
});
