import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, asking, pay } from '../support/asked-payment.ts';
import { eventually } from '../support/eventually.ts';
import type { Governed, GovernedSettings } from '../support/governed.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

const denying = `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-denied") @advice("Nobody pays any more.") forbid (principal, action == Action::"desk__pay", resource);`;

let told: readonly unknown[] = [];
const { keep } = keepInstallation();
afterEach(() => {
  told = [];
});

const script = scripted(mandate({ pay: 2 }), [
  call('desk__pay', { amount: 12 }),
  (request) => {
    told = toolResults(request);
    return say('Done.');
  },
]);

async function waitingRun(settings: Partial<GovernedSettings> = {}) {
  const { at, initiator, approval } = await askedPayment({ script, ...settings }, keep);
  return { at, initiator, approval, approver: await at.as('approver') };
}

async function kindsOf(at: Governed, kind: string) {
  const records = await at.records.storage.outbox.ofRun('default', at.runId, 0, 500);
  return records.filter((record) => record.kind === kind);
}

describe('an approval', () => {
  test('lets exactly the approved call through, once, and is consumed by it', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    expect((await initiator.runs.get(at.runId)).state).toBe('waiting');
    await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 12 }]);
    expect((await initiator.approvals.get(approval.approvalId)).state).toBe('consumed');
  });

  test('that is rejected never reaches the tool, and the model is told why', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    await approver.approvals.decide(approval.approvalId, {
      verdict: 'reject',
      actionDigest: approval.actionDigest,
      reason: 'wrong month',
    });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'rejected', message: expect.stringContaining('wrong month') } }]);
    expect(at.server.calls).toEqual([]);
  });

  test('that nobody answers in time is a rejection', async () => {
    const { at, initiator, approval } = await waitingRun({ policy: asking('2s') });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'expired' } }]);
    expect(at.server.calls).toEqual([]);
    expect((await initiator.approvals.get(approval.approvalId)).state).toBe('expired');
  });

  test('cannot be given by the initiator, by somebody without the role, for another digest, or twice', async () => {
    const { at, initiator, approval, approver } = await waitingRun({ policy: asking('5m', { quorum: 2 }) });
    const { approvalId, actionDigest } = approval;
    const approve = { verdict: 'approve', actionDigest } as const;
    await expect(initiator.approvals.decide(approvalId, approve)).rejects.toMatchObject({ status: 403 });
    await expect((await at.as('auditor')).approvals.decide(approvalId, approve)).rejects.toMatchObject({
      code: 'not-an-approver',
    });
    const other = `sha256:${'0'.repeat(64)}`;
    await expect(approver.approvals.decide(approvalId, { ...approve, actionDigest: other })).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    await approver.approvals.decide(approvalId, approve);
    await expect(approver.approvals.decide(approvalId, approve)).rejects.toMatchObject({ code: 'already-decided' });
    expect(at.server.calls).toEqual([]);
    await (await at.as('approver2')).approvals.decide(approvalId, approve);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
  });

  test('is no bypass: a policy that has come to deny wins over a person', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    await at.changePolicy(denying);
    await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'denied', rule: 'pay-denied' } }]);
    expect(at.server.calls).toEqual([]);
  });

  test('that was given while no worker ran is taken up when one comes back', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    await at.stopWorker();
    await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
    await at.startWorker();
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
  });

  test('is withdrawn when the run is cancelled, and a late verdict meets a closed door', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    await initiator.runs.cancel(at.runId);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'cancelled', pendingApprovals: 0 });
    const late = approver.approvals.decide(approval.approvalId, {
      verdict: 'approve',
      actionDigest: approval.actionDigest,
    });
    await expect(late).rejects.toMatchObject({ code: 'approval-closed' });
    expect(at.server.calls).toEqual([]);
  });
});

test('an approver is shown what the operator’s records say of the ids in the arguments', async () => {
  const supplier = {
    name: 'get_supplier',
    effect: 'read',
    record: true,
    inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    run: ({ id }: { readonly [name: string]: unknown }) => ({ id: String(id), name: 'Helvaris' }),
  } as const;
  const payTo = {
    ...pay,
    inputSchema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] },
    relations: { known: { from: 'get_supplier', key: { id: 'to' }, equal: { id: 'to' }, show: { supplier: 'name' } } },
  } as const;
  const paying = scripted(mandate({ pay: 1 }), [call('desk__pay', { to: 'S7' }), say('Done.')]);
  const { at, approval, approver, initiator } = await waitingRun({ tools: [supplier, payTo], script: paying });
  const row = await at.records.storage.approvals.find('default', approval.approvalId);
  const sheet = await at.records.blobs.get('default', 'sheet', row?.sheetRef ?? 'blob:');
  expect(sheet).toMatchObject({ facts: { known: true }, records: [{ label: 'supplier', json: '"Helvaris"' }] });
  await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
});

describe('a forged signal', () => {
  const verdictId = () => `vrd_${randomBytes(16).toString('hex')}`;

  test('changes nothing, blocks nothing, and is recorded', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    const { approvalId } = approval;
    const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
    await handle.signal('verdict', { approvalId, verdictId: verdictId() });
    await handle.signal('verdict', { approvalId: `apr_${'0'.repeat(32)}`, verdictId: verdictId() });
    await handle.signal('verdict', 'approve!');
    await at.temporal.workflowService.signalWorkflowExecution(
      rawSignal(at, { encoding: 'json/plain' }, `{"approvalId":"${approvalId}"}`),
    );
    await at.temporal.workflowService.signalWorkflowExecution(rawSignal(at, { encoding: 'binary/unknown' }, 'x'));
    const reasons = await eventually(async () => {
      const seen = new Set((await kindsOf(at, 'signal-refused')).map((record) => record.body['reason']));
      return seen.size >= 4 ? seen : undefined;
    }, 'four refused signals');
    expect([...reasons].sort()).toEqual(['malformed', 'undecodable', 'unknown-approval', 'unknown-verdict']);
    expect(at.server.calls).toEqual([]);
    await approver.approvals.decide(approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
  });

  function rawSignal(at: Governed, metadata: Readonly<Record<string, string>>, data: string) {
    const encoded = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value)]));
    return {
      namespace: at.temporal.options.namespace,
      workflowExecution: { workflowId: `default/${at.runId}` },
      signalName: 'verdict',
      input: { payloads: [{ metadata: encoded, data: Buffer.from(data) }] },
    };
  }
});
