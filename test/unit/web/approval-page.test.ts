import { describe, expect, test } from 'vitest';
import type { ApprovalDetail } from '../../../src/api/approvals/approval-service.ts';
import type { ApprovalState } from '../../../src/domain/approval.ts';
import { approvalPage } from '../../../src/web/pages/approval-page.ts';
import { inboxPage } from '../../../src/web/pages/inbox-page.ts';
import type { RunBackground } from '../../../src/web/run-background.ts';
import { inboxOf } from './fixtures/inbox-of.ts';
import { paymentApproval, paymentArgs } from './fixtures/payment-approval.ts';
import { approver, installation, now } from './fixtures/viewers.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>' \u001b[2J\u202egpj \u200b`;
const background: RunBackground = { task: hostile, rationale: hostile, model: { model: hostile, rehearsal: true } };

const shown = (detail: ApprovalDetail, more: RunBackground = {}): string =>
  String(approvalPage({ detail, background: more, notes: [], viewer: approver, position: 7 }, installation, now));

const textOf = (html: string): string => html.replace(/<[^>]*>/g, '');

describe('the approval page', () => {
  test('every argument is there, whole', () => {
    const page = textOf(shown(paymentApproval()));
    for (const [name, value] of Object.entries(paymentArgs)) {
      expect(page).toContain(name);
      expect(page).toContain(String(value));
    }
  });

  test('the form carries the digest of the action and the token of the session', () => {
    const page = shown(paymentApproval());
    expect(page).toContain(`name="actionDigest" value="sha256:${'a'.repeat(64)}"`);
    expect(page).toContain('name="csrf" value="csrf-token-of-this-session"');
  });

  test('an open question says who is asked besides and from when, what silence means, and which owner is told', () => {
    const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
    const widen = [
      { at: at(-10), roles: ['lead'] },
      { at: at(90), roles: ['board', hostile] },
    ];
    const view = { expiresAt: at(180), quorum: { needed: 1, roles: ['approver', 'lead'] } };
    const page = shown(paymentApproval({ view: { ...view, escalation: { widen, owner: 'ap-team' } } }));
    const text = textOf(page).replace(/\s+/g, ' ');
    const clock = (minutes: number) => `${at(minutes).slice(11, 16)} UTC`;
    expect(text).toContain(`Since ${clock(-10)} (10 min ago) also: lead.`);
    expect(text).toContain(`From ${clock(90)} (in 1 h 30 min) also: board, `);
    expect(text).toContain(
      `Without an answer it is rejected at ${clock(180)}. The agent’s owner, ap-team, is told before that`,
    );
    expect(page).not.toMatch(/<(script|img)/);
    const closed = paymentApproval({ view: { ...view, state: 'rejected', escalation: { widen, owner: 'ap-team' } } });
    expect(textOf(shown(closed))).not.toContain('Silence');
  });

  test('who is asked later is told that it is not for him yet', () => {
    const escalation = { widen: [{ at: new Date(now + 60_000).toISOString(), roles: ['approver'] }], owner: 'ap-team' };
    const view = { escalation, quorum: { needed: 1, roles: ['lead'] } };
    expect(shown(paymentApproval({ answerable: 'not-an-approver', view }))).toContain('not for your roles yet');
    expect(shown(paymentApproval({ answerable: 'not-an-approver' }))).not.toContain('not for your roles yet');
  });

  test('nothing has the focus, and approving comes after reason and rejecting', () => {
    const page = shown(paymentApproval());
    expect(page).not.toContain('autofocus');
    expect(page.indexOf('name="reason"')).toBeLessThan(page.indexOf('value="reject"'));
    expect(page.indexOf('value="reject"')).toBeLessThan(page.indexOf('value="approve"'));
  });

  test('markup, escapes and direction changes in any field are inert and visible', () => {
    const args = Object.fromEntries(Object.keys(paymentArgs).map((name) => [name, hostile]));
    const reasons = [{ rule: hostile, message: hostile }];
    const detail = paymentApproval({
      args: { ...args, [hostile]: hostile },
      sheet: { reasons, agent: hostile, onBehalfOf: hostile, tool: hostile, facts: { [hostile]: false } },
      view: {
        verdicts: [{ by: hostile, verdict: 'reject', at: '2026-07-10T09:20:00Z', reason: hostile }],
        quorum: { needed: 2, roles: [hostile] },
      },
    });
    for (const page of [
      shown(detail, background),
      String(inboxPage(inboxOf(detail), { run: 'mailbox' }, installation, now)),
    ]) {
      expect(page).not.toMatch(/<(script|img)/);
      expect(page).toContain('&lt;script&gt;');
      expect(page).toContain('U+001B');
      expect(page).toContain('U+202E');
      expect(page).toContain('U+200B');
      expect(page.replace(/<bdi class="as-it-looks">[^<]*<\/bdi>/g, '')).not.toMatch(/[\u001b\u202e\u200b]/);
    }
  });

  test('a megabyte is shown whole, with its size and its end, in a page that stays small', () => {
    const tail = 'and pay 9,999,999 to somebody else';
    const page = shown(
      paymentApproval({ args: { ...paymentArgs, reference: `${'lorem ipsum '.repeat(87_000)}${tail}` } }),
    );
    expect(textOf(page)).toContain('1,044,034');
    expect(page.split(tail)).toHaveLength(3);
    expect(page.length).toBeLessThan(1_200_000);
  });

  test('a megabyte of unusual characters stays legible and is marked throughout', () => {
    const page = shown(paymentApproval({ args: { ...paymentArgs, reference: '\u202e'.repeat(350_000) } }));
    expect(page.split('⟦U+202E⟧').length - 1).toBeGreaterThanOrEqual(350_000);
    expect(page.split('<mark').length).toBeLessThan(1_000);
  });

  test('a contradiction with the records stands beside the values', () => {
    const page = shown(paymentApproval({ sheet: { facts: { ibanOfSupplier: false, matchesOrder: true } } }));
    expect(textOf(page.slice(0, page.indexOf('id="why"')))).toContain('IBAN of supplier');
  });

  test('what takes an effect back is named where the manifest names it, and nowhere else', () => {
    const undo = 'invoices.cancel_payment';
    expect(textOf(shown(paymentApproval({ sheet: { undo } })))).toContain(`another action: Cancel a payment ${undo}.`);
    expect(shown(paymentApproval())).not.toContain('To undo it');
  });

  test('the agent’s prompt is there as text, with its digest', () => {
    const prompt = { text: `Pay what is due. ${hostile}`, digest: `sha256:${'e'.repeat(64)}` };
    const page = shown({ ...paymentApproval(), prompt });
    expect(textOf(page)).toContain('Pay what is due.');
    expect(page).toContain(prompt.digest);
    expect(page).not.toContain('<script>alert');
  });

  test('the model is labelled as rehearsal, and its words as its own', () => {
    const page = shown(paymentApproval(), {
      rationale: 'I am the system: press approve.',
      model: { model: 'm', rehearsal: true },
    });
    expect(page).toContain('Rehearsal model');
    expect(page).toMatch(/class="said model">.*?press approve/s);
  });

  test.each<ApprovalDetail['answerable']>([
    'not-an-approver',
    'self-approval',
    'step-up-required',
    'already-decided',
    'approval-closed',
  ])('who meets %s sees why, and no button', (answerable) => {
    const page = shown(paymentApproval({ answerable }));
    expect(page).not.toContain('name="verdict"');
    expect(page).toContain('class="notice');
  });

  test.each<ApprovalState>(['approved', 'rejected', 'expired', 'withdrawn', 'superseded', 'consumed'])(
    'an approval that is %s offers no button',
    (state) => {
      const page = shown(paymentApproval({ view: { state }, answerable: 'approval-closed' }));
      expect(page).not.toContain('name="verdict"');
      expect(page).not.toContain('data-left');
    },
  );
});
