import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../src/cli/approvals/verify-receipt.ts';
import { type Lend, maxDelegationReason } from '../../src/contracts/http/delegation.schema.ts';
import type { Receipt } from '../../src/contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { isGenuine } from '../../src/digest/delegations.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { askedInRun, type Question } from './api-open-approval.ts';

let api: ApiHarness;

beforeAll(async () => {
  api = await startApi();
});
afterEach(async () => {
  const admin = await api.as('admin');
  for (const { delegationId, may } of (await admin.delegations.list({ all: 'true' })).items)
    if (may.end) await admin.delegations.end(delegationId);
});
afterAll(() => api.close());

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(api.clock.now() + days * dayMs).toISOString();

/** `lead` may answer with the role of `approver`, unless told otherwise. */
async function lent(from = 'approver', wanted: Partial<Lend> = {}) {
  return (await api.as(from)).delegations.lend({ to: 'lead', roles: ['approver'], ends: inDays(7), ...wanted });
}

const asked = (question: Partial<Question> = {}) => askedInRun(api, question);

async function answer(
  subject: string,
  { approvalId, actionDigest }: ApprovalRow,
  verdict: 'approve' | 'reject' = 'approve',
) {
  const token = await api.token(subject);
  const body = { verdict, actionDigest };
  const sent = await send(`${api.url}/v1/approvals/${approvalId}/verdicts`, { method: 'POST', token, body });
  return { code: sent.status === 202 ? 'stored' : String(sent.body['code']), detail: String(sent.body['detail']) };
}

async function verdictsOf({ approvalId }: ApprovalRow) {
  return (await api.storage.approvals.verdicts('default', approvalId)).map(({ signed }) => signed.verdict);
}

async function alikeFor(subject: string, { approvalId }: ApprovalRow) {
  const identity = await api.services.authentication.authenticate(
    new Request(api.url, { headers: { authorization: `Bearer ${await api.token(subject)}` } }),
  );
  return api.services.inbox.alike(identity ?? expect.fail('nobody is called so'), approvalId);
}

async function recorded(kind: string, delegationId: string) {
  const all = await api.storage.outbox.ofRun('default', '', 0, 1_000);
  return all.filter((record) => record.kind === kind && record.body['delegationId'] === delegationId);
}

describe('lending', () => {
  test('is a signed document from one person to another, recorded, and shown to both', async () => {
    const view = await lent('approver', { reason: 'Holiday.' });
    expect(view).toMatchObject({ from: 'approver', to: 'lead', roles: ['approver'], state: 'active', inForce: true });
    const row = await api.storage.delegations.find('default', view.delegationId);
    if (row === undefined) throw new Error('nothing was stored');
    expect(row.signed.delegation).toMatchObject({
      v: 1,
      tenant: 'default',
      from: 'approver',
      to: 'lead',
      reason: 'Holiday.',
    });
    expect(await isGenuine(api.keys, row.signed)).toBe(true);
    expect(
      await api.keys.verify('verdict', canonicalJson(row.signed.delegation as object as JsonObject), row.signed),
    ).toBe(false);
    for (const [subject, mayEnd] of [
      ['approver', true],
      ['lead', false],
    ] as const) {
      const { items } = await (await api.as(subject)).delegations.list();
      expect(items.find(({ delegationId }) => delegationId === view.delegationId)).toMatchObject({
        may: { end: mayEnd },
      });
    }
    expect((await (await api.as('auditor')).delegations.list()).items).toEqual([]);
    expect(await recorded('approvals-delegated', view.delegationId)).toHaveLength(1);
  });

  test.each([
    ['a role that one does not hold', () => ({ roles: ['lead'] })],
    ['a role beside one that one holds', () => ({ roles: ['approver', 'lead'] })],
    ['no role', () => ({ roles: [] })],
    ['to oneself', () => ({ to: 'approver' })],
    ['to a service', () => ({ to: 'backend' })],
    ['to somebody whom nobody knows', () => ({ to: 'nobody' })],
    ['until a time that has passed', () => ({ ends: inDays(-1) })],
    ['for more than 90 days', () => ({ ends: inDays(90.01) })],
    ['from a time that has passed', () => ({ begins: inDays(-0.5) })],
    ['from later than 90 days', () => ({ begins: inDays(91), ends: inDays(92) })],
    ['until before it begins', () => ({ begins: inDays(3), ends: inDays(2) })],
    ['until no time', () => ({ ends: 'next week' })],
    ['with a reason that is too long', () => ({ reason: 'x'.repeat(maxDelegationReason + 1) })],
    ['with anything else', (): object => ({ all: true })],
  ])('is refused: %s', async (_, wrong) => {
    await expect(lent('approver', wrong())).rejects.toMatchObject({ code: 'invalid-request', status: 400 });
  });

  test('is refused for the role admin, by whomever, and for what was only borrowed', async () => {
    await expect(lent('admin', { roles: ['admin'] })).rejects.toMatchObject({ code: 'invalid-request' });
    await lent();
    const onward = lent('lead', { to: 'auditor', roles: ['approver'] });
    await expect(onward).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(lent('backend', { roles: ['initiator'] })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('has a limit of what is lent at the same time', async () => {
    for (let count = 0; count < 20; count += 1) await lent('approver2');
    await expect(lent('approver2')).rejects.toMatchObject({ code: 'delegation-limit', status: 409 });
    const [first] = (await (await api.as('approver2')).delegations.list()).items;
    await (await api.as('approver2')).delegations.end(first?.delegationId ?? '');
    await expect(lent('approver2')).resolves.toMatchObject({ state: 'active' });
  });

  test('is ended by the lender or an administrator, once, and by nobody else', async () => {
    const { delegationId } = await lent();
    for (const subject of ['lead', 'auditor'])
      await expect((await api.as(subject)).delegations.end(delegationId)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await (await api.as('admin')).delegations.end(delegationId)).toMatchObject({
      state: 'ended',
      endedBy: 'admin',
    });
    const again = await (await api.as('approver')).delegations.end(delegationId);
    expect(again).toMatchObject({ state: 'ended', endedBy: 'admin', inForce: false, may: { end: false } });
    expect(await recorded('delegation-ended', delegationId)).toHaveLength(1);
    for (const unknown of [`dlg_${'0'.repeat(32)}`, 'x'])
      await expect((await api.as('admin')).delegations.end(unknown)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('of everybody is listed for administrators alone', async () => {
    const { delegationId } = await lent();
    const { items } = await (await api.as('admin')).delegations.list({ all: 'true' });
    expect(items.map((item) => item.delegationId)).toContain(delegationId);
    await expect((await api.as('lead')).delegations.list({ all: 'true' })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a lent right', () => {
  test('lets the delegate answer in his own name, and the verdict says whose right it was', async () => {
    const row = await asked();
    expect(await answer('lead', row)).toMatchObject({ code: 'not-an-approver' });
    const { delegationId } = await lent();
    expect(await answer('lead', row)).toMatchObject({ code: 'stored' });
    expect(await verdictsOf(row)).toMatchObject([
      { approver: 'lead', roles: ['approver'], delegation: { delegationId, from: 'approver' } },
    ]);
    const view = await (await api.as('lead')).approvals.get(row.approvalId);
    expect(view.verdicts).toMatchObject([{ by: 'lead', delegation: { delegationId, from: 'approver' } }]);
    const given = (await api.storage.outbox.ofRun('default', row.runId, 0, 100)).filter(
      ({ kind }) => kind === 'verdict-given',
    );
    expect(given.map(({ body }) => body['delegation'])).toEqual([{ delegationId, from: 'approver' }]);
    expect(await answer('lead', row)).toMatchObject({ code: 'already-decided' });
  });

  test('brings what is alike to the delegate as well, to be answered together', async () => {
    const [first, second] = [await asked(), await asked()];
    const { approvalIds: before } = await alikeFor('lead', first);
    expect(before).toEqual([]);
    await lent();
    const { approvalIds } = await alikeFor('lead', first);
    expect(approvalIds).toEqual(expect.arrayContaining([first.approvalId, second.approvalId]));
    expect((await alikeFor('auditor', first)).approvalIds).toEqual([]);
  });

  test('is used only where one’s own does not suffice', async () => {
    await lent('approver', { to: 'approver2' });
    const row = await asked();
    await answer('approver2', row);
    const [verdict] = await verdictsOf(row);
    expect(verdict?.delegation).toBeUndefined();
    expect(verdict?.roles).toContain('initiator');
  });

  test('is that of a lender who has not counted yet, where there are several', async () => {
    await lent('approver2');
    await lent('approver');
    const row = await asked({ requirement: { quorum: 3 } });
    await answer('approver2', row);
    await answer('lead', row);
    const given = (await verdictsOf(row)).find(({ approver }) => approver === 'lead');
    expect(given?.delegation).toMatchObject({ from: 'approver' });
  });

  test('counts from its begin until its end, and not when it was ended', async () => {
    const row = await asked({ ttlMs: 30 * dayMs });
    const { delegationId } = await lent('approver', { begins: inDays(1), ends: inDays(2) });
    expect(await answer('lead', row)).toMatchObject({ code: 'not-an-approver' });
    api.clock.advance(2.5 * dayMs);
    expect(await answer('lead', row)).toMatchObject({ code: 'not-an-approver' });
    const second = await lent();
    await (await api.as('approver')).delegations.end(second.delegationId);
    expect(await answer('lead', row)).toMatchObject({ code: 'not-an-approver' });
    expect(await (await api.as('approver')).delegations.end(delegationId)).toMatchObject({ inForce: false });
    await lent();
    expect(await answer('lead', row)).toMatchObject({ code: 'stored' });
  });

  test('does not let the initiator of a run, or its agent’s owner, lend his answer to a friend', async () => {
    await lent();
    const refused = await answer('lead', await asked({ initiator: 'approver' }));
    expect(refused).toMatchObject({ code: 'not-an-approver', detail: expect.stringContaining('started the run') });
    expect(await answer('lead', await asked({ initiator: 'lead' }))).toMatchObject({ code: 'self-approval' });
    await lent('initiator', { to: 'auditor', roles: ['initiator'] });
    const ownersOnly = { ownerGroup: 'ap-team', initiator: 'approver2', requirement: { roles: ['initiator'] } };
    expect(await answer('auditor', await asked(ownersOnly))).toMatchObject({ code: 'not-an-approver' });
  });

  test('does not count where policy asks for a step-up, and the refusal says so', async () => {
    await lent();
    const row = await asked({ requirement: { stepUp: true } });
    expect(await answer('lead', row)).toMatchObject({
      code: 'not-an-approver',
      detail: expect.stringContaining('step-up'),
    });
    const challenge = await send(`${api.url}/v1/approvals/${row.approvalId}/challenges`, {
      method: 'POST',
      token: await api.token('lead'),
      body: { verdict: 'approve', actionDigest: row.actionDigest },
    });
    expect(challenge.body).toMatchObject({ code: 'not-an-approver' });
  });

  test('counts for answers only: not to start runs, confirm passkeys, administer, or lend on', async () => {
    await lent('approver', { to: 'auditor', roles: ['approver', 'initiator'] });
    await lent('lead', { to: 'auditor', roles: ['lead'] });
    const auditor = await api.as('auditor');
    await expect(auditor.runs.start({ agent: 'invoice-desk', task: 'Pay.' })).rejects.toMatchObject({
      code: 'start-denied',
    });
    await expect(auditor.sessions.list()).rejects.toMatchObject({ code: 'forbidden' });
    await expect(lent('auditor', { to: 'approver2', roles: ['lead'] })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    expect(await answer('auditor', await asked())).toMatchObject({ code: 'stored' });
  });

  test('rejects like anybody’s', async () => {
    await lent();
    const row = await asked();
    expect(await answer('lead', row, 'reject')).toMatchObject({ code: 'stored' });
    expect(await verdictsOf(row)).toMatchObject([{ verdict: 'reject', delegation: { from: 'approver' } }]);
  });
});

test('the list of what is asked of somebody, its filters and its counts agree with what the API decides', async () => {
  const questions: readonly Partial<Question>[] = [
    {},
    { initiator: 'approver' },
    { initiator: 'approver2' },
    { initiator: 'lead' },
    { requirement: { stepUp: true } },
    { requirement: { stepUp: true, roles: ['lead'] } },
    { requirement: { roles: ['lead', 'approver'] } },
    { requirement: { roles: ['auditor'] } },
    { ownerGroup: 'nobody' },
  ];
  await lent('approver');
  await lent('approver2', { begins: inDays(3) });
  const rows: ApprovalRow[] = [];
  for (const question of questions) rows.push(await asked(question));
  const principal = { identity: await identityOf('lead'), authentication: 'token' } as const;
  for (const subject of ['lead', 'approver', 'approver2', 'auditor']) {
    const client = await api.as(subject);
    const listed = (await client.approvals.list({ asked: 'me', limit: 200 })).items.map(({ approvalId }) => approvalId);
    for (const row of rows) {
      const { answerable } = await api.services.approvals.findApprovalDetail(
        { ...principal, identity: await identityOf(subject) },
        row.approvalId,
      );
      const item = await api.services.inbox.find({ ...principal, identity: await identityOf(subject) }, row.approvalId);
      expect([subject, row.runId, item?.answerable]).toEqual([subject, row.runId, answerable]);
      const mayTry = answerable === 'yes' || answerable === 'step-up-required';
      expect([subject, row.runId, listed.includes(row.approvalId)]).toEqual([subject, row.runId, mayTry]);
    }
  }
  const { counts, items } = await api.services.inbox.inbox(principal, { asked: 'me' }, {});
  const counted = counts.filter(({ askedOfViewer }) => askedOfViewer).reduce((sum, { count }) => sum + count, 0);
  expect(counted).toBe(items.length);
  for (const row of rows) {
    const { answerable } = await api.services.approvals.findApprovalDetail(principal, row.approvalId);
    const { code } = await answer('lead', row);
    expect([row.runId, code]).toEqual([row.runId, answerable === 'yes' ? 'stored' : answerable]);
  }
});

async function identityOf(subject: string) {
  const found = api.services.sessions.offered().find((identity) => identity.subject === subject);
  if (found === undefined) throw new Error(`nobody is ${subject}`);
  return found;
}

describe('a receipt of an approval that a delegate gave', () => {
  async function receipt(ended: 'in force' | 'ended' = 'in force'): Promise<Receipt> {
    const { delegationId } = await lent();
    const row = await asked();
    await answer('lead', row);
    if (ended === 'ended') {
      api.clock.advance(1_000);
      await (await api.as('approver')).delegations.end(delegationId);
    }
    const { approvalId, callId, tool, envelopeRef, actionDigest } = row;
    const at = new Date(api.clock.now()).toISOString();
    const body = { approvalId, callId, tool, envelopeRef, actionDigest, state: 'approved' } as const;
    await api.storage.approvals.close('default', approvalId, 'approved', at, [
      recordOf('approval-closed', row, approvalId, at, body),
    ]);
    return (await api.as('lead')).approvals.receipt(approvalId);
  }

  /** What fails, after somebody with every key but those of verdicts and delegations has changed it. */
  async function broken(changed: Receipt): Promise<readonly string[]> {
    const { seal: _, ...body } = changed;
    const plain = JSON.parse(JSON.stringify(body)) as JsonObject;
    const text = canonicalJson({ ...plain, seal: { ...(await api.keys.sign('receipt', canonicalJson(plain))) } });
    return (await verifyReceipt(text)).checks.filter(({ holds }) => !holds).map(({ name }) => name);
  }

  test.each(['in force', 'ended'] as const)(
    'verifies offline, with the document that he answered by, which is %s by now',
    async (ended) => {
      const held = await receipt(ended);
      expect(held.delegations).toMatchObject([{ delegation: { from: 'approver', to: 'lead' } }]);
      expect(held.delegations?.[0]?.endedAt !== undefined).toBe(ended === 'ended');
      expect((await verifyReceipt(canonicalJson(held as object as JsonObject))).verified).toBe(true);
    },
  );

  test('does not verify without the document, with another one, or with one that had ended before', async () => {
    const held = await receipt();
    const [document] = held.delegations ?? [];
    const [signed] = held.verdicts;
    if (document === undefined || signed === undefined) throw new Error('the receipt holds no delegation');
    const { delegation } = document;
    const { delegations: _, ...without } = held;
    expect(await broken(without)).toEqual(['delegations']);
    expect(
      await broken({ ...held, delegations: [{ ...document, delegation: { ...delegation, to: 'auditor' } }] }),
    ).toEqual(['delegations']);
    expect(await broken({ ...held, delegations: [{ ...document, endedAt: signed.verdict.at }] })).toEqual([
      'delegations',
    ]);
    expect(await broken({ ...held, approval: { ...held.approval, initiator: 'approver' } })).toEqual(['quorum']);
    const { requirement } = held.approval;
    const stepUp = { ...held, approval: { ...held.approval, requirement: { ...requirement, stepUp: true } } };
    expect(await broken(stepUp)).toEqual(['quorum']);
  });
});
