import type { Context } from 'hono';
import type { Principal } from '../api/principal.ts';
import { CountersignError } from '../domain/countersign-error.ts';
import { type ErrorCode, errorRegistry } from '../domain/error-registry.ts';
import type { Session } from '../ports/session-store.port.ts';
import { html, type Markup } from './markup.ts';
import { type Installation, type Page, renderPage, type Viewer } from './page.ts';
import { problemPage } from './pages/problem-page.ts';
import { codeOf } from './refusal-words.ts';
import { placeOf } from './return-path.ts';
import type { WebDependencies } from './web-dependencies.ts';

export interface SignedIn {
  readonly session: Session;
  readonly principal: Principal;
  readonly viewer: Viewer;
}

/** Who is asking, and how he is answered; the same on every route. */
export interface Responder {
  signedIn(context: Context): Promise<SignedIn | undefined>;
  /** To the login page, and back afterwards. */
  toLogin(context: Context): Response | Promise<Response>;
  /** To one of our own pages, by our own hand: a redirect of another site's navigation would bring no session along. */
  onward(context: Context, path: string): Response | Promise<Response>;
  page(context: Context, page: Page, status?: number): Promise<Response>;
  fragment(context: Context, part: Markup): Promise<Response>;
  notFound(context: Context): Promise<Response>;
  problem(context: Context, error: unknown): Promise<Response>;
}

export function createResponder({ services }: WebDependencies, installation: Installation): Responder {
  const page = async (context: Context, content: Page, status = 200): Promise<Response> =>
    htmlResponse(context, await renderPage(content, installation), status);

  const signedIn = async (context: Context): Promise<SignedIn | undefined> => {
    const found = await services.sessions.find(context.req.raw);
    if (found === undefined) return undefined;
    return { ...found, viewer: { identity: found.principal.identity, csrfToken: found.session.csrfToken } };
  };

  const refuse = async (context: Context, code: ErrorCode): Promise<Response> => {
    const viewer = code === 'internal' ? undefined : (await signedIn(context))?.viewer;
    const content: Page = {
      title: errorRegistry[code].title,
      body: problemPage(code),
      ...(viewer === undefined ? {} : { viewer }),
    };
    return page(context, content, errorRegistry[code].status);
  };

  return {
    signedIn,
    toLogin: (context) =>
      cameFromElsewhere(context)
        ? htmlResponse(context, onwardPage(placeOf(new URL(context.req.url))), 200)
        : context.redirect(loginAddress(context), 303),
    onward: (context, path) => htmlResponse(context, onwardPage(path), 200),
    page,
    fragment: async (context, part) => htmlResponse(context, await part, 200),
    notFound: (context) => refuse(context, 'not-found'),
    problem: (context, error) => refuse(context, codeOf(error)),
  };
}

/** Fails a request of the script whose session is over; a page would send people to login instead. */
export function requireSignedIn(signedIn: SignedIn | undefined): SignedIn {
  if (signedIn === undefined) throw new CountersignError('unauthenticated');
  return signedIn;
}

function htmlResponse(context: Context, body: string | Promise<string>, status: number): Promise<Response> {
  return Promise.resolve(body).then((text) => {
    context.header('Content-Type', 'text/html; charset=utf-8');
    return new Response(text, { status, headers: context.res.headers });
  });
}

function loginAddress(context: Context): string {
  const place = placeOf(new URL(context.req.url));
  return place === '/' ? '/login' : `/login?to=${encodeURIComponent(place)}`;
}

/** A link in a mail brings no cookie along, because it is same-site only. Asked once more by our own page, it does. */
function cameFromElsewhere(context: Context): boolean {
  return context.req.method === 'GET' && context.req.header('sec-fetch-site') === 'cross-site';
}

function onwardPage(path: string): Markup {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${path}">
<title>One moment · Countersign</title></head><body><main><p><a href="${path}">Go on</a></p></main></body></html>`;
}
