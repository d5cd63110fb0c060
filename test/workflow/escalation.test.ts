import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import type { Verdict } from '../../src/domain/approval.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment } from '../support/asked-payment.ts';
import { eventually } from '../support/eventually.ts';
import type { Governed } from '../support/governed.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

/** First `approver`; `lead` as well after a while. */
const asking = (after: string) => `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{quorum: 1, roles: [approver], ttl: 5m, widen: [{after: ${after}, roles: [lead]}]}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

const script = scripted(mandate({ pay: 2 }), [call('desk__pay', { amount: 12 }), say('Done.')]);

const { keep } = keepInstallation();

async function waiting(after: string) {
  const asked = await askedPayment({ script, policy: asking(after) }, keep);
  const { approvalId, actionDigest } = asked.approval;
  const approve = async (subject: string) =>
    (await asked.at.as(subject)).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
  return { ...asked, approve };
}

async function kinds({ records, runId }: Governed): Promise<readonly string[]> {
  return (await records.storage.outbox.ofRun('default', runId, 0, 500)).map(({ kind }) => kind);
}

const widened = (at: Governed) =>
  eventually(async () => ((await kinds(at)).includes('approval-widened') ? true : undefined), 'the record of the rung');

test('the next role may not answer before its time, may then, and the effect happens once', async () => {
  const { at, initiator, approval, approve } = await waiting('3s');
  await expect(approve('lead')).rejects.toMatchObject({ code: 'not-an-approver' });
  await widened(at);
  expect((await initiator.approvals.get(approval.approvalId)).quorum.roles).toEqual(['approver', 'lead']);
  await approve('lead');
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(1);
  expect((await kinds(at)).filter((kind) => kind === 'approval-widened')).toHaveLength(1);
});

test('who was asked first may still answer when others are asked too', async () => {
  const { at, initiator, approve } = await waiting('1s');
  await widened(at);
  await approve('approver');
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(1);
});

test('a rung that is reached while no worker runs is recorded, and its answer is taken up when one comes back', async () => {
  const { at, initiator, approve } = await waiting('2s');
  await at.stopWorker();
  await widened(at);
  await approve('lead');
  await at.startWorker();
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(1);
});

test('a genuine verdict of the next role that was stored before its time counts neither then nor later', async () => {
  const { at, initiator, approval, approve } = await waiting('4s');
  const { approvals, keys } = { ...at.records.storage, keys: at.records.keys };
  const row = (await approvals.find('default', approval.approvalId)) ?? expect.fail('no approval');
  const verdict: Verdict = {
    v: 1,
    verdictId: `vrd_${'1'.repeat(32)}`,
    approvalId: row.approvalId,
    tenant: 'default',
    actionDigest: row.actionDigest,
    renderHash: row.renderHash,
    verdict: 'approve',
    approver: 'lead',
    roles: ['lead'],
    groups: [],
    acr: 'dev',
    nonce: 'too-early',
    at: row.createdAt,
    reason: '',
  };
  const signed = { verdict, ...(await keys.sign('verdict', canonicalJson(verdict as object as JsonObject))) };
  const { approvalId, callId, tool, envelopeRef, actionDigest } = row;
  const facts = { approvalId, verdictId: verdict.verdictId, by: 'lead', verdict: 'approve' } as const;
  const record = recordOf('verdict-given', row, verdict.verdictId, verdict.at, {
    ...facts,
    callId,
    tool,
    envelopeRef,
    actionDigest,
  });
  expect(await approvals.storeVerdict(signed, verdict.at, record)).toBe('stored');
  await widened(at);
  await eventually(
    async () =>
      (await approvals.unconsumed(10)).some(({ signalledAt }) => signalledAt !== undefined) ? true : undefined,
    'the run to be told of it',
    20_000,
  );
  await new Promise((resolve) => void setTimeout(resolve, 1_500));
  expect(await initiator.runs.get(at.runId)).toMatchObject({ state: 'waiting' });
  expect(at.server.calls).toEqual([]);
  await approve('approver');
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(1);
});
