import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { call, calls, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { createFaultyLedger } from '../support/faulty-ledger.ts';
import { type Governed, type GovernedSettings, startGoverned } from '../support/governed.ts';
import { assertRunInvariants } from '../support/run-invariants.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const invoice = { type: 'object', properties: { invoice: { type: 'string' } }, required: ['invoice'] };

let governed: Governed | undefined;
/** The tool's own memory: invoices that were paid, one entry a payment. */
let payments: string[] = [];
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
  payments = [];
});

const pay = {
  name: 'pay',
  effect: 'irreversible',
  retry: 'keyed',
  timeout: '1s',
  inputSchema: invoice,
  relations: { notDuplicate: { from: 'find_payment', key: { invoice: 'invoice' }, is: { paid: false } } },
  run: ({ invoice: number }: JsonObject) => {
    payments.push(String(number));
    return { paid: true };
  },
} as const;

const findPayment = {
  name: 'find_payment',
  effect: 'read',
  record: true,
  inputSchema: invoice,
  run: ({ invoice: number }: JsonObject) => ({ paid: payments.includes(String(number)) }),
} as const;

const noDuplicates = `
  @id("all") @advice("Everything is permitted.") permit (principal, action, resource);
  @id("duplicate") @advice("This invoice is paid already.")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.facts.notDuplicate };`;

const asking = `
  @id("all") @advice("Everything is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

async function begin(settings: Partial<GovernedSettings> = {}) {
  const script = scripted(mandate({ pay: 2, find_payment: 2 }), [
    calls([
      { name: 'desk__pay', args: { invoice: 'INV-1' } },
      { name: 'desk__find_payment', args: { invoice: 'INV-2' } },
    ]),
    say('Done.'),
  ]);
  const at = await startGoverned({ tools: [pay, findPayment], script, ...settings });
  governed = at;
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
  return { at, initiator };
}

/** Throws away everything after the run's first activity: what an operator does in the Temporal UI, or anybody else. */
async function resetToBeginning(at: Governed): Promise<void> {
  const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
  const { events } = await handle.fetchHistory();
  const first = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
  const described = await handle.describe();
  const { runId } = await at.temporal.workflowService.resetWorkflowExecution({
    namespace: at.temporal.options.namespace,
    workflowExecution: { workflowId: `default/${at.runId}`, runId: described.runId },
    reason: 'a test',
    workflowTaskFinishEventId: first ?? null,
    requestId: randomUUID(),
  });
  await at.temporal.workflow.getHandle(`default/${at.runId}`, runId).result();
}

async function keysOf(at: Governed): Promise<readonly string[]> {
  const rows = await at.records.storage.ledger.ofRun('default', at.runId);
  return rows.map(({ key, actionDigest }) => `${key} ${actionDigest}`).sort();
}

describe('a workflow that is reset after its effects', () => {
  test('asks the model nothing again, proposes the same, and calls no tool again', async () => {
    const { at, initiator } = await begin();
    await initiator.runs.wait(at.runId);
    const [before, asked, called] = [await keysOf(at), at.model.requests.length, at.server.calls.length];
    await resetToBeginning(at);
    expect(await keysOf(at)).toEqual(before);
    expect(at.model.requests).toHaveLength(asked);
    expect(at.server.calls).toHaveLength(called);
    expect(payments).toEqual(['INV-1']);
    expect(await initiator.runs.get(at.runId)).toMatchObject({ state: 'completed', usage: { toolCalls: 2 } });
    await assertRunInvariants(at.records, at.runId, at.server);
  });

  test('finds its approval consumed, and asks nobody again', async () => {
    const { at, initiator } = await begin({ policy: asking });
    const approval = await eventually(
      async () => (await initiator.approvals.list({ state: 'pending' })).items[0],
      'a question',
    );
    const verdict = { verdict: 'approve', actionDigest: approval.actionDigest } as const;
    await (await at.as('approver')).approvals.decide(approval.approvalId, verdict);
    await initiator.runs.wait(at.runId);
    await resetToBeginning(at);
    expect(payments).toEqual(['INV-1']);
    expect((await initiator.approvals.list({})).items).toHaveLength(1);
    await assertRunInvariants(at.records, at.runId, at.server);
  });
});

describe('an effect that is recovered', () => {
  test('is not refused as its own duplicate', async () => {
    const { at, initiator } = await begin({ policy: noDuplicates });
    at.server.fail([{ kind: 'cut', when: 'after' }], 'pay');
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    const rows = await at.records.storage.ledger.ofRun('default', at.runId);
    expect(rows.map(({ tool, state }) => `${tool} ${state}`).sort()).toContain('desk.pay landed');
    const keys = at.server.calls.filter(({ tool }) => tool === 'pay').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([`default/${at.runId}/t1.0`, `default/${at.runId}/t1.0`]);
    await assertRunInvariants(at.records, at.runId, at.server);
  });

  test('while the same payment as a new action is', async () => {
    const told: unknown[] = [];
    const again = call('desk__pay', { invoice: 'INV-1' });
    const script = scripted(mandate({ pay: 2 }), [
      again,
      again,
      (request) => {
        told.push(
          ...request.messages
            .filter((message) => message['role'] === 'tool')
            .map((message) => JSON.parse(String(message['content']))),
        );
        return say('Done.');
      },
    ]);
    const { at, initiator } = await begin({ policy: noDuplicates, script });
    await initiator.runs.wait(at.runId);
    expect(told).toMatchObject([{ paid: true }, { error: { code: 'denied', rule: 'duplicate' } }]);
    expect(payments).toEqual(['INV-1']);
    await assertRunInvariants(at.records, at.runId, at.server);
  });

  test('spends its approval once, and lands under it', async () => {
    const ledger = createFaultyLedger();
    const { at, initiator } = await begin({ policy: asking, workerRecords: ledger.over });
    const approval = await eventually(
      async () => (await initiator.approvals.list({ state: 'pending' })).items[0],
      'a question',
    );
    ledger.fail('reserve', 'desk.pay', 'applied-not-acknowledged');
    ledger.fail('land', 'desk.pay', 'applied-not-acknowledged');
    const verdict = { verdict: 'approve', actionDigest: approval.actionDigest } as const;
    await (await at.as('approver')).approvals.decide(approval.approvalId, verdict);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(payments).toEqual(['INV-1']);
    const rows = await at.records.storage.ledger.ofRun('default', at.runId);
    expect(rows.find(({ tool }) => tool === 'desk.pay')).toMatchObject({
      state: 'landed',
      approvalId: approval.approvalId,
    });
    await assertRunInvariants(at.records, at.runId, at.server);
  });
});

test('a model call whose answer was journaled but not acknowledged is not paid for twice', async () => {
  let isLost = false;
  const { at, initiator } = await begin({
    workerRecords: (records) => {
      const { journal } = records.storage;
      const record: typeof journal.record = async (entry, written) => {
        const entered = await journal.record(entry, written);
        if (entry.turn !== 1 || isLost) return entered;
        isLost = true;
        throw new Error('the connection was lost');
      };
      return { ...records, storage: { ...records.storage, journal: { ...journal, record } } };
    },
  });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed', usage: { modelCalls: 3 } });
  expect(isLost).toBe(true);
  expect(at.model.requests).toHaveLength(3);
  await assertRunInvariants(at.records, at.runId, at.server);
});
