import { expect, test } from 'vitest';
import { tellApproval } from '../../../src/cli/approvals/approval-words.ts';
import { createTerminal } from '../../../src/cli/terminal/terminal.ts';
import type { ApprovalView } from '../../../src/contracts/http/approval.schema.ts';
import { recordedStreams } from './recorded-streams.ts';

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000 + 30_000).toISOString();
const minuteOf = (at: string) => at.slice(0, 16).replace('T', ' ');

const asked: ApprovalView = {
  approvalId: `apr_${'1'.repeat(32)}`,
  runId: 'july',
  kind: 'tool-call',
  state: 'pending',
  tool: 'invoices.schedule_payment',
  args: { amount: 12 },
  actionDigest: `sha256:${'2'.repeat(64)}`,
  risk: 'high',
  reasons: [],
  createdAt: inMinutes(-120),
  expiresAt: inMinutes(120),
  quorum: { needed: 1, roles: ['approver', 'lead'] },
  escalation: {
    widen: [
      { at: inMinutes(-60), roles: ['lead'] },
      { at: inMinutes(60), roles: ['board', 'treasury'] },
    ],
    remindAt: inMinutes(90),
    owner: 'accounts-payable',
  },
  verdicts: [],
};

function told(approval: ApprovalView): readonly string[] {
  const { streams, written } = recordedStreams();
  tellApproval(createTerminal(streams, { json: false, colour: false }), approval, 'http://localhost:7070');
  return written().output.split('\n');
}

test('an open question says who is asked now and who later, when it ends, and which owner is told before', () => {
  const lines = told(asked);
  const of = (name: string) => lines.filter((line) => line.trimStart().startsWith(`${name} `));
  expect(of('Needs').join()).toContain('1 of approver or lead');
  expect(of('Later').join()).toContain(`from ${minuteOf(inMinutes(60))}`);
  expect(of('Later').join()).toContain('also board or treasury');
  expect(of('Later')).toHaveLength(1);
  expect(of('Reminder').join()).toContain(minuteOf(inMinutes(90)));
  expect(of('Silence').join()).toContain(`rejects it at ${minuteOf(asked.expiresAt)}`);
  expect(of('Owner').join()).toContain('accounts-payable, told before that');
  for (const line of lines.filter((one) => !one.includes('Page'))) expect(line.length).toBeLessThanOrEqual(100);
});

test('a question that has ended says nothing of what would have come', () => {
  expect(told({ ...asked, state: 'rejected' }).join('\n')).not.toMatch(/Later|Silence|Reminder|Owner/);
});
