import { afterEach, expect, test } from 'vitest';
import type { ApprovalView } from '../../src/contracts/http/approval.schema.ts';
import { call, say } from '../fakes/openai-host.ts';
import { asking, pay } from '../support/asked-payment.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { assertRunInvariants } from '../support/run-invariants.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

let governed: Governed | undefined;
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
});

const told: unknown[] = [];
const script = scripted(mandate({ pay: 1 }), [
  call('desk__pay', { amount: 12 }),
  (request) => {
    told.push(...toolResults(request));
    return say('Done.');
  },
]);

test('three like payments of three runs, two approved and one rejected in one batch, are exactly two effects', async () => {
  const at = await startGoverned({ script, tools: [pay], policy: asking('5m') });
  governed = at;
  const initiator = await at.as('initiator');
  const runIds = ['a', 'b', 'c'].map((part) => `${at.runId}-${part}`);
  for (const runId of runIds) await initiator.runs.start({ runId, agent: 'tester', task: 'pay' });
  const pending = await eventually(async () => {
    const { items } = await initiator.approvals.list({ state: 'pending' });
    return items.length === runIds.length ? items : undefined;
  }, 'three pending approvals');
  const [first, second, third] = runIds.map((runId) => ofRun(pending, runId)) as [
    ApprovalView,
    ApprovalView,
    ApprovalView,
  ];
  const { items } = await (await at.as('approver')).approvals.decideMany([
    answer(first, 'approve'),
    { ...answer(second, 'reject'), reason: 'paid last week' },
    answer(third, 'approve'),
  ]);
  expect(items).toEqual(
    [first, second, third].map(({ approvalId }) => ({ approvalId, verdictId: expect.any(String) })),
  );
  for (const runId of runIds) expect(await initiator.runs.wait(runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 12 }, { amount: 12 }]);
  const keys = at.server.calls.map(({ headers }) => headers['idempotency-key']);
  expect(keys.toSorted()).toEqual([`default/${first.runId}/t1.0`, `default/${third.runId}/t1.0`].toSorted());
  expect(told).toContainEqual({
    error: expect.objectContaining({ code: 'rejected', message: expect.stringContaining('paid last week') }),
  });
  const states = await Promise.all(
    [first, second, third].map(async ({ approvalId }) => (await initiator.approvals.get(approvalId)).state),
  );
  expect(states).toEqual(['consumed', 'rejected', 'consumed']);
  for (const runId of runIds) await assertRunInvariants(at.records, runId);
});

function ofRun(approvals: readonly ApprovalView[], runId: string): ApprovalView {
  return approvals.find((approval) => approval.runId === runId) ?? expect.fail(`${runId} asks nothing`);
}

const answer = ({ approvalId, actionDigest }: ApprovalView, verdict: 'approve' | 'reject') => ({
  approvalId,
  verdict,
  actionDigest,
});
