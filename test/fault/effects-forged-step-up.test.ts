import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepUpChallenge } from '../../src/digest/passkey-digests.ts';
import type { ActionEnvelope } from '../../src/domain/action.ts';
import type { Verdict } from '../../src/domain/approval.ts';
import type { Passkey } from '../../src/domain/passkey.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { call, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { heldPasskey } from '../support/held-passkey.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import {
  type Ceremony,
  createSoftwareAuthenticator,
  type SoftwareAuthenticator,
} from '../support/software-authenticator.ts';
import { createForge, type Forge } from './rogue/forged-verdict.ts';
import { type RogueWorker, startRogueWorker } from './rogue/rogue-worker.ts';

const amount = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };
const pay = { name: 'pay', effect: 'irreversible', inputSchema: amount, run: () => ({ paid: true }) } as const;

const policy = `
  @id("all") @advice("Everything is permitted, payments to those who prove who they are.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person and his passkey.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":true}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

let at: Governed;
let rogue: RogueWorker;
let own: SoftwareAuthenticator;
let forge: Forge;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  at = await startGoverned({ tools: [pay], policy, script });
  rogue = await startRogueWorker(at);
  own = await held({});
  const approval = await waiting(at.runId);
  const envelope = await at.records.blobs.get('default', 'envelope', approval.envelopeRef);
  const action = await rogue.store(envelope as object as ActionEnvelope);
  forge = createForge(
    at,
    rogue,
    { approval, action },
    { approver: 'approver', roles: ['approver', 'initiator'], acr: 'passkey' },
  );
});

afterAll(async () => {
  await rogue.stop();
  await at.stop();
});

async function waiting(runId: string): Promise<ApprovalRow> {
  await (await at.as('initiator')).runs.start({ runId, agent: 'tester', task: 'pay' });
  return eventually(async () => {
    const filter = { runId, state: 'pending', limit: 1 } as const;
    return (await at.records.storage.approvals.list('default', filter)).items[0];
  }, 'a pending approval');
}

const held = (change: Partial<Passkey>) => heldPasskey(at.records.storage.passkeys, change);

const proven = (verdict: Verdict, device = own, changes: Partial<Ceremony> = {}): Verdict => ({
  ...verdict,
  assertion: device.assert(stepUpChallenge(verdict), changes),
});

test.each<readonly [string, (verdict: Verdict) => Verdict | Promise<Verdict>]>([
  ['that claims a passkey and brings no assertion', (verdict) => verdict],
  ['of a development sign-in', (verdict) => ({ ...verdict, acr: 'dev' })],
  ['that brings an assertion and claims less', (verdict) => ({ ...proven(verdict), acr: 'dev' })],
  [
    'with the assertion of another approval',
    (verdict) => ({ ...proven({ ...verdict, approvalId: 'apr_other' }), approvalId: verdict.approvalId }),
  ],
  [
    'with the assertion of a rejection',
    (verdict) => ({ ...proven({ ...verdict, verdict: 'reject' }), verdict: 'approve' }),
  ],
  [
    'with the assertion for another action',
    (verdict) => ({
      ...proven({ ...verdict, actionDigest: `sha256:${'0'.repeat(64)}` }),
      actionDigest: verdict.actionDigest,
    }),
  ],
  [
    'with the assertion for another sheet',
    (verdict) => ({
      ...proven({ ...verdict, renderHash: `sha256:${'0'.repeat(64)}` }),
      renderHash: verdict.renderHash,
    }),
  ],
  [
    'whose nonce is not the one that was signed, so that it could be spent twice',
    (verdict) => ({ ...proven(verdict), nonce: 'another' }),
  ],
  [
    'whose time is not the one that was signed',
    (verdict) => ({ ...proven(verdict), at: new Date(Date.parse(verdict.at) + 1).toISOString() }),
  ],
  ['whose roles are not the ones that were signed', (verdict) => ({ ...proven(verdict), roles: ['approver'] })],
  ['signed by another person’s passkey', async (verdict) => proven(verdict, await held({ subject: 'approver2' }))],
  [
    'in the name of one person with another one’s assertion',
    async (verdict) => ({
      ...proven({ ...verdict, approver: 'approver2' }, await held({ subject: 'approver2' })),
      approver: 'approver',
    }),
  ],
  ['signed by a passkey that nobody has enrolled', (verdict) => proven(verdict, createSoftwareAuthenticator())],
  [
    'signed by another key under the passkey’s name',
    (verdict) => proven(verdict, createSoftwareAuthenticator(own.credentialId)),
  ],
  [
    'signed by a passkey that waits for a second person',
    async (verdict) => proven(verdict, await held({ state: 'waiting' })),
  ],
  ['signed by a passkey that was revoked', async (verdict) => proven(verdict, await held({ state: 'revoked' }))],
  [
    'signed by a passkey that its owner confirmed himself',
    async (verdict) => proven(verdict, await held({ confirmedBy: 'approver' })),
  ],
  [
    'signed before the passkey was confirmed',
    async (verdict) => proven(verdict, await held({ confirmedAt: '2999-01-01T00:00:00.000Z' })),
  ],
  ['whose user was not verified', (verdict) => proven(verdict, own, { userVerified: false })],
  ['whose user was not there', (verdict) => proven(verdict, own, { userPresent: false })],
  ['signed for another site', (verdict) => proven(verdict, own, { rpId: 'evil.example' })],
  ['signed on a page of another site', (verdict) => proven(verdict, own, { origin: 'https://evil.example' })],
  [
    'signed on a page whose name only ends like ours',
    (verdict) => proven(verdict, own, { origin: 'http://evillocalhost' }),
  ],
  ['signed in a frame of another site', (verdict) => proven(verdict, own, { crossOrigin: true })],
  ['with what was signed to enrol', (verdict) => proven(verdict, own, { type: 'webauthn.create' })],
  ['with an assertion that is none', (verdict) => ({ ...verdict, assertion: { ...own.assert('x'), signature: '' } })],
])(
  'where policy asks for a step-up, a verdict %s does not count, though the API’s key signed it',
  async (_what, changed) => {
    expect(await forge.performedWith(changed)).toBe('refused: approval-missing');
  },
);

test('the approver’s own assertion over exactly this verdict counts, and only then is the tool called', async () => {
  expect(at.server.calls).toEqual([]);
  expect(await forge.performedWith((verdict) => proven(verdict))).toBe('landed');
  expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 12 }]);
});

test('a run whose question was answered with a passkey goes on to its end', async () => {
  const runId = `${at.runId}-whole`;
  const row = await waiting(runId);
  await forge.store(row, proven(forge.claimedBy(row)));
  expect(await (await at.as('initiator')).runs.wait(runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(2);
});
