import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import type { ActionEnvelope } from '../../src/domain/action.ts';
import type { SignedDelegation } from '../../src/domain/delegation.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment } from '../support/asked-payment.ts';
import type { Governed } from '../support/governed.ts';
import { assertRunInvariants } from '../support/run-invariants.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { type Asked, type RogueWorker, startRogueWorker } from './rogue/rogue-worker.ts';

let at: Governed;
let rogue: RogueWorker;
let row: ApprovalRow;
let action: Asked;
/** What `approver` lent to `lead` for real; it was ended again. */
let genuine: SignedDelegation;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  const { approval } = await askedPayment({ script }, (opened) => {
    at = opened;
  });
  rogue = await startRogueWorker(at);
  const lender = await at.as('approver');
  const ends = new Date(Date.now() + 3_600_000).toISOString();
  const { delegationId } = await lender.delegations.lend({ to: 'lead', roles: ['approver'], ends });
  await lender.delegations.end(delegationId);
  const { approvals, delegations } = at.records.storage;
  row = (await approvals.find('default', approval.approvalId)) ?? expect.fail('the approval is there');
  genuine = (await delegations.find('default', delegationId))?.signed ?? expect.fail('the delegation is there');
  action = await rogue.store(
    (await at.records.blobs.get('default', 'envelope', row.envelopeRef)) as object as ActionEnvelope,
  );
});

afterAll(async () => {
  await rogue.stop();
  await at.stop();
});

const run = () => ({ tenant: 'default', runId: at.runId });

/** Writes this row, and a verdict that names it: signed even by the API's own key, as before a change of its rules. */
async function performedBy(approver: string, forged: SignedDelegation): Promise<readonly string[]> {
  const { approvals, delegations } = at.records.storage;
  const { delegationId, from, to, roles, begins, ends } = forged.delegation;
  const now = new Date().toISOString();
  const facts = { delegationId, from, to, roles, begins, ends };
  const lent = recordOf('approvals-delegated', { tenant: 'default', runId: '' }, delegationId, now, facts);
  if (delegationId !== genuine.delegation.delegationId) await delegations.lend(forged, 99, lent);
  const { approvalId, callId, tool, envelopeRef, actionDigest, renderHash } = row;
  const verdictId = `vrd_${delegationId.slice(4)}`;
  const verdict = {
    v: 1,
    verdictId,
    approvalId,
    tenant: 'default',
    actionDigest,
    renderHash,
    verdict: 'approve',
    approver,
    roles: ['approver'],
    groups: [],
    acr: 'dev',
    nonce: verdictId,
    at: now,
    reason: '',
    delegation: { delegationId, from },
  } as const;
  const signature = await at.records.keys.sign('verdict', canonicalJson(verdict as object as JsonObject));
  const body = {
    approvalId,
    verdictId,
    by: approver,
    verdict: 'approve',
    callId,
    tool,
    envelopeRef,
    actionDigest,
  } as const;
  expect(
    await approvals.storeVerdict(
      { verdict, ...signature },
      now,
      recordOf('verdict-given', run(), verdictId, now, body),
    ),
  ).toBe('stored');
  return [
    await rogue.schedule('settleApproval', { run: run(), action, approvalId, claimed: [] }),
    await rogue.perform({ run: run(), action, approvalId }),
  ];
}

const nothing = ['pending', 'refused: approval-missing'];
const idOf = (digit: string) => `dlg_${digit.repeat(32)}`;

describe('an action is not performed by a rogue worker', () => {
  test('with a delegation that nobody signed', async () => {
    const delegation = { ...genuine.delegation, delegationId: idOf('1'), to: 'auditor' };
    const unsigned = { delegation, keyId: genuine.keyId, signature: 'A'.repeat(86) };
    expect(await performedBy('auditor', unsigned)).toEqual(nothing);
  });

  test('with a genuine delegation that was bound to somebody else', async () => {
    const rebound = { ...genuine, delegation: { ...genuine.delegation, delegationId: idOf('2'), to: 'admin' } };
    expect(await performedBy('admin', rebound)).toEqual(nothing);
  });

  test('with a genuine delegation that was ended', async () => {
    expect(await performedBy('lead', genuine)).toEqual(nothing);
  });

  test('and after all of it somebody with the role approves it, and it is performed once', async () => {
    expect(at.server.calls).toEqual([]);
    const { approvalId, actionDigest } = row;
    await (await at.as('approver2')).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
    expect(await (await at.as('initiator')).runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
    await assertRunInvariants(at.records, at.runId, at.server);
  });
});
