import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifiedVerdicts } from '../../activities/verified-verdicts.ts';
import { createDevDirectory } from '../../src/adapters/directory-dev/dev-directory.ts';
import { createWebauthnVerifier } from '../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { verifyReceipt } from '../../src/cli/approvals/verify-receipt.ts';
import { type PublicKeysView, publicKeysSchema, type Receipt } from '../../src/contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { createPublicVerifier } from '../../src/digest/verify-signature.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { noReauthentication } from '../../src/ports/reauthentication-verifier.port.ts';
import { heldPasskey } from '../support/held-passkey.ts';
import { createSoftwareAuthenticator } from '../support/software-authenticator.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { askedInRun, type Question } from './api-open-approval.ts';

let api: ApiHarness;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const asked = (question: Partial<Question> = {}) => askedInRun(api, question);

/** An approval that these people approved, closed as the workflow would close it. */
async function approved(by: readonly string[], question: Partial<Question> = {}): Promise<ApprovalRow> {
  const row = await asked(question);
  const { approvalId, actionDigest } = row;
  for (const subject of by)
    await (await api.as(subject)).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
  await close(row);
  return row;
}

async function close({ approvalId, actionDigest, callId, tool, envelopeRef, ...row }: ApprovalRow): Promise<void> {
  const at = new Date(api.clock.now()).toISOString();
  const body = { approvalId, callId, tool, envelopeRef, actionDigest, state: 'approved' } as const;
  await api.storage.approvals.close('default', approvalId, 'approved', at, [
    recordOf('approval-closed', row, approvalId, at, body),
  ]);
}

async function receiptText({ approvalId }: ApprovalRow, subject = 'approver'): Promise<string> {
  const headers = { authorization: `Bearer ${await api.token(subject)}` };
  return (await fetch(`${api.url}/v1/approvals/${approvalId}/receipt`, { headers })).text();
}

async function publicKeys(): Promise<PublicKeysView['keys']> {
  return publicKeysSchema.parse(await (await fetch(`${api.url}/.well-known/countersign-keys`)).json()).keys;
}

const broken = async (text: string, keys?: PublicKeysView['keys']) =>
  (await verifyReceipt(text, keys)).checks.filter(({ holds }) => !holds).map(({ name }) => name);

/** The same receipt with something else in it, sealed again by whoever holds every key but the one for verdicts. */
async function forged(text: string, change: (receipt: Receipt) => object): Promise<string> {
  const { seal: _, ...body } = change(JSON.parse(text) as Receipt) as Receipt;
  const { keyId, signature } = await api.keys.sign('receipt', canonicalJson(body as object as JsonObject));
  return canonicalJson({ ...(body as object as JsonObject), seal: { keyId, signature } });
}

describe('a receipt', () => {
  test('verifies offline, with the keys in it and with those that the deployment publishes', async () => {
    const text = await receiptText(await approved(['approver']));
    const alone = await verifyReceipt(text);
    expect(alone).toMatchObject({ verified: true, trust: 'receipt', receipt: { approval: { state: 'approved' } } });
    for (const { fingerprint } of alone.keys) expect(fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await verifyReceipt(text, await publicKeys())).toMatchObject({ verified: true, trust: 'given' });
  });

  test('does not verify with keys of another deployment', async () => {
    const text = await receiptText(await approved(['approver']));
    const other = await startApi();
    try {
      const keys = publicKeysSchema.parse(await (await fetch(`${other.url}/.well-known/countersign-keys`)).json()).keys;
      expect(await broken(text, keys)).toEqual(['seal', 'verdicts']);
    } finally {
      await other.close();
    }
  });

  test('does not verify with any byte changed, taken away or added', async () => {
    const bytes = Buffer.from(await receiptText(await approved(['approver'])));
    const keys = await publicKeys();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'take', 'add'),
        async (place, difference, how) => {
          const changed = Buffer.from(bytes);
          changed[place] = (changed[place] ?? 0) ^ difference;
          const added = Buffer.concat([bytes.subarray(0, place), Buffer.from([difference]), bytes.subarray(place)]);
          const taken = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
          const text = { change: changed, add: added, take: taken }[how].toString('utf8');
          expect((await verifyReceipt(text, keys)).verified).toBe(false);
          expect((await verifyReceipt(text)).verified).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('that is sealed anew around something else is caught by what people signed', async () => {
    const text = await receiptText(await approved(['approver']));
    const keys = await publicKeys();
    const changed = (change: (receipt: Receipt) => object) => forged(text, change).then((other) => broken(other, keys));
    expect(await changed((receipt) => receipt)).toEqual([]);
    expect(await changed((one) => ({ ...one, envelope: { ...one.envelope, args: { amount: '1' } } }))).toEqual([
      'digests',
    ]);
    expect(await changed((one) => ({ ...one, sheet: { ...one.sheet, facts: { safe: true } } }))).toEqual(['digests']);
    expect(await changed((one) => ({ ...one, verdicts: [] }))).toEqual(['quorum']);
    expect(
      await changed((one) => ({
        ...one,
        approval: { ...one.approval, requirement: { ...one.approval.requirement, quorum: 2 } },
      })),
    ).toEqual(['quorum']);
    expect(await changed((one) => ({ ...one, approval: { ...one.approval, state: 'rejected' } }))).toEqual(['quorum']);
    expect(await changed((one) => ({ ...one, approval: { ...one.approval, runId: 'another' } }))).toEqual(['bindings']);
    expect(
      await changed((one) => ({
        ...one,
        verdicts: one.verdicts.map((signed) => ({ ...signed, verdict: { ...signed.verdict, approver: 'lead' } })),
      })),
    ).toEqual(['verdicts']);
  });

  test('of two approvers holds for two, and the same verdict twice does not make two', async () => {
    const text = await receiptText(await approved(['approver', 'approver2'], { requirement: { quorum: 2 } }));
    expect((await verifyReceipt(text)).verified).toBe(true);
    const twice = await forged(text, (one) => ({ ...one, verdicts: [one.verdicts[0], one.verdicts[0]] }));
    expect(await broken(twice)).toEqual(['quorum']);
  });

  test('is for whoever may see the approval, and for nobody else', async () => {
    const row = await approved(['approver']);
    const url = `${api.url}/v1/approvals/${row.approvalId}/receipt`;
    expect((await send(url)).status).toBe(401);
    expect((await send(url, { token: await api.token('auditor') })).status).toBe(200);
    expect(
      await send(`${api.url}/v1/approvals/apr_${'0'.repeat(32)}/receipt`, { token: await api.token('auditor') }),
    ).toMatchObject({ status: 404, body: { code: 'approval-not-found' } });
  });
});

describe('a receipt of an answer that a passkey signed', () => {
  /** As the page answers: the session asks for a challenge, and the passkey signs it. */
  async function stepped(): Promise<ApprovalRow> {
    const row = await asked({ requirement: { stepUp: true } });
    const device = await heldPasskey(api.storage.passkeys);
    const identity = api.services.sessions.offered().find(({ subject }) => subject === 'approver');
    if (identity === undefined) throw new Error('nobody is called approver');
    const { session } = await api.services.sessions.logIn('approver', new Request(`${api.url}/login`));
    const principal = { identity, authentication: 'session', session: session.idHash } as const;
    const { approvalId, actionDigest } = row;
    const answer = { verdict: 'approve', actionDigest } as const;
    const { approvals } = api.services;
    const question = await approvals.challengeVerdict(principal, approvalId, { kind: 'json', value: answer });
    const assertion = device.assert(String(question.publicKey['challenge']));
    const value = { ...answer, stepUp: { challengeId: question.challengeId, ...assertion } };
    await approvals.giveVerdict(principal, approvalId, { kind: 'json', value });
    await close(row);
    return row;
  }

  test('shows offline that this passkey signed exactly this answer', async () => {
    const text = await receiptText(await stepped());
    const checked = await verifyReceipt(text);
    expect(checked).toMatchObject({ verified: true, unchecked: [], receipt: { passkeys: [{ subject: 'approver' }] } });
  });

  test('holds no more with another passkey’s key, another person’s, or another assertion', async () => {
    const text = await receiptText(await stepped());
    const { publicKey } = createSoftwareAuthenticator();
    const changed = async (change: object) =>
      broken(await forged(text, (one) => ({ ...one, passkeys: one.passkeys?.map((key) => ({ ...key, ...change })) })));
    expect(await changed({ publicKey })).toEqual(['proofs']);
    expect(await changed({ subject: 'approver2' })).toEqual(['proofs']);
    expect(await changed({ rpId: 'evil.example' })).toEqual(['proofs']);
    expect(await changed({ credentialId: 'AAAA' })).toEqual(['proofs']);
  });

  test('from before passkeys were in receipts holds, and says what was not checked', async () => {
    const text = await receiptText(await stepped());
    const older = await forged(text, ({ passkeys: _, ...one }) => one);
    expect(await verifyReceipt(older)).toMatchObject({ verified: true, unchecked: ['passkey'] });
  });
});

describe('the keys', () => {
  test('are published without their secrets, and none but those of verdicts, receipts and delegations', async () => {
    const keys = await publicKeys();
    expect(new Set(keys.map(({ purpose }) => purpose))).toEqual(new Set(['verdict', 'receipt', 'delegation']));
    expect(JSON.stringify(keys)).not.toMatch(/"d"|secret|private/);
  });

  test('that were rotated stay, so that what they signed verifies as before', async () => {
    const row = await approved(['approver']);
    const before = await receiptText(row);
    await api.keys.rotate('verdict');
    await api.keys.rotate('receipt');
    expect((await publicKeys()).map(({ purpose }) => purpose).toSorted()).toEqual([
      'delegation',
      'receipt',
      'receipt',
      'verdict',
      'verdict',
    ]);
    expect((await verifyReceipt(before, await publicKeys())).verified).toBe(true);
    const after = await receiptText(row);
    const ids = (text: string) => (JSON.parse(text) as Receipt).seal.keyId;
    expect(ids(after)).not.toBe(ids(before));
    expect((await verifyReceipt(after, await publicKeys())).verified).toBe(true);
    expect((await verifyReceipt(await receiptText(await approved(['approver'])), await publicKeys())).verified).toBe(
      true,
    );
  });
});

test('what verifies verdicts before an effect needs public keys only', async () => {
  const row = await approved(['approver']);
  const answers = (await api.storage.approvals.verdicts('default', row.approvalId)).map(({ signed }) => signed);
  const directory = createDevDirectory('default');
  const answered = { approval: row, answers, editors: [] };
  const verifying = (keys: PublicKeysView['keys']) =>
    verifiedVerdicts(
      {
        keys: createPublicVerifier(keys),
        directory,
        clock: api.clock,
        delegations: api.storage.delegations,
        passkeys: api.storage.passkeys,
        passkeyVerifier: createWebauthnVerifier(),
        reauthentication: noReauthentication,
      },
      answered,
      row.requirement,
    );
  const keys = await publicKeys();
  expect((await verifying(keys)).map(({ approver }) => approver)).toEqual(['approver']);
  expect(await verifying(keys.filter(({ purpose }) => purpose !== 'verdict'))).toEqual([]);
});
