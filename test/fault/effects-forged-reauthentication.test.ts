import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CountersignClient, createClient } from '../../src/client/create-client.ts';
import { stepUpChallenge } from '../../src/digest/passkey-digests.ts';
import type { ActionEnvelope } from '../../src/domain/action.ts';
import type { Verdict } from '../../src/domain/approval.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { addressIn, press } from '../contract/oidc-answer.ts';
import { audience, clientId, clientSecret, startProvider, type TestProvider } from '../contract/oidc-provider.ts';
import { freePort, signInFrom } from '../contract/oidc-site.ts';
import { OidcVisitor } from '../contract/oidc-visitor.ts';
import { call, say } from '../fakes/openai-host.ts';
import { asking, pay } from '../support/asked-payment.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { createForge, type Forge } from './rogue/forged-verdict.ts';
import { type RogueWorker, startRogueWorker } from './rogue/rogue-worker.ts';

let provider: TestProvider;
let at: Governed;
let rogue: RogueWorker;
let forge: Forge;
let initiator: CountersignClient;
let ada: OidcVisitor;

beforeAll(async () => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  provider = await startProvider(`${url}/login/callback`);
  for (const [account, role] of [
    ['ina', 'initiator'],
    ['ada', 'approver'],
    ['bea', 'approver'],
  ] as const)
    provider.accounts.set(account, { name: account, roles: [role], groups: [] });
  const configuration = signInFrom({
    COUNTERSIGN_PUBLIC_URL: url,
    COUNTERSIGN_OIDC_ISSUER: provider.issuer,
    COUNTERSIGN_OIDC_CLIENT_ID: clientId,
    COUNTERSIGN_OIDC_CLIENT_SECRET: clientSecret,
    COUNTERSIGN_OIDC_AUDIENCE: audience,
    COUNTERSIGN_OIDC_SPEAKERS: 'desk',
    COUNTERSIGN_OIDC_STEP_UP: 'login',
  });
  const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
  const policy = asking('5m', { stepUp: true });
  at = await startGoverned({ tools: [pay], policy, script, signIn: { configuration, port } });
  for (const account of ['ina', 'bea']) await new OidcVisitor({ url }).signIn(account);
  ada = new OidcVisitor({ url });
  await ada.signIn('ada');
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: provider.issuer, aud: audience, sub: 'ina', client_id: 'desk', iat: now, exp: now + 600 };
  initiator = createClient({ baseUrl: url, token: await provider.sign(claims) });
  rogue = await startRogueWorker(at);
  const approval = await waiting(at.runId);
  const envelope = await at.records.blobs.get('default', 'envelope', approval.envelopeRef);
  const action = await rogue.store(envelope as object as ActionEnvelope);
  const approver = subject('ada');
  forge = createForge(at, rogue, { approval, action }, { approver, roles: ['approver'], acr: 'provider' });
});

afterAll(async () => {
  await rogue?.stop();
  await at?.stop();
  await provider?.close();
});

const subject = (account: string): string => `${provider.issuer}#${account}`;

async function waiting(runId: string): Promise<ApprovalRow> {
  await initiator.runs.start({ runId, agent: 'tester', task: 'pay' });
  return eventually(async () => {
    const filter = { runId, state: 'pending', limit: 1 } as const;
    return (await at.records.storage.approvals.list('default', filter)).items[0];
  }, 'a pending approval');
}

/** What the provider would say of a sign-in for exactly this verdict, but for what a forger changes. */
async function proven(verdict: Verdict, change: Readonly<Record<string, unknown>> = {}): Promise<Verdict> {
  const asked = Math.floor(Date.parse(verdict.at) / 1_000);
  const claims = {
    iss: provider.issuer,
    aud: clientId,
    sub: 'ada',
    nonce: stepUpChallenge(verdict),
    auth_time: asked + 1,
    iat: asked + 1,
    exp: asked + 3_601,
    ...change,
  };
  return { ...verdict, reauthentication: { idToken: await provider.sign(claims, { typ: 'JWT' }) } };
}

const hour = 3_600;
const digestOfNothing = `sha256:${'0'.repeat(64)}`;

test.each<readonly [string, (verdict: Verdict) => Verdict | Promise<Verdict>]>([
  ['that claims a sign-in and brings no token', (verdict) => verdict],
  ['that brings a token and claims less', async (verdict) => ({ ...(await proven(verdict)), acr: 'oidc' })],
  ['that brings a token and claims a passkey', async (verdict) => ({ ...(await proven(verdict)), acr: 'passkey' })],
  [
    'with the token of another approval',
    async (verdict) => ({ ...(await proven({ ...verdict, approvalId: 'apr_other' })), approvalId: verdict.approvalId }),
  ],
  [
    'with the token of a rejection',
    async (verdict) => ({ ...(await proven({ ...verdict, verdict: 'reject' })), verdict: 'approve' }),
  ],
  [
    'with the token for another action',
    async (verdict) => {
      const { actionDigest } = verdict;
      return { ...(await proven({ ...verdict, actionDigest: digestOfNothing })), actionDigest };
    },
  ],
  [
    'with the token for another sheet',
    async (verdict) => {
      const { renderHash } = verdict;
      return { ...(await proven({ ...verdict, renderHash: digestOfNothing })), renderHash };
    },
  ],
  [
    'whose nonce was changed, so that it could be spent twice',
    async (verdict) => ({ ...(await proven(verdict)), nonce: 'x' }),
  ],
  [
    'whose time was changed',
    async (verdict) => ({ ...(await proven(verdict)), at: new Date(Date.parse(verdict.at) + 1).toISOString() }),
  ],
  ['whose roles were changed', async (verdict) => ({ ...(await proven(verdict)), roles: ['approver', 'lead'] })],
  ['with the token of another person', (verdict) => proven(verdict, { sub: 'bea' })],
  [
    'in the name of one person with another one’s token',
    async (verdict) => ({
      ...(await proven({ ...verdict, approver: subject('bea') }, { sub: 'bea' })),
      approver: verdict.approver,
    }),
  ],
  ['with the token of another client', (verdict) => proven(verdict, { aud: 'another-client' })],
  ['with an access token of the same person', (verdict) => proven(verdict, { aud: audience, client_id: 'desk' })],
  ['with the token of a sign-in, which names another nonce', (verdict) => proven(verdict, { nonce: 'of-a-sign-in' })],
  [
    'with the token of an old login',
    (verdict) => proven(verdict, { auth_time: Math.floor(Date.parse(verdict.at) / 1_000) - hour }),
  ],
  ['with a token that does not say when the person signed in', (verdict) => proven(verdict, { auth_time: undefined })],
  ['with a token of another issuer', (verdict) => proven(verdict, { iss: 'https://id.example.test' })],
  [
    'with a token that nobody signed',
    async (verdict) => {
      const { reauthentication } = await proven(verdict);
      const [head = '', body = ''] = reauthentication?.idToken.split('.') ?? [];
      return { ...verdict, reauthentication: { idToken: `${head}.${body}.AAAA` } };
    },
  ],
])(
  'where policy asks for a step-up, a verdict %s does not count, though the API’s key signed it',
  async (_what, change) => {
    expect(await forge.performedWith(change)).toBe('refused: approval-missing');
  },
);

test('the provider’s word for exactly this verdict counts, and only then is the tool called', async () => {
  expect(at.server.calls).toEqual([]);
  expect(await forge.performedWith((verdict) => proven(verdict))).toBe('landed');
  expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 12 }]);
});

test('a run whose question was answered by signing in again goes on to its end, and its effect happens once', async () => {
  const runId = `${at.runId}-whole`;
  const row = await waiting(runId);
  const before = at.server.calls.length;
  const address = await addressIn(await press(ada, row, { verdict: 'approve' }));
  expect((await ada.send((await ada.throughProvider(address, 'ada')).href)).status).toBe(200);
  expect(await initiator.runs.wait(runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls).toHaveLength(before + 1);
  const [stored] = await at.records.storage.approvals.verdicts('default', row.approvalId);
  const signature = stored?.signed.verdict.reauthentication?.idToken.split('.')[2] ?? 'none';
  expect(JSON.stringify(await at.history(runId))).not.toContain(signature);
});
