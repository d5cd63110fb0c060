import { afterEach, describe, expect, test } from 'vitest';
import type { CountersignClient } from '../../src/client/create-client.ts';
import type { ApprovalView } from '../../src/contracts/http/approval.schema.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, pay } from '../support/asked-payment.ts';
import { eventually } from '../support/eventually.ts';
import type { GovernedSettings } from '../support/governed.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

const wholePay = {
  ...pay,
  inputSchema: { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] },
} as const;

/** Above `limit` payments need people; from 1000 on nobody pays. */
const policy = (limit: number, ttl = '5m', quorum = 1) => `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("too-much") @advice("Nobody pays that much.")
  forbid (principal, action == Action::"desk__pay", resource) when { context.args.amount >= 1000 };
  @id("pay-asks") @advice("Larger payments need a person.")
  @ask("{\\"quorum\\":${quorum},\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"${ttl}\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) when { context.args.amount > ${limit} }
  unless { context.approval.granted };`;

let told: readonly unknown[] = [];
const { keep } = keepInstallation();
afterEach(() => {
  told = [];
});

const script = scripted(mandate({ pay: 2 }), [
  call('desk__pay', { amount: 120 }),
  (request) => {
    told = toolResults(request);
    return say('Done.');
  },
]);

async function waitingRun(settings: Partial<GovernedSettings> = {}) {
  const { at, initiator, approval } = await askedPayment(
    { tools: [wholePay], policy: policy(10), script, ...settings },
    keep,
  );
  return { at, initiator, approval, approver: await at.as('approver'), approver2: await at.as('approver2') };
}

const edit = (client: CountersignClient, { approvalId, actionDigest }: ApprovalView, args: JsonObject) =>
  client.approvals.decide(approvalId, { verdict: 'edit', actionDigest, args, reason: 'as ordered' });

const approve = (client: CountersignClient, { approvalId, actionDigest }: ApprovalView) =>
  client.approvals.decide(approvalId, { verdict: 'approve', actionDigest });

/** The question that took the place of this one. */
const successor = (client: CountersignClient, { approvalId }: ApprovalView): Promise<ApprovalView> =>
  eventually(async () => {
    const { supersededBy } = await client.approvals.get(approvalId);
    return supersededBy === undefined ? undefined : client.approvals.get(supersededBy);
  }, 'the question about the edit');

describe('an edit', () => {
  test('makes another action with the same key, which somebody else approves, and only its bytes are sent', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun();
    await edit(approver, approval, { amount: 90 });
    const next = await successor(initiator, approval);
    expect(await initiator.approvals.get(approval.approvalId)).toMatchObject({
      state: 'superseded',
      supersededBy: next.approvalId,
    });
    expect(next).toMatchObject({
      state: 'pending',
      args: { amount: 90 },
      verdicts: [],
      edited: { by: 'approver', approvalId: approval.approvalId, before: { amount: 120 } },
    });
    expect(next.actionDigest).not.toBe(approval.actionDigest);
    await expect(approve(approver, next)).rejects.toMatchObject({ status: 403, code: 'self-approval' });
    expect(at.server.calls).toEqual([]);
    await approve(approver2, next);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 90 }]);
    expect(at.server.calls[0]?.headers['idempotency-key']).toBe(`default/${at.runId}/t1.0`);
  });

  test('asks somebody else by the rules of the old question, also where policy would simply allow it', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun();
    await edit(approver, approval, { amount: 5 });
    const next = await successor(initiator, approval);
    expect(next).toMatchObject({
      quorum: { needed: 1, roles: ['approver'] },
      reasons: [{ rule: 'edited-by-a-person' }],
    });
    await approve(approver2, next);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 5 }]);
  });

  test('that policy denies ends there, and the model is told which rule it was', async () => {
    const { at, initiator, approval, approver } = await waitingRun();
    await edit(approver, approval, { amount: 5_000 });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'denied', rule: 'too-much' } }]);
    expect(at.server.calls).toEqual([]);
    expect((await initiator.approvals.get(approval.approvalId)).state).toBe('withdrawn');
  });

  test('can be edited again; only who wrote the last arguments does not count', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun();
    await edit(approver, approval, { amount: 90 });
    const second = await successor(initiator, approval);
    await edit(approver2, second, { amount: 80 });
    const third = await successor(initiator, second);
    expect(third).toMatchObject({ edited: { by: 'approver2', before: { amount: 90 } } });
    await expect(approve(approver2, third)).rejects.toMatchObject({ code: 'self-approval' });
    await approve(approver, third);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 80 }]);
  });

  test('back to what the model had proposed is an edit like any other', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun();
    await edit(approver, approval, { amount: 90 });
    const second = await successor(initiator, approval);
    await edit(approver2, second, { amount: 120 });
    const third = await successor(initiator, second);
    await expect(approve(approver2, third)).rejects.toMatchObject({ code: 'self-approval' });
    await approve(approver, third);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 120 }]);
  });

  test('that comes together with another one: the first is followed, and nobody approves his own', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun({ policy: policy(10, '5m', 2) });
    await at.stopWorker();
    await edit(approver, approval, { amount: 90 });
    await edit(approver2, approval, { amount: 90 });
    await at.startWorker();
    const next = await successor(initiator, approval);
    expect(next).toMatchObject({ args: { amount: 90 }, edited: { by: 'approver' } });
    await expect(approve(approver, next)).rejects.toMatchObject({ code: 'self-approval' });
    await expect(approve(approver2, next)).rejects.toMatchObject({ code: 'self-approval' });
    expect(at.server.calls).toEqual([]);
  });

  test('outweighs an approval of what was asked, where both are there', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun();
    await at.stopWorker();
    await approve(approver, approval);
    await edit(approver2, approval, { amount: 90 });
    await at.startWorker();
    const next = await successor(initiator, approval);
    await approve(approver, next);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 90 }]);
  });

  test('that was given in time holds, also where the timer is over before anybody looks', async () => {
    const { at, initiator, approval, approver, approver2 } = await waitingRun({ policy: policy(10, '3s') });
    await at.stopWorker();
    await edit(approver, approval, { amount: 5 });
    await new Promise((resolve) => setTimeout(resolve, Date.parse(approval.expiresAt) - Date.now() + 200));
    await expect(edit(approver2, approval, { amount: 6 })).rejects.toMatchObject({ code: 'approval-closed' });
    await at.startWorker();
    const next = await successor(initiator, approval);
    expect(Date.parse(next.expiresAt)).toBeGreaterThan(Date.parse(approval.expiresAt));
    await approve(approver2, next);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 5 }]);
  });

  test('is answered by silence like any question: nothing is sent, neither the old nor the new', async () => {
    const { at, initiator, approval, approver } = await waitingRun({ policy: policy(10, '3s') });
    await edit(approver, approval, { amount: 5 });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'expired' } }]);
    expect(at.server.calls).toEqual([]);
  });

  test('of wrong arguments is refused with their paths, and nothing is stored', async () => {
    const { at, approval, approver } = await waitingRun();
    for (const [args, path] of [
      [{ amount: 'much' }, 'args/amount'],
      [{}, 'args'],
      [{ amount: 120 }, 'args'],
    ] as const) {
      await expect(edit(approver, approval, args)).rejects.toMatchObject({
        status: 400,
        code: 'invalid-request',
        fields: [{ path }],
      });
    }
    expect(await at.records.storage.approvals.verdicts('default', approval.approvalId)).toEqual([]);
  });
});

test('arguments that a person wrote are asked about wherever they turn up in the run', async () => {
  const again = scripted(mandate({ pay: 2 }), [
    call('desk__pay', { amount: 120 }),
    call('desk__pay', { amount: 5 }),
    say('Done.'),
  ]);
  const { at, initiator, approval, approver, approver2 } = await waitingRun({ script: again });
  await edit(approver, approval, { amount: 5 });
  await approve(approver2, await successor(initiator, approval));
  const repeated = await eventually(
    async () => (await initiator.approvals.list({ state: 'pending' })).items.find(({ edited }) => edited === undefined),
    'a question about the same arguments',
  );
  expect(repeated.reasons).toMatchObject([{ rule: 'edited-by-a-person' }]);
  await expect(approve(approver, repeated)).rejects.toMatchObject({ code: 'self-approval' });
  await approve(approver2, repeated);
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(2);
});
