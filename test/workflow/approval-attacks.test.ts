import { afterEach, expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const pay = {
  name: 'pay',
  effect: 'irreversible',
  inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  run: () => ({ paid: true }),
} as const;

const asking = (ttl: string, stepUp: boolean) => `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"${ttl}\\",\\"stepUp\\":${stepUp}}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

let governed: Governed | undefined;
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
});

test('an approval given without a step-up is none where policy has come to ask for one', async () => {
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  const at = await startGoverned({ tools: [pay], policy: asking('15s', false), script });
  governed = at;
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
  const approval = await eventually(
    async () => (await initiator.approvals.list({ state: 'pending' })).items[0],
    'a pending approval',
  );
  await at.changePolicy(asking('15s', true));
  const approver = await at.as('approver');
  await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toEqual([]);
  expect((await initiator.approvals.get(approval.approvalId)).state).toBe('expired');
});
