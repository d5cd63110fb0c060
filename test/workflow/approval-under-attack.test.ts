import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ApprovalView } from '../../src/contracts/http/approval.schema.ts';
import type { Clock } from '../../src/ports/clock.port.ts';
import type { Directory, Identity } from '../../src/ports/directory.port.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, asking, pay } from '../support/asked-payment.ts';
import { changingDirectory } from '../support/changing-directory.ts';
import { eventually } from '../support/eventually.ts';
import type { Governed, GovernedSettings } from '../support/governed.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);

const { keep } = keepInstallation();

async function waitingRun(settings: Partial<GovernedSettings> = {}) {
  const { at, initiator, approval } = await askedPayment({ script, ...settings }, keep);
  const approve = async (subject: string) =>
    (await at.as(subject)).approvals.decide(approval.approvalId, approving(approval));
  return { at, initiator, approval, approve };
}

const approving = ({ actionDigest }: ApprovalView) => ({ verdict: 'approve', actionDigest }) as const;

describe('a verdict counts no longer', () => {
  test.each<[string, Partial<Identity> | 'gone']>([
    ['when its giver has lost the role since', { roles: ['initiator'] }],
    ['when its giver has joined the team that owns the agent', { groups: ['test-team'] }],
    ['when its giver belongs to another tenant now', { tenant: 'other' }],
    ['when its giver is not there any more', 'gone'],
  ])('%s, and the question ends unanswered', async (_, change) => {
    const directory = changingDirectory();
    const { at, initiator, approval, approve } = await waitingRun({ policy: asking('8s'), directory });
    await at.stopWorker();
    await approve('approver');
    directory.change('approver', change);
    await at.startWorker();
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toEqual([]);
    expect((await initiator.approvals.get(approval.approvalId)).state).toBe('expired');
  });

  test('when its giver loses the role between the gate and the effect', async () => {
    const directory = changingDirectory();
    let approvalId = '';
    const opened: { at?: Governed } = {};
    const losing: Directory = {
      ...directory,
      async find(subject) {
        const row = await opened.at?.records.storage.approvals.find('default', approvalId);
        if (row?.state === 'approved') directory.change('approver', { roles: [] });
        return directory.find(subject);
      },
    };
    const { at, initiator, approval, approve } = await waitingRun({ directory: losing });
    approvalId = approval.approvalId;
    opened.at = at;
    await approve('approver');
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toEqual([]);
    expect((await initiator.approvals.get(approvalId)).state).not.toBe('consumed');
  });
});

test('a tool that its server announces differently after the approval is not called', async () => {
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead };
  const { at, initiator, approve } = await waitingRun({ clock });
  await at.stopWorker();
  await approve('approver');
  at.server.setTool({ ...pay, description: 'Pays, and tells somebody else.' });
  // what a server announced is believed for a while
  ahead = 31_000;
  await at.startWorker();
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toEqual([]);
});

describe('a clock', () => {
  test('that was turned back opens nothing that had ended', async () => {
    let ahead = 0;
    const clock: Clock = { now: () => Date.now() + ahead };
    const { at, initiator, approval, approve } = await waitingRun({ policy: asking('3s'), clock });
    await eventually(
      async () => ((await initiator.approvals.get(approval.approvalId)).state === 'expired' ? true : undefined),
      'the end of the question',
    );
    ahead = -60_000;
    await expect(approve('approver')).rejects.toMatchObject({ code: 'approval-closed' });
    // tokens that were given later than now are refused, so a new one is needed
    expect(await (await at.as('initiator')).runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toEqual([]);
  });

  test('that was turned on ends the question, and does not answer it', async () => {
    let ahead = 0;
    const clock: Clock = { now: () => Date.now() + ahead };
    const { at, initiator, approval, approve } = await waitingRun({ policy: asking('8s'), clock });
    ahead = 60_000;
    await expect(approve('approver')).rejects.toMatchObject({ code: 'approval-closed' });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect((await initiator.approvals.get(approval.approvalId)).state).toBe('expired');
    expect(at.server.calls).toEqual([]);
  });
});

test.each([-400, -150, -50, 0, 40])(
  'two verdicts that race the timer, the second %i ms from the end, end in one of two ways and never between',
  async (offsetMs) => {
    const { at, initiator, approval, approve } = await waitingRun({ policy: asking('4s', { quorum: 2 }) });
    const end = Date.parse(approval.expiresAt);
    await approve('approver');
    await pause(Math.max(0, end + offsetMs - Date.now()));
    const second = await approve('approver2').then(
      () => 'stored',
      (error: { readonly code?: string }) => error.code,
    );
    expect(['stored', 'approval-closed']).toContain(second);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    const { state, verdicts } = await initiator.approvals.get(approval.approvalId);
    expect({ state, calls: at.server.calls.length }).toEqual(
      state === 'consumed' ? { state: 'consumed', calls: 1 } : { state: 'expired', calls: 0 },
    );
    if (state === 'consumed') expect(verdicts).toHaveLength(2);
  },
);

test('ten thousand forged signals make a run continue as new, with its question open, and its people are heard', async () => {
  const { at, initiator, approval, approve } = await waitingRun();
  const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
  const first = (await handle.describe()).runId;
  const forged = (index: number) =>
    handle.signal('verdict', {
      approvalId: approval.approvalId,
      verdictId: `vrd_${String(index).padStart(32, '0')}`,
    });
  for (let sent = 0; sent < 10_000; sent += 250)
    await Promise.all(Array.from({ length: 250 }, (_, index) => forged(sent + index)));
  expect(at.server.calls).toEqual([]);
  // each attempt that another signal overtook replays all of them: ten seconds on a quiet machine, minutes on a busy one
  await eventually(
    async () => ((await handle.describe()).runId === first ? undefined : true),
    'another execution',
    150_000,
  );
  expect((await initiator.approvals.get(approval.approvalId)).state).toBe('pending');
  await approve('approver');
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(1);
}, 300_000);
