// docs/guides/start-run.ts
import process from 'node:process';
import { createClient } from '../../src/client/create-client.ts';

const countersign = createClient({ baseUrl: 'http://localhost:7070', token: process.env['COUNTERSIGN_TOKEN'] ?? '' });

const run = await countersign.runs.start(
  { agent: 'petty-cash', task: 'Pay 240.00 EUR to DE02120300000000202051, reference Chairs' },
  { idempotencyKey: 'bill-4711' }, // the same key again is the same run
);
for await (const item of countersign.runs.events(run.runId)) {
  console.log(item.event, 'tool' in item ? item.tool : '', 'decision' in item ? item.decision : '');
  if (item.event === 'approval-opened') console.log(`http://localhost:7070/approvals/${item.approvalId}`);
}
console.log((await countersign.runs.get(run.runId)).output?.text);
