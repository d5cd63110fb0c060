import { z } from 'zod';

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
