import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OidcSite, startOidcSite } from './oidc-site.ts';
import { OidcVisitor } from './oidc-visitor.ts';

let site: OidcSite;
beforeAll(async () => {
  site = await startOidcSite();
});
afterAll(() => site?.stop());

beforeEach(() => {
  const { accounts } = site.provider;
  accounts.clear();
  accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: ['finance'] });
  accounts.set('eve', { name: 'Eve Elsewhere', roles: ['initiator'], groups: [] });
  accounts.set('nora', { name: 'Nora Norole', roles: [], groups: [] });
});

const whoAmI = async (visitor: OidcVisitor): Promise<string> => {
  const page = await (await visitor.send('/approvals', { headers: { accept: 'text/html' } })).text();
  const who = /<div class="who">([\s\S]*?)<form/.exec(page)?.[1] ?? 'nobody';
  return who.replaceAll(/<[^>]+>/g, '').trim();
};

describe('signing in through the provider', () => {
  test('brings the person back to the page, with roles and groups of the provider', async () => {
    const visitor = new OidcVisitor(site);
    const answer = await visitor.signIn('ada', '/runs');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('content="0;url=/runs"');
    expect(await whoAmI(visitor)).toBe('Ada Approver approver');
    expect(await site.directory.find(site.subject('ada'))).toEqual({
      subject: site.subject('ada'),
      displayName: 'Ada Approver',
      kind: 'person',
      tenant: 'default',
      roles: ['approver'],
      groups: ['finance'],
      acr: 'oidc',
    });
    expect(site.directory.nameOf(site.subject('ada'))).toBe('Ada Approver');
  });

  test('asks with PKCE, state and nonce, each of them new every time', async () => {
    const ask = async () => {
      const start = await new OidcVisitor(site).send('/login/start');
      return new URL(start.headers.get('location') ?? '').searchParams;
    };
    const [one, two] = [await ask(), await ask()];
    expect(one.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.get(name)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(one.get(name)).not.toBe(two.get(name));
    }
  });

  test('is refused to whoever holds no role here, and says what to do', async () => {
    const visitor = new OidcVisitor(site);
    const answer = await visitor.signIn('nora');
    expect(answer.status).toBe(403);
    const page = await answer.text();
    expect(page).toContain('you hold no role here');
    expect(page).toContain('href="/login/start');
    expect(await visitor.isSignedIn()).toBe(false);
  });

  test('that the person broke off ends on a page with the way to try again', async () => {
    const visitor = new OidcVisitor(site);
    const start = await visitor.send('/login/start');
    const state = new URL(start.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const iss = encodeURIComponent(site.provider.issuer);
    const answer = await visitor.send(`/login/callback?error=access_denied&state=${state}&iss=${iss}`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('href="/login/start');
    expect(site.logged.some((line) => line.includes('sign-in-failed') && line.includes('access_denied'))).toBe(true);
  });

  test('with a provider that does not answer says so', async () => {
    const visitor = new OidcVisitor(site);
    const callback = await visitor.comeBackAs('ada');
    site.provider.answers = false;
    const answer = await visitor.send(callback.href);
    site.provider.answers = true;
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('does not answer');
    expect(await visitor.isSignedIn()).toBe(false);
  });
});

describe('an answer of the provider', () => {
  test('counts once: the same callback again is stale', async () => {
    const visitor = new OidcVisitor(site);
    const callback = await visitor.comeBackAs('ada');
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    expect((await visitor.send(callback.href)).status).toBe(200);
    const again = await new OidcVisitor(site).send(callback.href, { headers: { cookie } });
    expect([again.status, again.headers.getSetCookie()]).toEqual([400, []]);
  });

  test('with another state is stale, and leaves the sign-in that is under way alone', async () => {
    const visitor = new OidcVisitor(site);
    const callback = await visitor.comeBackAs('ada');
    const wrong = new URL(callback);
    wrong.searchParams.set('state', 'x'.repeat(43));
    expect((await visitor.send(wrong.href)).status).toBe(400);
    expect((await visitor.send(callback.href)).status).toBe(200);
  });

  test('counts in the browser that asked and in no other', async () => {
    const [attacker, victim] = [new OidcVisitor(site), new OidcVisitor(site)];
    const planted = await attacker.comeBackAs('eve');
    expect((await victim.send(planted.href)).status).toBe(400);
    const own = await victim.comeBackAs('ada');
    expect((await victim.send(planted.href)).status).toBe(400);
    expect(await victim.isSignedIn()).toBe(false);
    const mixed = new URL(own);
    mixed.searchParams.set('code', planted.searchParams.get('code') ?? '');
    expect((await victim.send(mixed.href)).status).toBe(403);
    expect(await victim.isSignedIn()).toBe(false);
  });

  test('with the nonce of another sign-in is not believed', async () => {
    const visitor = new OidcVisitor(site);
    const start = await visitor.send('/login/start');
    const address = new URL(start.headers.get('location') ?? '');
    address.searchParams.set('nonce', 'y'.repeat(43));
    const callback = await visitor.throughProvider(address.href, 'ada');
    expect((await visitor.send(callback.href)).status).toBe(502);
    expect(await visitor.isSignedIn()).toBe(false);
  });

  test('from another issuer is not believed', async () => {
    const visitor = new OidcVisitor(site);
    const callback = await visitor.comeBackAs('ada');
    callback.searchParams.set('iss', 'http://localhost:1');
    expect((await visitor.send(callback.href)).status).toBe(502);
    expect(await visitor.isSignedIn()).toBe(false);
  });

  test('that comes too late is stale', async () => {
    const visitor = new OidcVisitor(site);
    const callback = await visitor.comeBackAs('ada');
    site.clock.advance(10 * 60_000);
    expect((await visitor.send(callback.href)).status).toBe(400);
  });

  test.each(['', '?code=x', '?state=x', '?code=x&state=y'])(
    'without a sign-in under way is stale: %j',
    async (query) => {
      expect((await new OidcVisitor(site).send(`/login/callback${query}`)).status).toBe(400);
    },
  );
});

describe('after signing in', () => {
  test.each(['//evil.example', '/\\evil.example', 'https://evil.example/', '/login/start', 'javascript:alert(1)'])(
    'nobody is sent to %s',
    async (to) => {
      const page = await (await new OidcVisitor(site).signIn('ada', to)).text();
      expect(page).toContain('content="0;url=/approvals"');
      expect(page).not.toContain('evil');
    },
  );

  test('the session has a new id: one that was planted is not taken over', async () => {
    const visitor = new OidcVisitor(site);
    visitor.cookies.set('countersign', 'A'.repeat(43));
    await visitor.signIn('ada');
    expect(visitor.session).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(visitor.session).not.toBe('A'.repeat(43));
  });

  test('the session that the browser had before is over', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('eve');
    const former = visitor.session ?? '';
    const callback = await visitor.comeBackAs('ada');
    // what a browser does with a strict cookie when another site sends it here
    visitor.cookies.delete('countersign');
    await visitor.send(callback.href);
    const old = new OidcVisitor(site);
    old.cookies.set('countersign', former);
    expect([await visitor.isSignedIn(), await old.isSignedIn()]).toEqual([true, false]);
  });

  test('the cookie of the sign-in is gone', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    expect([...visitor.cookies.keys()].filter((name) => name.startsWith('countersign'))).toEqual(['countersign']);
  });

  test('no line of the log says who it was, or holds what the provider gave', async () => {
    await new OidcVisitor(site).signIn('ada');
    const person = await site.records.storage.people.find(site.subject('ada'));
    expect(person?.refreshToken).toMatch(/^.{20,}$/);
    expect(site.logged.join('\n')).not.toContain(person?.refreshToken);
    expect(site.logged.join('\n')).not.toContain('Ada');
  });
});

describe('where people sign in through a provider', () => {
  test('no development identity is offered, taken or minted', async () => {
    const page = await (await new OidcVisitor(site).send('/login', { headers: { accept: 'text/html' } })).text();
    expect(page).not.toContain('name="subject"');
    expect(page).not.toContain('Development identities');
    const post = await new OidcVisitor(site).send('/login', {
      method: 'POST',
      body: new URLSearchParams({ subject: 'admin' }),
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect([post.status, post.headers.getSetCookie()]).toEqual([403, []]);
    expect((await fetch(`${site.url}/v1/dev/tokens`, { method: 'POST', body: '{"as":"admin"}' })).status).toBe(404);
    expect(await site.directory.find('admin')).toBeUndefined();
  });

  test('another site cannot begin a sign-in', async () => {
    const answer = await new OidcVisitor(site).send('/login/start', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect([answer.headers.get('location'), answer.headers.getSetCookie()]).toEqual(['/login', []]);
  });
});
