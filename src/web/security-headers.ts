import type { MiddlewareHandler } from 'hono';

/** Nothing but our own files, no inline script or style, no frame, no form to elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const headers: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', contentSecurityPolicy],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  [
    'Permissions-Policy',
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
  ],
];

/** What every page answers with. `publicUrl` is where people reach the server; plain HTTP exists on loopback only. */
export function securityHeaders(publicUrl: URL): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of headers) context.header(name, value);
    if (publicUrl.protocol === 'https:')
      context.header('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store');
  };
}
