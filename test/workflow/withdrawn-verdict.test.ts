import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, asking } from '../support/asked-payment.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const { keep } = keepInstallation();

async function waitingRun(quorum: number) {
  const script = scripted(mandate({ pay: 2 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  const { at, initiator, approval } = await askedPayment({ script, policy: asking('5m', { quorum }) }, keep);
  const { approvalId, actionDigest } = approval;
  const approve = async (subject: string) =>
    (await at.as(subject)).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
  const takeBack = async (subject: string) => (await at.as(subject)).approvals.withdraw(approvalId);
  return { at, initiator, approvalId, approve, takeBack };
}

test('an approval that was taken back makes no quorum, and given again it does', async () => {
  const { at, initiator, approvalId, approve, takeBack } = await waitingRun(2);
  await approve('approver');
  await takeBack('approver');
  await approve('approver2');
  // the run has looked at both: nothing is left to be told
  await pause(1_500);
  expect((await initiator.approvals.get(approvalId)).state).toBe('pending');
  expect(at.server.calls).toEqual([]);
  await approve('approver');
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(1);
  // a verdict that was taken back is no forgery
  const records = await at.records.storage.outbox.ofRun('default', at.runId, 0, 500);
  expect(records.filter(({ kind }) => kind === 'signal-refused')).toEqual([]);
});

test('an approval that is taken back while no worker runs never reaches the tool', async () => {
  const { at, initiator, approvalId, approve, takeBack } = await waitingRun(1);
  await at.stopWorker();
  await approve('approver');
  await takeBack('approver');
  await at.startWorker();
  await (await at.as('approver2')).approvals.decide(approvalId, {
    verdict: 'reject',
    actionDigest: (await initiator.approvals.get(approvalId)).actionDigest,
  });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toEqual([]);
});

test.each([0, 5, 15, 30, 60, 120])(
  'taking it back %i ms after approving ends in one of two ways and never between',
  async (afterMs) => {
    const { at, initiator, approvalId, approve, takeBack } = await waitingRun(1);
    await approve('approver');
    await pause(afterMs);
    const taken = await takeBack('approver').then(
      () => 'taken',
      (error: { readonly code?: string }) => error.code,
    );
    expect(['taken', 'approval-closed']).toContain(taken);
    if (taken === 'taken') {
      const { state, actionDigest } = await initiator.approvals.get(approvalId);
      expect(['pending', 'withdrawn']).toContain(state);
      if (state === 'pending')
        await (await at.as('approver2')).approvals.decide(approvalId, { verdict: 'reject', actionDigest });
    }
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(taken === 'taken' ? 0 : 1);
    const { state } = await initiator.approvals.get(approvalId);
    expect(taken === 'taken' ? ['rejected', 'withdrawn'] : ['consumed']).toContain(state);
  },
);
