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

describe('what people wrote', () => {
  const asked = mailboxItems.findLast((item) => item.event === 'approval-opened');
  if (asked === undefined) throw new Error('the mailbox run asks somebody');
  const written = {
    ...asked,
    position: 31,
    approvalId: `apr_${'5f'.repeat(16)}`,
    args: { ...asked.args, amount: '900.00' },
  };
  const edit: TimelineItem[] = [
    { ...call, event: 'verdict-given', approvalId, verdictId: 'vrd_1', by: 'approver', verdict: 'edit' },
    { ...call, event: 'approval-closed', approvalId, state: 'superseded' },
    written,
  ];

  test('is told with what was there before, and asked about again', () => {
    const story = actionsIn([...mailboxItems, ...edit]).at(-1);
    expect(story && standingOf(story)).toBe('waiting');
    expect(story?.edits).toEqual([{ by: 'approver', before: asked.args, after: written.args }]);
    expect(shown([...mailboxItems, ...edit])).toMatch(/changed <bdi[^>]*>Amount<\/bdi>:.*900\.00/);
  });

  test('is no edit where the same question is merely told again', () => {
    expect(actionsIn(mailboxItems).flatMap(({ edits }) => edits)).toEqual([]);
  });

  test('as principal stands where he said it', () => {
    const [first, second] = mailboxItems;
    if (first === undefined || second === undefined) throw new Error('the mailbox run has a story');
    const message = { steerId: 'str_1', runId: 'july-mailbox', position: 1, text: 'Hurry.', by: 'initiator' } as const;
    const said = { ...message, authority: 'principal', at: second.at, state: 'waiting' } as const;
    const kinds = (at: string) => runStory(mailboxItems, [{ ...said, at }]).map(({ kind }) => kind);
    expect(kinds('2000-01-01T00:00:00Z')[0]).toBe('said');
    expect(kinds('2999-01-01T00:00:00Z').at(-1)).toBe('said');
    expect(kinds(first.at)[1]).toBe('said');
  });
});

const shown = (items: readonly TimelineItem[]): string =>
  String(runPage({ run: mailboxRun, items, said: [], viewer: approver, isCut: false }, installation, now));

describe('the run page', () => {
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
