import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { editDigest } from '../../src/digest/edits.ts';
import { passkeyIdOf } from '../../src/digest/passkey-digests.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import {
  type Ceremony,
  createSoftwareAuthenticator,
  type SoftwareAuthenticator,
} from '../support/software-authenticator.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { type Answer, send } from './api-http.ts';
import { openApproval } from './api-open-approval.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
afterEach(async () => {
  for (const subject of ['approver', 'approver2', 'lead', 'admin']) await revokeAll(subject);
});

async function revokeAll(subject: string): Promise<void> {
  const token = await api.token(subject);
  const { body } = await send(`${api.url}/v1/passkeys`, { token });
  const items = body['items'] as readonly { passkeyId: string; subject: string; state: string }[];
  for (const { passkeyId } of items.filter((item) => item.subject === subject && item.state !== 'revoked'))
    await send(`${api.url}/v1/passkeys/${passkeyId}/revoke`, { method: 'POST', token });
}

type Browser = (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** A login session with its cookie and form token, as a page of ours sends them. */
async function signedIn(subject: string): Promise<Browser> {
  const { session, setCookie } = await api.services.sessions.logIn(subject, new Request(`${api.url}/login`));
  const own = {
    'cookie': setCookie.split(';')[0] ?? '',
    'x-csrf-token': session.csrfToken,
    'sec-fetch-site': 'same-origin',
  };
  return (path, body, headers) =>
    send(`${api.url}${path}`, { method: 'POST', headers: { ...own, ...headers }, ...(body !== undefined && { body }) });
}

const idIn = (body: Answer['body']) => String(body['passkeyId']);
const challengeIn = ({ body }: Answer) => {
  const { challengeId, publicKey } = body as object as { challengeId: string; publicKey: { challenge: string } };
  return { challengeId, challenge: publicKey.challenge };
};

async function enrol(
  browser: Browser,
  device = createSoftwareAuthenticator(),
  changes: Partial<Ceremony> = {},
): Promise<Answer & { readonly device: SoftwareAuthenticator }> {
  const { challengeId, challenge } = challengeIn(await browser('/v1/passkeys/challenges'));
  return { ...(await browser('/v1/passkeys', { challengeId, ...device.enrol(challenge, changes) })), device };
}

async function confirmed(browser: Browser): Promise<SoftwareAuthenticator> {
  const { body, device } = await enrol(browser);
  expect((await (await signedIn('lead'))(`/v1/passkeys/${idIn(body)}/confirm`)).status).toBe(200);
  return device;
}

let runs = 0;
async function question(): Promise<ApprovalRow> {
  const runId = `passkeys-${(runs += 1)}`;
  await (await api.as('initiator')).runs.start({ runId, agent: 'invoice-desk', task: 'Pay the invoices.' });
  return openApproval(api, { runId, requirement: { stepUp: true } });
}

const approve = (row: ApprovalRow) => ({ verdict: 'approve', actionDigest: row.actionDigest });

async function proof(
  browser: Browser,
  row: ApprovalRow,
  device: SoftwareAuthenticator,
  changes: Partial<Ceremony> = {},
) {
  const { challengeId, challenge } = challengeIn(
    await browser(`/v1/approvals/${row.approvalId}/challenges`, approve(row)),
  );
  return { challengeId, ...device.assert(challenge, changes) };
}

const answer = (browser: Browser, row: ApprovalRow, stepUp: unknown, body: object = approve(row)) =>
  browser(`/v1/approvals/${row.approvalId}/verdicts`, { ...body, stepUp });
const refused = { status: 403, body: { code: 'step-up-required' } };
const stored = async (row: ApprovalRow) => api.storage.approvals.verdicts('default', row.approvalId);

describe('a passkey', () => {
  test('waits after its enrolment, and is listed for its owner and for those who may confirm it', async () => {
    const { status, body, device } = await enrol(await signedIn('approver'));
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        passkeyId: passkeyIdOf(device.credentialId),
        subject: 'approver',
        state: 'waiting',
        fingerprint: expect.stringMatching(/^([0-9a-f]{4} ){3}[0-9a-f]{4}$/),
        may: { confirm: false, revoke: true },
      },
    });
    const listed = async (subject: string) =>
      (await send(`${api.url}/v1/passkeys`, { token: await api.token(subject) })).body['items'];
    expect(await listed('approver')).toHaveLength(1);
    expect(await listed('lead')).toMatchObject([{ may: { confirm: true, revoke: false } }]);
    expect(await listed('admin')).toMatchObject([{ may: { confirm: true, revoke: true } }]);
    expect(await listed('approver2')).toEqual([]);
  });

  test.each<[string, Partial<Ceremony>]>([
    ['without its user verified', { userVerified: false }],
    ['on a page of another site', { origin: 'https://evil.example' }],
    ['for another site', { rpId: 'evil.example' }],
    ['with what was signed to answer', { type: 'webauthn.get' }],
    ['in a frame of another site', { crossOrigin: true }],
  ])('is not enrolled %s', async (_what, changes) => {
    expect(await enrol(await signedIn('approver'), undefined, changes)).toMatchObject({
      status: 403,
      body: { code: 'passkey-refused' },
    });
  });

  test('is not enrolled twice, by whomever', async () => {
    const device = createSoftwareAuthenticator();
    expect((await enrol(await signedIn('approver2'), device)).status).toBe(201);
    for (const subject of ['approver2', 'approver'])
      expect(await enrol(await signedIn(subject), device)).toMatchObject({ body: { code: 'passkey-refused' } });
  });

  test('is enrolled by a challenge of this session, once, and soon', async () => {
    const browser = await signedIn('approver');
    const device = createSoftwareAuthenticator();
    const { challengeId, challenge } = challengeIn(await browser('/v1/passkeys/challenges'));
    const body = { challengeId, ...device.enrol(challenge) };
    const other = await signedIn('approver');
    expect(await other('/v1/passkeys', body)).toMatchObject({ body: { code: 'passkey-refused' } });
    expect(await browser('/v1/passkeys', body)).toMatchObject({ body: { code: 'passkey-refused' } });
    const late = challengeIn(await browser('/v1/passkeys/challenges'));
    api.clock.advance(150_000);
    const tooLate = { challengeId: late.challengeId, ...device.enrol(late.challenge) };
    expect(await browser('/v1/passkeys', tooLate)).toMatchObject({ body: { code: 'passkey-refused' } });
  });

  test('is enrolled from a login session only, and by a page of ours', async () => {
    const token = await api.token('approver');
    expect(await send(`${api.url}/v1/passkeys/challenges`, { method: 'POST', token })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const browser = await signedIn('approver');
    for (const headers of [{ 'x-csrf-token': 'x' }, { 'sec-fetch-site': 'cross-site' }])
      expect(await browser('/v1/passkeys/challenges', undefined, headers)).toMatchObject({
        status: 403,
        body: { code: 'csrf-refused' },
      });
  });

  test.each([
    ['lead', 'lead', 'confirm'],
    ['admin', 'admin', 'confirm'],
    ['lead', 'approver', 'confirm'],
    ['lead', 'auditor', 'confirm'],
    ['approver', 'lead', 'revoke'],
    ['approver', 'approver2', 'revoke'],
  ])('of %s: %s cannot %s it', async (owner, subject, deed) => {
    const { body } = await enrol(await signedIn(owner));
    expect(await (await signedIn(subject))(`/v1/passkeys/${idIn(body)}/${deed}`)).toMatchObject({
      status: 403,
      body: { code: 'passkey-not-yours' },
    });
  });

  test('is the tenth of one person at most', async () => {
    const browser = await signedIn('approver');
    for (let held = 0; held < 10; held += 1) expect((await enrol(browser)).status).toBe(201);
    expect(await browser('/v1/passkeys/challenges')).toMatchObject({ status: 409, body: { code: 'passkey-limit' } });
  });

  test('goes one way only', async () => {
    const { body } = await enrol(await signedIn('approver'));
    const [lead, owner] = [await signedIn('lead'), await signedIn('approver')];
    const at = (deed: string) => `/v1/passkeys/${idIn(body)}/${deed}`;
    expect(await owner(at('revoke'))).toMatchObject({ status: 200, body: { state: 'revoked', revokedBy: 'approver' } });
    for (const again of [await lead(at('confirm')), await owner(at('revoke'))])
      expect(again).toMatchObject({ status: 409, body: { code: 'passkey-settled' } });
    expect(await lead(`/v1/passkeys/psk_${'0'.repeat(32)}/confirm`)).toMatchObject({ status: 404 });
  });
});

describe('a verdict where policy asks for a step-up', () => {
  test('is stored with the assertion inside what the API signs', async () => {
    const browser = await signedIn('approver');
    const device = await confirmed(browser);
    const row = await question();
    const given = await answer(browser, row, await proof(browser, row, device, { counter: 1 }));
    expect(given).toMatchObject({ status: 202 });
    expect(await stored(row)).toMatchObject([
      {
        signed: {
          verdict: {
            verdictId: given.body['verdictId'],
            approver: 'approver',
            acr: 'passkey',
            assertion: { credentialId: device.credentialId },
          },
        },
      },
    ]);
  });

  test('is refused without a proof, and with one that was given for it before', async () => {
    const browser = await signedIn('approver');
    const device = await confirmed(browser);
    const row = await question();
    expect(await browser(`/v1/approvals/${row.approvalId}/verdicts`, approve(row))).toMatchObject(refused);
    const once = await proof(browser, row, device);
    expect(await answer(browser, row, { ...once, signature: 'AAAA' })).toMatchObject(refused);
    expect(await answer(browser, row, once)).toMatchObject(refused);
    expect(await stored(row)).toEqual([]);
  });

  test.each<[string, Partial<Ceremony>]>([
    ['whose user was not verified', { userVerified: false }],
    ['of another site', { rpId: 'evil.example' }],
    ['given on a page of another site', { origin: 'https://evil.example' }],
    ['given on another port', { origin: 'http://localhost:1' }],
    ['given to enrol', { type: 'webauthn.create' }],
  ])('is refused with a proof %s', async (_what, changes) => {
    const browser = await signedIn('approver');
    const device = await confirmed(browser);
    const row = await question();
    expect(await answer(browser, row, await proof(browser, row, device, changes))).toMatchObject(refused);
    expect(await stored(row)).toEqual([]);
  });

  test('is refused with the proof for another verdict, another approval, or another session', async () => {
    const browser = await signedIn('approver');
    const device = await confirmed(browser);
    const [row, other] = [await question(), await question()];
    const reject = { verdict: 'reject', actionDigest: row.actionDigest };
    expect(await answer(browser, row, await proof(browser, row, device), reject)).toMatchObject(refused);
    expect(await answer(browser, row, await proof(browser, other, device))).toMatchObject(refused);
    const elsewhere = await signedIn('approver');
    expect(await answer(elsewhere, row, await proof(browser, row, device))).toMatchObject(refused);
    expect(await stored(row)).toEqual([]);
  });

  test('is refused with another person’s passkey, and with one that waits or was revoked', async () => {
    const [browser, another] = [await signedIn('approver'), await signedIn('approver2')];
    const [own, others] = [await confirmed(browser), await confirmed(another)];
    const { device: waiting } = await enrol(browser);
    const row = await question();
    for (const device of [others, waiting, createSoftwareAuthenticator(own.credentialId)])
      expect(await answer(browser, row, await proof(browser, row, device))).toMatchObject(refused);
    const asked = await proof(browser, row, own);
    expect((await browser(`/v1/passkeys/${passkeyIdOf(own.credentialId)}/revoke`)).status).toBe(200);
    expect(await answer(browser, row, asked)).toMatchObject(refused);
    expect(await stored(row)).toEqual([]);
  });

  test('is refused when its passkey counts backwards, or stands still', async () => {
    const browser = await signedIn('approver');
    const device = await confirmed(browser);
    const [first, second] = [await question(), await question()];
    expect(await answer(browser, first, await proof(browser, first, device, { counter: 7 }))).toMatchObject({
      status: 202,
    });
    for (const counter of [0, 6, 7])
      expect(await answer(browser, second, await proof(browser, second, device, { counter }))).toMatchObject(refused);
    expect(await answer(browser, second, await proof(browser, second, device, { counter: 8 }))).toMatchObject({
      status: 202,
    });
  });

  test('has a challenge for those only who could give it, and who have a passkey that counts', async () => {
    const row = await question();
    const path = `/v1/approvals/${row.approvalId}/challenges`;
    const code = async (subject: string) => (await (await signedIn(subject))(path, approve(row))).body.code;
    expect(await code('auditor')).toBe('not-an-approver');
    const bare = await startApi();
    try {
      await (await bare.as('initiator')).runs.start({ runId: 'bare', agent: 'invoice-desk', task: 'Pay.' });
      const asked = await openApproval(bare, { runId: 'bare', requirement: { stepUp: true } });
      const token = await bare.token('approver');
      const url = `${bare.url}/v1/approvals/${asked.approvalId}/challenges`;
      expect(await send(url, { token, body: approve(asked) })).toMatchObject(refused);
    } finally {
      await bare.close();
    }
    const browser = await signedIn('approver');
    await confirmed(browser);
    const wrong = { verdict: 'approve', actionDigest: `sha256:${'0'.repeat(64)}` };
    expect(await browser(path, wrong)).toMatchObject({ status: 409, body: { code: 'digest-mismatch' } });
    expect(await browser(path, { ...approve(row), verdict: 'edit' })).toMatchObject({ status: 400 });
  });

  describe('that changes the arguments', () => {
    const changed = {
      supplierId: 'SUP-1004',
      iban: 'DE89370400440532013000',
      amount: 900,
      currency: 'EUR',
      poNumber: 'PO-2026-0117',
      invoiceNumber: 'RE-88213',
      reference: 'as ordered',
    };
    const edit = (row: ApprovalRow, args: object = changed) => ({ ...approve(row), verdict: 'edit', args });
    const edited = async (browser: Browser, row: ApprovalRow, device: SoftwareAuthenticator) => {
      const asked = await browser(`/v1/approvals/${row.approvalId}/challenges`, edit(row));
      const { challengeId, challenge } = challengeIn(asked);
      return { challengeId, ...device.assert(challenge) };
    };

    test('is stored with exactly the edit that the passkey signed', async () => {
      const browser = await signedIn('approver');
      const device = await confirmed(browser);
      const row = await question();
      const given = await answer(browser, row, await edited(browser, row, device), edit(row));
      expect(given).toMatchObject({ status: 202 });
      const [held] = await stored(row);
      expect(held?.signed.verdict).toMatchObject({
        verdict: 'edit',
        acr: 'passkey',
        edit: { callId: row.callId, digest: editDigest(row.tool, changed), requirement: row.requirement },
      });
    });

    test('is refused with other bytes than those that were signed, and as an approval of them', async () => {
      const browser = await signedIn('approver');
      const device = await confirmed(browser);
      const row = await question();
      const other = edit(row, { ...changed, amount: 9 });
      expect(await answer(browser, row, await edited(browser, row, device), other)).toMatchObject(refused);
      expect(await answer(browser, row, await edited(browser, row, device), approve(row))).toMatchObject(refused);
      expect(await answer(browser, row, await proof(browser, row, device), edit(row))).toMatchObject(refused);
      expect(await stored(row)).toEqual([]);
    });

    test('is refused before anything is signed where the edit itself would be', async () => {
      const browser = await signedIn('approver');
      await confirmed(browser);
      const row = await question();
      const path = `/v1/approvals/${row.approvalId}/challenges`;
      expect(await browser(path, edit(row, { amount: '1.00' }))).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
      expect(await browser(path, { ...approve(row), args: changed })).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'args' }] },
      });
    });
  });

  test('that asks for none is refused with a proof that does not hold', async () => {
    const browser = await signedIn('approver');
    const device = await confirmed(browser);
    await (await api.as('initiator')).runs.start({ runId: 'no-step-up', agent: 'invoice-desk', task: 'Pay.' });
    const row = await openApproval(api, { runId: 'no-step-up' });
    const bad = await proof(browser, row, device, { userVerified: false });
    expect(await answer(browser, row, bad)).toMatchObject(refused);
    expect(await browser(`/v1/approvals/${row.approvalId}/verdicts`, approve(row))).toMatchObject({ status: 202 });
  });
});
