import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/digest/digest.ts';
import type { ActionEnvelope } from '../../src/domain/action.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment } from '../support/asked-payment.ts';
import type { Governed } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { type Asked, type RogueWorker, startRogueWorker } from './rogue/rogue-worker.ts';

/** `lead` is asked an hour after the question was opened. */
const policy = `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{quorum: 1, roles: [approver], ttl: 4h, widen: [{after: 1h, roles: [lead]}]}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;
const twoHoursAgo = new Date(Date.now() - 7_200_000).toISOString();

let at: Governed;
let rogue: RogueWorker;
let approval: ApprovalRow;
let envelope: ActionEnvelope;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  const asked = await askedPayment({ script, policy }, (opened) => {
    at = opened;
  });
  rogue = await startRogueWorker(at);
  approval =
    (await at.records.storage.approvals.find('default', asked.approval.approvalId)) ?? expect.fail('no approval');
  envelope = (await at.records.blobs.get('default', 'envelope', approval.envelopeRef)) as object as ActionEnvelope;
});

afterAll(async () => {
  await rogue.stop();
  await at.stop();
});

/** Opens a question about this action in a row of its own making, and gets `lead` to say yes to it. */
async function approvedByLead(action: Asked, createdAt: string): Promise<string> {
  const { approvals } = at.records.storage;
  const { callId, tool, envelopeRef, actionDigest } = action;
  const approvalId = `apr_${digestOf('content', { actionDigest, createdAt }).slice(-32)}`;
  const row = { ...approval, approvalId, actionDigest, envelopeRef: parseBlobRef(envelopeRef), createdAt };
  const facts = { callId, tool, envelopeRef, actionDigest, approvalId };
  await approvals.open(
    row,
    recordOf('approval-opened', row, approvalId, createdAt, { ...facts, expiresAt: row.expiresAt }),
  );
  await (await at.as('lead')).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
  await approvals.close('default', approvalId, 'approved', new Date().toISOString(), []);
  return approvalId;
}

const perform = (action: Asked, approvalId: string) =>
  rogue.perform({ run: { tenant: 'default', runId: at.runId }, action, approvalId });

describe('the next role’s early answer counts at no effect', () => {
  test('where the row says that the question was opened long ago', async () => {
    const action = await rogue.store(envelope);
    expect(await perform(action, await approvedByLead(action, twoHoursAgo))).toBe('refused: approval-missing');
  });

  test('where row and envelope say so: no question is older than the admission of its run', async () => {
    const action = await rogue.store({ ...envelope, createdAt: twoHoursAgo });
    expect(await perform(action, await approvedByLead(action, twoHoursAgo))).toBe('refused: approval-missing');
    expect(at.server.calls).toEqual([]);
  });
});
