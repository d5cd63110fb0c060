import type { MiddlewareHandler } from 'hono';
import { CountersignError } from '../../domain/countersign-error.ts';

/**
 * Answers only for names that are ours. A page of another site can make a browser resolve its own name to this
 * address (DNS rebinding); it cannot make the browser send our name. The port says nothing, so it is not compared.
 */
export function hostGuard(hostnames: readonly string[]): MiddlewareHandler {
  const ours = new Set(hostnames.map((name) => name.toLowerCase()));
  return async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host;
    const hostname = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
    if (hostname === undefined || !ours.has(hostname)) throw new CountersignError('host-refused');
    await next();
  };
}
