import { z } from 'zod';
import { isLoopback } from '../domain/loopback.ts';

/** The values of variables as text; each schema turns one into what it means, and nothing else passes. */

export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^[0-9]{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

export const decimal = z
  .string()
  .regex(/^[0-9]{1,6}(\.[0-9]{1,6})?$/)
  .transform(Number);

/** An address that can be printed: without user name and password. */
export const httpAddress = z
  .string()
  .max(2_000)
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  });

export const hostAndPort = z.string().regex(/^([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):[0-9]{1,5}$/);

/** Text that may be shown and used as a name or a path. */
export const plainText = z
  .string()
  .max(4_096)
  .regex(/^[^\p{Cc}]+$/u);

/** https, or plain http to this machine; nothing but scheme, host and, for an issuer, path. */
export const issuerAddress = httpAddress.refine((text) => isSafe(text) && !/[?#]/.test(text));

/** Whether people may be sent here with what a provider gave them: an origin, and nothing that travels in the open. */
export function isSafeOrigin(text: string): boolean {
  const url = URL.parse(text);
  return isSafe(text) && url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
}

function isSafe(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname));
}

/** Words with spaces between them. */
export const words = z
  .string()
  .max(4_096)
  .regex(/^[\x21-\x7e]+( +[\x21-\x7e]+)*$/);

/** A claim's name, or a JSON pointer into all of them. */
export const claimPath = z
  .string()
  .max(512)
  .regex(/^[^\p{Cc}]+$/u);

const wordMap = z.record(z.string().min(1).max(256), z.string().regex(/^[^\p{Cc}]{1,256}$/u));

/** JSON: the provider's value → ours. */
export const valueMap = z
  .string()
  .max(65_536)
  .transform((text, context) => {
    try {
      const parsed = wordMap.safeParse(JSON.parse(text));
      if (parsed.success) return new Map(Object.entries(parsed.data));
    } catch {
      // said below
    }
    context.addIssue({ code: 'custom', message: 'is not a JSON object of texts' });
    return z.NEVER;
  });

/** What a fresh sign-in must be to count as a step-up; undefined: it counts for none. */
export const stepUpSignIn = z
  .string()
  .regex(/^(none|login|acr:[\x21-\x7e]{1,128})$/)
  .transform((text): { readonly acr?: string } | undefined => {
    if (text === 'none') return undefined;
    return text === 'login' ? {} : { acr: text.slice('acr:'.length) };
  });
