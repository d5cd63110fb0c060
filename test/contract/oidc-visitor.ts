import type { OidcSite } from './oidc-site.ts';

/** A browser without its screen: a cookie jar, and no redirect that the test does not follow. */
export class OidcVisitor {
  readonly cookies = new Map<string, string>();
  readonly site: Pick<OidcSite, 'url'>;

  constructor(site: Pick<OidcSite, 'url'>) {
    this.site = site;
  }

  async send(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, this.site.url);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie !== '' && { cookie }), ...Object.fromEntries(new Headers(init.headers)) },
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  /** Begins to sign in, and answers the provider's questions as this person. The address of the callback, not yet visited. */
  async comeBackAs(account: string, to = '/approvals'): Promise<URL> {
    const start = await this.send(`/login/start?to=${encodeURIComponent(to)}`);
    return this.throughProvider(start.headers.get('location') ?? '', account);
  }

  async throughProvider(address: string, account: string): Promise<URL> {
    let next = new URL(address);
    for (let step = 0; step < 10; step += 1) {
      if (next.origin === this.site.url) return next;
      const isQuestion = /^\/interaction\/[^/]+$/.test(next.pathname);
      const answer = isQuestion
        ? await this.send(next.href, {
            method: 'POST',
            body: new URLSearchParams({ prompt: 'login', login: account, password: 'any' }),
          })
        : await this.send(next.href);
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`the provider stays at ${next.pathname} with ${answer.status}`);
      next = new URL(location, next);
    }
    throw new Error('the provider never sends anybody back');
  }

  async signIn(account: string, to?: string): Promise<Response> {
    const callback = await this.comeBackAs(account, to);
    return this.send(callback.href);
  }

  async isSignedIn(): Promise<boolean> {
    return (await this.send('/v1/runs')).status === 200;
  }

  /** As somebody whom the provider has never seen. */
  leaveProvider(): void {
    for (const name of this.cookies.keys()) if (!name.startsWith('countersign')) this.cookies.delete(name);
  }

  /** The session's cookie. */
  get session(): string | undefined {
    return this.cookies.get('countersign');
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isGone = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isGone) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
