import { Hono } from 'hono';
import type { Asset, Assets } from '../load-assets.ts';

/** Addresses carry the digest of the content, so a browser may keep them for ever. */
export function assetRoutes({ style, script, passkeys, icon }: Assets): Hono {
  const routes = new Hono();
  for (const asset of [style, script, passkeys, icon]) routes.get(pathOf(asset), () => assetResponse(asset));
  return routes;
}

function pathOf({ address }: Asset): string {
  return address.slice(0, address.indexOf('?'));
}

function assetResponse({ type, body }: Asset): Response {
  return new Response(body, {
    headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' },
  });
}
