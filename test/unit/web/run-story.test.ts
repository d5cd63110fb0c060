import { describe, expect, test } from 'vitest';
import type { TimelineItem } from '../../../src/contracts/http/timeline.schema.ts';
import { runPage } from '../../../src/web/pages/run-page.ts';
import { type ActionStory, runStory, standingOf } from '../../../src/web/run-story.ts';
import { mailboxItems, mailboxRun } from './fixtures/mailbox-run.ts';
import { approver, installation, now } from './fixtures/viewers.ts';

const actionsIn = (items: readonly TimelineItem[]): ActionStory[] =>
  runStory(items).filter((entry) => entry.kind === 'action');
const call = {
  position: 20,
  runId: 'july-mailbox',
  at: '2026-07-10T09:20:00Z',
  callId: 't4.0',
  tool: 'invoices.schedule_payment',
  args: {},
} as const;
const approvalId = `apr_${'4f'.repeat(16)}`;

describe('runStory', () => {
  test('each action is told once, where it was proposed', () => {
    expect(actionsIn(mailboxItems).map((story) => [story.callId, standingOf(story)])).toEqual([
      ['t1.0', 'done'],
      ['t2.0', 'done'],
      ['t3.0', 'refused'],
      ['t4.0', 'waiting'],
    ]);
  });

  test.each([
    ['rejected', [{ ...call, event: 'approval-closed', approvalId, state: 'rejected' }]],
    ['expired', [{ ...call, event: 'approval-closed', approvalId, state: 'expired' }]],
    ['under-way', [{ ...call, event: 'approval-closed', approvalId, state: 'approved' }]],
    [
      'done',
      [
        { ...call, event: 'approval-closed', approvalId, state: 'approved' },
        { ...call, event: 'effect-landed', outcome: 'ok' },
      ],
    ],
    ['failed', [{ ...call, event: 'effect-landed', outcome: 'tool-failed' }]],
    ['in-doubt', [{ ...call, event: 'effect-in-doubt' }]],
  ] satisfies [string, TimelineItem[]][])('the last word on an action is %s', (standing, items) => {
    const story = actionsIn([...mailboxItems, ...items]).at(-1);
    expect(story && standingOf(story)).toBe(standing);
  });
});

describe('the run page', () => {
  const shown = (items: readonly TimelineItem[]): string =>
    String(runPage({ run: mailboxRun, items, said: [], viewer: approver, isCut: false }, installation, now));

  test('a refusal is told with its rule', () => {
    expect(shown(mailboxItems)).toContain('payments.changed-account');
  });

  test('what waits links to its approval', () => {
    expect(shown(mailboxItems)).toContain(`href="/approvals/${approvalId}"`);
  });

  test('the rehearsal model is labelled', () => {
    expect(shown(mailboxItems)).toContain('Rehearsal model');
  });

  test('markup in a task, an argument or a reason is inert', () => {
    const hostile = '<script>alert(1)</script>\u202e\u001b';
    const items = mailboxItems.map((item) => {
      if (item.event === 'run-started') return { ...item, task: hostile, initiator: hostile };
      if (item.event === 'mandate-frozen')
        return { ...item, rationale: hostile, tools: [{ name: hostile, maxCalls: 1 }] };
      if (item.event === 'action-decided')
        return { ...item, args: { [hostile]: hostile }, reasons: [{ rule: hostile, message: hostile }] };
      return item;
    });
    expect(shown(items)).not.toContain('<script');
    expect(shown(items)).toContain('&lt;script&gt;');
    expect(shown(items).replace(/<bdi class="as-it-looks">[^<]*<\/bdi>/g, '')).not.toMatch(/[\u001b\u202e]/);
  });
});
