import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../src/cli/approvals/verify-receipt.ts';
import type { Receipt } from '../../src/contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { openApproval } from './api-open-approval.ts';

let api: ApiHarness;
let runs = 0;

beforeAll(async () => {
  api = await startApi();
  api.services.begin();
});
afterAll(() => api.close());

/** An hour long; after half an hour `lead` is asked as well. */
async function asked(): Promise<ApprovalRow> {
  runs += 1;
  const runId = `ladder-${runs}`;
  await (await api.as('initiator')).runs.start({ runId, agent: 'invoice-desk', task: 'Pay the invoices.' });
  const widen = [{ afterSeconds: 1_800, roles: ['lead'] }];
  return openApproval(api, { runId, requirement: { widen, remindSeconds: 600 } });
}

async function approve({ approvalId, actionDigest }: ApprovalRow, subject: string) {
  const body = { verdict: 'approve', actionDigest };
  return send(`${api.url}/v1/approvals/${approvalId}/verdicts`, {
    method: 'POST',
    token: await api.token(subject),
    body,
  });
}

const listedFor = async (subject: string) =>
  (await (await api.as(subject)).approvals.list({ asked: 'me', state: 'pending' })).items.map(
    (item) => item.approvalId,
  );

const inSeconds = ({ createdAt }: ApprovalRow, seconds: number) =>
  new Date(Date.parse(createdAt) + seconds * 1_000).toISOString();

describe('the next role', () => {
  test('is refused before its time, told from when, and taken from then on', async () => {
    const row = await asked();
    api.clock.advance(1_799_999);
    expect(await approve(row, 'lead')).toMatchObject({
      status: 403,
      body: { code: 'not-an-approver', detail: expect.stringContaining(inSeconds(row, 1_800)) },
    });
    expect((await approve(row, 'auditor')).body['detail']).toBeUndefined();
    expect(await listedFor('lead')).not.toContain(row.approvalId);
    api.clock.advance(1);
    expect(await listedFor('lead')).toContain(row.approvalId);
    expect((await approve(row, 'lead')).status).toBe(202);
  });

  test('counts in `quorum.roles` from then on, and what comes is told from the beginning', async () => {
    const row = await asked();
    const client = await api.as('approver');
    expect(await client.approvals.get(row.approvalId)).toMatchObject({
      quorum: { needed: 1, roles: ['approver'] },
      escalation: {
        widen: [{ at: inSeconds(row, 1_800), roles: ['lead'] }],
        remindAt: inSeconds(row, 600),
        owner: 'ap-team',
      },
    });
    api.clock.advance(1_800_000);
    expect((await client.approvals.get(row.approvalId)).quorum.roles).toEqual(['approver', 'lead']);
    const at = inSeconds(row, 1_900);
    await api.storage.approvals.close('default', row.approvalId, 'rejected', inSeconds(row, 60), []);
    expect((await client.approvals.get(row.approvalId)).quorum.roles).toEqual(['approver']);
    expect(Date.parse(at)).toBeGreaterThan(api.clock.now());
  });

  test('gets the question into an open list by itself', async () => {
    const row = await asked();
    const identity = { kind: 'person', tenant: 'default', subject: 'lead', roles: ['lead'], groups: [] } as const;
    const principal = { identity: { ...identity, displayName: 'Lea', acr: 'dev' }, authentication: 'token' } as const;
    const { inbox } = api.services;
    expect((await inbox.inbox(principal, { asked: 'me' }, {})).items.map(({ approvalId }) => approvalId)).not.toContain(
      row.approvalId,
    );
    const stopping = new AbortController();
    const changes = inbox.follow(principal, await inbox.position(), stopping.signal);
    const next = changes[Symbol.asyncIterator]().next();
    api.clock.advance(1_800_000);
    expect((await next).value).toMatchObject({
      kind: 'news',
      news: [{ approvalId: row.approvalId, kind: 'approval-widened' }],
    });
    const part = await inbox.pick(principal, { asked: 'me' }, [row.approvalId]);
    expect(part.items).toMatchObject([{ approvalId: row.approvalId, answerable: 'yes' }]);
    stopping.abort();
  });

  test('is in the public event of the opening, and in no event of its own', async () => {
    const row = await asked();
    const principal = await api.services.authentication.authenticate(
      new Request(api.url, { headers: { authorization: `Bearer ${await api.token('initiator')}` } }),
    );
    api.clock.advance(1_800_000);
    await expect
      .poll(async () => (await api.storage.outbox.ofRun('default', row.runId, 0, 50)).map(({ kind }) => kind))
      .toContain('approval-widened');
    const items = principal === undefined ? [] : await api.services.runs.runTimeline(principal, row.runId, 0);
    expect(items.map(({ event }) => event)).toEqual(['run-started', 'approval-opened']);
    expect(items.at(-1)).toMatchObject({
      quorum: { needed: 1, roles: ['approver'] },
      widen: [{ at: inSeconds(row, 1_800), roles: ['lead'] }],
    });
  });
});

describe('a receipt', () => {
  async function receiptText({ approvalId }: ApprovalRow): Promise<string> {
    const headers = { authorization: `Bearer ${await api.token('approver')}` };
    return (await fetch(`${api.url}/v1/approvals/${approvalId}/receipt`, { headers })).text();
  }

  /** Sealed again by whoever holds every key but the one for verdicts. */
  async function forged(text: string, change: (receipt: Receipt) => object): Promise<string> {
    const { seal: _, ...body } = change(JSON.parse(text) as Receipt) as Receipt;
    const { keyId, signature } = await api.keys.sign('receipt', canonicalJson(body as object as JsonObject));
    return canonicalJson({ ...(body as object as JsonObject), seal: { keyId, signature } });
  }

  test('holds for a verdict of the next role at its time, and for none that came before', async () => {
    const row = await asked();
    api.clock.advance(1_800_000);
    expect((await approve(row, 'lead')).status).toBe(202);
    await api.storage.approvals.close('default', row.approvalId, 'approved', inSeconds(row, 1_900), []);
    const text = await receiptText(row);
    expect((await verifyReceipt(text)).checks.filter(({ holds }) => !holds)).toEqual([]);
    const later = await forged(text, (one) => ({
      ...one,
      approval: {
        ...one.approval,
        requirement: { ...one.approval.requirement, widen: [{ afterSeconds: 1_801, roles: ['lead'] }] },
      },
    }));
    expect((await verifyReceipt(later)).checks.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual([
      'quorum',
    ]);
    const backdated = await forged(text, (one) => ({
      ...one,
      approval: {
        ...one.approval,
        createdAt: inSeconds(row, -600),
        requirement: { ...one.approval.requirement, widen: [{ afterSeconds: 2_000, roles: ['lead'] }] },
      },
    }));
    expect((await verifyReceipt(backdated)).verified).toBe(false);
  });
});
