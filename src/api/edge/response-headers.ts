import type { MiddlewareHandler } from 'hono';

const always: readonly (readonly [string, string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

/** Closed by default: what a page needs beyond this it has set itself. No CORS: no other site may read an answer. */
export function responseHeaders(secure: boolean): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    for (const [name, value] of always) if (!headers.has(name)) context.header(name, value);
    if (!headers.has('Content-Security-Policy'))
      context.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    if (!headers.has('Cache-Control')) context.header('Cache-Control', 'no-store');
    if (secure) context.header('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
  };
}
