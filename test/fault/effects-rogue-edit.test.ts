import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CountersignClient } from '../../src/client/create-client.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { digestOf } from '../../src/digest/digest.ts';
import type { ActionEnvelope } from '../../src/domain/action.ts';
import { type ActionSheet, sheetRows } from '../../src/domain/action-sheet.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';
import { call, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { assertRunInvariants } from '../support/run-invariants.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { type Asked, type RogueWorker, startRogueWorker } from './rogue/rogue-worker.ts';

const amount = { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] };
const pay = { name: 'pay', effect: 'irreversible', inputSchema: amount, run: () => ({ paid: true }) } as const;

/** Small payments need nobody: what a person wrote needs somebody all the same. */
const policy = `
  @id("all") @advice("Everything is permitted, payments to those who ask.") permit (principal, action, resource);
  @id("pay-asks") @advice("Larger payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) when { context.args.amount > 10 }
  unless { context.approval.granted };`;

let at: Governed;
let rogue: RogueWorker;
let approver: CountersignClient;
let approver2: CountersignClient;
/** What the model asked for, and what `approver` made of it. */
let proposed: ApprovalRow;
let edited: ApprovalRow;
let envelope: ActionEnvelope;
let honest: Asked;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 3 }), [call('desk__pay', { amount: 120 }), say('Done.')]);
  at = await startGoverned({ tools: [pay], policy, script });
  rogue = await startRogueWorker(at);
  approver = await at.as('approver');
  approver2 = await at.as('approver2');
  await (await at.as('initiator')).runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
  proposed = await pending((row) => row.state === 'pending');
  const { approvalId, actionDigest } = proposed;
  await approver.approvals.decide(approvalId, { verdict: 'edit', actionDigest, args: { amount: 5 } });
  edited = await pending((row) => row.approvalId !== approvalId);
  envelope = (await at.records.blobs.get('default', 'envelope', edited.envelopeRef)) as object as ActionEnvelope;
  honest = await rogue.store(envelope);
});

afterAll(async () => {
  await rogue.stop();
  await at.stop();
});

function pending(isSought: (row: ApprovalRow) => boolean): Promise<ApprovalRow> {
  return eventually(async () => {
    const { items } = await at.records.storage.approvals.list('default', { runId: at.runId, limit: 10 });
    return items.find(isSought);
  }, 'an approval');
}

const run = () => ({ tenant: 'default', runId: at.runId });

/** The envelope as somebody may write it who holds no key: whole, or without a word of who edited it. */
async function forged(change: Partial<ActionEnvelope>, hidden: 'shown' | 'hidden'): Promise<ActionEnvelope> {
  const { edited: _, ...plain } = envelope;
  const whole = { ...(hidden === 'shown' ? envelope : plain), ...change };
  return { ...whole, renderHash: digestOf('render', (await sheetFor(whole)) as object as JsonObject) };
}

async function sheetFor(whole: ActionEnvelope): Promise<ActionSheet> {
  const stored = (await at.records.blobs.get('default', 'sheet', edited.sheetRef)) as object as ActionSheet;
  const { edited: _, ...sheet } = { ...stored, rows: sheetRows(whole.args, {}) };
  if (whole.edited === undefined) return sheet;
  const { by, approvalId, before } = whole.edited;
  return { ...sheet, edited: { by, approvalId, before: sheetRows(before, {}) } };
}

/** Opens an approval for it by hand, lets that person say yes at the API, and asks for the effect. */
async function performed(whole: ActionEnvelope, subject: CountersignClient): Promise<string> {
  const action = await rogue.store(whole);
  const approvalId = `apr_${digestOf('content', { digest: action.actionDigest }).slice(-32)}`;
  const row: ApprovalRow = {
    ...edited,
    approvalId,
    callId: whole.callId,
    actionDigest: action.actionDigest,
    envelopeRef: parseBlobRef(action.envelopeRef),
    renderHash: whole.renderHash,
    sheetRef: await at.records.blobs.put('default', 'sheet', (await sheetFor(whole)) as object as JsonObject),
  };
  const { tool, callId, envelopeRef, actionDigest, createdAt, expiresAt } = row;
  const body = { callId, tool, envelopeRef, actionDigest, approvalId };
  const { approvals } = at.records.storage;
  await approvals.open(row, recordOf('approval-opened', row, approvalId, createdAt, { ...body, expiresAt }));
  const refused = await subject.approvals
    .decide(approvalId, { verdict: 'approve', actionDigest })
    .then(() => undefined)
    .catch((error: { readonly code: string }) => error.code);
  if (refused !== undefined) return `api: ${refused}`;
  const closed = recordOf('approval-closed', row, approvalId, createdAt, { ...body, state: 'approved' });
  await approvals.close('default', approvalId, 'approved', createdAt, [closed]);
  return rogue.perform({ run: run(), action, approvalId });
}

describe('what a person wrote is not performed by a rogue worker', () => {
  test('without an approval, though policy would let it pass', async () => {
    expect(await rogue.perform({ run: run(), action: honest })).toBe('refused: approval-missing');
  });

  test('with the approval at which it was written, or as what the model had proposed', async () => {
    expect(await rogue.perform({ run: run(), action: honest, approvalId: proposed.approvalId })).toBe(
      'digest-conflict',
    );
    const { approvalId, actionDigest, envelopeRef } = proposed;
    const original = { ...honest, actionDigest, envelopeRef };
    expect(await rogue.perform({ run: run(), action: original, approvalId })).toBe('refused: approval-missing');
  });

  test('with a word hidden about who wrote it', async () => {
    const silent = await forged({ nonce: 'silent' }, 'hidden');
    expect(await rogue.perform({ run: run(), action: await rogue.store(silent) })).toBe('digest-conflict');
    expect(await performed(silent, approver)).toBe('api: self-approval');
    expect(await performed(await forged({ nonce: 'silent-2' }, 'hidden'), approver2)).toBe('digest-conflict');
  });

  test('under another call of the run, approved by who wrote it, or by nobody', async () => {
    const elsewhere = await forged({ nonce: 'elsewhere', callId: 't9.9' as ActionEnvelope['callId'] }, 'hidden');
    expect(await rogue.perform({ run: run(), action: await rogue.store(elsewhere) })).toBe('refused: approval-missing');
    expect(await performed(elsewhere, approver)).toBe('api: self-approval');
  });

  test('as if somebody else had written it, at another place, or from something else', async () => {
    const told = envelope.edited ?? expect.fail('the honest envelope says who edited');
    for (const [nonce, lie] of [
      ['by', { ...told, by: 'approver2' }],
      ['verdict', { ...told, verdictId: `vrd_${'0'.repeat(32)}` }],
      ['place', { ...told, approvalId: `apr_${'0'.repeat(32)}` }],
      ['before', { ...told, before: { amount: 6 } }],
    ] as const) {
      const lying = await forged({ nonce, edited: lie }, 'shown');
      expect(await performed(lying, nonce === 'by' ? approver : approver2)).toBe(
        nonce === 'by' ? 'api: self-approval' : 'digest-conflict',
      );
    }
  });

  test('with other arguments than those that were written', async () => {
    expect(await performed(await forged({ nonce: 'more', args: { amount: 9 } }, 'shown'), approver2)).toBe(
      'digest-conflict',
    );
  });

  test('approved by who wrote it, in a verdict that the API never took', async () => {
    const { approvals } = at.records.storage;
    const [own] = await approvals.edits('default', at.runId);
    if (own === undefined) throw new Error('the edit is gone');
    const { edit: _, ...given } = own.verdict;
    const verdict = {
      ...given,
      verdict: 'approve' as const,
      verdictId: `vrd_${'1'.repeat(32)}`,
      approvalId: edited.approvalId,
      actionDigest: edited.actionDigest,
      renderHash: edited.renderHash,
      nonce: 'mine',
    };
    // even signed by the API's own key, as before a change of its rules: who wrote it does not count
    const signature = await at.records.keys.sign('verdict', canonicalJson(verdict as object as JsonObject));
    const record = recordOf('verdict-given', run(), verdict.verdictId, verdict.at, {
      approvalId: edited.approvalId,
      verdictId: verdict.verdictId,
      by: verdict.approver,
      verdict: 'approve',
      callId: edited.callId,
      tool: edited.tool,
      envelopeRef: edited.envelopeRef,
      actionDigest: edited.actionDigest,
    });
    await approvals.storeVerdict({ verdict, ...signature }, new Date().toISOString(), record);
    const { approvalId } = edited;
    expect(await rogue.schedule('settleApproval', { run: run(), action: honest, approvalId, claimed: [] })).toBe(
      'pending',
    );
    expect(await rogue.perform({ run: run(), action: honest, approvalId })).toBe('refused: approval-missing');
  });

  test('and after all of it somebody else approves it, and it is performed once', async () => {
    expect(at.server.calls).toEqual([]);
    const { approvalId, actionDigest } = edited;
    await approver2.approvals.decide(approvalId, { verdict: 'approve', actionDigest });
    expect(await (await at.as('initiator')).runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 5 }]);
    await assertRunInvariants(at.records, at.runId, at.server);
  });
});
