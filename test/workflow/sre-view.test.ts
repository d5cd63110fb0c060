import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterEach, expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const secret = 'SECRET-4711';

const pay = {
  name: 'pay',
  effect: 'irreversible',
  inputSchema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] },
  run: () => ({ receipt: `for ${secret}` }),
} as const;

const policy = `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.") @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

let governed: Governed | undefined;
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
});

test('a waiting run says in Temporal what is asked and until when, by names that are not personal', async () => {
  const at = await startWaiting();
  const description = await at.temporal.workflow.getHandle(`default/${at.runId}`).describe();
  expect(description.type).toBe('agentRun');
  expect(description.searchAttributes).toMatchObject({
    Agent: ['tester'],
    AgentVersion: ['1'],
    Tenant: ['default'],
    RiskTier: ['high'],
    RunState: ['waiting'],
    ApprovalState: ['pending'],
  });
  const status = await at.temporal.workflow.getHandle(`default/${at.runId}`).query('status');
  expect(status).toMatchObject({ state: 'waiting', turn: 1, waitingFor: [{ tool: 'desk.pay' }] });
});

test('nothing that a run read, was told or did stands in its history in plain text', async () => {
  const at = await startWaiting();
  const approver = await at.as('approver');
  const [approval] = (await approver.approvals.list({ state: 'pending', runId: at.runId })).items;
  const answer = {
    verdict: 'approve',
    actionDigest: approval?.actionDigest ?? '',
    reason: `because of ${secret}`,
  } as const;
  await approver.approvals.decide(approval?.approvalId ?? '', answer);
  expect(await approver.runs.wait(at.runId)).toMatchObject({ state: 'completed', output: { text: `Paid ${secret}.` } });
  const history = historyToJSON(await at.history(at.runId));
  expect(history).not.toContain(secret);
  expect(history).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12));
});

test('a failed run fails in Temporal under our error code, and its text is sealed', async () => {
  governed = await startGoverned({ tools: [pay], script: () => say(`I will not. ${secret}`) });
  const initiator = await governed.as('initiator');
  await initiator.runs.start({ runId: governed.runId, agent: 'tester', task: 'pay' });
  await initiator.runs.wait(governed.runId);
  const handle = governed.temporal.workflow.getHandle(`default/${governed.runId}`);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'mandate-not-declared' } });
  const history = historyToJSON(await governed.history(governed.runId));
  expect(history).toContain('mandate-not-declared');
  expect(history).not.toContain('did not declare');
});

async function startWaiting(): Promise<Governed> {
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { to: secret }), say(`Paid ${secret}.`)]);
  const at = await startGoverned({ tools: [pay], policy, script });
  governed = at;
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: `pay ${secret}` });
  await eventually(async () => (await initiator.approvals.list({ state: 'pending' })).items[0], 'a pending approval');
  const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
  await eventually(async () => {
    const { searchAttributes } = await handle.describe();
    return searchAttributes['RunState']?.[0] === 'waiting' ? true : undefined;
  }, 'a run that says it waits');
  return at;
}
