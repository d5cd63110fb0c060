import { afterEach, expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, asking } from '../support/asked-payment.ts';
import type { Governed } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

let governed: Governed | undefined;
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
});

test('an approval given without a step-up is none where policy has come to ask for one', async () => {
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  const { at, initiator, approval } = await askedPayment({ policy: asking('15s'), script }, (opened) => {
    governed = opened;
  });
  await at.changePolicy(asking('15s', { stepUp: true }));
  const approver = await at.as('approver');
  await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toEqual([]);
  expect((await initiator.approvals.get(approval.approvalId)).state).toBe('expired');
});
