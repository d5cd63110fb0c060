import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { keyCooldownMs } from '../../src/adapters/directory-oidc/issuer-keys.ts';
import { send } from './api-http.ts';
import { audience, clientSecret, startProvider } from './oidc-provider.ts';
import { type OidcSite, startOidcSite } from './oidc-site.ts';
import { OidcVisitor } from './oidc-visitor.ts';

let site: OidcSite;
beforeAll(async () => {
  site = await startOidcSite({
    COUNTERSIGN_OIDC_SERVICES: 'keycloak-like',
    COUNTERSIGN_OIDC_SPEAKERS: 'assistant cli',
  });
});
afterAll(() => site?.stop());

beforeEach(() => {
  site.provider.accounts.clear();
  site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver', 'admin'], groups: [] });
});

type Claims = Readonly<Record<string, unknown>>;

const now = () => Math.floor(site.clock.now() / 1_000);
const claims = (change: Claims = {}): Claims => ({
  iss: site.provider.issuer,
  aud: audience,
  sub: 'billing',
  client_id: 'billing',
  roles: ['initiator'],
  iat: now(),
  exp: now() + 300,
  jti: 'one',
  ...change,
});
const statusOf = async (token: string) => (await send(`${site.url}/v1/runs`, { token })).status;
const keyRequests = () => site.provider.hits.get('/jwks') ?? 0;

async function startRun(token: string) {
  const runId = `run-${crypto.randomUUID()}`;
  const body = { runId, agent: 'invoice-desk', task: 'Pay.' };
  const answer = await send(`${site.url}/v1/runs`, { token, body });
  const row = await site.records.storage.runs.find('default', runId);
  return { status: answer.status, code: answer.body.code, ticket: row?.signedTicket.ticket };
}

describe('a token of the issuer', () => {
  test('as the provider itself gives it to a service lets the service in', async () => {
    const answer = await fetch(`${site.provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`billing:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
    });
    const { access_token: token } = (await answer.json()) as { readonly access_token: string };
    const { status, ticket } = await startRun(token);
    expect(status).toBe(201);
    expect(ticket).toMatchObject({
      initiator: `service:${site.provider.issuer}#billing`,
      initiatorKind: 'service',
      taskAuthority: 'data',
    });
  });

  test.each<[string, () => Claims]>([
    ['has expired', () => ({ exp: now() - 60 })],
    ['never expires', () => ({ exp: undefined })],
    ['is not valid yet', () => ({ nbf: now() + 600 })],
    ['says not when it was issued', () => ({ iat: undefined })],
    ['is for somebody else', () => ({ aud: 'urn:other:api' })],
    ['is for nobody', () => ({ aud: undefined })],
    ['is an ID token', () => ({ aud: 'countersign-pages', nonce: 'n' })],
    ['is of another issuer', () => ({ iss: 'http://localhost:1' })],
    ['is of an issuer that looks like ours', () => ({ iss: `${site.provider.issuer}/` })],
    ['names no client', () => ({ client_id: undefined })],
    ['names two clients', () => ({ azp: 'other' })],
    ['names no subject', () => ({ sub: undefined })],
    ['holds no role', () => ({ roles: [] })],
    ['holds roles that are none', () => ({ roles: [{ name: 'admin' }] })],
  ])('that %s lets nobody in', async (_what, change) => {
    expect(await statusOf(await site.provider.sign(claims()))).toBe(200);
    expect(await statusOf(await site.provider.sign(claims(change())))).toBe(401);
  });

  test('without a signature, or with one by a shared secret, lets nobody in', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = part(claims());
    const forged = [{ alg: 'none' }, { alg: 'HS256', kid: 'first' }, { alg: 'None', typ: 'at+jwt' }];
    for (const header of forged) {
      expect(await statusOf(`${part(header)}.${body}.`)).toBe(401);
      expect(await statusOf(`${part(header)}.${body}.AAAA`)).toBe(401);
    }
    const [head = '', payload = '', signature = ''] = (await site.provider.sign(claims())).split('.');
    const changed = part(claims({ roles: ['admin'] }));
    expect(await statusOf(`${head}.${payload}.${signature}`)).toBe(200);
    expect(await statusOf(`${head}.${changed}.${signature}`)).toBe(401);
  });

  test('by a key of another provider lets nobody in, even under a key id of ours', async () => {
    const other = await startProvider(`${site.url}/login/callback`);
    const token = await other.sign(claims(), { kid: 'first' });
    await other.close();
    expect(await statusOf(token)).toBe(401);
  });

  test('of development mode lets nobody in', async () => {
    const dev = { iss: 'urn:countersign:dev', aud: 'urn:countersign:api', sub: 'admin', client_id: 'admin' };
    expect(await statusOf(await site.provider.sign(claims(dev)))).toBe(401);
  });
});

describe('who a token speaks for', () => {
  test('is the service, whose task is data', async () => {
    const { ticket } = await startRun(await site.provider.sign(claims()));
    expect(ticket).toMatchObject({ initiatorKind: 'service', taskAuthority: 'data' });
  });

  test('is the service with its principal’s words, where the operator said so and not where the token does', async () => {
    const allowed = await site.provider.sign(claims({ sub: 'assistant', client_id: 'assistant' }));
    expect((await startRun(allowed)).ticket).toMatchObject({ initiatorKind: 'service', taskAuthority: 'principal' });
    const claimed = await site.provider.sign(claims({ roles: ['initiator', 'speaks-for-principal'] }));
    expect((await startRun(claimed)).ticket).toMatchObject({ taskAuthority: 'data' });
  });

  test('is the service with a subject of its own, where the operator said that no people come through it', async () => {
    const named = (client: string) => site.provider.sign(claims({ sub: '7f3c', client_id: undefined, azp: client }));
    expect(await statusOf(await named('keycloak-like'))).toBe(200);
    expect(await statusOf(await named('billing'))).toBe(401);
  });

  test('is a person for an allowed client only, with the roles of the directory and not of the token', async () => {
    const token = (client: string) =>
      site.provider.sign(claims({ sub: 'ada', client_id: client, roles: ['initiator', 'admin'] }));
    expect(await statusOf(await token('cli'))).toBe(401);
    site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['initiator'], groups: [] });
    await new OidcVisitor(site).signIn('ada');
    expect(await statusOf(await token('billing'))).toBe(401);
    const { ticket } = await startRun(await token('cli'));
    expect(ticket).toMatchObject({
      initiator: site.subject('ada'),
      initiatorKind: 'person',
      taskAuthority: 'principal',
    });
    expect((await send(`${site.url}/v1/sessions`, { token: await token('cli') })).body.code).toBe('forbidden');
  });

  test('an administrator by token ends sessions of people', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    const token = await site.provider.sign(claims({ sub: 'ada', client_id: 'cli' }));
    const ended = await send(`${site.url}/v1/sessions/end`, { token, body: { subject: site.subject('ada') } });
    expect([ended.status, await visitor.isSignedIn()]).toEqual([200, false]);
  });
});

describe('keys of the provider', () => {
  test('that are new are fetched, once the cool-down is over, and the old ones are not taken any more', async () => {
    const old = await site.provider.sign(claims({ exp: now() + 3_600 }));
    expect(await statusOf(old)).toBe(200);
    await site.provider.rotateKeys();
    const fresh = await site.provider.sign(claims({ exp: now() + 3_600 }));
    const patience = { timeout: keyCooldownMs + 10_000, interval: 1_000 };
    await vi.waitFor(async () => expect(await statusOf(fresh)).toBe(200), patience);
    expect(await statusOf(old)).toBe(401);
  });

  test('are not asked for again and again by tokens with invented ones', async () => {
    const before = keyRequests();
    for (let call = 0; call < 20; call += 1)
      expect(await statusOf(await site.provider.sign(claims(), { kid: `invented-${call}` }))).toBe(401);
    expect(keyRequests() - before).toBeLessThanOrEqual(1);
  });
});

describe('without an audience', () => {
  test('no token of the issuer lets anybody in', async () => {
    const closed = await startOidcSite({ COUNTERSIGN_OIDC_AUDIENCE: '' });
    const token = await closed.provider.sign(claims({ iss: closed.provider.issuer }));
    const { status } = await send(`${closed.url}/v1/runs`, { token });
    await closed.stop();
    expect(status).toBe(401);
  });
});
