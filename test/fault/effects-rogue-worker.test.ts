import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/digest/digest.ts';
import type { ActionEnvelope } from '../../src/domain/action.ts';
import { sheetRows } from '../../src/domain/action-sheet.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { call, calls, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { assertRunInvariants } from '../support/run-invariants.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { type Asked, type RogueWorker, startRogueWorker } from './rogue/rogue-worker.ts';

const amount = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };
const pay = { name: 'pay', effect: 'irreversible', inputSchema: amount, run: () => ({ paid: true }) } as const;
const lookUp = { name: 'look_up', effect: 'read', inputSchema: amount, run: () => ({ found: true }) } as const;

const policy = `
  @id("all") @advice("Everything is permitted, payments to those who ask.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

let at: Governed;
let rogue: RogueWorker;
/** What the run under attack waits for, and the honest action behind it. */
let approval: ApprovalRow;
let honest: Asked;
let envelope: ActionEnvelope;
let other: ApprovalRow;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 1, look_up: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  at = await startGoverned({ tools: [pay, lookUp], policy, script });
  rogue = await startRogueWorker(at);
  approval = await waiting(at.runId, 'initiator');
  other = await waiting(`${at.runId}-other`, 'initiator');
  envelope = await envelopeOf(approval);
  honest = await rogue.store(envelope);
});

afterAll(async () => {
  await rogue.stop();
  await at.stop();
});

async function waiting(runId: string, by: string): Promise<ApprovalRow> {
  await (await at.as(by)).runs.start({ runId, agent: 'tester', task: 'pay' });
  return eventually(async () => {
    const { items } = await at.records.storage.approvals.list('default', { runId, state: 'pending', limit: 1 });
    return items[0];
  }, 'a pending approval');
}

async function envelopeOf(row: ApprovalRow): Promise<ActionEnvelope> {
  return (await at.records.blobs.get('default', 'envelope', row.envelopeRef)) as object as ActionEnvelope;
}

const ours = () => ({ tenant: 'default', runId: at.runId });

/** Performs an envelope that the rogue changed and stored. */
async function forged(change: object, asked: Partial<Asked> = {}, rest: object = {}): Promise<string> {
  const action = { ...(await rogue.store({ ...envelope, ...change })), ...asked };
  return rogue.perform({ run: { tenant: 'default', runId: action.key.split('/')[1] }, action, ...rest });
}

/** Opens an approval of the rogue's own making, as a worker with the database can, and gets a person to say yes to it. */
async function approvedByHand(row: Partial<ApprovalRow>, subject: string): Promise<string> {
  const { approvals } = at.records.storage;
  const approvalId = `apr_${digestOf('content', { row: JSON.stringify(row), subject }).slice(-32)}`;
  const opened = { ...approval, ...row, approvalId };
  const body = {
    callId: opened.callId,
    tool: opened.tool,
    envelopeRef: opened.envelopeRef,
    actionDigest: opened.actionDigest,
    approvalId,
  };
  await approvals.open(
    opened,
    recordOf('approval-opened', opened, approvalId, opened.createdAt, { ...body, expiresAt: opened.expiresAt }),
  );
  await (await at.as(subject)).approvals.decide(approvalId, { verdict: 'approve', actionDigest: opened.actionDigest });
  const closed = recordOf('approval-closed', opened, approvalId, opened.createdAt, { ...body, state: 'approved' });
  await approvals.close('default', approvalId, 'approved', opened.createdAt, [closed]);
  return approvalId;
}

describe('an effect that a rogue worker asks for is refused', () => {
  test('without the approval that policy asks for', async () => {
    expect(await rogue.perform({ run: ours(), action: honest })).toBe('refused: approval-missing');
  });

  test('with an approval that nobody has given yet', async () => {
    const request = { run: ours(), action: honest, approvalId: approval.approvalId };
    expect(await rogue.perform(request)).toBe('refused: approval-missing');
  });

  test('with the approval of another run, or one that is not there', async () => {
    expect(await rogue.perform({ run: ours(), action: honest, approvalId: other.approvalId })).toBe('digest-conflict');
    expect(await rogue.perform({ run: ours(), action: honest, approvalId: `apr_${'0'.repeat(32)}` })).toBe(
      'digest-conflict',
    );
  });

  test('with the envelope of another run', async () => {
    const foreign = await rogue.store(await envelopeOf(other));
    expect(await rogue.perform({ run: ours(), action: foreign })).toBe('digest-conflict');
    expect(await rogue.perform({ run: ours(), action: { ...foreign, key: honest.key } })).toBe('digest-conflict');
  });

  test('with another digest than the envelope has', async () => {
    const actionDigest = `sha256:${'0'.repeat(64)}`;
    expect(await rogue.perform({ run: ours(), action: { ...honest, actionDigest } })).toBe('digest-conflict');
  });

  test('with other arguments under the honest approval, or under none', async () => {
    const args = { amount: 9_000 };
    expect(await forged({ args }, {}, { approvalId: approval.approvalId })).toBe('digest-conflict');
    expect(await forged({ args })).toBe('refused: approval-missing');
  });

  test('with arguments that the tool’s schema does not know, or without any', async () => {
    expect(
      await forged({ tool: 'desk.look_up', risk: 'low', args: { amount: 'much' }, toolPin: await pinOf('look_up') }),
    ).toBe('refused: invalid-arguments');
    expect(await forged({ args: 'amount' })).toBe('digest-conflict');
  });

  test('decided as an answer and performed as a tool call', async () => {
    const answer = { kind: 'answer', tool: 'run.answer' } as const;
    expect(await forged({ kind: 'answer' })).toBe('digest-conflict');
    expect(await forged({ kind: 'answer' }, answer)).toBe('digest-conflict');
    expect(await forged({}, answer)).toBe('digest-conflict');
    expect(await forged({ kind: 'tool-call', tool: 'run.answer' })).toBe('digest-conflict');
    expect(await forged({ kind: 'delegation' })).toBe('digest-conflict');
  });

  test('counted under the name of another tool', async () => {
    expect(await forged({}, { tool: 'desk.look_up' })).toBe('digest-conflict');
  });

  test('under a key or call id that the engine does not make', async () => {
    expect(await forged({}, { key: `${honest.key}x` as Asked['key'] })).toBe('digest-conflict');
    expect(await forged({ callId: 'again' })).toBe('digest-conflict');
    expect(await forged({ callId: 't1.0/../t2.0' })).toBe('digest-conflict');
  });

  test('in the name of another agent, another principal, or with more time than the run has', async () => {
    for (const change of [
      { agent: 'admin' },
      { agentVersion: 2 },
      { onBehalfOf: 'admin' },
      { expiresAt: '2999-01-01T00:00:00.000Z' },
      { expiresAt: 'never' },
    ]) {
      expect(await forged(change)).toBe('digest-conflict');
    }
  });

  test('for a tool that was reviewed as another one, or has another risk, when it was decided', async () => {
    expect(await forged({ toolPin: `sha256:${'0'.repeat(64)}` })).toBe('refused: tool-changed');
    expect(await forged({ risk: 'low' })).toBe('refused: tool-changed');
  });

  test('with an approval whose requirement was lowered', async () => {
    const requirement = { ...approval.requirement, roles: ['auditor'] };
    const approvalId = await approvedByHand({ requirement }, 'auditor');
    expect(await rogue.perform({ run: ours(), action: honest, approvalId })).toBe('refused: approval-missing');
  });

  test('with an approval by the initiator himself, in a row that names somebody else', async () => {
    const own = await waiting(`${at.runId}-own`, 'approver');
    const approvalId = await approvedByHand({ ...own, initiator: 'nobody' }, 'approver');
    const action = await rogue.store(await envelopeOf(own));
    const run = { tenant: 'default', runId: own.runId };
    expect(await rogue.perform({ run, action, approvalId })).toBe('refused: approval-missing');
  });

  test('with an approval of people who were shown something else', async () => {
    const shown = (await at.records.blobs.get('default', 'sheet', approval.sheetRef)) as JsonObject;
    const sheet = { ...shown, rows: sheetRows({ amount: 1 }, {}) as object as JsonObject[] };
    const renderHash = digestOf('render', sheet);
    const sheetRef = await at.records.blobs.put('default', 'sheet', sheet);
    const asTheyWereShown = await approvedByHand({ renderHash, sheetRef }, 'approver');
    expect(await rogue.perform({ run: ours(), action: honest, approvalId: asTheyWereShown })).toBe('digest-conflict');
    const action = await rogue.store({ ...envelope, renderHash });
    const asTheEnvelopeSays = await approvedByHand(
      { ...action, renderHash, sheetRef, envelopeRef: action.envelopeRef as ApprovalRow['envelopeRef'] },
      'approver',
    );
    expect(await rogue.perform({ run: ours(), action, approvalId: asTheEnvelopeSays })).toBe('digest-conflict');
  });

  test('in a form that is none', async () => {
    expect(await rogue.perform({})).toBe('invalid-request');
    expect(await rogue.perform({ run: ours(), action: { ...honest, envelopeRef: 'blob:../../keys' } })).toBe(
      'invalid-request',
    );
    expect(await rogue.perform({ run: ours(), action: honest, approved: true })).toBe('invalid-request');
    const unknown = { ...honest, envelopeRef: `blob:${'0'.repeat(64)}` };
    expect(await rogue.perform({ run: ours(), action: unknown })).toBe('blob-missing');
  });

  test('for a run that nobody admitted, or that somebody admitted without the key', async () => {
    expect(await forged({ runId: 'ghost' })).toBe('ticket-invalid');
    const { runs } = at.records.storage;
    const row = await runs.find('default', at.runId);
    if (row === undefined) throw new Error('the run is gone');
    const runId = `${at.runId}-smuggled`;
    const signedTicket = { ...row.signedTicket, ticket: { ...row.signedTicket.ticket, runId } };
    const started = {
      agent: 'tester',
      agentVersion: 1,
      initiator: 'initiator',
      taskRef: row.signedTicket.ticket.taskRef,
    };
    const record = recordOf('run-started', { tenant: 'default', runId }, 'admitted', row.startedAt, started);
    await runs.admit({ tenant: 'default', runId, requestDigest: 'x', signedTicket }, record);
    expect(await forged({ runId })).toBe('ticket-invalid');
  });

  test('as is a model call for a run that nobody admitted', async () => {
    const asked = at.model.requests.length;
    const run = { tenant: 'default', runId: 'ghost' };
    expect(await rogue.schedule('freezeMandate', run)).toBe('ticket-invalid');
    const transcript = `blob:${'0'.repeat(64)}`;
    expect(await rogue.schedule('infer', { run, turn: 1, transcript, results: [] })).toBe('ticket-invalid');
    expect(at.model.requests).toHaveLength(asked);
  });

  test('as is an approval by claim, or for what people were not asked about', async () => {
    const { approvalId } = approval;
    const claimed = [`vrd_${'0'.repeat(32)}`];
    expect(await rogue.schedule('settleApproval', { run: ours(), action: honest, approvalId, claimed })).toBe(
      'pending',
    );
    const action = await rogue.store({ ...envelope, args: { amount: 9_000 } });
    expect(await rogue.schedule('settleApproval', { run: ours(), action, approvalId, claimed })).toBe(
      'digest-conflict',
    );
    const decision = { kind: 'ask', policyDigest: '', reasons: [], requirement: approval.requirement };
    expect(await rogue.schedule('openApproval', { run: ours(), action, decision })).toBe('digest-conflict');
  });

  test('and after all of it the run goes on as if nothing had been tried', async () => {
    expect(at.server.calls).toEqual([]);
    const approver = await at.as('approver');
    await approver.approvals.decide(approval.approvalId, { verdict: 'approve', actionDigest: approval.actionDigest });
    expect(await (await at.as('initiator')).runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 12 }]);
  });

  test('again after it has landed, and for anything new once the run is closed', async () => {
    expect(await rogue.perform({ run: ours(), action: honest, approvalId: approval.approvalId })).toBe('landed');
    expect(await forged({ args: { amount: 13 } })).toBe('digest-conflict');
    expect(await forged({ callId: 't7.0', tool: 'desk.look_up', risk: 'low', toolPin: await pinOf('look_up') })).toBe(
      'refused: run-closed',
    );
    expect(at.server.calls).toHaveLength(1);
    await assertRunInvariants(at.records, at.runId, at.server);
  });
});

/** The reviewed pin, from the honest envelope of another run that calls the tool. */
async function pinOf(tool: string): Promise<string> {
  const catalogueTool = at.catalogue.tool(`desk.${tool}`);
  return catalogueTool?.manifest.schema ?? '';
}

test('a mandate whose seal does not verify admits nothing, neither for a rogue nor for the run itself', async () => {
  let plan: () => void = () => undefined;
  const planned = new Promise<void>((resolve) => {
    plan = resolve;
  });
  const script = async (request: { readonly forced: string | null }) => {
    if (request.forced === null) return calls([{ name: 'desk__look_up', args: { amount: 1 } }]);
    await planned;
    return mandate({ look_up: 1 });
  };
  const slow = await startGoverned({ tools: [lookUp], script });
  const attacker = await startRogueWorker(slow);
  try {
    const initiator = await slow.as('initiator');
    await initiator.runs.start({ runId: slow.runId, agent: 'tester', task: 'look' });
    const run = { tenant: 'default', runId: slow.runId };
    const own = {
      tools: [{ name: 'desk.look_up', maxCalls: 1_000 }],
      budget: { steps: 99, toolCalls: 1_000, tokens: 1e9, costMicroUsd: 1e9 },
      expiresAt: '2999-01-01T00:00:00.000Z',
      rationale: '',
    };
    const seal = { keyId: 'mandate-1-00000000', signature: 'A'.repeat(86) };
    const frozen = recordOf('mandate-frozen', run, 'forged', new Date().toISOString(), {
      tools: own.tools,
      expiresAt: own.expiresAt,
    });
    await slow.records.storage.mandates.freeze({ ...run, mandate: own, seal }, frozen);
    const pin = slow.catalogue.tool('desk.look_up')?.manifest.schema ?? '';
    const soon = new Date(Date.now() + 60_000).toISOString();
    const action = await attacker.store({
      ...envelope,
      ...run,
      workflowId: `default/${slow.runId}`,
      tool: 'desk.look_up',
      toolPin: pin,
      risk: 'low',
      expiresAt: soon,
    });
    expect(await attacker.perform({ run, action })).toBe('mandate-corrupt');
    plan();
    expect(await initiator.runs.wait(slow.runId)).toMatchObject({
      state: 'refused',
      failure: { code: 'mandate-corrupt' },
    });
    expect(slow.server.calls).toEqual([]);
  } finally {
    await attacker.stop();
    await slow.stop();
  }
});
